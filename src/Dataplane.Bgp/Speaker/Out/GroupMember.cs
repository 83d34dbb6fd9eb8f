using System.Numerics;
using Dataplane.Bgp.Speaker.Membership;
using Dataplane.Routing;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>
/// One peer in one family: which destinations it has been sent (its Adj-RIB-Out; attributes follow from the Loc-RIB), and which it is yet
/// to be sent beside those that concern its whole group. Routing thread.
/// </summary>
internal sealed class GroupMember(IUpdateSink sink, SourceId source, uint routerId, MembershipFilter? filter)
{
    private DestinationBitmap[] _sent = [new()];

    /// <summary>Where its messages go.</summary>
    public IUpdateSink Sink { get; } = sink;

    /// <summary>The source of the paths that it sent itself; they do not go back to it.</summary>
    public SourceId Source { get; } = source;

    /// <summary>Its BGP identifier.</summary>
    public uint RouterId { get; } = routerId;

    /// <summary>What it asked for (RFC 4684); null when it takes everything.</summary>
    public MembershipFilter? Filter { get; } = filter;

    /// <summary>Its group; null before it joined and after it left.</summary>
    public UpdateGroup? Group { get; set; }

    /// <summary>Its number in the group.</summary>
    public int Slot { get; set; }

    /// <summary>Whether it is sent anything yet: false until its memberships are known (RFC 4684 §6) or our own restart is over.</summary>
    public bool IsActive { get; private set; }

    /// <summary>What it is to be looked at for alone: the initial walk, a refresh, memberships, and what came while it lagged.</summary>
    public DirtySet Dirty { get; } = new();

    /// <summary>Routes that it has been sent and that were not withdrawn.</summary>
    public long Advertised { get; private set; }

    /// <summary>Whether End-of-RIB has been sent.</summary>
    public bool EndOfRibSent { get; set; }

    /// <summary>Whether the walk that is on is to end with End-of-RIB.</summary>
    public bool OwesEndOfRib { get; set; }

    /// <summary>Whether the walk that is on is to end with EoRR (RFC 7313).</summary>
    public bool OwesEndOfRefresh { get; set; }

    /// <summary>How many paths of a destination it may have been sent: planes of its Adj-RIB-Out.</summary>
    public int Planes => _sent.Length;

    private InitialDump _dump;

    /// <summary>Whether the walk has sent everything it began with.</summary>
    public bool IsDumpDone => _dump.IsDone;

    /// <summary>The Adj-RIB-Out of one path identifier; 0 without add-path.</summary>
    public DestinationBitmap Sent(int plane)
    {
        while (plane >= _sent.Length)
        {
            _sent = [.. _sent, new()];
        }

        return _sent[plane];
    }

    /// <summary>Whether it has a route to a destination, by any path identifier.</summary>
    public bool HasAny(int destination)
    {
        foreach (DestinationBitmap plane in _sent)
        {
            if (plane.Contains(destination))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Replaces a word of the Adj-RIB-Out and counts.</summary>
    public void Store(int plane, int word, ulong old, ulong now)
    {
        if (old != now)
        {
            Sent(plane)[word] = now;
            Advertised += BitOperations.PopCount(now) - BitOperations.PopCount(old);
        }
    }

    /// <summary>From now on it is sent routes. Begin a walk afterwards.</summary>
    public void Activate() => IsActive = true;

    /// <summary>A walk over what is marked now begins.</summary>
    public void BeginDump() => _dump.Begin(Dirty);

    /// <summary>The marks of a word were taken off and will be sent.</summary>
    public void WordSent(int word)
    {
        if (_dump.IsOn)
        {
            _dump.Sent(word);
        }
    }

    /// <summary>The walk is over.</summary>
    public void EndDump() => _dump.End();
}

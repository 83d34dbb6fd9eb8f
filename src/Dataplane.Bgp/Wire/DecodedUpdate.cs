using System.Runtime.InteropServices;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Bgp.Wire;

/// <summary>One NLRI of an UPDATE.</summary>
/// <param name="Nlri">What the route is to.</param>
/// <param name="PathIdentifier">RFC 7911; 0 in families without.</param>
/// <param name="Label">The 24 bits of the label field as on the wire (RFC 8277 §2.2), 0 in families without.</param>
public readonly record struct NlriEntry(Nlri Nlri, uint PathIdentifier = 0, uint Label = 0);

/// <summary>The routes of one family in an UPDATE.</summary>
public sealed class RouteGroup
{
    private readonly List<NlriEntry> _routes = [];

    /// <summary>The family.</summary>
    public RouteFamily Family { get; internal set; }

    /// <summary>The routes, in the order of the message.</summary>
    public ReadOnlySpan<NlriEntry> Routes => CollectionsMarshal.AsSpan(_routes);

    /// <summary>The attributes of all these routes; empty for withdrawn ones. Valid until the next UPDATE is decoded.</summary>
    public AttributeBlock Attributes => Builder.Block;

    internal AttributeBlockBuilder Builder { get; } = new();

    internal List<NlriEntry> Entries => _routes;
}

/// <summary>
/// What an UPDATE says, validated. Its owner reuses it for every UPDATE, so that decoding allocates nothing. One thread.
/// </summary>
/// <remarks>
/// Flow specifications have a reference in the store for each time they are in the message, until it is forgotten: who keeps one takes another.
/// Withdrawn routes are to be taken before announced ones: a prefix that is in both is announced (RFC 4271 §4.3).
/// </remarks>
public sealed class DecodedUpdate
{
    private const int AnnouncedGroups = 2; // the NLRI field and MP_REACH_NLRI
    private const int WithdrawnGroups = 4; // the withdrawn routes, MP_UNREACH_NLRI, and what is treated as withdrawn

    private readonly RouteGroup[] _announced = [new(), new()];
    private readonly RouteGroup[] _withdrawn = [new(), new(), new(), new()];
    private readonly byte[] _mpNextHop = new byte[NextHopCodec.MaximumSize];
    private int _mpNextHopLength;
    private byte[] _scratch = [];
    private readonly List<uint> _heldFlowSpecs = [];
    private FlowSpecStore? _flowSpecs;
    private int _announcedCount;
    private int _withdrawnCount;

    /// <summary>What is to become of the message and of the session (RFC 7606 §2).</summary>
    public UpdateOutcome Outcome { get; internal set; }

    /// <summary>Announced routes, at most two groups; none when they are treated as withdrawn.</summary>
    public ReadOnlySpan<RouteGroup> Announced => _announced.AsSpan(0, _announcedCount);

    /// <summary>Withdrawn routes, at most four groups; those that are treated as withdrawn are among them.</summary>
    public ReadOnlySpan<RouteGroup> Withdrawn => _withdrawn.AsSpan(0, _withdrawnCount);

    /// <summary>The family whose End-of-RIB the message is (RFC 4724 §2), if it is one.</summary>
    public RouteFamily? EndOfRib { get; internal set; }

    /// <summary>What was wrong, in the order of the message; for counters and logs, nothing in it asks for more action.</summary>
    public List<AttributeFault> Faults { get; } = [];

    /// <summary>The attributes that are common to both groups of announced routes.</summary>
    internal AttributeBlockBuilder Common { get; } = new();

    /// <summary>The next hop of MP_REACH_NLRI in the block's form.</summary>
    internal ReadOnlySpan<byte> MpNextHop => _mpNextHop.AsSpan(0, _mpNextHopLength);

    internal ReadOnlySpan<byte> SetMpNextHop(ReadOnlySpan<byte> wire)
    {
        _mpNextHopLength = NextHopCodec.Read(wire, _mpNextHop);
        return MpNextHop;
    }

    /// <summary>Octets to work in, kept for the next message.</summary>
    internal Span<byte> Scratch(int size)
    {
        if (_scratch.Length < size)
        {
            _scratch = new byte[Math.Max(size, 2 * _scratch.Length)];
        }

        return _scratch.AsSpan(0, size);
    }

    /// <summary>Takes the numbers of flow specifications, of each of which a reference is given back with the next message.</summary>
    internal List<uint> Hold(FlowSpecStore store)
    {
        _flowSpecs = store;
        return _heldFlowSpecs;
    }

    /// <summary>Forgets the message.</summary>
    public void Clear()
    {
        foreach (var number in _heldFlowSpecs)
        {
            _flowSpecs!.Release(number);
        }

        _heldFlowSpecs.Clear();
        Outcome = default;
        EndOfRib = null;
        Faults.Clear();
        _announcedCount = _withdrawnCount = 0;
    }

    internal RouteGroup AddAnnounced(RouteFamily family) => Take(_announced, ref _announcedCount, AnnouncedGroups, family);

    internal RouteGroup AddWithdrawn(RouteFamily family) => Take(_withdrawn, ref _withdrawnCount, WithdrawnGroups, family);

    /// <summary>Treat-as-withdraw: the announced routes become withdrawn ones.</summary>
    internal void WithdrawAnnounced()
    {
        for (; _announcedCount > 0; _announcedCount--)
        {
            ref RouteGroup announced = ref _announced[_announcedCount - 1];
            ref RouteGroup withdrawn = ref _withdrawn[_withdrawnCount++];
            (announced, withdrawn) = (withdrawn, announced);
            withdrawn.Builder.Clear();
        }
    }

    /// <summary>Session reset: nothing of the message counts.</summary>
    internal void DropRoutes() => _announcedCount = _withdrawnCount = 0;

    private static RouteGroup Take(RouteGroup[] groups, ref int count, int bound, RouteFamily family)
    {
        System.Diagnostics.Debug.Assert(count < bound, "more groups than parts of a message");
        RouteGroup group = groups[count++];
        group.Family = family;
        group.Entries.Clear();
        group.Builder.Clear();
        return group;
    }
}

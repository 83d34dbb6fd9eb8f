using System.Numerics;
using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>
/// The Adj-RIB-Out of one family: its update groups, and the destinations without path that are kept because somebody has yet to be sent
/// the withdrawal. Routing thread.
/// </summary>
internal sealed class OutgoingFamily : IBestPathListener
{
    private readonly OutgoingContext _context;
    private readonly List<UpdateGroup> _groups = [];
    private readonly DestinationBitmap _pinned = new();
    private readonly List<(int Word, ulong Destinations)> _withdrawn = [];
    private int _pins;
    private int _turn;

    public OutgoingFamily(OutgoingContext context, RouteFamily family)
    {
        _context = context;
        Table = context.Routes[family];
        Table.AddListener(this);
    }

    /// <summary>The routes.</summary>
    public FamilyTable Table { get; }

    /// <summary>Local path identifiers.</summary>
    public AddPathIdentities Identities { get; } = new();

    /// <summary>The groups, for management.</summary>
    public IReadOnlyList<UpdateGroup> Groups => _groups;

    /// <summary>How often selection has marked destinations for a group since this was last set to 0.</summary>
    public long Marked { get; set; }

    /// <inheritdoc/>
    public void BestPathChanged(FamilyTable table, DestinationId destination, in BestChange change)
    {
        if (_groups.Count == 0)
        {
            return;
        }

        foreach (UpdateGroup group in _groups)
        {
            if (change.Kind != BestChangeKind.OtherPaths || group.LooksAtOtherPaths)
            {
                group.Mark(destination.Value);
                Marked++;
            }
        }

        if (change.Kind == BestChangeKind.Unreachable && !_pinned.Contains(destination.Value) && AnyoneHas(destination.Value))
        {
            Table.Pin(destination);
            SetPinned(destination.Value, true);
        }
    }

    /// <summary>Looks at every route again for everybody.</summary>
    public void MarkAll()
    {
        foreach (UpdateGroup group in _groups)
        {
            group.MarkAll();
        }
    }

    /// <summary>A destination is suppressed now where specifics are not wanted, or not any more (INT-05).</summary>
    public void MarkSpecifics(DestinationId destination)
    {
        foreach (UpdateGroup group in _groups)
        {
            if (!group.Key.Profile.AdvertiseSpecifics)
            {
                group.Mark(destination.Value);
            }
        }
    }

    /// <summary>Puts a member into a group of its kind.</summary>
    public void Join(GroupMember member, UpdateGroupKey key)
    {
        UpdateGroup? group = _groups.Find(candidate => candidate.HasRoom && candidate.Key == key && candidate.IsCurrent);
        if (group is null)
        {
            group = new(_context, this, key);
            _groups.Add(group);
        }

        group.Join(member);
    }

    /// <summary>Puts a member, with what it has been sent, into another group, and looks at every route for it again.</summary>
    public void Move(GroupMember member, UpdateGroupKey key)
    {
        Remove(member);
        Join(member, key);
        if (member.IsActive)
        {
            // Also what the group that it left had marked and not sent yet, withdrawals among it.
            member.Group!.MarkAll(member.Dirty);
        }
    }

    /// <summary>Takes a member out.</summary>
    public void Leave(GroupMember member)
    {
        Remove(member);

        if (_pins > 0)
        {
            for (var word = 0; word < _pinned.WordLimit; word++)
            {
                Unpin(word, _pinned[word]);
            }
        }
    }

    /// <summary>Begins to send routes to a member, all that it asked for, and marks the end with End-of-RIB.</summary>
    public void Activate(GroupMember member)
    {
        member.Activate();
        member.OwesEndOfRib = !member.EndOfRibSent;
        Dump(member);
    }

    /// <summary>Sends a member everything again: a route refresh.</summary>
    public void Dump(GroupMember member)
    {
        if (member.Filter is { Asked.IsEverything: false } && !member.Group!.HasPolicy)
        {
            var wanted = new WantedVisitor(member);
            Table.ForEachWithTargets(ref wanted);
        }
        else
        {
            member.Group!.MarkAll(member.Dirty);
        }

        member.BeginDump();
    }

    /// <summary>Takes a change of a member's memberships into effect, between begin and end of the change.</summary>
    public void MembershipsTurned(GroupMember member, bool everything)
    {
        if (!member.IsActive)
        {
            return;
        }

        if (everything || member.Group!.HasPolicy)
        {
            member.Group!.MarkAll(member.Dirty);
            return;
        }

        var turned = new TurnedVisitor(member);
        Table.ForEachWithTargets(ref turned);
    }

    /// <summary>Sends a bounded part of what changed; each group has its turn.</summary>
    /// <returns>Whether there was anything to do.</returns>
    public bool Flush()
    {
        for (var i = 0; i < _groups.Count; i++)
        {
            _turn = _turn + 1 >= _groups.Count ? 0 : _turn + 1;
            if (_groups[_turn].Flush())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Withdrawals of destinations of a word are in the batch that is about to be encoded. What their NLRI refer to is needed until then, so the
    /// pins come off with <see cref="Unpin()"/>.
    /// </summary>
    public void Withdrawn(int word, ulong destinations)
    {
        if ((_pinned[word] & destinations) is not 0 and var pinned)
        {
            _withdrawn.Add((word, pinned));
        }
    }

    /// <summary>What was withdrawn has been encoded: destinations that nobody has any more need not be kept.</summary>
    public void Unpin()
    {
        foreach ((int word, ulong destinations) in _withdrawn)
        {
            Unpin(word, destinations);
        }

        _withdrawn.Clear();
    }

    /// <summary>Gives local path identifiers back that nobody knows any more.</summary>
    public void FreePlanes(int destination)
    {
        for (var plane = 0; plane < Identities.Planes; plane++)
        {
            if (Identities.IsTaken(plane, destination) && !_groups.Exists(group => group.SendsPaths && group.AnyoneHas(plane, destination)))
            {
                Identities.Free(plane, destination);
            }
        }
    }

    /// <summary>The walk of a member is through.</summary>
    public void FinishDump(GroupMember member) => member.Sink.DumpFinished(Table.Family, member);

    private void Remove(GroupMember member)
    {
        if (member.Group is not { } group)
        {
            return;
        }

        group.Leave(member);
        if (group.IsEmpty)
        {
            _ = _groups.Remove(group);
        }
    }

    private bool AnyoneHas(int destination)
    {
        foreach (UpdateGroup group in _groups)
        {
            if (group.AnyoneHas(destination))
            {
                return true;
            }
        }

        return false;
    }

    private void Unpin(int word, ulong destinations)
    {
        for (var rest = _pinned[word] & destinations; rest != 0; rest &= rest - 1)
        {
            var destination = word * DestinationBitmap.WordBits + BitOperations.TrailingZeroCount(rest);
            if (!AnyoneHas(destination))
            {
                SetPinned(destination, false);
                Table.Unpin(new(destination));
            }
        }
    }

    private void SetPinned(int destination, bool isPinned)
    {
        var word = destination / DestinationBitmap.WordBits;
        var bit = 1UL << (destination % DestinationBitmap.WordBits);
        _pinned[word] = isPinned ? _pinned[word] | bit : _pinned[word] & ~bit;
        _pins += isPinned ? 1 : -1;
    }

    private readonly struct WantedVisitor(GroupMember member) : IDestinationVisitor
    {
        public bool Wants(RouteTargetSetId targets) => member.Filter!.Wants(targets);

        public void Visit(DestinationId destination) => member.Dirty.Mark(destination.Value);
    }

    private readonly struct TurnedVisitor(GroupMember member) : IDestinationVisitor
    {
        public bool Wants(RouteTargetSetId targets) => member.Filter!.Turned(targets);

        public void Visit(DestinationId destination) => member.Dirty.Mark(destination.Value);
    }
}

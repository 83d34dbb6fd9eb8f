using System.Numerics;
using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>
/// Up to 64 peers that are sent the same routes with the same attributes in the same encoding, apart from their own routes and what they
/// did not ask for. What changes is marked once for all; a flush takes words of 64 destinations off the marks of the group and of those members
/// that are ready, runs rules and policy once per set of attributes, and encodes each message once for everybody who gets it. For a member
/// that lags the marks are kept in a set of its own: it catches up later, with the routes as they are then. Routing thread.
/// </summary>
/// <remarks>This file: members and marks. <c>UpdateGroup.Flush.cs</c>: a flush. <c>UpdateGroup.Paths.cs</c>: several paths per destination.</remarks>
internal sealed partial class UpdateGroup
{
    /// <summary>The most members: bits of a mask.</summary>
    public const int MaximumMembers = 64;

    private readonly OutgoingContext _context;
    private readonly OutgoingFamily _family;
    private readonly FamilyTable _table;
    private readonly IRoutePolicy? _policy;
    private readonly GroupMember?[] _members = new GroupMember?[MaximumMembers];
    private readonly DirtySet _common = new();
    private readonly ulong[] _marks = new ulong[MaximumMembers];
    private readonly ulong[] _had = new ulong[MaximumMembers];
    private readonly ulong[] _has = new ulong[MaximumMembers];
    private ulong _present;
    private int _cursor;

    public UpdateGroup(OutgoingContext context, OutgoingFamily family, UpdateGroupKey key)
    {
        _context = context;
        _family = family;
        _table = family.Table;
        Key = key;
        _policy = key.Profile.ExportPolicy is { } name ? context.Policies?.Find(name) ?? RejectingPolicy.Instance : null;
    }

    /// <summary>What its members have in common.</summary>
    public UpdateGroupKey Key { get; }

    /// <summary>Whether several paths of a destination are sent.</summary>
    public bool SendsPaths => Key.MaximumPaths > 1 || Key.Codec.AddPathSend.Contains(Key.Profile.Family);

    /// <summary>Whether paths beside the best one decide about what is sent.</summary>
    public bool LooksAtOtherPaths => SendsPaths || Key.Profile.Family == RouteFamily.RouteTargetConstraint;

    /// <summary>Whether its export policy is still the one of that name.</summary>
    public bool IsCurrent => _policy is null
        || ReferenceEquals(_policy, _context.Policies?.Find(Key.Profile.ExportPolicy!) ?? RejectingPolicy.Instance);

    /// <summary>Whether another member may join.</summary>
    public bool HasRoom => _present != ulong.MaxValue;

    /// <summary>Whether nobody is in it.</summary>
    public bool IsEmpty => _present == 0;

    /// <summary>Whether the export policy may change route targets, so that those of the Loc-RIB say nothing about what is sent.</summary>
    public bool HasPolicy => _policy is not null;

    /// <summary>Takes a member in. It is sent nothing before it is activated.</summary>
    public void Join(GroupMember member)
    {
        member.Slot = BitOperations.TrailingZeroCount(~_present);
        member.Group = this;
        _members[member.Slot] = member;
        _present |= 1UL << member.Slot;
    }

    /// <summary>Lets a member go; what it was sent is forgotten.</summary>
    public void Leave(GroupMember member)
    {
        _members[member.Slot] = null;
        _present &= ~(1UL << member.Slot);
        member.Group = null;
        if (_present == 0)
        {
            _common.Clear();
        }
    }

    /// <summary>A destination changed.</summary>
    public void Mark(int destination) => _common.Mark(destination);

    /// <summary>Marks every destination there is: policy changed.</summary>
    public void MarkAll() => MarkAll(_common);

    /// <summary>Marks every destination there is for one set.</summary>
    public void MarkAll(DirtySet marks)
    {
        var end = _table.DestinationCapacity;
        for (var destination = 0; destination < end; destination++)
        {
            if (_table.Exists(new(destination)))
            {
                marks.Mark(destination);
            }
        }
    }

    /// <summary>Whether any member has been sent a route to a destination.</summary>
    public bool AnyoneHas(int destination)
    {
        for (var rest = _present; rest != 0; rest &= rest - 1)
        {
            if (_members[BitOperations.TrailingZeroCount(rest)]!.HasAny(destination))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether any member has been sent the path of one plane.</summary>
    public bool AnyoneHas(int plane, int destination)
    {
        for (var rest = _present; rest != 0; rest &= rest - 1)
        {
            GroupMember member = _members[BitOperations.TrailingZeroCount(rest)]!;
            if (plane < member.Planes && member.Sent(plane).Contains(destination))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The members that are sent routes and take them now.</summary>
    private ulong Ready()
    {
        var ready = 0UL;
        for (var rest = _present; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            if (_members[slot] is { IsActive: true } member && member.Sink.IsWritable)
            {
                ready |= 1UL << slot;
            }
        }

        return ready;
    }

    /// <summary>The next word that a ready member is to be looked at for, going round from the cursor; −1 when there is none.</summary>
    private int NextWord(ulong ready)
    {
        var next = NextWordFrom(_cursor, ready);
        return next < 0 && _cursor > 0 ? NextWordFrom(0, ready) : next;
    }

    private int NextWordFrom(int from, ulong ready)
    {
        var next = _common.NextWord(from);
        for (var rest = ready; rest != 0; rest &= rest - 1)
        {
            var own = _members[BitOperations.TrailingZeroCount(rest)]!.Dirty.NextWord(from);
            next = own >= 0 && (next < 0 || own < next) ? own : next;
        }

        return next;
    }
}

/// <summary>What the members of a group have in common.</summary>
/// <param name="Profile">Which routes, with which attributes.</param>
/// <param name="Codec">The encoding.</param>
/// <param name="MaximumPaths">The most paths of a destination.</param>
internal sealed record UpdateGroupKey(OutgoingProfile Profile, CodecOptions Codec, int MaximumPaths);

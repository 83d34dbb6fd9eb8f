using System.Numerics;
using System.Runtime.InteropServices;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Control;

/// <content>
/// Groups of next hops (FWD-20, CHN-24…26). A group is either somebody's own, whose members change under the routes that
/// use it, or shared: routes over the same members share one row, which lives as long as a route uses it. Rows are
/// immutable; a row, and its number, is used again only when no worker can hold a leaf that names it.
/// </content>
public sealed unsafe partial class Datapath
{
    private readonly List<GroupState?> _groups = [];
    private readonly Dictionary<string, GroupId> _sharedGroups = new(StringComparer.Ordinal);
    private readonly BucketTable _buckets = new();
    private readonly GroupRows _groupRows;

    /// <summary>Groups that exist.</summary>
    public int GroupCount { get; private set; }

    /// <summary>Adds a group whose members may change with <see cref="SetGroup"/>.</summary>
    public GroupId AddGroup(GroupSettings settings) => AddGroup(Validate(settings), settings, null);

    /// <summary>The group with just these members and that policy, made if need be; members never change. It goes when the
    /// last route that uses it does.</summary>
    public GroupId ShareGroup(GroupSettings settings)
    {
        ulong[] keys = Validate(settings);
        string content = ContentOf(settings, keys);
        if (!_sharedGroups.TryGetValue(content, out GroupId id))
            _sharedGroups[content] = id = AddGroup(keys, settings, content);
        return id;
    }

    /// <summary>Replaces the members of a group. Only flows of members that left move, and those that new members win
    /// (CHN-26); a changed weight moves flows to or from that member alone.</summary>
    public void SetGroup(GroupId id, GroupSettings settings)
    {
        GroupState group = GroupOf(id);
        if (group.Content is not null)
            throw new InvalidOperationException($"group {id.Value} is shared and keeps its members");
        Change(id, group, Validate(settings), settings);
    }

    /// <summary>Removes a group that no route uses.</summary>
    public void RemoveGroup(GroupId id)
    {
        GroupState group = GroupOf(id);
        if (group.Routes != 0)
            throw new InvalidOperationException($"group {id.Value} is still used by {group.Routes} routes");
        Retire(id, group);
    }

    /// <summary>Settings of a group.</summary>
    public GroupSettings Group(GroupId id) => GroupOf(id).Settings;

    /// <summary>The member that a bucket leads to; for tests and for `show`.</summary>
    internal Leaf MemberAt(GroupId id, uint bucket)
    {
        GroupRow* row = _root->Groups[id.Value];
        return new Leaf(row->Members[GroupRow.NumberOf(row, bucket)]);
    }

    private GroupState GroupOf(GroupId id) =>
        (id.Value < _groups.Count ? _groups[(int)id.Value] : null) ?? throw new ArgumentException($"there is no group {id.Value}");

    private GroupId AddGroup(ulong[] keys, GroupSettings settings, string? content)
    {
        if (!_groupRows.TryTake(out uint row))
            throw new InvalidOperationException($"no room for another group: at most {Options.Groups}");
        while (_groups.Count <= row)
            _groups.Add(null);
        var group = new GroupState { Settings = settings, Content = content, Members = new RendezvousMember[keys.Length], Leaves = new ulong[keys.Length] };
        for (int i = 0; i < keys.Length; i++)
        {
            group.Members[i] = new RendezvousMember(keys[i], settings.Members[i].Weight);
            group.Leaves[i] = LeafOf(settings.Members[i]).Bits;
        }
        _buckets.Build(group.Members);
        UseMembers(group.Leaves, 1);
        _groups[(int)row] = group;
        GroupCount++;
        var id = new GroupId(row);
        Publish(id, group);
        _root->GroupsInUse = 1;
        Volatile.Write(ref _root->HashWanted, 1);
        return id;
    }

    // Members that stay keep their numbers, so that the table can be changed in place of being built.
    private void Change(GroupId id, GroupState group, ulong[] keys, GroupSettings settings)
    {
        var wanted = new Dictionary<ulong, int>(keys.Length);
        for (int i = 0; i < keys.Length; i++)
            wanted[keys[i]] = i;
        var members = new List<RendezvousMember>(group.Members);
        var leaves = new List<ulong>(group.Leaves);
        var free = new Stack<int>();
        int left = 0;
        for (int number = members.Count - 1; number >= 0; number--)
        {
            RendezvousMember member = members[number];
            if (!member.IsNone && wanted.TryGetValue(member.Key, out int index) && member.Slowness == 1.0 / settings.Members[index].Weight)
            {
                leaves[number] = LeafOf(settings.Members[index]).Bits;
                wanted.Remove(member.Key);
                continue;
            }
            left += member.IsNone ? 0 : 1;
            members[number] = default;
            leaves[number] = 0;
            free.Push(number);
        }
        int stayed = keys.Length - wanted.Count;
        bool inPlace = stayed > 0 && left + wanted.Count <= stayed;
        if (inPlace && left + wanted.Count != 0)
        {
            _buckets.Load(_root->Groups[id.Value], group.WorstScore);
            if (left != 0)
                _buckets.Remove(CollectionsMarshal.AsSpan(members));
        }
        foreach ((ulong key, int index) in wanted)
        {
            if (!free.TryPop(out int number))
            {
                number = members.Count;
                members.Add(default);
                leaves.Add(0);
            }
            members[number] = new RendezvousMember(key, settings.Members[index].Weight);
            leaves[number] = LeafOf(settings.Members[index]).Bits;
            if (inPlace)
                _buckets.Add(CollectionsMarshal.AsSpan(members), number);
        }
        if (inPlace && left + wanted.Count == 0)
            _buckets.Load(_root->Groups[id.Value], group.WorstScore);
        else if (!inPlace)
            _buckets.Build(CollectionsMarshal.AsSpan(members));
        group.Settings = settings;
        group.Members = [.. members];
        UseMembers(group.Leaves, -1);
        group.Leaves = [.. leaves];
        UseMembers(group.Leaves, 1);
        Publish(id, group);
    }

    private void Publish(GroupId id, GroupState group)
    {
        group.WorstScore = _buckets.WorstScore;
        int count = Math.Max(group.Leaves.Length, 1);
        int width = BitOperations.Log2((uint)count - 1 | 1) + (count > 1 ? 1 : 0);
        // The last bucket is read with three bytes more than it needs.
        int bytes = sizeof(GroupRow) + count * sizeof(ulong) + GroupRow.BucketCount / 8 * width + sizeof(uint);
        var row = (GroupRow*)NativeBlock.Allocate((nuint)bytes);
        row->Members = (ulong*)(row + 1);
        row->Buckets = (byte*)(row->Members + count);
        row->Width = (uint)width;
        row->NumberMask = (1u << width) - 1;
        row->BlockBytes = bytes;
        row->LoadBalance = group.Settings.LoadBalance;
        for (int i = 0; i < group.Leaves.Length; i++)
            row->Members[i] = group.Leaves[i];
        _buckets.Pack(row->Buckets, row->Width);
        GroupRow* old = _root->Groups[id.Value];
        Volatile.Write(ref *(nint*)(_root->Groups + id.Value), (nint)row);
        _epochs.Retire(old, SystemBlocks.Instance, 0);
    }

    private void Retire(GroupId id, GroupState group)
    {
        if (group.Content is not null)
            _sharedGroups.Remove(group.Content);
        _groups[(int)id.Value] = null;
        UseMembers(group.Leaves, -1);
        GroupCount--;
        _epochs.Retire(_root->Groups[id.Value], _groupRows, (int)id.Value);
    }

    private void UseMembers(ulong[] leaves, int change)
    {
        foreach (ulong bits in leaves)
        {
            var leaf = new Leaf(bits);
            UseTunnel(leaf, change);
            if (leaf.Kind == LeafKind.Interface)
                _interfaces[(int)leaf.Index].GroupUses += change;
            if (leaf.Kind == LeafKind.CoreLookup)
                _vrfs[(int)leaf.Index].GroupUses += change;
        }
    }

    private void UseGroup(GroupId? id)
    {
        if (id is { } used)
            GroupOf(used).Routes++;
    }

    private void LeaveGroup(GroupId? id)
    {
        if (id is not { } used)
            return;
        GroupState group = GroupOf(used);
        if (--group.Routes == 0 && group.Content is not null)
            Retire(used, group);
    }

    // The keys of the members' identities.
    private ulong[] Validate(GroupSettings settings)
    {
        int count = settings.Members.Count;
        if (count > GroupSettings.MaxMembers)
            throw new ArgumentException($"a group has at most {GroupSettings.MaxMembers} members, not {count}");
        var keys = new ulong[count];
        var seen = new HashSet<ulong>(count);
        for (int i = 0; i < count; i++)
        {
            GroupMember member = settings.Members[i];
            if (member.Weight is < 1 or > GroupMember.MaxWeight)
                throw new ArgumentException($"a weight is 1 to {GroupMember.MaxWeight}, not {member.Weight}");
            if (member.Tunnel is { } tunnel ? tunnel.Value >= _tunnels.Count || _tunnelUses[(int)tunnel.Value] == Removed
                : member.LookUpIn is { } vrf ? !Exists(vrf) : !Exists(member.Interface))
                throw new ArgumentException("a member names a tunnel, an interface or a VRF that does not exist");
            Net.IpAddress owner = member.Tunnel is { } way ? _tunnels[(int)way.Value].Remote : member.Owner;
            keys[i] = RendezvousMember.KeyOf(owner, member.Label);
            if (!seen.Add(keys[i]))
                throw new ArgumentException($"label {member.Label} of {owner} is twice in a group");
        }
        return keys;
    }

    private static Leaf LeafOf(GroupMember member) => member.Tunnel is { } tunnel
        ? Leaf.Create(LeafKind.Tunnel, 0, tunnel.Value, member.Label.Value)
        : member.LookUpIn is { } vrf ? Leaf.Create(LeafKind.CoreLookup, 0, vrf.Row) : Leaf.Create(LeafKind.Interface, 0, member.Interface.Row);

    // Of a VRF that goes: packets that choose such a member have no route from now on. The word is the whole entry, as is that of a route; no row is built.
    private void EndLookups(VrfId vrf, VrfState state)
    {
        for (int row = 0; row < _groups.Count && state.GroupUses != 0; row++)
        {
            if (_groups[row] is not { } group)
                continue;
            for (int number = 0; number < group.Leaves.Length; number++)
            {
                var leaf = new Leaf(group.Leaves[number]);
                if (leaf.Kind != LeafKind.CoreLookup || leaf.Index != vrf.Row)
                    continue;
                group.Leaves[number] = 0;
                Volatile.Write(ref _root->Groups[row]->Members[number], 0);
                state.GroupUses--;
            }
        }
    }

    // Equal for equal groups, whatever the order of their members. A VRF is known by its number, which no later one of its row has.
    private static string ContentOf(GroupSettings settings, ulong[] keys)
    {
        var rows = new (ulong Key, ulong Leaf, int Weight)[keys.Length];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = (keys[i], settings.Members[i].LookUpIn is { } vrf ? vrf.Value : LeafOf(settings.Members[i]).Bits, settings.Members[i].Weight);
        Array.Sort(rows);
        var text = new char[1 + 9 * rows.Length];
        text[0] = (char)settings.LoadBalance;
        for (int i = 0; i < rows.Length; i++)
        {
            Span<char> part = text.AsSpan(1 + 9 * i, 9);
            MemoryMarshal.Cast<char, ulong>(part[..4])[0] = rows[i].Key;
            MemoryMarshal.Cast<char, ulong>(part[4..8])[0] = rows[i].Leaf;
            part[8] = (char)rows[i].Weight;
        }
        return new string(text);
    }

    private sealed class GroupState
    {
        internal required GroupSettings Settings { get; set; }

        internal required RendezvousMember[] Members { get; set; }

        internal required ulong[] Leaves { get; set; }

        internal double WorstScore { get; set; }

        internal int Routes { get; set; }

        internal string? Content { get; init; }
    }

    /// <summary>Row numbers of groups. A number comes back when its row has left its last reader.</summary>
    private sealed class GroupRows(DatapathRoot* root, int capacity, EpochReclaimer epochs) : ReusedRows(capacity, epochs)
    {
        /// <summary>Whether something else than groups wants flow hashes.</summary>
        internal bool HashedAnyway { get; set; }

        public override void Release(void* block, int row)
        {
            root->Groups[row] = null;
            base.Release(block, row);
            if (Lent != 0)
                return;
            root->GroupsInUse = 0;
            root->HashWanted = (byte)(HashedAnyway ? 1 : 0);
        }
    }
}

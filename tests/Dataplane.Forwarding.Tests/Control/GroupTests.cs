using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>Groups as the control side keeps them: changed in place, shared, counted, and forgotten in time.</summary>
[Trait("Requirement", "FWD-20")]
public sealed unsafe class GroupTests
{
    /// <summary>A long random life, against groups that are built new: who is chosen depends on the members alone.</summary>
    [Theory]
    [InlineData(1, 12)]
    [InlineData(2, 40)]
    [InlineData(3, 300)]
    [Trait("Requirement", "CHN-24")]
    [Trait("Requirement", "CHN-26")]
    public void A_changed_group_is_the_same_as_a_new_one_and_moves_no_bucket_without_need(int seed, int most)
    {
        var random = new Random(seed);
        using var rig = new GroupRig();
        GroupMember[] all = rig.Members(most);
        var present = new Dictionary<int, int> { [0] = 1 };
        GroupMember[] Now() => [.. present.Select(pair => rig.Member(GroupRig.OwnerOf(pair.Key), all[pair.Key].Label.Value, pair.Value)).OrderBy(_ => random.Next())];
        GroupId living = rig.Add(Now());
        string[] before = rig.Choices(living);
        for (int step = 0; step < 25; step++)
        {
            var changed = new HashSet<string>();
            int changes = step % 5 == 4 ? most / 2 : 1;
            for (int i = 0; i < changes; i++)
            {
                int member = random.Next(most);
                changed.Add($"{IpAddress.Parse(GroupRig.OwnerOf(member))} {all[member].Label}");
                if (present.Count > 1 && random.Next(2) == 0)
                    present.Remove(member);
                else
                    present[member] = random.Next(1, 5);
            }
            rig.Datapath.SetGroup(living, GroupRig.Settings(Now()));
            string[] after = rig.Choices(living);
            GroupId fresh = rig.Add(Now());
            Assert.Equal(rig.Choices(fresh), after);
            rig.Datapath.RemoveGroup(fresh);
            for (int bucket = 0; bucket < after.Length; bucket++)
                Assert.True(before[bucket] == after[bucket] || changed.Contains(before[bucket]) || changed.Contains(after[bucket]));
            before = after;
        }
    }

    [Fact]
    public void A_group_may_lose_all_members_and_get_some_again()
    {
        using var rig = new GroupRig();
        GroupMember[] members = rig.Members(3);
        GroupId group = rig.Add([]);
        Assert.Equal(["None"], rig.Choices(group).Distinct());
        rig.Datapath.SetGroup(group, GroupRig.Settings(members));
        Assert.Equal(3, rig.Choices(group).Distinct().Count());
        rig.Datapath.SetGroup(group, GroupRig.Settings([]));
        Assert.Equal(["None"], rig.Choices(group).Distinct());
    }

    /// <summary>Routes over the same members need one table, however many they are.</summary>
    [Fact]
    public void Routes_over_the_same_members_share_a_group_until_the_last_one_goes()
    {
        using var rig = new GroupRig();
        GroupMember[] members = rig.Members(8, weight: i => 1 + i);
        GroupId group = rig.Datapath.ShareGroup(GroupRig.Settings(members));
        Assert.Equal(group, rig.Datapath.ShareGroup(GroupRig.Settings(members.Reverse())));
        GroupId[] others =
        [
            rig.Datapath.ShareGroup(GroupRig.Settings(members, LoadBalance.PerPrefix)),
            rig.Datapath.ShareGroup(GroupRig.Settings(members[1..])),
            rig.Datapath.ShareGroup(GroupRig.Settings(rig.Members(8))),
        ];
        Assert.Equal(4, others.Append(group).Distinct().Count());
        Assert.Equal(4, rig.Datapath.GroupCount);
        foreach (GroupId other in others)
            rig.Datapath.RemoveGroup(other);
        rig.Route("192.0.2.0/24", group);
        rig.Route("198.51.100.0/24", group);
        rig.Route("198.51.100.0/24", group);
        Assert.Throws<InvalidOperationException>(() => rig.Datapath.RemoveGroup(group));
        Assert.True(rig.Datapath.RemoveRoute(rig.Vrf, IpPrefix.Parse("192.0.2.0/24")));
        Assert.Equal(1, rig.Datapath.GroupCount);
        // Replaced by a route with one next hop.
        rig.Datapath.SetRoute(rig.Vrf, IpPrefix.Parse("198.51.100.0/24"), new SuppliedRoute(members[0].Tunnel, members[0].Label));
        Assert.Equal(0, rig.Datapath.GroupCount);
        Assert.Throws<ArgumentException>(() => rig.Route("192.0.2.0/24", group));
    }

    [Fact]
    public void A_route_finds_its_group_and_a_removed_one_nothing()
    {
        using var rig = new GroupRig();
        GroupId group = rig.Add(rig.Members(2));
        foreach (string prefix in new[] { "192.0.2.7/32", "192.0.2.0/24", "2001:db8:5::7/128", "2001:db8:5::/48" })
        {
            IpPrefix parsed = IpPrefix.Parse(prefix);
            rig.Route(prefix, group);
            Leaf leaf = rig.Datapath.Lookup(rig.Vrf, parsed.Address, coreView: false);
            Assert.Equal((LeafKind.Group, group.Value, parsed.Length), (leaf.Kind, leaf.Index, leaf.PrefixLength));
            rig.Datapath.RemoveRoute(rig.Vrf, parsed);
            Assert.Equal(Leaf.None, rig.Datapath.Lookup(rig.Vrf, parsed.Address, coreView: false));
        }
    }

    /// <summary>A worker that read a leaf may still follow it: neither the row nor its number is used again before it has moved on.</summary>
    [Fact]
    public void A_row_stays_as_long_as_a_worker_may_hold_its_leaf()
    {
        using var rig = new GroupRig(groups: 2);
        EpochSlot* worker = rig.Datapath.Root->Epochs;
        worker->Announced = rig.Datapath.Root->GlobalEpoch;
        GroupId first = rig.Add(rig.Members(3));
        GroupRow* row = rig.Datapath.Root->Groups[first.Value];
        rig.Datapath.SetGroup(first, GroupRig.Settings(rig.Members(2)));
        rig.Datapath.RemoveGroup(first);
        rig.Datapath.Reclaim();
        Assert.Equal(3u, row->NumberMask);
        Assert.True(rig.Datapath.Root->Groups[first.Value] != null);
        GroupId second = rig.Add(rig.Members(2));
        Assert.NotEqual(first, second);
        Assert.Throws<InvalidOperationException>(() => rig.Add(rig.Members(2)));
        worker->Announced = rig.Datapath.Root->GlobalEpoch;
        Assert.Equal(first, rig.Add(rig.Members(2)));
    }

    [Fact]
    public void The_workers_look_for_groups_and_hash_only_while_there_is_a_reason()
    {
        using var rig = new GroupRig();
        DatapathRoot* root = rig.Datapath.Root;
        Assert.Equal((0, 0), (root->GroupsInUse, root->HashWanted));
        GroupId group = rig.Add(rig.Members(2));
        Assert.Equal((1, 1), (root->GroupsInUse, root->HashWanted));
        rig.Datapath.RemoveGroup(group);
        rig.Datapath.Reclaim();
        Assert.Equal((0, 0), (root->GroupsInUse, root->HashWanted));
        rig.Member("10.255.9.9", encapsulation: Encapsulation.MplsInUdp);
        Assert.Equal((0, 1), (root->GroupsInUse, root->HashWanted));
        rig.Datapath.RemoveGroup(rig.Add(rig.Members(2)));
        rig.Datapath.Reclaim();
        Assert.Equal((0, 1), (root->GroupsInUse, root->HashWanted));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    [InlineData(512, 9)]
    [InlineData(513, 10)]
    [InlineData(1024, 10)]
    public void A_table_takes_as_many_bits_per_bucket_as_its_members_need(int count, int width)
    {
        using var rig = new GroupRig();
        GroupId group = rig.Add(rig.Members(count));
        GroupRow* row = rig.Datapath.Root->Groups[group.Value];
        Assert.Equal((uint)width, row->Width);
        Assert.Equal(64 + 8 * count + 16384 * width + 4, row->BlockBytes);
        Assert.Equal(count, rig.Choices(group).Distinct().Count());
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        using var rig = new GroupRig();
        GroupMember[] members = rig.Members(1025);
        Assert.Throws<ArgumentException>(() => rig.Add(members));
        Assert.Throws<ArgumentException>(() => rig.Add([members[0], members[1], members[0]]));
        Assert.Throws<ArgumentException>(() => rig.Add([rig.Member(GroupRig.OwnerOf(0), weight: 0)]));
        Assert.Throws<ArgumentException>(() => rig.Add([rig.Member(GroupRig.OwnerOf(0), weight: 65536)]));
        Assert.Throws<ArgumentException>(() => rig.Add([GroupMember.Remote(new TunnelId(4000), new Label20(16))]));
        Assert.Throws<ArgumentException>(() => rig.Add([GroupMember.Local(new InterfaceId(4), IpAddress.Parse(GroupRig.Us), new Label20(777))]));
        Assert.Throws<ArgumentException>(() => rig.Datapath.SetGroup(new GroupId(0), GroupRig.Settings([])));
        GroupId shared = rig.Datapath.ShareGroup(GroupRig.Settings(members[..2]));
        Assert.Throws<InvalidOperationException>(() => rig.Datapath.SetGroup(shared, GroupRig.Settings([])));
        Assert.Equal(1, rig.Datapath.GroupCount);
    }
}

using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tests.Control;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;
using Xunit.Abstractions;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>The choice among several next hops, as packets meet it.</summary>
[Trait("Requirement", "FWD-20")]
public sealed class SelectTests(ITestOutputHelper output)
{
    private const string Service = "192.0.2.80";
    private const string Service6 = "2001:db8:80::80";

    /// <summary>10,000 flows over several hundred next hops: all are used, in proportion, and each flow keeps its own.</summary>
    [Theory]
    [InlineData(300)]
    [InlineData(512)]
    [Trait("Requirement", "SCL-10")]
    public void Ten_thousand_flows_use_all_next_hops_and_each_keeps_its_own(int count)
    {
        using var rig = new GroupRig();
        rig.Route("0.0.0.0/0", rig.Add(rig.Members(count)));
        string[] first = rig.Send([.. Enumerable.Range(0, 10_000).Select(i => Flow(i))]);
        string[] again = rig.Send([.. Enumerable.Range(0, 10_000).Select(i => Flow(i, payloadBytes: 40, ttl: 7))]);
        Assert.Equal(first, again);
        int[] shares = [.. first.GroupBy(name => name).Select(share => share.Count())];
        Assert.Equal(count, shares.Length);
        double expected = 10_000.0 / count;
        output.WriteLine($"{count} next hops, 10,000 flows: {shares.Min()} to {shares.Max()} flows each, {expected:F1} expected");
        // The flows are random, five sigmas of which are allowed, and so are the shares of buckets.
        double sigma = Math.Sqrt(1 / expected + 0.5 * count / GroupRow.BucketCount);
        Assert.All(shares, share => Assert.InRange(share / expected, 1 - 5 * sigma, 1 + 5 * sigma));
    }

    [Fact]
    public void Per_packet_takes_turns_in_proportion_to_the_weights()
    {
        using var rig = new GroupRig();
        rig.Route("0.0.0.0/0", rig.Add([rig.Member("10.255.0.1"), rig.Member("10.255.0.2", weight: 3)], LoadBalance.PerPacket));
        string[] got = rig.Send([.. Enumerable.Range(0, 8192).Select(_ => Flow(7))]);
        Assert.InRange(got.Count(name => name == "10.255.0.2 16") / 8192.0, 0.73, 0.77);
    }

    [Fact]
    public void Per_prefix_takes_one_next_hop_per_prefix_and_another_for_another()
    {
        using var rig = new GroupRig();
        GroupId group = rig.Add(rig.Members(8), LoadBalance.PerPrefix);
        var used = new HashSet<string>();
        for (int i = 0; i < 100; i++)
        {
            rig.Route($"10.{i}.0.0/16", group);
            rig.Route($"2001:db8:{i:x}::/48", group);
            foreach ((string one, string other) in new[] { ($"10.{i}.3.4", $"10.{i}.99.1"), ($"2001:db8:{i:x}::1", $"2001:db8:{i:x}:5::9") })
            {
                string[] got = rig.Send([Build.Udp(one.Contains(':') ? "2001:db8:1::1" : "198.51.100.1", one), Build.Udp(one.Contains(':') ? "2001:db8:1::2" : "198.51.100.77", other, sourcePort: 99)]);
                Assert.Equal(got[0], got[1]);
                used.Add(got[0]);
            }
        }
        Assert.Equal(8, used.Count);
    }

    /// <summary>
    /// Both directions of 10,000 flows, of both families and all kinds, through two forwarders that learnt the members in
    /// different orders; the second is the owner of one of them itself.
    /// </summary>
    [Fact]
    [Trait("Requirement", "CHN-25")]
    [Trait("Requirement", "SCL-11")]
    public void Both_directions_of_a_flow_meet_the_same_instance()
    {
        const int count = 200;
        using var inside = new GroupRig();
        using var outside = new GroupRig(localLabel: 16, us: GroupRig.OwnerOf(0));
        GroupMember[] there = outside.Members(count, i => 1 + i % 3);
        there[0] = GroupMember.Local(outside.Interface, IpAddress.Parse(GroupRig.OwnerOf(0)), new Label20(16));
        new Random(5).Shuffle(there);
        foreach (string all in new[] { "0.0.0.0/0", "::/0" })
        {
            inside.Route(all, inside.Datapath.ShareGroup(GroupRig.Settings(inside.Members(count, i => 1 + i % 3))));
            outside.Route(all, outside.Datapath.ShareGroup(GroupRig.Settings(there)));
        }
        var random = new Random(6);
        byte[][] forward = [.. Enumerable.Range(0, 10_000).Select(_ => Conversation(random))];
        string[] towards = inside.Send(forward);
        string[] back = outside.Send([.. forward.Select(RandomPacket.Reversed)]);
        Assert.Equal(towards, back);
        Assert.Equal(count, towards.Distinct().Count());
        Assert.Contains($"{GroupRig.OwnerOf(0)} 16", back);
    }

    /// <summary>200 instances come and go one at a time: only flows of the one that left move, and those that the new one wins.</summary>
    [Fact]
    [Trait("Requirement", "CHN-24")]
    [Trait("Requirement", "CHN-26")]
    [Trait("Requirement", "SCL-11")]
    public void Instances_come_and_go_and_only_their_own_flows_move()
    {
        const int flows = 1000;
        const int count = 200;
        using var rig = new GroupRig();
        GroupMember[] members = rig.Members(count);
        byte[][] packets = [.. Enumerable.Range(0, flows).Select(i => Flow(i))];
        GroupId group = rig.Add(members[..1]);
        rig.Route("0.0.0.0/0", group);
        string NameOf(int i) => $"{IpAddress.Parse(GroupRig.OwnerOf(i))} {members[i].Label}";
        string[] now = rig.Send(packets);
        long moved = 0;
        double fair = 0;
        for (int present = 2; present <= count; present++)
        {
            rig.Datapath.SetGroup(group, GroupRig.Settings(members[..present]));
            string[] next = rig.Send(packets);
            string added = NameOf(present - 1);
            for (int i = 0; i < flows; i++)
                Assert.True(next[i] == now[i] || next[i] == added);
            moved += next.Count(name => name == added);
            fair += (double)flows / present;
            now = next;
        }
        output.WriteLine($"1 to {count} instances, {flows} flows: {moved} moves, all to the instance added; {fair:F0} are its fair share");
        Assert.InRange(moved / fair, 0.9, 1.1);
        string[] full = now;
        moved = 0;
        for (int gone = 0; gone < count; gone += 9)
        {
            GroupMember[] others = [.. members[..gone], .. members[(gone + 1)..]];
            rig.Datapath.SetGroup(group, GroupRig.Settings(others));
            string[] next = rig.Send(packets);
            for (int i = 0; i < flows; i++)
                Assert.Equal(full[i] == NameOf(gone), next[i] != full[i]);
            moved += full.Count(name => name == NameOf(gone));
            rig.Datapath.SetGroup(group, GroupRig.Settings(members));
        }
        Assert.Equal(full, rig.Send(packets));
        output.WriteLine($"{count} instances, one removed and added again, {(count + 8) / 9} of them: {moved} moves and back, all of its own flows");
    }

    /// <summary>A next hop that is not resolved asks for resolution, as it does alone; its flows do not wander.</summary>
    [Fact]
    public void Flows_of_an_unresolved_next_hop_wait_for_it()
    {
        using var rig = new GroupRig();
        rig.Route("0.0.0.0/0", rig.Add(rig.Members(4)));
        byte[][] packets = [.. Enumerable.Range(0, 32).Select(i => Flow(i))];
        string[] before = rig.Send(packets);
        string missing = before[0];
        IpAddress owner = IpAddress.Parse(missing.Split(' ')[0]);
        rig.Datapath.SetUnderlayNeighbor(rig.Core, owner, null);
        string[] after = rig.Send(packets);
        Assert.Equal(before.Select(name => name == missing ? nameof(PuntReason.UnderlayUnresolved) : name), after);
    }

    [Fact]
    public void A_group_without_members_is_no_route()
    {
        using var rig = new GroupRig();
        rig.Route("0.0.0.0/0", rig.Add([]));
        Assert.Equal([nameof(Exit.Freed)], rig.Send(Flow(1)));
    }

    /// <summary>Packets that came by a tunnel with the VRF's label choose as those from interfaces do.</summary>
    [Fact]
    public void Packets_from_the_core_choose_alike()
    {
        using var rig = new GroupRig();
        GroupMember[] members = rig.Members(16);
        rig.Route($"{Service}/32", rig.Add(members));
        rig.Datapath.AllowIngress(rig.Vrf, IpAddress.Parse(GroupRig.OwnerOf(0)));
        for (int i = 0; i < 50; i++)
        {
            byte[] outer = Build.Ipv4(GroupRig.OwnerOf(0), GroupRig.Us, 47, Build.Gre(Build.Label(3000, Flow(i))));
            byte[] frame = Build.Ethernet("02:00:00:00:00:11", "02:00:00:00:00:01", 0x0800, outer);
            Outcome outcome = rig.Rig.Receive(rig.Core, frame).Outcomes[0];
            Assert.Equal(rig.Send(Flow(i))[0], rig.NameOf(outcome));
        }
    }

    private static byte[] Flow(int i, int payloadBytes = 8, byte ttl = 64) =>
        Build.Udp($"198.51.{100 + i / 5000}.{i % 250 + 1}", Service, payloadBytes, ttl, (ushort)(1024 + i / 250 * 7), 443);

    private static byte[] Conversation(Random random)
    {
        bool v6 = random.Next(2) == 0;
        (string from, string to) = v6
            ? ($"2001:db8:1::{random.Next(1, 65536):x}", Service6)
            : ($"198.51.100.{random.Next(1, 255)}", Service);
        byte[] body = [(byte)random.Next(256), (byte)random.Next(256), 1, 187, (byte)random.Next(256), (byte)random.Next(256), .. new byte[20]];
        byte protocol = new byte[] { 6, 6, 17, 17, 132, 1 }[random.Next(6)];
        if (protocol == 1)
        {
            body[0] = (byte)(v6 ? 128 : 8);
            return v6 ? Build.Ipv6(from, to, 58, body) : Build.Ipv4(from, to, 1, body);
        }
        return v6 ? Build.Ipv6(from, to, protocol, body) : Build.Ipv4(from, to, protocol, body);
    }
}

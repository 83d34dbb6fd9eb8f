using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath.Tests.Vrrp;

/// <summary>What elections do to an access port, and what the link hears of it.</summary>
public sealed class VrrpElectionsTests
{
    private const StandbyFamilies Both = StandbyFamilies.Ipv4 | StandbyFamilies.Ipv6;
    private static readonly PortId s_port = new(1);
    private readonly SlowPathRig _rig = new();

    private VrrpElections Elections => _rig.SlowPath.Elections;

    [Fact]
    [Trait("Requirement", "EXT-10")]
    public void A_port_is_on_standby_until_its_election_is_won()
    {
        var changes = new List<VrrpState>();
        Elections.Changed = election => changes.Add(election.State);
        Elections.Start(Settings4());
        Assert.Equal(Both, _rig.Topology.Standby[s_port]);
        _rig.Run(3.5);
        Assert.Equal(Both, _rig.Topology.Standby[s_port]);
        _rig.Run(0.2);
        Assert.Equal(StandbyFamilies.None, _rig.Topology.Standby[s_port]);
        Assert.Equal([VrrpState.Backup, VrrpState.Master], changes);

        Receive(Other4(priority: 200));
        Assert.Equal(Both, _rig.Topology.Standby[s_port]);
        Assert.Equal(IpAddress.Parse("192.0.2.3"), Elections.All[0].Master);
        Assert.Equal((1ul, 1ul), (Elections.All[0].Counters.BecameMaster, Elections.All[0].Counters.CeasedMaster));
    }

    [Fact]
    public void Families_are_elected_each_for_itself()
    {
        Elections.Start(Settings4(), Settings6());
        Assert.Equal(Both, _rig.Topology.Standby[s_port]);
        _rig.Run(2);
        Receive(VrrpAdvertisement.Create(Settings6() with { Priority = 200, Address = IpAddress.Parse("fe80::3") }, 200));
        _rig.Run(2);
        Assert.Equal(StandbyFamilies.Ipv6, _rig.Topology.Standby[s_port]);
        Assert.Equal((VrrpState.Master, VrrpState.Backup), (Elections.All[0].State, Elections.All[1].State));
    }

    [Fact]
    [Trait("Requirement", "EXT-10")]
    [Trait("Requirement", "FWD-13")]
    public void A_new_master_shows_the_virtual_mac_in_every_vlan_twice()
    {
        Elections.Start(Settings4() with { Vlan = 4000 });
        _rig.Run(3.7);
        List<SentFrame> frames = _rig.TakeFrames();
        Assert.StartsWith("01005e00001200005e00010181000fa0", Hex(frames[0]), StringComparison.Ordinal);
        string[] announcements = [.. frames.Skip(1).Select(Hex)];

        // The tags of the port's two interfaces, and that of the election: gratuitous ARP and neighbour advertisement each.
        Assert.Equal(6, announcements.Length);
        foreach (string tag in new[] { "8100013d", "88a80064810000c8", "81000fa0" })
        {
            Assert.Contains("ffffffffffff00005e000101" + tag + "0806000108000604000100005e000101a9fe0001ffffffffffffa9fe0001", announcements);
            Assert.Contains(announcements, frame => frame.StartsWith("33330000000100005e000201" + tag + "86dd", StringComparison.Ordinal)
                && frame.EndsWith("a0000000fe800000000000000000000000000001020100005e000201", StringComparison.Ordinal));
        }
        _rig.Run(1);
        Assert.Equal(4, _rig.TakeFrames().Count(frame => frame.Frame[5] != 0x12));
        Assert.Equal(10ul, Elections.All[0].Counters.Announcements);
    }

    [Fact]
    [Trait("Requirement", "EXT-10")]
    public void On_standby_nothing_is_sent_with_the_virtual_mac()
    {
        var tagged = Vector.All.First(vector => vector.Group == "EXT-09" && vector.Disposition == "Answered" && vector.Reason == "Arp");
        _ = tagged.HandleBy(_rig);
        Assert.Contains("00005e000101", Hex(_rig.TakeFrames()[0])[12..24], StringComparison.Ordinal);
        Elections.Start(Settings4());
        _ = _rig.TakeFrames();
        _ = tagged.HandleBy(_rig);
        Assert.Equal("020000000021", Hex(_rig.TakeFrames()[0])[12..24]);
    }

    [Fact]
    public void A_master_that_is_shut_down_resigns_and_serves_until_another_one_does()
    {
        Elections.Start(Settings4());
        _rig.Run(5);
        _ = _rig.TakeFrames();
        Assert.Equal(Elections.All, Elections.Stop());
        byte[] frame = Assert.Single(_rig.TakeFrames()).Frame;
        Assert.Equal(VrrpFault.None, VrrpAdvertisement.Read(frame.AsSpan(14), out var advertisement));
        Assert.Equal(0, advertisement.Priority);
        Assert.Equal(StandbyFamilies.None, _rig.Topology.Standby[s_port]);
        Assert.False(Elections.All[0].HasSuccessor);
        _rig.Run(100);
        Assert.Empty(_rig.TakeFrames());
        Receive(Other4(priority: 1));
        Assert.True(Elections.All[0].HasSuccessor);
    }

    [Fact]
    public void What_is_not_of_the_election_is_counted_and_harmless()
    {
        Elections.Start(Settings4());
        _rig.Run(4);
        Receive(Other4(priority: 200, vrid: 2));
        Receive(VrrpAdvertisement.Create(Settings4(), 200));
        byte[] bad = Other4(priority: 200);
        bad[22] ^= 1;
        Receive(bad);
        Receive([]);
        Receive(VrrpAdvertisement.Create(Settings6() with { Priority = 200 }, 200));
        var counters = Elections.All[0].Counters;
        Assert.Equal(VrrpState.Master, Elections.All[0].State);
        Assert.Equal(0ul, counters.Received);
        Assert.Equal((2ul, 1ul, 1ul, 1ul), (counters.Discarded(VrrpFault.OtherRouter), counters.Discarded(VrrpFault.OwnAddress),
            counters.Discarded(VrrpFault.Checksum), counters.Discarded(VrrpFault.IpHeader)));
        Assert.Equal(5ul, _rig.Counters.Drops(SlowPathDropReason.VrrpDiscarded));
        _rig.AssertLedger();
    }

    [Fact]
    public void An_owner_ignores_the_others()
    {
        Elections.Start(Settings4() with { Priority = 255 });
        Assert.Equal(StandbyFamilies.None, _rig.Topology.Standby[s_port]);
        Receive(Other4(priority: 254));
        Assert.Equal(1ul, Elections.All[0].Counters.Discarded(VrrpFault.AddressOwner));
        Assert.Equal(VrrpState.Master, Elections.All[0].State);
    }

    [Fact]
    public void Bridges_that_snoop_hear_of_the_group_again_and_again()
    {
        Elections.Start(Settings6());
        Assert.Single(_rig.TakeFrames(), frame => Hex(frame).StartsWith("333300000016020000000021", StringComparison.Ordinal));
        _rig.Run(61);
        Assert.Single(_rig.TakeFrames(), frame => Hex(frame).StartsWith("333300000016", StringComparison.Ordinal));
    }

    private static VrrpSettings Settings4() => VrrpMachineTests.Settings(100);

    private static VrrpSettings Settings6() => Settings4() with { Address = IpAddress.Parse("fe80::2"), VirtualAddress = IpAddress.Parse("fe80::1") };

    private static byte[] Other4(byte priority, byte vrid = 1) => VrrpAdvertisement.Create(
        Settings4() with { Address = IpAddress.Parse("192.0.2.3"), VirtualRouterId = vrid }, priority);

    private static string Hex(SentFrame frame) => Convert.ToHexStringLower(frame.Frame);

    private void Receive(byte[] packet) => _rig.SlowPath.Handle(new PuntedPacket
    {
        Reason = PuntReason.Vrrp,
        Origin = PacketOrigin.Access,
        Port = s_port,
        L3Offset = 14,
        Frame = (byte[])[.. new byte[14], .. packet],
    });
}

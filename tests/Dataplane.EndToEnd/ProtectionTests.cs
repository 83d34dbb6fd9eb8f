using System.Text.RegularExpressions;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>What must not get through, and is counted.</summary>
[Collection(TwoSitesCollection.Name)]
public sealed partial class ProtectionTests(TwoSites sites)
{
    private const int EtherTypeIpv4 = 0x0800;
    private const int EtherTypeVlan = 0x8100;
    private const int EtherTypeExperimental = 0x88B5;
    private const int Icmp = 1;
    private const int Gre = 47;

    /// <summary>The forged packet goes first; when the honest one has arrived, the forged one would have been there.</summary>
    [Theory]
    [Trait("Requirement", "SEC-02")]
    [InlineData("red-a")]
    [InlineData("red-b2")]
    public void AForgedSourceIsDroppedAndCounted(string name)
    {
        Guest guest = sites.GuestNamed(name);
        ForwarderProcess forwarder = name == "red-a" ? sites.A : sites.B;
        double before = forwarder.Drops("source-validation");
        using PacketSocket sender = new(guest.Space, "eth0");
        using PacketSocket receiver = new(sites.RedB.Space, "eth0");
        sender.Send(EchoFrom(guest, "10.1.0.99"));
        sender.Send(EchoFrom(guest, guest.Address4));
        byte[]? first = receiver.Receive(IsOurEcho);
        Assert.NotNull(first);
        Assert.Equal(Frame.Ip(guest.Address4), first[26..30]);
        Assert.Equal(before + 1, forwarder.Drops("source-validation"));
    }

    [Theory]
    [Trait("Requirement", "SEC-04")]
    [Trait("Requirement", "FWD-22")]
    [InlineData("red-a", TwoSites.ForwarderA4)]
    [InlineData("red-a", TwoSites.ForwarderB4)]
    [InlineData("red-a", TwoSites.RouterB4)]
    [InlineData("red-b", TwoSites.ForwarderB4)]
    [InlineData("red-b2", TwoSites.RouterB4)]
    [InlineData("blue-a", TwoSites.ForwarderA6)]
    [InlineData("blue-b", TwoSites.RouterA6)]
    public void GuestsDoNotReachTheInfrastructure(string guest, string address) =>
        Assert.Equal(0, sites.GuestNamed(guest).PingInVain(address));

    [Fact]
    [Trait("Requirement", "SEC-04")]
    [Trait("Requirement", "ARC-14")]
    public void TheInfrastructureDoesNotReachGuests()
    {
        double before = sites.B.Drops("not-local");
        sites.Router.Require("ip", "route", "replace", sites.RedB.Address4, "via", TwoSites.ForwarderB4);
        sites.Router.Require("ip", "-6", "route", "replace", sites.RedB.Address6, "via", TwoSites.ForwarderB6);
        foreach (string address in new[] { sites.RedB.Address4, sites.RedB.Address6 })
        {
            Assert.NotEqual(0, sites.Router.Run("ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", address).ExitCode);
        }

        sites.Router.Require("ip", "route", "delete", sites.RedB.Address4);
        sites.Router.Require("ip", "-6", "route", "delete", sites.RedB.Address6);
        Assert.Equal(before + 4, sites.B.Drops("not-local"));
    }

    /// <summary>Inside the underlay a forwarder is a host like any other.</summary>
    [Theory]
    [InlineData(TwoSites.ForwarderA4)]
    [InlineData(TwoSites.ForwarderB6)]
    public void TheUnderlayReachesForwarders(string address) =>
        sites.Router.Require("ping", "-n", "-c", "1", "-W", "5", address);

    [Fact]
    [Trait("Requirement", "ARC-21")]
    public void NonIpFramesAreDroppedAndCounted()
    {
        double before = sites.A.Drops("non-ip");
        using PacketSocket underlay = new(sites.Router, "to-a");
        using PacketSocket sender = new(sites.RedA.Space, "eth0");
        sender.Send(Frame.Ethernet(Frame.VirtualMac4, sites.RedA.MacAddress, EtherTypeExperimental, new byte[64]));
        Assert.Equal(1, sites.RedA.Ping(sites.RedB.Address4, count: 1).Received);
        byte[]? tunnelled = underlay.Receive(f => Frame.EtherType(f) == EtherTypeIpv4 && f[23] == Gre);
        Assert.NotNull(tunnelled);
        Assert.Equal(0x45, tunnelled[42]);
        Assert.Equal(before + 1, sites.A.Drops("non-ip"));
    }

    [Fact]
    [Trait("Requirement", "EXT-02")]
    public void AnUnknownTagIsDroppedAndCounted()
    {
        double before = sites.A.Drops("unclassified");
        using PacketSocket trunk = new(sites.Switch, "trunk");
        trunk.Send(Frame.Ethernet(Frame.VirtualMac4, sites.RedA.MacAddress, EtherTypeVlan, Frame.Tagged(999, EtherTypeIpv4, HonestPacket(sites.RedA))));
        Wait.Until("the frame to be counted", () => sites.A.Drops("unclassified") == before + 1);
    }

    [Theory]
    [Trait("Requirement", "SEC-09")]
    [Trait("Requirement", "FWD-05")]
    [InlineData("203.0.113.99", 600, "outer-source")]
    [InlineData(TwoSites.ForwarderA4, 999, "unknown-label")]
    public void ATunnelPacketFromAStrangerOrWithAStrangeLabelIsDropped(string outerSource, int label, string reason)
    {
        double before = sites.B.Drops(reason);
        sites.Router.Require("ping", "-n", "-c", "1", "-W", "5", TwoSites.ForwarderB4);
        string neighbor = sites.Router.Require("ip", "neigh", "show", "to", TwoSites.ForwarderB4);
        string forwarderMac = LinkLayerAddress().Match(neighbor).Groups[1].Value;
        using PacketSocket underlay = new(sites.Router, "to-b");
        using PacketSocket receiver = new(sites.RedB.Space, "eth0");
        string routerMac = sites.Router.Require("cat", "/sys/class/net/to-b/address").Trim();
        byte[] Tunnelled(string source, int l) => Frame.Ethernet(forwarderMac, routerMac, EtherTypeIpv4,
            Frame.Ipv4(source, TwoSites.ForwarderB4, Gre, Frame.MplsInGre(l, Frame.Ipv4("10.1.0.11", "10.1.0.22", Icmp, Frame.EchoRequest(l, source.Length)))));
        underlay.Send(Tunnelled(outerSource, label));
        underlay.Send(Tunnelled(TwoSites.ForwarderA4, 600));
        byte[]? first = receiver.Receive(f => Frame.EtherType(f) == EtherTypeIpv4 && f[23] == Icmp && f[34] == 8);
        Assert.NotNull(first);
        Assert.Equal(before + 1, sites.B.Drops(reason));
        Assert.Equal((600, TwoSites.ForwarderA4.Length), ((first[38] << 8) | first[39], (first[40] << 8) | first[41]));
    }

    private static bool IsOurEcho(byte[] frame) =>
        Frame.EtherType(frame) == EtherTypeIpv4 && frame[23] == Icmp && frame[34] == 8 && frame[38] == 0x77 && frame[39] == 0x77;

    private byte[] HonestPacket(Guest guest) => Frame.Ipv4(guest.Address4, sites.RedB.Address4, Icmp, Frame.EchoRequest(0x7777, 1));

    private byte[] EchoFrom(Guest guest, string source) => Frame.Ethernet(Frame.VirtualMac4, guest.MacAddress, EtherTypeIpv4,
        Frame.Ipv4(source, sites.RedB.Address4, Icmp, Frame.EchoRequest(0x7777, 1)));

    [GeneratedRegex("lladdr (\\S+)")]
    private static partial Regex LinkLayerAddress();
}

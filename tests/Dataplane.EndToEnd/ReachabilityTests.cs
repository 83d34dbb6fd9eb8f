using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>Who reaches whom, over real kernel stacks on both ends.</summary>
[Collection(TwoSitesCollection.Name)]
public sealed class ReachabilityTests(TwoSites sites)
{
    private const int EtherTypeIpv4 = 0x0800;

    [Theory]
    [Trait("Requirement", "ARC-04")]
    [InlineData("red-a", "red-b", 4, "same subnet")]
    [InlineData("red-a", "red-b", 6, "same subnet")]
    [InlineData("red-b", "red-a", 4, "same subnet")]
    [InlineData("red-b", "red-a", 6, "same subnet")]
    [InlineData("red-a", "red-b2", 4, "other subnet")]
    [InlineData("red-a", "red-b2", 6, "other subnet")]
    [InlineData("red-b2", "red-a", 4, "other subnet")]
    [InlineData("red-b2", "red-a", 6, "other subnet")]
    [InlineData("blue-a", "blue-b", 4, "same subnet, IPv6 underlay")]
    [InlineData("blue-a", "blue-b", 6, "same subnet, IPv6 underlay")]
    public void HostsOnDifferentForwardersReachEachOther(string from, string to, int family, string relation)
    {
        PingResult ping = sites.GuestNamed(from).Ping(sites.GuestNamed(to).Address(family));
        Assert.True(ping.Received == 3, $"{relation}: {ping.Text}\n{sites.A.Log}\n{sites.B.Log}");
    }

    /// <summary>A local forwarder and an external one in one VPN.</summary>
    [Fact]
    [Trait("Requirement", "ARC-02")]
    public void TapAndVlanHostsShareAVpn() => Assert.Equal(3, sites.RedB.Ping(sites.RedA.Address4).Received);

    [Fact]
    [Trait("Requirement", "FWD-10")]
    public void HostsOnOneForwarderMeetLocallyOnlyOnceTheirRouteCameBack()
    {
        double unrouted = sites.A.Drops("no-route");
        Assert.Equal(3, sites.RedA2.Ping(sites.RedA.Address4).Received);
        Assert.Equal(unrouted, sites.A.Drops("no-route"));

        // Nobody told site A about the IPv6 address of red-a: traffic from its neighbour must not take the short way.
        Assert.Equal(0, sites.RedA2.PingInVain(sites.RedA.Address6));
        Assert.Equal(unrouted + 2, sites.A.Drops("no-route"));

        // Traffic from the tunnel is delivered all the same.
        Assert.Equal(3, sites.RedB.Ping(sites.RedA.Address6).Received);
    }

    [Theory]
    [Trait("Requirement", "ARC-07")]
    [InlineData(4)]
    [InlineData(6)]
    public void TheSameAddressIsAnotherHostInAnotherVpn(int family)
    {
        string address = sites.RedB.Address(family);
        Assert.Equal(address, sites.BlueB.Address(family));
        using TcpPeer red = TcpPeer.Listen(sites.RedB, address, "red"u8.ToArray());
        using TcpPeer blue = TcpPeer.Listen(sites.BlueB, address, "blue"u8.ToArray());
        Assert.Equal("red"u8.ToArray(), TcpPeer.Exchange(sites.RedA, address, red.Port, []));
        Assert.Equal("blue"u8.ToArray(), TcpPeer.Exchange(sites.BlueA, address, blue.Port, []));
    }

    [Fact]
    [Trait("Requirement", "ARC-07")]
    public void OneVpnDoesNotReachAnother()
    {
        double before = sites.A.Drops("no-route");
        Assert.Equal(0, sites.BlueA.PingInVain(sites.RedB2.Address4));
        Assert.Equal(before + 2, sites.A.Drops("no-route"));
    }

    [Fact]
    [Trait("Requirement", "ARC-05")]
    [Trait("Requirement", "FWD-06")]
    public void TheTunnelCarriesALabelAndNoInnerEthernet()
    {
        using PacketSocket underlay = new(sites.Router, "to-a");
        Assert.Equal(1, sites.RedA.Ping(sites.RedB.Address4, count: 1).Received);
        byte[]? frame = underlay.Receive(f => Frame.EtherType(f) == EtherTypeIpv4 && f[23] == 47);
        Assert.NotNull(frame);
        Assert.Equal(Frame.Ip(TwoSites.ForwarderA4), frame[26..30]);
        Assert.Equal(Frame.Ip(TwoSites.ForwarderB4), frame[30..34]);
        Assert.Equal([0x00, 0x00, 0x88, 0x47], frame[34..38]);
        Assert.Equal(600, (frame[38] << 12) | (frame[39] << 4) | (frame[40] >> 4));
        Assert.Equal(1, frame[40] & 1);
        Assert.Equal(0x45, frame[42]);
        Assert.Equal(Frame.Ip(sites.RedA.Address4), frame[54..58]);
        Assert.Equal(Frame.Ip(sites.RedB.Address4), frame[58..62]);
        Assert.Equal(63, frame[50]);
    }

    [Theory]
    [InlineData("red-a", "red-b", 4)]
    [InlineData("red-b", "red-a", 4)]
    [InlineData("blue-a", "blue-b", 6)]
    [InlineData("blue-b", "blue-a", 4)]
    public void TcpCarriesDataUnchanged(string from, string to, int family)
    {
        byte[] data = new byte[3_000_000];
        new Random(1).NextBytes(data);
        Guest server = sites.GuestNamed(to);
        using TcpPeer peer = TcpPeer.Listen(server, server.Address(family), answer: null);
        Assert.Equal(peer.Digest(data), TcpPeer.Exchange(sites.GuestNamed(from), server.Address(family), peer.Port, data));
    }
}

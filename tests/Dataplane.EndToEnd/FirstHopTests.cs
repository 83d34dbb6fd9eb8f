using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>The forwarder as its guests' first-hop router.</summary>
[Collection(TwoSitesCollection.Name)]
public sealed class FirstHopTests(TwoSites sites)
{
    private const int EtherTypeArp = 0x0806;
    private const int EtherTypeIpv4 = 0x0800;
    private const string UnusedAddress = "10.1.0.77";

    [Theory]
    [Trait("Requirement", "FWD-11")]
    [Trait("Requirement", "FWD-13")]
    [InlineData("red-a", "10.1.0.1")]
    [InlineData("red-a", "10.1.0.22")]
    [InlineData("red-a", UnusedAddress)]
    [InlineData("red-b", "10.1.0.11")]
    [InlineData("red-b", UnusedAddress)]
    [InlineData("red-a2", "169.254.0.1")]
    public void EveryAddressResolvesToTheVirtualMac(string guestName, string target)
    {
        Guest guest = sites.GuestNamed(guestName);
        using PacketSocket socket = new(guest.Space, "eth0");
        socket.Send(ArpRequest(guest, guest.Address4, target));
        byte[]? reply = socket.Receive(IsArpReply);
        Assert.NotNull(reply);
        Assert.Equal(Frame.VirtualMac4, Frame.MacText(reply.AsSpan(22)));
        Assert.Equal(Frame.VirtualMac4, Frame.MacText(reply.AsSpan(6)));
        Assert.Equal(Frame.Ip(target), reply[28..32]);
    }

    /// <summary>Silence cannot be waited for: the next question is answered, and that answer is the first to arrive.</summary>
    [Theory]
    [Trait("Requirement", "FWD-11")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.0.11")]
    public void ProbesForTheGuestsOwnAddressAreNotAnswered(string sender)
    {
        using PacketSocket socket = new(sites.RedA.Space, "eth0");
        socket.Send(ArpRequest(sites.RedA, sender, sites.RedA.Address4));
        socket.Send(ArpRequest(sites.RedA, sites.RedA.Address4, UnusedAddress));
        byte[]? reply = socket.Receive(IsArpReply);
        Assert.NotNull(reply);
        Assert.Equal(Frame.Ip(UnusedAddress), reply[28..32]);
    }

    [Fact]
    [Trait("Requirement", "FWD-12")]
    public void TheGatewayHasTheSameMacOnBothForwarders()
    {
        foreach (Guest guest in new[] { sites.RedA, sites.RedB })
        {
            _ = guest.Ping("10.1.0.1", count: 1);
            _ = guest.Ping("fe80::1%eth0", count: 1);
            Assert.Equal(Frame.VirtualMac4, guest.NeighborOf("10.1.0.1"));
            Assert.Equal(Frame.VirtualMac6, guest.NeighborOf("fe80::1"));
        }
    }

    [Theory]
    [Trait("Requirement", "FWD-15")]
    [InlineData("red-a2", "169.254.0.1")]
    [InlineData("red-a", "fe80::1%eth0")]
    [InlineData("red-b", "fe80::1%eth0")]
    [InlineData("red-a", "10.1.0.1")]
    [InlineData("red-b2", "fd00:10:1::1")]
    public void TheFirstHopAnswersEcho(string guest, string address)
    {
        PingResult ping = sites.GuestNamed(guest).Ping(address);
        Assert.True(ping.Received == 3, ping.Text);
    }

    [Fact]
    [Trait("Requirement", "FWD-16")]
    public void AnyGatewayAddressOfTheSubnetServes()
    {
        Assert.NotEqual(sites.RedA.Gateway4, sites.RedB.Gateway4);
        Assert.Equal(3, sites.RedA.Ping(sites.RedB2.Address4).Received);
        Assert.Equal(3, sites.RedB.Ping(sites.RedB2.Address4).Received);
    }

    [Fact]
    [Trait("Requirement", "FWD-14")]
    public void DeliveredFramesComeFromTheVirtualMac()
    {
        using PacketSocket socket = new(sites.RedB.Space, "eth0");
        Assert.Equal(1, sites.RedA.Ping(sites.RedB.Address4, count: 1).Received);
        byte[]? frame = socket.Receive(f => Frame.EtherType(f) == EtherTypeIpv4);
        Assert.NotNull(frame);
        Assert.Equal(Frame.VirtualMac4, Frame.MacText(frame.AsSpan(6)));
        Assert.Equal(sites.RedB.MacAddress, Frame.MacText(frame));
    }

    /// <summary>The VPN is one hop, also inside a subnet: TTL 1 dies at the first hop, TTL 2 arrives.</summary>
    [Theory]
    [Trait("Requirement", "ARC-17")]
    [Trait("Requirement", "ARC-10")]
    [InlineData("red-a", "red-b", 4)]
    [InlineData("red-a", "red-b", 6)]
    [InlineData("red-b", "red-a", 4)]
    [InlineData("red-a", "red-b2", 4)]
    [InlineData("blue-a", "blue-b", 4)]
    public void TheWayTakesExactlyOneHop(string from, string to, int family)
    {
        Guest guest = sites.GuestNamed(from);
        string target = sites.GuestNamed(to).Address(family);
        PingResult expired = guest.Ping(target, count: 1, "-t", "1");
        Assert.Equal(0, expired.Received);
        Assert.Contains(family == 4 ? "Time to live exceeded" : "Time exceeded", expired.Text, StringComparison.Ordinal);
        Assert.Equal(1, guest.Ping(target, count: 1, "-t", "2").Received);
    }

    private static byte[] ArpRequest(Guest guest, string sender, string target) => Frame.Ethernet(
        Frame.Broadcast, guest.MacAddress, EtherTypeArp, Frame.Arp(1, guest.MacAddress, sender, "00:00:00:00:00:00", target));

    private static bool IsArpReply(byte[] frame) => Frame.EtherType(frame) == EtherTypeArp && frame[21] == 2;
}

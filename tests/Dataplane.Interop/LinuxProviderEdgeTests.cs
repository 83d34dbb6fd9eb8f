using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop;

/// <summary>Frames of our forwarder are accepted by, and answered from, a real Linux MPLS PE, and the other way round.</summary>
public sealed class LinuxProviderEdgeTests(TenantAndProviderEdge lab) : IClassFixture<TenantAndProviderEdge>
{
    [Theory]
    [Trait("Requirement", "ARC-19")]
    [InlineData("192.0.2.0", LinuxProviderEdge.Address4)]
    [InlineData("192.0.2.0", LinuxProviderEdge.Address6)]
    [InlineData("2001:db8:f::", LinuxProviderEdge.Address4)]
    [InlineData("2001:db8:f::", LinuxProviderEdge.Address6)]
    public void TheTenantReachesThePe(string underlay, string target)
    {
        PingResult ping = TenantOver(underlay).Ping(target);
        Assert.True(ping.Received == 3, $"{ping.Text}\n{lab.Forwarder.Log}\n{lab.ProviderEdge.Log}");
    }

    [Theory]
    [Trait("Requirement", "ARC-19")]
    [InlineData("192.0.2.0", 4)]
    [InlineData("192.0.2.0", 6)]
    [InlineData("2001:db8:f::", 4)]
    [InlineData("2001:db8:f::", 6)]
    public void ThePeReachesTheTenant(string underlay, int family)
    {
        string output = lab.ProviderEdge.Run($"ping -n -c 3 -i 0.2 -W 2 -I vrf-red {TenantOver(underlay).Address(family)} 2>&1");
        Assert.Contains("3 received", output, StringComparison.Ordinal);
    }

    /// <summary>A full-size packet crosses, and a larger one is refused by the forwarder, not lost in the PE.</summary>
    [Fact]
    [Trait("Requirement", "FWD-23")]
    public void TheLargestPacketCrosses()
    {
        Assert.Equal(1, lab.Tenant.Ping(LinuxProviderEdge.Address4, count: 1, "-M", "do", "-s", "1444").Received);
        Assert.Equal(0, lab.Tenant.Ping(LinuxProviderEdge.Address4, count: 1, "-M", "do", "-s", "1445").Received);
    }

    [Theory]
    [Trait("Requirement", "FWD-06")]
    [InlineData("192.0.2.0", "ip.src == 192.0.2.1 && ip.dst == 192.0.2.2 && gre", LinuxProviderEdge.Label, "ethertype:ip:gre:mpls:ip:icmp")]
    [InlineData("192.0.2.0", "ip.src == 192.0.2.2 && ip.dst == 192.0.2.1 && gre", TenantAndProviderEdge.Label4, "ethertype:ip:gre:mpls:ip:icmp")]
    [InlineData("2001:db8:f::", "ipv6.src == 2001:db8:f::1 && gre", LinuxProviderEdge.Label, "ethertype:ipv6:gre:mpls:ip:icmp")]
    [InlineData("2001:db8:f::", "ipv6.src == 2001:db8:f::2 && gre", TenantAndProviderEdge.Label6, "ethertype:ipv6:gre:mpls:ip:icmp")]
    public void TsharkSeesTheSameEncapsulationBothWays(string underlay, string filter, int label, string protocols)
    {
        Assert.Equal(1, TenantOver(underlay).Ping(LinuxProviderEdge.Address4, count: 1).Received);
        string wanted = $"{filter} && icmp && !ipv6.nxt == 58";
        Wait.Until("the capture to hold the frames", () => lab.Capture.Decode(filter, "frame.number").Count > 0);
        List<string[]> frames = lab.Capture.Decode(wanted, "frame.protocols", "mpls.label", "mpls.bottom", "gre.proto", "_ws.malformed");
        Assert.NotEmpty(frames);
        Assert.All(frames, frame =>
        {
            Assert.Contains(protocols, frame[0], StringComparison.Ordinal);
            Assert.Equal($"{label}", frame[1]);
            Assert.Contains(frame[2], new[] { "1", "True" });
            Assert.Equal("0x8847", frame[3]);
            Assert.Equal("", frame[4]);
        });
    }

    private Guest TenantOver(string underlay) => underlay.Contains(':', StringComparison.Ordinal) ? lab.Tenant6 : lab.Tenant;
}

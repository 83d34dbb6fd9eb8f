using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop;

/// <summary>Frames of our forwarder are accepted by, and answered from, a real Linux MPLS PE, and the other way round.</summary>
public sealed class LinuxProviderEdgeTests(TenantAndProviderEdge lab) : IClassFixture<TenantAndProviderEdge>
{
    [Theory]
    [Trait("Requirement", "ARC-19")]
    [InlineData("gre-ipv4", LinuxProviderEdge.Address4)]
    [InlineData("gre-ipv4", LinuxProviderEdge.Address6)]
    [InlineData("gre-ipv6", LinuxProviderEdge.Address4)]
    [InlineData("gre-ipv6", LinuxProviderEdge.Address6)]
    [InlineData("mpls-in-ip", LinuxProviderEdge.Address4)]
    [InlineData("mpls-in-ip", LinuxProviderEdge.Address6)]
    public void TheTenantReachesThePe(string tunnel, string target)
    {
        PingResult ping = TenantOver(tunnel).Ping(target);
        Assert.True(ping.Received == 3, $"{ping.Text}\n{lab.Forwarder.Log}\n{lab.ProviderEdge.Log}");
    }

    [Theory]
    [Trait("Requirement", "ARC-19")]
    [InlineData("gre-ipv4", 4)]
    [InlineData("gre-ipv4", 6)]
    [InlineData("gre-ipv6", 4)]
    [InlineData("gre-ipv6", 6)]
    [InlineData("mpls-in-ip", 4)]
    [InlineData("mpls-in-ip", 6)]
    public void ThePeReachesTheTenant(string tunnel, int family)
    {
        string output = lab.ProviderEdge.Run($"for i in 1 2 3; do ping -n -c 1 -W 3 -I vrf-red {TenantOver(tunnel).Address(family)} 2>&1; done");
        Assert.Equal(3, output.Split(" 1 received").Length - 1);
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
    [InlineData("gre-ipv4", "ip.src == 192.0.2.1 && gre", LinuxProviderEdge.Label, "ethertype:ip:gre:mpls:ip:icmp")]
    [InlineData("gre-ipv4", "ip.src == 192.0.2.2 && gre", TenantAndProviderEdge.Label4, "ethertype:ip:gre:mpls:ip:icmp")]
    [InlineData("gre-ipv6", "ipv6.src == 2001:db8:f::1 && gre", LinuxProviderEdge.Label, "ethertype:ipv6:gre:mpls:ip:icmp")]
    [InlineData("gre-ipv6", "ipv6.src == 2001:db8:f::2 && gre", TenantAndProviderEdge.Label6, "ethertype:ipv6:gre:mpls:ip:icmp")]
    [InlineData("mpls-in-ip", "ip.src == 192.0.2.1 && ip.dst == 192.0.2.3", LinuxProviderEdge.Label, "ethertype:ip:mpls:ip:icmp")]
    [InlineData("mpls-in-ip", "ip.src == 192.0.2.3 && ip.dst == 192.0.2.1", TenantAndProviderEdge.LabelInIp, "ethertype:ip:mpls:ip:icmp")]
    public void TsharkSeesTheSameEncapsulationBothWays(string tunnel, string direction, int label, string protocols)
    {
        Assert.Equal(1, TenantOver(tunnel).Ping(LinuxProviderEdge.Address4, count: 1).Received);
        string filter = $"{direction} && mpls && icmp";
        Wait.Until("the capture to hold the frames", () => lab.Capture.Decode(filter, "frame.number").Count > 0);
        Assert.All(lab.Capture.Decode(filter, "frame.protocols", "mpls.label", "mpls.bottom", "_ws.malformed"), frame =>
        {
            Assert.EndsWith(protocols, frame[0].Replace(":data", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Equal($"{label}", frame[1]);
            Assert.Contains(frame[2], new[] { "1", "True" });
            Assert.Equal("", frame[3]);
        });
    }

    private Guest TenantOver(string tunnel) => tunnel switch
    {
        "gre-ipv4" => lab.Tenant,
        "gre-ipv6" => lab.Tenant6,
        "mpls-in-ip" => lab.TenantInIp,
        _ => throw new ArgumentOutOfRangeException(nameof(tunnel), tunnel, "no such tunnel"),
    };
}

using Dataplane.Forwarding;
using Dataplane.Host.Forwarding;
using Dataplane.Net;

namespace Dataplane.Host.Tests.Forwarding;

public sealed class UnderlayRoutesTests
{
    private readonly UnderlayRoutes _routes = new(ForwarderSample.Load("""
        roles: [forwarder]
        ports:
          - { name: acc0, role: access }
          - { name: core0, role: core, addresses: [203.0.113.17/24, "2001:db8:f::17/64"] }
          - { name: core1, role: core, addresses: [203.0.113.130/25, 192.0.2.1/30] }
        underlay:
          routes:
            - { prefix: 0.0.0.0/0, via: 203.0.113.1 }
            - { prefix: 10.0.0.0/8, via: 192.0.2.2 }
            - { prefix: 203.0.113.0/24, via: 192.0.2.2 }
            - { prefix: 203.0.113.64/26, via: 192.0.2.2 }
            - { prefix: "2001:db8:1::/48", via: "2001:db8:f::1" }
        infrastructure: { address: 203.0.113.17, address6: "2001:db8:f::17" }
        """));

    [Theory]
    [InlineData("203.0.113.44", 1, "203.0.113.44")] // on the link; the route of the same length does not win
    [InlineData("203.0.113.200", 2, "203.0.113.200")] // on two links; the longer network wins
    [InlineData("203.0.113.70", 2, "192.0.2.2")] // a route longer than the network of the link
    [InlineData("10.1.2.3", 2, "192.0.2.2")]
    [InlineData("8.8.8.8", 1, "203.0.113.1")]
    [InlineData("2001:db8:1::9", 1, "2001:db8:f::1")]
    [InlineData("2001:db8:f::9", 1, "2001:db8:f::9")]
    public void TheLongestPrefixLeads(string remote, int port, string nextHop) => Assert.Equal(
        new UnderlayHop(new PortId((ushort)port), IpAddress.Parse(nextHop)), _routes.Find(IpAddress.Parse(remote)));

    [Fact]
    public void WhereNoRouteLeadsThereIsNone() => Assert.Null(_routes.Find(IpAddress.Parse("2001:db8:2::1")));
}

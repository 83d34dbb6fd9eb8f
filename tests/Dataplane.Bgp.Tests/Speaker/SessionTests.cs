using Dataplane.Bgp.Settings;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Speaker;

public sealed class SessionTests
{
    [Fact, Trait("Requirement", "SIG-15")]
    public void AReflectorPassesVpnRoutesOnBetweenItsClients()
    {
        var net = new TestNet();
        TestNode reflector = net.Add("10.0.0.9", 65000, settings => settings with
        {
            Peers = [Client("10.0.0.1"), Client("10.0.0.2")],
        });
        TestNode one = net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Internal("10.0.0.9")] });
        TestNode two = net.Add("10.0.0.2", 65000, settings => settings with { Peers = [Internal("10.0.0.9")] });
        net.Nodes.ForEach(node => node.Start());
        net.UntilEstablished();

        one.Originate("65000:1", "10.1.0.0/24", 52013, "65000:1");
        net.Until(() => two.From(reflector).SetEquals(["65000:1 10.1.0.0/24 52013"]), "the route at the second client");
        Assert.Empty(one.From(reflector));

        one.Originate("65000:1", "10.1.0.0/24", 17, "65000:1");
        net.Until(() => two.From(reflector).SetEquals(["65000:1 10.1.0.0/24 17"]), "the other label");
        one.Withdraw("65000:1", "10.1.0.0/24");
        net.Until(() => two.From(reflector).Count == 0, "the withdrawal");
        Assert.Equal(1, two.Of(reflector).Families.Single().EndOfRib.Received ? 1 : 0);
    }

    private static PeerSettings Internal(string address) => new()
    {
        Address = IpAddress.Parse(address),
        As = new(65000),
        Families = [RouteFamily.VpnIpv4],
    };

    private static PeerSettings Client(string address) => Internal(address) with { RouteReflectorClient = true };
}

using Dataplane.Routing;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>Spokes that publish into one VRF of one gateway are sites of their own: what they have of each other is what their VPN imports.</summary>
public sealed class HubAndSpokeTests : IDisposable
{
    private readonly GatewayRig _rig = new();

    public void Dispose() => _rig.Dispose();

    /// <summary>Between spokes directly, then through the hub, then directly again, with the sessions that there are.</summary>
    [Fact]
    [Trait("Requirement", "ARC-12")]
    [Trait("Requirement", "ARC-13")]
    public void SpokesOfOneGatewayHoldTheHubOnly()
    {
        EndSystemModel one = Host("02aa10c00001", "203.0.113.1", "blue", "10.1.0.1/32", 1001);
        EndSystemModel two = Host("02aa10c00002", "203.0.113.2", "blue", "10.1.0.2/32", 1002);
        string[] spokes = ["10.1.0.1/32 via 203.0.113.1:1001 v1", "10.1.0.2/32 via 203.0.113.2:1002 v1"];
        Assert.Equal(spokes, one.RoutesOf("blue").Order());
        Assert.Equal(spokes, two.RoutesOf("blue").Order());

        _rig.Vrfs.Update(Find("red"), Settings("red", "65000:1", "65000:2"));
        EndSystemModel hub = Host("02aa10c00003", "203.0.113.3", "red", "10.1.0.0/16", 1003);
        Assert.Equal(spokes, hub.RoutesOf("red").Order());
        Assert.Equal(spokes, one.RoutesOf("blue").Order());

        _rig.Vrfs.Update(Find("blue"), Settings("blue", "65000:2", "65000:1"));
        _rig.Run();
        Assert.Equal(["10.1.0.0/16 via 203.0.113.3:1003 v1"], one.RoutesOf("blue"));
        Assert.Equal(["10.1.0.0/16 via 203.0.113.3:1003 v1"], two.RoutesOf("blue"));
        Assert.Equal(spokes, hub.RoutesOf("red").Order());

        // A spoke that comes later is the hub's as well.
        Assert.Null(two.Publish("blue", "10.1.0.3/32", "203.0.113.2", 1004, 1));
        Assert.Equal(["10.1.0.0/16 via 203.0.113.3:1003 v1"], two.RoutesOf("blue"));
        Assert.Equal(3, hub.RoutesOf("red").Count());

        _rig.Vrfs.Update(Find("blue"), Settings("blue", "65000:1", "65000:1"));
        _rig.Run();
        Assert.Equal(3, one.RoutesOf("blue").Count());
        Assert.Equal(3, two.RoutesOf("blue").Count());
    }

    /// <summary>Where a VPN exports to nobody, its end-systems still reach each other.</summary>
    [Fact]
    public void WithoutExportTargetsAVpnIsForItself()
    {
        _rig.Vrfs.Update(Find("blue"), new() { Name = "blue" });
        EndSystemModel one = Host("02aa10c00001", "203.0.113.1", "blue", "10.1.0.1/32", 1001);
        EndSystemModel two = Host("02aa10c00002", "203.0.113.2", "blue", "10.1.0.2/32", 1002);
        Assert.Equal(2, one.RoutesOf("blue").Count());
        Assert.Equal(2, two.RoutesOf("blue").Count());
    }

    private static VrfSettings Settings(string name, string import, string export) =>
        new() { Name = name, ImportTargets = [GatewayRig.Target(import)], ExportTargets = [GatewayRig.Target(export)] };

    private VrfIndex Find(string name) => _rig.Vrfs.TryFind(name, out VrfIndex index) ? index : throw new ArgumentException(name);

    private EndSystemModel Host(string systemId, string infrastructure, string vpn, string prefix, uint label)
    {
        EndSystemModel host = _rig.Host(systemId, infrastructure);
        Assert.Null(host.Do(new SubscribeRequest(vpn, null)));
        Assert.Null(host.Publish(vpn, prefix, infrastructure, label, 1));
        return host;
    }
}

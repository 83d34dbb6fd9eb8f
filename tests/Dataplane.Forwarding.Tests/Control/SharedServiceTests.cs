using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>VPNs that reach each other by policy, with both ends on this forwarder: a supplied route of one names our address and a label of another.</summary>
public sealed class SharedServiceTests
{
    private const string Service = "192.0.2.10";

    [Fact]
    [Trait("Requirement", "ARC-09")]
    [Trait("Requirement", "FWD-10")]
    public void AnInterfaceOfAnotherVpnIsReachedWhileItIsThere()
    {
        using var network = new TestNetwork();
        byte[] frame = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, Service));
        Assert.Equal(1, network.Receive(network.Access, frame).Drops[DropReason.NoRoute]);
        network.Route(network.Blue, Service + "/32", null, TestNetwork.LocalLabel);
        Assert.Equal(Leaf.Create(LeafKind.Interface, 32, network.LocalVm.Row), network.Datapath.Lookup(network.Blue, IpAddress.Parse(Service), coreView: false));
        Assert.Equal(PuntReason.NeighborUnresolved, Assert.Single(network.Receive(network.Access, frame).Outcomes).Tag.Reason);

        network.Datapath.RemoveInterface(network.LocalVm);
        Assert.Equal(LeafKind.None, network.Datapath.Lookup(network.Blue, IpAddress.Parse(Service), coreView: false).Kind);
        InterfaceId again = network.Datapath.AddInterface(Interface(network, Service + "/32"));
        Assert.Equal(again.Row, network.Datapath.Lookup(network.Blue, IpAddress.Parse(Service), coreView: false).Index);
    }

    /// <summary>Of several next hops one is an interface of another VPN here: flows that choose it go there, the others through tunnels.</summary>
    [Fact]
    [Trait("Requirement", "ARC-09")]
    [Trait("Requirement", "FWD-20")]
    public void AnInterfaceOfAnotherVpnIsOneOfSeveralNextHops()
    {
        using var network = new TestNetwork();
        GroupId group = network.Datapath.ShareGroup(new GroupSettings
        {
            Members =
            [
                GroupMember.Remote(new TunnelId(0), new Label20(61200)),
                GroupMember.Local(network.LocalVm, IpAddress.Parse(TestNetwork.Us4), new Label20(TestNetwork.LocalLabel)),
            ],
        });
        Assert.True(network.Datapath.SetRoute(network.Blue, IpPrefix.Parse(Service + "/32"), SuppliedRoute.To(group)));
        network.Datapath.SetInterfaceNeighbor(network.LocalVm, IpAddress.Parse(Service), MacAddress.Parse("02:00:00:00:03:10"));
        var ports = new HashSet<ushort>(); // of DPDK
        for (ushort flow = 0; flow < 64; flow++)
        {
            byte[] frame = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, Service, sourcePort: (ushort)(50_000 + flow)));
            Outcome outcome = Assert.Single(network.Rig.Receive(network.Access, frame).Outcomes);
            Assert.Equal(Exit.Transmitted, outcome.Exit);
            ports.Add(outcome.Port);
        }

        Assert.Equal("10 13", string.Join(' ', ports.Order())); // the core, and what the interface is on
        Assert.Throws<InvalidOperationException>(() => network.Datapath.RemoveInterface(network.LocalVm));
        Assert.True(network.Datapath.RemoveRoute(network.Blue, IpPrefix.Parse(Service + "/32")));
        network.Datapath.RemoveInterface(network.LocalVm);
    }

    /// <summary>A label of another VPN is worth what its owner has, and nothing else.</summary>
    [Fact]
    [Trait("Requirement", "ARC-07")]
    public void OnlyWhatTheInterfaceHasIsReached()
    {
        using var network = new TestNetwork();
        network.Route(network.Blue, "192.0.2.11/32", null, TestNetwork.LocalLabel);
        Assert.Equal(LeafKind.None, network.Datapath.Lookup(network.Blue, IpAddress.Parse("192.0.2.11"), coreView: false).Kind);
        network.Route(network.Blue, Service + "/32", null, TestNetwork.LocalLabel);
        network.Route(network.Blue, Service + "/32", new TunnelId(0), 61200);
        Assert.Equal(LeafKind.Tunnel, network.Datapath.Lookup(network.Blue, IpAddress.Parse(Service), coreView: false).Kind);
        network.Datapath.RemoveInterface(network.LocalVm);
        _ = network.Datapath.AddInterface(Interface(network, Service + "/32"));
        Assert.Equal(LeafKind.Tunnel, network.Datapath.Lookup(network.Blue, IpAddress.Parse(Service), coreView: false).Kind);
        Assert.True(network.Datapath.RemoveRoute(network.Blue, IpPrefix.Parse(Service + "/32")));
        Assert.True(network.Datapath.RemoveRoute(network.Blue, IpPrefix.Parse("192.0.2.11/32")));
    }

    /// <summary>A covering route to the label of another VRF is looked up there: a spoke beside its hub.</summary>
    [Fact]
    [Trait("Requirement", "ARC-13")]
    public void AHubOnTheSameForwarderIsReached()
    {
        using var network = new TestNetwork();
        network.Route(network.Blue, "10.9.0.0/16", null, TestNetwork.GreenLabel);
        Assert.Equal(Leaf.Create(LeafKind.CoreLookup, 16, network.Green.Row), network.Datapath.Lookup(network.Blue, IpAddress.Parse("10.9.0.1"), coreView: false));
        byte[] frame = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, "10.9.0.1"));
        Outcome outcome = Assert.Single(network.Receive(network.Access, frame).Outcomes);
        Assert.Equal((PuntReason.NeighborUnresolved, network.LocalVm.Value), (outcome.Tag.Reason, outcome.Tag.OutInterface));
        network.Datapath.SetInterfaceNeighbor(network.LocalVm, IpAddress.Parse("10.9.0.1"), MacAddress.Parse("02:00:00:00:03:10"));
        Assert.Equal(Exit.Transmitted, Assert.Single(network.Rig.Receive(network.Access, frame).Outcomes).Exit);
    }

    /// <summary>One of several next hops is a VRF here: flows that choose it go on by what that VRF knows, the others through tunnels.</summary>
    [Fact]
    [Trait("Requirement", "ARC-13")]
    [Trait("Requirement", "FWD-20")]
    public void AVrfIsOneOfSeveralNextHops()
    {
        using var network = new TestNetwork();
        GroupId hubs = network.AddGroup(
            LoadBalance.PerFlow,
            GroupMember.Remote(new TunnelId(0), new Label20(61200)),
            GroupMember.Lookup(network.Green, IpAddress.Parse(TestNetwork.Us4), new Label20(TestNetwork.GreenLabel)));
        network.Route(network.Blue, "10.9.0.0/16", hubs);
        network.SetNeighbor(network.LocalVm, "10.9.0.1", "02:00:00:00:03:10");
        Assert.Equal("10 13", PortsOf(network, "10.9.0.1")); // the core, and what the interface is on

        // An aggregate that we share with another, and nothing below it: whoever is chosen drops what it has not, and does not send it to the other again.
        GroupId aggregates = network.AddGroup(
            LoadBalance.PerFlow,
            GroupMember.Remote(new TunnelId(0), new Label20(61200)),
            GroupMember.Lookup(network.Blue, IpAddress.Parse(TestNetwork.Us4), new Label20(TestNetwork.BlueLabel)));
        network.Route(network.Blue, "10.10.0.0/16", aggregates);
        BurstResult result = network.Receive(network.Access, [.. Flows("10.10.0.1")]);
        int dropped = result.Drops[DropReason.LookupLoop];
        Assert.InRange(dropped, 1, 63);
        Assert.Equal(64 - dropped, result.Outcomes.Count(static outcome => outcome.Exit == Exit.Transmitted));
    }

    /// <summary>A VRF goes while it is one of several next hops: what chooses it has no route, also when another VRF has taken its place.</summary>
    [Fact]
    [Trait("Requirement", "ARC-07")]
    public void WhatChoosesAVrfThatIsGoneHasNoRoute()
    {
        using var network = new TestNetwork();
        GroupSettings With(VrfId vrf) => new()
        {
            Members = [GroupMember.Remote(new TunnelId(0), new Label20(61200)), GroupMember.Lookup(vrf, IpAddress.Parse(TestNetwork.Us4), new Label20(3999))],
        };
        VrfId gone = network.Datapath.AddVrf(new Label20(3999), []);
        Assert.True(network.Datapath.TryFindVrf(new Label20(3999), out VrfId found) && found == gone);
        GroupId first = network.Datapath.ShareGroup(With(gone));
        Assert.True(network.Datapath.SetRoute(network.Blue, IpPrefix.Parse("10.10.0.0/16"), SuppliedRoute.To(first)));
        network.Datapath.RemoveVrf(gone);
        Assert.False(network.Datapath.TryFindVrf(new Label20(3999), out _));
        Assert.Throws<ArgumentException>(() => network.Datapath.ShareGroup(With(gone)));
        VrfId next = network.Datapath.AddVrf(new Label20(3999), []);
        GroupId second = network.Datapath.ShareGroup(With(next));
        Assert.NotEqual(first, second);
        BurstResult result = network.Rig.Receive(network.Access, [.. Flows("10.10.0.1")]);
        Assert.Equal(64, result.Drops[DropReason.NoRoute] + result.Outcomes.Count(static outcome => outcome.Exit == Exit.Transmitted));
        Assert.InRange(result.Drops[DropReason.NoRoute], 1, 63);

        // What comes after does not count for it.
        Assert.True(network.Datapath.RemoveRoute(network.Blue, IpPrefix.Parse("10.10.0.0/16")));
        network.Datapath.RemoveVrf(next);
    }

    private static IEnumerable<byte[]> Flows(string destination) =>
        Enumerable.Range(0, 64).Select(flow => TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, destination, sourcePort: (ushort)(50_000 + flow))));

    private static string PortsOf(TestNetwork network, string destination)
    {
        BurstResult result = network.Receive(network.Access, [.. Flows(destination)]);
        Assert.All(result.Outcomes, static outcome => Assert.Equal(Exit.Transmitted, outcome.Exit));
        return string.Join(' ', result.Outcomes.Select(static outcome => outcome.Port).Distinct().Order());
    }

    private static InterfaceSettings Interface(TestNetwork network, string prefix) => new()
    {
        Port = network.Local,
        Vrf = network.Green,
        Label = new Label20(TestNetwork.LocalLabel),
        Addresses = [IpPrefix.Parse(prefix)],
    };
}

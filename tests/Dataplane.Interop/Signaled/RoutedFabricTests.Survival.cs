using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Signaled;

/// <content>Who is killed, what goes on without it, and what the others see of its return: nothing, where nothing changed.</content>
public sealed partial class RoutedFabricTests
{
    private const string Second = "10.1.0.12";
    private const string Third = "10.1.0.13";
    private const string VmW = "10.1.0.22/32";
    private string _distinguisherOfW = "";

    /// <summary>
    /// Killed and started again: a forwarder, its gateway, a whole PE. The unmodified PE keeps the entries of what did not change, of the same version of its
    /// table, with the same labels and distinguishers; the forwarder's tables change in nothing; packets pass where their forwarder lives. A forwarder that
    /// stays away is gone after the stale timer, one that ends in order at once, and what is sent to its addresses is then dropped at the ingress.
    /// </summary>
    [Fact]
    [Trait("Requirement", "AGT-09")]
    [Trait("Requirement", "SIG-04")]
    [Trait("Requirement", "SIG-14")]
    [Trait("Requirement", "SCL-12")]
    [Trait("Requirement", "MGT-08")]
    [Trait("Requirement", "MGT-09")]
    public void WhatDidNotChangeOutlivesEachOfThem()
    {
        string distinguisher = Attach();
        _ = lab.Fabric.Agent("a", "attach", "ga", "--vpn", "red", "--port", "ga", "--address", lab.GuestA.Address4, "--address", Second);
        _ = lab.Fabric.Agent("w", "attach", "local", "--vpn", "red", "--port", "gw1", "--address", lab.GuestW.Address4);
        Until("all routes at all three", () => lab.Edge.Path(distinguisher, $"{Second}/32").Length != 0 && (_distinguisherOfW = lab.Edge.DistinguisherOf(VmW)).Length != 0
            && lab.Edge.Kernel().Contains($"{lab.GuestW.Address4} ", StringComparison.Ordinal) && RoutesAtW().Contains(Vm)
            && lab.Fabric.Routes("a").Length == FrrProviderEdge.Others + 4);
        Reach(lab.GuestW, lab.GuestA);

        KillAndStartTheForwarder(distinguisher);
        KillAndStartTheGateway(distinguisher);
        KillTheForwarderForGood(distinguisher);
        EndTheForwarderInOrder(distinguisher);
        KillAWholePe(distinguisher);

        _ = lab.Fabric.Agent("w", "detach", "local");
        Until("the withdrawal", () => !lab.Edge.Kernel().Contains($"{lab.GuestW.Address4} ", StringComparison.Ordinal));
        Detach(distinguisher);
    }

    private void KillAndStartTheForwarder(string distinguisher)
    {
        string before = Entries(distinguisher);
        int updates = lab.Edge.UpdatesFrom(SignaledFabric.GatewayAddress);
        Kill(lab.A);
        Until("the loss of its session", () => Stale() > 0);
        lab.StartA();
        Until("what it publishes", () => Stale() == 0);
        Until("its routes", () => lab.Fabric.Routes("a").Length == FrrProviderEdge.Others + 4);
        Reach(lab.GuestW, lab.GuestA);
        Same(before, Entries(distinguisher));
        Assert.Equal(updates, lab.Edge.UpdatesFrom(SignaledFabric.GatewayAddress));
    }

    private void KillAndStartTheGateway(string distinguisher)
    {
        string before = Entries(distinguisher);
        string[] routes = lab.Fabric.Routes("a");
        (double, double) changes = ChangesAtA();
        int settled = Settled();
        using var flow = new SteadyPing(lab.GuestA, FrrProviderEdge.TenantAddress);
        Kill(lab.Gateway);
        Until("stale routes at the PE", () => lab.Edge.Path(distinguisher, Vm).EndsWith(", stale", StringComparison.Ordinal));
        Until("the loss of its session at the host", () => !IsUp());
        Reach(lab.GuestW, lab.GuestA);
        lab.StartGateway();
        Until("the session of the host", IsUp);
        Until("the routes to be told again", () => lab.Fabric.Agent("a", "routes", "red").GetProperty("routes").EnumerateArray().All(static route => !route.GetProperty("stale").GetBoolean()));
        Until("the PE to have them from the new one", () => lab.Edge.Path(distinguisher, Vm) is { Length: > 0 } path && !path.EndsWith(", stale", StringComparison.Ordinal));
        Until("the gateway to say that this is all", () => Settled() > settled);
        Same(before, Entries(distinguisher));
        Assert.Equal(routes, lab.Fabric.Routes("a"));
        Assert.Equal(changes, ChangesAtA());
        flow.AllAnswered();
    }

    private void KillTheForwarderForGood(string distinguisher)
    {
        double swept = lab.Gateway.Metrics().Sum("dataplane_signaling_stale_swept_total");
        lab.Fabric.Reload(lab.Gateway, "stale-time: 60", "stale-time: 2");
        Kill(lab.A);
        AllIsGone(distinguisher);
        Assert.Equal(swept + 2, lab.Gateway.Metrics().Sum("dataplane_signaling_stale_swept_total"));
        Counts("the gateway", lab.Gateway, Signaling, ("cause", "lost"), ("to", "peers"));
        DroppedAtTheIngress();
        lab.StartA();
        IsBack(distinguisher);
    }

    private void EndTheForwarderInOrder(string distinguisher)
    {
        double swept = lab.Gateway.Metrics().Sum("dataplane_signaling_stale_swept_total");
        Assert.Equal(0, lab.A.Terminate());
        AllIsGone(distinguisher);
        Assert.Equal(swept, lab.Gateway.Metrics().Sum("dataplane_signaling_stale_swept_total"));
        Counts("the gateway", lab.Gateway, Signaling, ("cause", "closed"), ("to", "peers"));
        IsClean(lab.Gateway);
        DroppedAtTheIngress();
        lab.StartA();
        IsBack(distinguisher);
    }

    // Its forwarder dies with it, so its routes go. A gateway that is ended in order and started again meanwhile awaits it, with nothing sent to the PE that
    // keeps what it had, and has its own hosts hear of what is new all the same.
    private void KillAWholePe(string distinguisher)
    {
        string label = lab.Edge.Path(_distinguisherOfW, VmW);
        Kill(lab.W);
        Until("the loss of its routes", () => lab.Edge.Path(_distinguisherOfW, VmW).Length == 0);
        string before = Version();
        Assert.Equal(0, lab.Gateway.Terminate());
        lab.StartGateway();
        Assert.Contains("2 routes are in force again", lab.Gateway.Log, StringComparison.Ordinal);
        Until("the session of the host", IsUp);
        Same(before, Version());
        _ = lab.Fabric.Agent("a", "attach", "ga", "--vpn", "red", "--port", "ga", "--address", lab.GuestA.Address4, "--address", Second, "--address", Third);
        Until("the host to hear of what is new", () => lab.Fabric.Routes("a").Contains($"{Third}/32 localhost"));
        Assert.Equal("", lab.Edge.Path(distinguisher, $"{Third}/32"));
        Assert.EndsWith(", stale", lab.Edge.Path(distinguisher, Vm), StringComparison.Ordinal);
        lab.StartW();
        Until("the PE to hear of it", () => lab.Edge.Path(distinguisher, $"{Third}/32").Length != 0);
        Until("the whole PE's routes, as they were", () => lab.Edge.Path(_distinguisherOfW, VmW) == label && RoutesAtW().Contains(Vm) && KnowsW());
        Reach(lab.GuestW, lab.GuestA);

        string Version() => lab.Edge.Entry(distinguisher, Vm).Split('\n')[0];
    }

    // At the gateway, at the unmodified PE and at the other forwarder.
    private void AllIsGone(string distinguisher)
    {
        Until("its routes to go", () => lab.Edge.Path(distinguisher, Vm).Length == 0 && lab.Edge.Path(distinguisher, $"{Second}/32").Length == 0
            && !lab.Edge.Kernel().Contains(lab.GuestA.Address4, StringComparison.Ordinal) && !RoutesAtW().Contains(Vm)
            && lab.Fabric.Show("gw", "xmpp", "publications").GetProperty("publications").GetArrayLength() == 0);
    }

    private void IsBack(string distinguisher)
    {
        Until("its routes", () => lab.Edge.Path(distinguisher, Vm).Length != 0 && lab.Edge.Path(distinguisher, $"{Second}/32").Length != 0
            && lab.Edge.Kernel().Contains(lab.GuestA.Address4, StringComparison.Ordinal) && RoutesAtW().Contains(Vm) && KnowsW());
        Reach(lab.GuestW, lab.GuestA);
    }

    private void DroppedAtTheIngress()
    {
        double before = lab.W.Drops("no-route");
        double sent = Tunnelled();
        Assert.Equal(0, lab.GuestW.PingInVain(lab.GuestA.Address4));
        Until("the drops to be counted", () => lab.W.Drops("no-route") >= before + 2);
        Assert.True(Tunnelled() <= sent, "something was sent through a tunnel");
    }

    private double Tunnelled() => lab.W.Metrics().Sum("dataplane_tunnel_packets_total");

    private (double Set, double Removed) ChangesAtA() => lab.A.Metrics() is var metrics
        ? (metrics.Sum("dataplane_agent_route_changes_total", ("change", "set")), metrics.Sum("dataplane_agent_route_changes_total", ("change", "removed"))) : default;

    private int Settled() => lab.A.Log.Split("VPN red: all routes are known").Length;

    private string Entries(string distinguisher) =>
        $"{lab.Edge.Entry(distinguisher, Vm)}\n{lab.Edge.Entry(distinguisher, $"{Second}/32")}\n{lab.Edge.Entry(_distinguisherOfW, VmW)}";

    private void Same(string before, string now)
    {
        if (before != now)
            Assert.Fail($"{now}\ninstead of\n{before}\n{lab.Logs}");
    }

    private static void Kill(ForwarderProcess process)
    {
        process.Process.Kill();
        process.Process.WaitForExit();
    }

    // A forwarder takes packets of a VPN only from those that routes of the VPN lead to (SEC-09).
    private bool KnowsW() => lab.Fabric.Routes("a").Contains($"{VmW} {RoutedFabric.ForwarderW}");

    private bool IsUp() => lab.Fabric.Agent("a", "status").GetProperty("servers")[0].GetProperty("isUp").GetBoolean();

    private double Stale() => lab.Gateway.Metrics().Sum("dataplane_signaling_stale");

    private string[] RoutesAtW() => [.. lab.Fabric.Show("w", "vrf", "red").GetProperty("routes").EnumerateArray().Select(static route => route.GetProperty("prefix").GetString()!)];
}

using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>RT-Constraint (RFC 4684) between speakers, and a peer that reads slowly.</summary>
public sealed class MembershipTests
{
    private static readonly ExtendedCommunity Blue = ExtendedCommunity.ParseRouteTarget("65000:1");

    private readonly TestNet _net = new();

    [Fact, Trait("Requirement", "SIG-05"), Trait("Requirement", "SIG-06"), Trait("Requirement", "SIG-07"), Trait("Requirement", "SCL-06")]
    public void RoutesComeAndGoWithMembershipAndWithoutAReset()
    {
        (TestNode reflector, TestNode one, TestNode two) = Build();
        one.Originate("65000:1", "10.1.0.0/24", 100, "65000:1");
        one.Originate("65000:1", "10.2.0.0/24", 100, "65000:2");
        _net.Until(() => reflector.From(one).Count == 0, "nobody asked yet");
        _net.Quiet();
        Assert.Empty(two.From(reflector));

        Want(two, Blue, true);
        _net.Until(() => two.From(reflector).SetEquals(["65000:1 10.1.0.0/24 100"]), "what was asked for");
        Assert.Equal(["fde80002fde8:100000000/96"], reflector.From(two, RouteFamily.RouteTargetConstraint));
        Want(two, Blue, false);
        _net.Until(() => two.From(reflector).Count == 0, "nothing any more");
        Assert.Equal((1, 0), ((int)reflector.Of(two).Sessions.Established, (int)reflector.Of(two).Sessions.Dropped));
    }

    [Fact, Trait("Requirement", "SIG-07")]
    public void VpnRoutesWaitForMembershipsWithABound()
    {
        TestNode reflector = _net.Add("10.0.0.9", 65000, settings => settings with { Peers = [Client("10.0.0.1")] });
        TestNode one = _net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Client("10.0.0.9")] }, new() { IsRestart = true });
        reflector.Originate("65000:1", "10.1.0.0/24", 100, "65000:1");
        _net.Nodes.ForEach(node => node.Start());
        _net.UntilEstablished();
        _net.Quiet();
        Assert.False(reflector.Of(one).Families[0].EndOfRib.Sent); // the peer restarts and has not said anything
        _net.Advance(TimeSpan.FromSeconds(61));
        _net.Until(() => reflector.Of(one).Families[0].EndOfRib.Sent, "End-of-RIB after the bound");
    }

    [Fact, Trait("Requirement", "SIG-07")]
    public void TheDefaultMembershipGoesOnlyWhereItIsConfigured()
    {
        TestNode reflector = _net.Add("10.0.0.9", 65000, settings => settings with
        {
            Peers = [Client("10.0.0.1") with { DefaultRouteTarget = true }, Client("10.0.0.2")],
        });
        TestNode one = _net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Client("10.0.0.9")] });
        TestNode two = _net.Add("10.0.0.2", 65000, settings => settings with { Peers = [Client("10.0.0.9")] });
        one.Originate("65000:1", "10.1.0.0/24", 100, "65000:7");
        two.Originate("65000:1", "10.2.0.0/24", 100, "65000:7");
        _net.Nodes.ForEach(node => node.Start());
        _net.Until(() => reflector.From(one).Count == 1, "all of the peer that was asked for everything");
        _net.Quiet();
        Assert.Empty(reflector.From(two));
        Assert.Single(one.From(reflector, RouteFamily.RouteTargetConstraint));
        Assert.Empty(two.From(reflector, RouteFamily.RouteTargetConstraint));
    }

    [Fact]
    public void APeerThatDoesNotReadDelaysNobodyAndIsSentTheEndOnly()
    {
        (TestNode reflector, TestNode one, TestNode two) = Build();
        TestNode three = _net.Nodes.Single(node => node.Address == IpAddress.Parse("10.0.0.3"));
        Want(two, Blue, true);
        Want(three, Blue, true);
        Want(reflector, Blue, true);
        _net.Network.Sleep(three.Address, true);
        const int Rounds = 60;
        for (uint round = 1; round <= Rounds; round++)
        {
            for (var prefix = 0; prefix < 200; prefix++)
            {
                one.Originate("65000:1", $"10.1.{prefix}.0/24", round, "65000:1");
            }

            var expected = $" {round}";
            _net.Until(() => two.From(reflector) is { Count: 200 } held && held.All(text => text.EndsWith(expected, StringComparison.Ordinal)), "all at the peer that reads");
        }

        Assert.InRange(reflector.Of(three).QueuedOctets, 0, 70_000);
        var before = reflector.Of(three).Messages[MessageType.Update].Sent;
        _net.Network.Sleep(three.Address, false);
        _net.Until(() => three.From(reflector) is { Count: 200 } held && held.All(text => text.EndsWith($" {Rounds}", StringComparison.Ordinal)), "all at the peer that slept");
        Assert.True(reflector.Of(three).Messages[MessageType.Update].Sent < reflector.Of(two).Messages[MessageType.Update].Sent);
        Assert.True(before < Rounds);
    }

    private (TestNode Reflector, TestNode One, TestNode Two) Build()
    {
        TestNode reflector = _net.Add("10.0.0.9", 65000, settings => settings with
        {
            Peers = [Client("10.0.0.1"), Client("10.0.0.2"), Client("10.0.0.3")],
        });
        TestNode one = _net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Client("10.0.0.9")] });
        TestNode two = _net.Add("10.0.0.2", 65000, settings => settings with { Peers = [Client("10.0.0.9")] });
        _net.Add("10.0.0.3", 65000, settings => settings with { Peers = [Client("10.0.0.9")] });
        _net.Nodes.ForEach(node => node.Start());
        _net.UntilEstablished();
        return (reflector, one, two);
    }

    private static void Want(TestNode node, ExtendedCommunity target, bool isWanted)
    {
        node.Speaker.Memberships.MembershipChanged(target, isWanted);
        node.Loop.Wake();
    }

    private static PeerSettings Client(string address) => new()
    {
        Address = IpAddress.Parse(address),
        As = new(65000),
        Families = [RouteFamily.VpnIpv4, RouteFamily.RouteTargetConstraint],
        RouteReflectorClient = address != "10.0.0.9",
        GracefulRestart = GracefulRestartMode.Full,
        Transport = new() { SendQueueBytes = 4000 },
        Timers = new() { HoldTime = TimeSpan.Zero },
    };
}

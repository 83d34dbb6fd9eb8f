using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Rib;

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

    /// <summary>RFC 4684 §3.1: VPN routes flow towards an AS on the best of the paths that its membership came on, and on another when that goes.</summary>
    [Theory, Trait("Requirement", "SIG-05"), Trait("Requirement", "SIG-08")]
    [InlineData(1)]
    [InlineData(2)]
    public void OfExternalPeersTheBestPathCounts(int most)
    {
        TestNode border = _net.Add("10.0.0.9", 65000, settings => settings with
        {
            Peers = [External("10.0.0.1", 65001), External("10.0.0.2", 65001), External("10.0.0.3", 65003)],
            ExternalMembershipPaths = most,
        });
        TestNode[] others =
        [
            .. new[] { ("10.0.0.1", 65001u), ("10.0.0.2", 65001u), ("10.0.0.3", 65003u) }
                .Select(row => _net.Add(row.Item1, row.Item2, settings => settings with { Peers = [External("10.0.0.9", 65000)] })),
        ];
        border.Originate("65000:1", "10.1.0.0/24", 100, "65000:1");
        border.Originate("65000:1", "10.2.0.0/24", 100, "65000:2");
        _net.Nodes.ForEach(node => node.Start());
        _net.UntilEstablished();
        foreach (TestNode node in others)
        {
            Want(node, Blue, true);
        }

        // The third is of another AS: its membership is another.
        _net.Until(() => Got(others[0]) && Got(others[2]) && Got(others[1]) == (most == 2), () => Text());
        _net.Quiet();
        Assert.Equal((true, most == 2, true), (Got(others[0]), Got(others[1]), Got(others[2])));
        Want(others[0], Blue, false);
        _net.Until(() => !Got(others[0]) && Got(others[1]) && Got(others[2]), () => Text());
        Want(others[0], Blue, true);
        _net.Until(() => Got(others[0]) && Got(others[1]) == (most == 2), () => Text());

        // Another number comes into force without a reset.
        border.Speaker.Apply(border.Speaker.Settings with { ExternalMembershipPaths = 3 - most });
        border.Loop.Wake();
        _net.Until(() => Got(others[0]) && Got(others[1]) == (most == 1), () => Text());
        Assert.Equal(0, (int)border.Of(others[1]).Sessions.Dropped);

        // A session that ends takes its memberships with it.
        border.Speaker.Disable(others[0].Address, null);
        _net.Until(() => Got(others[1]), () => Text());

        bool Got(TestNode node) => node.From(border).SetEquals(["65000:1 10.1.0.0/24 100"]);
        string Text() => string.Join(" | ", others.Select(node => string.Join(',', node.From(border))));
    }

    /// <summary>The default membership leads to no AS: whoever asks for everything is sent everything.</summary>
    [Fact, Trait("Requirement", "SIG-07")]
    public void TheDefaultMembershipOfEveryExternalPeerCounts()
    {
        TestNode border = _net.Add("10.0.0.9", 65000, settings => settings with { Peers = [External("10.0.0.1", 65001), External("10.0.0.2", 65002)] });
        TestNode one = _net.Add("10.0.0.1", 65001, settings => settings with { Peers = [External("10.0.0.9", 65000) with { DefaultRouteTarget = true }] });
        TestNode two = _net.Add("10.0.0.2", 65002, settings => settings with { Peers = [External("10.0.0.9", 65000) with { DefaultRouteTarget = true }] });
        border.Originate("65000:1", "10.1.0.0/24", 100, "65000:1");
        _net.Nodes.ForEach(node => node.Start());
        _net.Until(() => one.From(border).Count == 1 && two.From(border).Count == 1, "everything to both");
    }

    /// <summary>RFC 4684 §3.2 ii: a non-client is told of the membership of a client, also where that of another non-client is better.</summary>
    [Fact, Trait("Requirement", "SIG-06")]
    public void AReflectorTellsNonClientsOfItsClientsMembership()
    {
        TestNode reflector = _net.Add("10.0.0.9", 65000, settings => settings with
        {
            Peers = [Client("10.0.0.1") with { RouteReflectorClient = false }, Client("10.0.0.2") with { RouteReflectorClient = false }, Client("10.0.0.3")],
        });
        TestNode[] others = [.. new[] { "10.0.0.1", "10.0.0.2", "10.0.0.3" }
            .Select(address => _net.Add(address, 65000, settings => settings with { Peers = [Client("10.0.0.9")] }))];
        _net.Nodes.ForEach(node => node.Start());
        _net.UntilEstablished();
        Want(others[0], Blue, true); // the best path by its identifier
        Want(others[2], Blue, true);
        _net.Until(() => OriginatorAt(others[1]) == others[2].Address.V4.Value, () => $"the client's path, not that of {OriginatorAt(others[1]):x}");
        _net.Quiet();

        // §3.2 i: the client takes its own membership back from the reflector, which is its originator there.
        Assert.Equal(reflector.Address.V4.Value, OriginatorAt(others[2]));

        // And so the client's routes come to the non-client that asked, through the reflector.
        others[2].Originate("65000:1", "10.3.0.0/24", 100, "65000:1");
        _net.Until(() => others[0].From(reflector).Count == 1, "the client's route at the non-client that asked");
        Assert.Empty(others[1].From(reflector));

        uint OriginatorAt(TestNode node)
        {
            FamilyTable table = node.Routes[RouteFamily.RouteTargetConstraint];
            if (!table.TryFind(Nlri.Membership(new(65000), Blue), out DestinationId id))
            {
                return 0;
            }

            SourceId source = node.Speaker.Peers[0].Source;
            PathId path = table.FindPath(id, source, 0);
            return !path.IsNone && node.Routes.Attributes[table.Row(path).Received].TryGet(Routing.Attributes.AttributeCode.OriginatorId, out ReadOnlySpan<byte> value)
                ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(value)
                : 0;
        }
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

    private static PeerSettings External(string address, uint number) => Client(address) with { As = new(number), RouteReflectorClient = false };

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

using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;
using static Dataplane.Interop.Bgp.Peers.BgpBytes;

namespace Dataplane.Interop.Bgp;

/// <summary>RT-Constraint (RFC 4684) with GoBGP, which honours it, and with a raw peer where a message must be just so.</summary>
public sealed class RouteTargetConstraintTests : IDisposable
{
    private const int Ours = 9;
    private const int Source = 2;
    private const int Receiver = 3;
    private const int Raw = 5;
    private static readonly Family[] Families = [Family.Vpn4, Family.RouteTarget];
    private readonly BgpNetwork _network = new(recorded: true);
    private OurSpeaker? _speaker;

    public void Dispose() => _network.Dispose();

    /// <summary>
    /// GoBGP sends us what our VRF imports and nothing else. When another client of ours wants more we ask GoBGP for that too; when it
    /// no longer wants it, it goes. No session is touched by any of this.
    /// </summary>
    [Fact]
    [Trait("Requirement", "SIG-05")]
    [Trait("Requirement", "SIG-07")]
    [Trait("Requirement", "SCL-06")]
    public void MembershipDecidesWhoGetsWhat()
    {
        BgpCapture capture = _network.Capture();
        GoBgpPeer source = _network.Keep(new GoBgpPeer(_network, Source, [new Neighbor(Ours) { Families = Families, Passive = true }]));
        GoBgpPeer receiver = _network.Keep(new GoBgpPeer(_network, Receiver, [new Neighbor(Ours) { Families = Families, Passive = true }]));
        _ = _network.Keep(new OurSpeaker(_network, Ours, OurSpeaker.Configuration(Ours,
            [.. new[] { Source, Receiver }.Select(number => new Neighbor(number) { Families = Families, ReflectorClient = true })],
            rest: "vrfs:\n  - { name: blue, import-targets: [\"65000:1\"], export-targets: [\"65000:1\"] }\n")));
        foreach (int target in new[] { 1, 2, 3 })
        {
            source.Announce(Family.Vpn4, $"10.85.{target}.0/24 label 85{target} rd 65000:85 rt 65000:{target} nexthop 10.0.0.2");
        }

        source.UntilEstablished(Ours);
        receiver.UntilEstablished(Ours);
        Wait.Until("GoBGP to hear of our membership", () => Memberships(source).SequenceEqual(["65000:65000:1"]));
        Wait.Until("GoBGP to send what we import", () => AdvertisedBy(source).SequenceEqual(["10.85.1.0/24"]));
        Assert.Empty(receiver.ReceivedFrom(Ours, Family.Vpn4));

        _ = receiver.Run("vrf add red rd 65000:3 rt both 65000:2");
        Wait.Until("the receiver's membership to reach the source", () => Memberships(source).SequenceEqual(["65000:65000:1", "65000:65000:2"]));
        Wait.Until("the receiver to have what it asked for", () => Received(receiver).SequenceEqual(["10.85.2.0/24"]));
        _ = receiver.Run("vrf add green rd 65000:4 rt both 65000:1");
        Wait.Until("the receiver to have what we had already", () => Received(receiver).SequenceEqual(["10.85.1.0/24", "10.85.2.0/24"]));
        _ = receiver.Run("vrf del red");
        Wait.Until("the receiver to have less", () => Received(receiver).SequenceEqual(["10.85.1.0/24"]));
        Wait.Until("the source to be told", () => Memberships(source).SequenceEqual(["65000:65000:1"]));

        Assert.All(new[] { Source, Receiver }, peer => Assert.Equal(1, capture.Count(Ours, peer, Open)));
        Assert.All(new[] { Source, Receiver }, peer => Assert.Equal(0, capture.Count(Ours, peer, Notification)));
    }

    /// <summary>A peer is sent nothing before it has told what it wants: until its End-of-RIB of memberships.</summary>
    [Fact]
    [Trait("Requirement", "SIG-07")]
    public void NothingIsSentBeforeThePeerHasSpoken()
    {
        using RawPeer peer = Start(Raw);
        using RawPeer source = Start(Source);
        source.Send(Membership());
        source.Send(EndOfRib(Family.RouteTarget));
        source.Send(Route("10.86.1.0/24", 1), Route("10.86.2.0/24", 2), EndOfRib(Family.Vpn4));
        peer.Send(Membership(1));
        peer.Send(EndOfRib(Family.RouteTarget));
        Wait.Until("the route that was asked for", () => peer.Routes.ContainsKey("65000:86 10.86.1.0/24"));
        Assert.DoesNotContain("65000:86 10.86.2.0/24", peer.Routes.Keys);
    }

    /// <summary>The shortest membership, of no bits, asks for all; one of 32 + 48 bits for all targets that begin alike (RFC 4684 §4).</summary>
    [Theory]
    [Trait("Requirement", "SIG-07")]
    [InlineData("00", "10.86.1.0/24 10.86.2.0/24 10.86.65.0/24")]
    [InlineData("5F0000FDE80002FDE800000002", "10.86.2.0/24")] // 95 bits: targets 2 and 3
    [InlineData("500000FDE80002FDE80000", "10.86.1.0/24 10.86.2.0/24")] // 80 bits: 65000:0 to 65000:65535
    [InlineData("600000FDE80002FDE800000001", "10.86.1.0/24")]
    [InlineData("600000FDE80002FDE800000009", "")]
    public void AMembershipIsAPrefix(string nlri, string expected)
    {
        using RawPeer peer = Start(Raw);
        using RawPeer source = Start(Source);
        source.Send(Membership(), EndOfRib(Family.RouteTarget));
        source.Send(Route("10.86.1.0/24", 1), Route("10.86.2.0/24", 2), Route("10.86.65.0/24", 65536), Route("10.86.200.0/24", 77), EndOfRib(Family.Vpn4));
        peer.Send(Membership(77));
        peer.Send(UpdateMessage(Origin(), AsPath(), LocalPreference(100), Reach(Family.RouteTarget, [10, 0, 0, Raw], Convert.FromHexString(nlri))));
        peer.Send(EndOfRib(Family.RouteTarget));
        string[] wanted = [.. expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), "10.86.200.0/24"];
        string[] Held() => [.. peer.Routes.Keys.Select(key => key.Split(' ')[1]).Order(StringComparer.Ordinal)];
        Wait.Until("the routes that were asked for", () => wanted.Order(StringComparer.Ordinal).SequenceEqual(Held()));
    }

    /// <summary>Membership that is taken back takes the routes with it, and a route whose target changes moves.</summary>
    [Fact]
    [Trait("Requirement", "SIG-07")]
    public void ChangesOfMembershipAndOfTargetsCountAtOnce()
    {
        using RawPeer peer = Start(Raw);
        using RawPeer source = Start(Source);
        source.Send(Membership(), EndOfRib(Family.RouteTarget));
        source.Send(Route("10.86.1.0/24", 1), EndOfRib(Family.Vpn4));
        peer.Send(Membership(1), EndOfRib(Family.RouteTarget));
        Wait.Until("the route", () => peer.Routes.Count == 1);
        source.Send(Route("10.86.1.0/24", 2));
        Wait.Until("the route to go with its target", () => peer.Routes.Count == 0);
        peer.Send(Membership(2));
        Wait.Until("the route to come with the membership", () => peer.Routes.Count == 1);
        peer.Send(UpdateMessage(Unreach(Family.RouteTarget, Target(2))));
        Wait.Until("the route to go with the membership", () => peer.Routes.Count == 0);
        Assert.False(peer.IsClosed);
    }

    /// <summary>What GoBGP was told of memberships.</summary>
    private static string[] Memberships(GoBgpPeer peer) => [.. peer.ReceivedFrom(Ours, Family.RouteTarget).Select(route => route.Prefix).Order(StringComparer.Ordinal)];

    private static string[] Received(GoBgpPeer peer) => [.. peer.ReceivedFrom(Ours, Family.Vpn4).Select(route => route.Prefix).Order(StringComparer.Ordinal)];

    private static string[] AdvertisedBy(GoBgpPeer peer) => [.. peer.AdvertisedTo(Ours, Family.Vpn4).Select(route => route.Prefix).Order(StringComparer.Ordinal)];

    private static byte[] Target(uint target) => [96, .. U32(65000), 0, 2, .. U16(65000), .. U32(target)];

    private static byte[] Membership(params uint[] targets) => targets.Length == 0
        ? UpdateMessage(Origin(), AsPath(), LocalPreference(100), Reach(Family.RouteTarget, [10, 0, 0, 2], [0]))
        : UpdateMessage(Origin(), AsPath(), LocalPreference(100), Reach(Family.RouteTarget, [10, 0, 0, 5], [.. targets.Select(Target)]));

    private static byte[] Route(string prefix, uint target) => UpdateMessage(Origin(), AsPath(), LocalPreference(100), RouteTargets((65000, target)),
        Reach(Family.Vpn4, VpnNextHop("10.0.0.2"), VpnPrefix(65000, 86, 860, prefix)));

    /// <summary>Starts our speaker, if that has not been done, and connects a raw client to it.</summary>
    private RawPeer Start(int number)
    {
        _speaker ??= _network.Keep(new OurSpeaker(_network, Ours, OurSpeaker.Configuration(Ours,
            [.. new[] { Source, Raw }.Select(client => new Neighbor(client) { Families = Families, ReflectorClient = true, Passive = true })])));
        return new RawPeer(_network, number, Ours).Establish(65000, Families);
    }
}

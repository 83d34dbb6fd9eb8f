using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;
using static Dataplane.Interop.Bgp.Peers.BgpBytes;

namespace Dataplane.Interop.Bgp;

/// <summary>Route reflection (RFC 4456) in both roles, several paths (RFC 7911), and what external peers are told.</summary>
public sealed class ReflectionTests : IDisposable
{
    private const int Ours = 9;
    private const int Reflector = 1;
    private const int Client = 2;
    private const int OtherClient = 3;
    private const int NonClient = 4;
    private const int OtherNonClient = 5;
    private const int ExternalPeer = 6;
    private static readonly byte[] Inside = [.. Origin(), .. AsPath(), .. NextHop("10.0.0.1"), .. LocalPreference(100)];
    private readonly BgpNetwork _network = new(recorded: true);

    public void Dispose() => _network.Dispose();

    /// <summary>To clients from everybody, from clients to everybody, between others nothing; nobody gets back what it sent.</summary>
    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void RoutesGoWhereAReflectorSendsThem()
    {
        int[] all = [Client, OtherClient, NonClient, OtherNonClient];
        _ = StartOurs([.. all.Select(number => new Neighbor(number) { Families = [Family.Ipv4], Passive = true, ReflectorClient = number is Client or OtherClient })]);
        Dictionary<int, RawPeer> peers = all.ToDictionary(number => number, number => _network.Keep(new RawPeer(_network, number, Ours).Establish(65000, [Family.Ipv4])));
        foreach (int number in all)
        {
            peers[number].Send(UpdateMessage([], Inside, Prefix($"10.87.{number}.0/24")), EndOfRib(Family.Ipv4));
        }

        AssertHolds(peers[Client], OtherClient, NonClient, OtherNonClient);
        AssertHolds(peers[OtherClient], Client, NonClient, OtherNonClient);
        AssertHolds(peers[NonClient], Client, OtherClient);
        AssertHolds(peers[OtherNonClient], Client, OtherClient);
        RawRoute reflected = peers[NonClient].Routes["10.87.2.0/24"];
        Assert.Equal("0A000002", Convert.ToHexString(reflected.Attributes[9].Value));
        Assert.Equal("0A000009", Convert.ToHexString(reflected.Attributes[10].Value));
        Assert.Equal("0A000001", Convert.ToHexString(reflected.Attributes[3].Value)); // the next hop is not touched
    }

    /// <summary>What went through our cluster, or came from us, is not taken again.</summary>
    [Theory]
    [Trait("Requirement", "SIG-15")]
    [InlineData(9, "0A000009")]
    [InlineData(10, "0A0000070A000009")]
    public void ALoopOfReflectorsIsCut(byte attribute, string value)
    {
        _ = StartOurs([.. new[] { Client, OtherClient }.Select(number => new Neighbor(number) { Families = [Family.Ipv4], Passive = true, ReflectorClient = true })]);
        using RawPeer peer = new RawPeer(_network, Client, Ours).Establish(65000, [Family.Ipv4]);
        using RawPeer other = new RawPeer(_network, OtherClient, Ours).Establish(65000, [Family.Ipv4]);
        peer.Send(UpdateMessage([], [.. Inside, .. Attribute(0x80, attribute, Convert.FromHexString(value))], Prefix("10.87.100.0/24")));
        peer.Send(UpdateMessage([], Inside, Prefix("10.87.101.0/24")));
        Wait.Until("the route without a loop", () => other.Routes.ContainsKey("10.87.101.0/24"));
        Assert.DoesNotContain("10.87.100.0/24", other.Routes.Keys);
    }

    /// <summary>As a client of FRR and of GoBGP: what they reflect is taken, with the best path by the shorter cluster list.</summary>
    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void WeAreAClientOfTwoReflectors()
    {
        FrrPeer frr = _network.Keep(new FrrPeer(_network, Reflector,
            [new Neighbor(Ours) { ReflectorClient = true }, new Neighbor(NonClient) { ReflectorClient = true }]));
        GoBgpPeer go = _network.Keep(new GoBgpPeer(_network, Client,
            [new Neighbor(Ours) { ReflectorClient = true, Passive = true }, new Neighbor(NonClient) { ReflectorClient = true, Passive = true }]));
        ExaBgpPeer exa = _network.Keep(new ExaBgpPeer(_network, NonClient, [new Neighbor(Reflector), new Neighbor(Client)]));
        _ = StartOurs(
            [new Neighbor(Reflector), new Neighbor(Client), new Neighbor(ExternalPeer) { As = 65100, Passive = true }],
            rest: "vrfs:\n  - name: blue\n    label: 900\n    import-targets: [\"65000:1\"]\n    export-targets: [\"65000:1\"]\n    routes: [{ prefix: 10.88.9.0/24, next-hop: 10.0.0.9, label: 909 }]\n");
        using RawPeer external = new RawPeer(_network, ExternalPeer, Ours).Establish(65100, [Family.Vpn4]);
        frr.UntilEstablished(Ours, NonClient);
        go.UntilEstablished(Ours, NonClient);
        exa.Command("announce route 10.88.4.0/24 rd 65000:88 next-hop 10.0.0.4 label 884 extended-community [ target:65000:1 ]");
        Wait.Until("the external peer to have ExaBGP's route", () => external.Routes.ContainsKey("65000:88 10.88.4.0/24"));
        Wait.Until("ExaBGP to have our VRF's route by both", () => new[] { Reflector, Client }.All(reflector =>
            exa.ReceivedFrom(reflector, Family.Vpn4).Any(route => route is { Prefix: "10.88.9.0/24", NextHop: "10.0.0.9", Label: 909, ExtendedCommunities: "target:65000:1", OriginatorId: "10.0.0.9" })));
        RawRoute told = external.Routes["65000:88 10.88.4.0/24"];
        Assert.Equal("02010000FDE8", Convert.ToHexString(told.Attributes[2].Value)); // AS_PATH: 65000
        Assert.DoesNotContain((byte)5, told.Attributes.Keys); // nothing that is ours alone leaves the AS
        Assert.DoesNotContain((byte)9, told.Attributes.Keys);
        Assert.DoesNotContain((byte)10, told.Attributes.Keys);
        Assert.EndsWith("0A00000400", Convert.ToHexString(told.Attributes[14].Value), StringComparison.Ordinal); // the forwarder, not us
    }

    /// <summary>Two paths to one destination reach who takes several, the better one who does not; GoBGP's own two reach us.</summary>
    [Fact]
    [Trait("Requirement", "SIG-21")]
    public void SeveralPathsReachWhoTakesThem()
    {
        const int Frr = 1, GoBgp = 2, Bird = 3, First = 4, Second = 5, Single = 6, Exa = 7;
        Neighbor toUs = new(Ours) { Families = [Family.Ipv4, Family.Vpn4] };
        Neighbor several = toUs with { AddPathReceive = true };
        GoBgpPeer go = _network.Keep(new GoBgpPeer(_network, GoBgp, [several with { AddPathSend = 4, Passive = true }]));
        BirdPeer bird = _network.Keep(new BirdPeer(_network, Bird, [several]));
        FrrPeer frr = _network.Keep(new FrrPeer(_network, Frr, [toUs]));
        ExaBgpPeer first = _network.Keep(new ExaBgpPeer(_network, First, [toUs]));
        ExaBgpPeer second = _network.Keep(new ExaBgpPeer(_network, Second, [toUs]));
        ExaBgpPeer single = _network.Keep(new ExaBgpPeer(_network, Single, [toUs]));
        ExaBgpPeer exa = _network.Keep(new ExaBgpPeer(_network, Exa, [several]));
        Neighbor sendsOne = new(First) { Families = toUs.Families, ReflectorClient = true };
        Neighbor takesSeveral = sendsOne with { AddPathSend = 4 };
        _ = StartOurs(
        [
            sendsOne, sendsOne with { Number = Second }, sendsOne with { Number = Single },
            takesSeveral with { Number = GoBgp, AddPathReceive = true }, takesSeveral with { Number = Bird }, takesSeveral with { Number = Frr }, takesSeveral with { Number = Exa },
        ]);
        first.Command("announce route 10.90.0.0/24 rd 65000:90 next-hop 10.0.0.4 label 904 extended-community [ target:65000:1 ] local-preference 200");
        second.Command("announce route 10.90.0.0/24 rd 65000:90 next-hop 10.0.0.5 label 905 extended-community [ target:65000:1 ] local-preference 150");
        go.Announce(Family.Ipv4, "10.91.0.0/24 identifier 1 nexthop 10.0.0.2");
        go.Announce(Family.Ipv4, "10.91.0.0/24 identifier 2 nexthop 10.0.0.8");

        UntilLabels("GoBGP", () => go.ReceivedFrom(Ours, Family.Vpn4), 904, 905);
        UntilLabels("BIRD", () => bird.ReceivedFrom(Ours, Family.Vpn4), 904, 905);
        UntilLabels("FRR", () => frr.Vpn("65000:90", "10.90.0.0/24"), 904, 905);
        UntilLabels("ExaBGP", () => exa.ReceivedFrom(Ours, Family.Vpn4), 904, 905);
        UntilLabels("the peer that takes one", () => single.ReceivedFrom(Ours, Family.Vpn4), 904);
        Wait.Until("ExaBGP to have both paths of GoBGP", () => exa.ReceivedFrom(Ours, Family.Ipv4).Select(route => route.NextHop).Order().SequenceEqual(["10.0.0.2", "10.0.0.8"]));
        Wait.Until("BIRD to have both paths of GoBGP", () => bird.ReceivedFrom(Ours, Family.Ipv4).Count == 2);

        first.Command("withdraw route 10.90.0.0/24 rd 65000:90 next-hop 10.0.0.4 label 904");
        UntilLabels("GoBGP", () => go.ReceivedFrom(Ours, Family.Vpn4), 905);
        UntilLabels("BIRD", () => bird.ReceivedFrom(Ours, Family.Vpn4), 905);
        UntilLabels("the peer that takes one", () => single.ReceivedFrom(Ours, Family.Vpn4), 905);
    }

    private static void UntilLabels(string who, Func<IReadOnlyList<SeenRoute>> routes, params uint[] labels)
    {
        IReadOnlyList<SeenRoute> held = [];
        try
        {
            Wait.Until($"{who} to have {string.Join(' ', labels)}", () => (held = routes()).Select(route => route.Label!.Value).Order().SequenceEqual(labels));
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message}\n{string.Join('\n', held)}");
        }
    }

    private static void AssertHolds(RawPeer peer, params int[] from)
    {
        string[] expected = [.. from.Select(number => $"10.87.{number}.0/24").Order(StringComparer.Ordinal)];
        Wait.Until($"peer {peer.Number} to have its routes", () => peer.Routes.Count >= expected.Length);
        Assert.Equal(expected, peer.Routes.Keys.Order(StringComparer.Ordinal));
    }

    private OurSpeaker StartOurs(IReadOnlyList<Neighbor> neighbors, string rest = "") =>
        _network.Keep(new OurSpeaker(_network, Ours, OurSpeaker.Configuration(Ours, neighbors, rest: rest)));
}

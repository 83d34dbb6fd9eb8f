using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.Interop.Bgp;

/// <summary>Towards the WAN a VPN of many hosts is one covering route of ours, as long as there is a host.</summary>
public sealed class AggregationTests : IDisposable
{
    private const int Ours = 9;
    private const int GoBgp = 2;
    private const int Wan = 4;
    private const int Inside = 5;
    private readonly BgpNetwork _network = new(recorded: true);

    public void Dispose() => _network.Dispose();

    [Fact]
    [Trait("Requirement", "INT-04")]
    [Trait("Requirement", "INT-05")]
    public void TheWanSeesTheAggregateOnly()
    {
        BgpCapture capture = _network.Capture();
        GoBgpPeer hosts = _network.Keep(new GoBgpPeer(_network, GoBgp, [new Neighbor(Ours) { Passive = true }]));
        ExaBgpPeer wan = _network.Keep(new ExaBgpPeer(_network, Wan, [new Neighbor(Ours)], autonomousSystem: 65100));
        _ = _network.Keep(new OurSpeaker(_network, Ours, OurSpeaker.Configuration(Ours,
            [
                new Neighbor(GoBgp) { ReflectorClient = true },
                new Neighbor(Wan) { As = 65100, Extra = "    advertise-specifics: false" },
                new Neighbor(Inside) { ReflectorClient = true, Passive = true },
            ],
            rest: """
                vrfs:
                  - name: blue
                    label: 900
                    import-targets: ["65000:1"]
                    export-targets: ["65000:1"]
                    aggregates: [{ prefix: 10.95.0.0/16, suppress-specifics: true }]
                """)));
        using RawPeer inside = new RawPeer(_network, Inside, Ours).Establish(65000, [Family.Vpn4]);
        wan.UntilEstablished(Ours);
        hosts.Announce(Family.Vpn4, "10.96.0.1/32 label 960 rd 65000:95 rt 65000:1 nexthop 10.0.0.2"); // outside of the aggregate
        Wait.Until("the WAN to have what no aggregate covers", () => wan.ReceivedFrom(Ours, Family.Vpn4) is [{ Prefix: "10.96.0.1/32" }]);

        foreach (int host in new[] { 1, 2, 3 })
        {
            hosts.Announce(Family.Vpn4, $"10.95.{host}.1/32 label 95{host} rd 65000:95 rt 65000:1 nexthop 10.0.0.2");
        }

        Wait.Until("the WAN to have the aggregate", () => wan.ReceivedFrom(Ours, Family.Vpn4).Any(route => route.Prefix == "10.95.0.0/16"));
        SeenRoute aggregate = wan.ReceivedFrom(Ours, Family.Vpn4).Single(route => route.Prefix == "10.95.0.0/16");
        Assert.Equal((BgpNetwork.Address(Ours), 900u, "target:65000:1", "65000"), (aggregate.NextHop, aggregate.Label, aggregate.ExtendedCommunities, aggregate.AsPath));
        Wait.Until("the inside to have aggregate and hosts", () => inside.Routes.Keys.Count(key => key.Contains(" 10.95.", StringComparison.Ordinal)) == 4);
        Assert.DoesNotContain(wan.ReceivedFrom(Ours, Family.Vpn4), route => route.Prefix.EndsWith(".1/32", StringComparison.Ordinal) && route.Prefix.StartsWith("10.95.", StringComparison.Ordinal));

        foreach (int host in new[] { 1, 2 })
        {
            hosts.Withdraw(Family.Vpn4, $"10.95.{host}.1/32 label 95{host} rd 65000:95");
        }

        Wait.Until("the inside to have one host", () => inside.Routes.Keys.Count(key => key.Contains(" 10.95.", StringComparison.Ordinal)) == 2);
        Assert.Contains(wan.ReceivedFrom(Ours, Family.Vpn4), route => route.Prefix == "10.95.0.0/16");
        hosts.Withdraw(Family.Vpn4, "10.95.3.1/32 label 953 rd 65000:95");
        Wait.Until("the aggregate to go with the last host", () => wan.ReceivedFrom(Ours, Family.Vpn4) is [{ Prefix: "10.96.0.1/32" }]);
        Assert.Empty(capture.Decode($"ip.src == {BgpNetwork.Address(Ours)} && ip.dst == {BgpNetwork.Address(Wan)} && tcp.payload contains 0a:5f:01:01", "frame.number"));
    }
}

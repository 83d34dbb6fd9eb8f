using System.Text.Json.Nodes;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;
using static Dataplane.Interop.Bgp.Peers.BgpBytes;

namespace Dataplane.Interop.Bgp;

/// <summary>
/// VPN routes in a dump of our tables, read by mrtparse (bgpdump knows unicast routes only): RIB_GENERIC (RFC 6396 §4.3.3) and, where a path came with an
/// identifier, RIB_GENERIC_ADDPATH (RFC 8050 §4).
/// </summary>
public sealed class MrtTests : IDisposable
{
    private const int Frr = 1;
    private const int Raw = 5;
    private const int Ours = 9;
    private readonly BgpNetwork _network = new(recorded: true);

    public void Dispose() => _network.Dispose();

    [Fact]
    [Trait("Requirement", "SIG-24")]
    public void VpnRoutesAreReadByAnotherTool()
    {
        Family[] families = [Family.Vpn4, Family.Vpn6];
        FrrPeer frr = _network.Keep(new FrrPeer(_network, Frr, [new Neighbor(Ours) { Families = families, Passive = true }], new Dictionary<Family, string>
        {
            [Family.Vpn4] = "  network 10.61.1.0/24 rd 65000:61 label 611 route-map RT\n",
            [Family.Vpn6] = "  network 2001:db8:61::/48 rd 65000:61 label 613 route-map RT\n",
        }, global: "route-map RT permit 10\n set extcommunity rt 65000:1 65000:9\n set community 65000:61\n set metric 61\n"));
        OurSpeaker ours = _network.Keep(new OurSpeaker(_network, Ours, OurSpeaker.Configuration(Ours,
            [new Neighbor(Frr) { Families = families, ReflectorClient = true }, new Neighbor(Raw) { Families = [Family.Vpn4], ReflectorClient = true, AddPathReceive = true, Passive = true }],
            rest: """mrt: { directory: "{directory}/mrt", table-file: "rib.%H%M%S", table-interval: 1 }""")));
        using RawPeer raw = new RawPeer(_network, Raw, Ours).Establish(65000, [Family.Vpn4], Capability(69, 0, 1, 128, 2));
        frr.UntilEstablished(Ours);
        foreach ((uint identifier, uint preference) in new[] { (7u, 100u), (4_000_000_000u, 200u) })
        {
            raw.Send(UpdateMessage(Origin(1), AsPath(64999, 4_200_000_000), LocalPreference(preference), RouteTargets((65000, 1)),
                Reach(Family.Vpn4, VpnNextHop("10.0.0.5"), [.. U32(identifier), .. VpnPrefix(65000, 62, 620, "10.62.0.0/20")])));
        }

        string directory = Path.Combine(ours.Directory, "mrt");
        Wait.Until("a dump of all routes", () => Dumps(directory).Any(path => Told(path).Length == 4));
        ours.Terminate();
        JsonNode[] told = Told(Dumps(directory).Last(path => Told(path).Length == 4));

        Assert.Equal(
            [
                (6, "65000:61 10.61.1.0/24", 611, "10.0.0.1", null, "0:10.0.0.1"),
                (6, "65000:61 2001:db8:61::/48", 613, "10.0.0.1", null, "0:::ffff:10.0.0.1"),
                (12, "65000:62 10.62.0.0/20", 620, "10.0.0.5", 7u, "0:10.0.0.5"),
                (12, "65000:62 10.62.0.0/20", 620, "10.0.0.5", 4_000_000_000u, "0:10.0.0.5"),
            ],
            told.Select(route => ((int)route["subtype"]!, (string)route["nlri"]!, (int)route["label"]!, (string)route["peer"]!, (uint?)route["path"], (string?)route["next_hop"]))
                .OrderBy(route => route.Item2, StringComparer.Ordinal).ThenBy(route => route.Item5));
        foreach (JsonNode route in told)
        {
            bool isOfFrr = (string)route["peer"]! == "10.0.0.1";
            Assert.Equal(isOfFrr ? "0002fde800000001 0002fde800000009" : "0002fde800000001", string.Join(' ', route["ext_comm"]!.AsArray().Select(value => $"{(ulong)value!:x16}")));
            Assert.Equal(isOfFrr ? 100u : (uint?)route["path"] == 7u ? 100u : 200u, (uint?)route["local_pref"]);
            Assert.Equal((isOfFrr ? 61u : null, isOfFrr ? 0u : 1u), ((uint?)route["med"], (uint?)route["origin"]));
            Assert.Equal(isOfFrr ? "" : "64999 4200000000", string.Join(' ', route["as_path"]!.AsArray().SelectMany(segment => segment!["val"]!.AsArray())));
            Assert.Equal(isOfFrr ? ["65000:61"] : [], (route["comm"]?.AsArray() ?? []).Select(value => (string)value!));
        }
    }

    private static string[] Dumps(string directory) =>
        Directory.Exists(directory) ? [.. Directory.GetFiles(directory, "rib.*").Order(StringComparer.Ordinal)] : [];

    /// <summary>None of a file that is being written, when its last record is cut.</summary>
    private static JsonNode[] Told(string path)
    {
        CommandResult result = Command.Run(["/usr/bin/python3", Path.Combine(AppContext.BaseDirectory, "Bgp", "mrt_routes.py"), path]);
        return result.ExitCode == 0 ? [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)]
            : result.All.Contains("length", StringComparison.Ordinal) ? [] : throw new InvalidOperationException(result.All);
    }
}

using System.Buffers.Binary;
using Dataplane.Bgp.Fsm;
using Dataplane.Host.Configuration;
using Dataplane.Host.Gateway;
using Dataplane.Host.Tests.Configuration;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dataplane.Host.Tests.Gateway;

/// <summary>Two gateways of this program with each other, on loopback addresses, started from configurations and changed live.</summary>
public sealed class GatewayRuntimeTests : IAsyncDisposable
{
    /// <summary>Only a bound against hanging for ever; no test depends on it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<GatewayRuntime> _running = [];
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort.Take();

    public async ValueTask DisposeAsync()
    {
        foreach (GatewayRuntime runtime in _running)
        {
            await runtime.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    [Trait("Requirement", "SIG-05")]
    public async Task RoutesOfVrfsGoFromOneToTheOther()
    {
        GatewayRuntime one = await StartAsync(Yaml(1, route: "198.51.100.1/32"));
        GatewayRuntime two = await StartAsync(Yaml(2, route: "198.51.100.2/32"));
        Assert.Equal("203.0.113.1, label 1001", await NextHopAsync(two, "blue", "198.51.100.1/32"));
        Assert.Equal("203.0.113.2, label 1002", await NextHopAsync(one, "blue", "198.51.100.2/32"));
        Assert.True(await one.AnswersAsync(Patience));
    }

    [Fact]
    [Trait("Requirement", "SIG-06")]
    public async Task RoutesPoliciesAndTargetsChangeWithoutResettingTheSession()
    {
        GatewayRuntime one = await StartAsync(Yaml(1, route: "198.51.100.1/32"));
        GatewayRuntime two = await StartAsync(Yaml(2, route: "198.51.100.2/32"));
        _ = await NextHopAsync(two, "blue", "198.51.100.1/32");
        DateTimeOffset since = await UpSinceAsync(two);

        // Another route in the place of the first.
        await one.ApplyAsync(Load(Yaml(1, route: "198.51.100.7/32")));
        Assert.Equal("203.0.113.1, label 1001", await NextHopAsync(two, "blue", "198.51.100.7/32"));
        await GoneAsync(two, "blue", "198.51.100.1/32");

        // A policy that takes nothing, and back.
        await two.ApplyAsync(Load(Yaml(2, route: "198.51.100.2/32", peer: "import-policy: reject-all")));
        await GoneAsync(two, "blue", "198.51.100.7/32");
        await two.ApplyAsync(Load(Yaml(2, route: "198.51.100.2/32")));
        _ = await NextHopAsync(two, "blue", "198.51.100.7/32");

        // Other targets: the route goes from the one VRF to the new one.
        await two.ApplyAsync(Load(Yaml(2, route: "198.51.100.2/32", target: "65000:9", more: "  - { name: red, import-targets: [\"65000:1\"] }\n")));
        _ = await NextHopAsync(two, "red", "198.51.100.7/32");
        await GoneAsync(two, "blue", "198.51.100.7/32");
        await two.ApplyAsync(Load(Yaml(2, route: "198.51.100.2/32")));
        _ = await NextHopAsync(two, "blue", "198.51.100.7/32");
        Assert.False(await two.Loop.InvokeAsync(() => two.Vrfs.TryFind("red", out _)));
        Assert.Equal(since, await UpSinceAsync(two));
    }

    [Fact]
    public async Task PeersComeAndGo()
    {
        GatewayRuntime one = await StartAsync(Yaml(1, route: "198.51.100.1/32"));
        GatewayRuntime two = await StartAsync(Yaml(2, route: "198.51.100.2/32"));
        _ = await NextHopAsync(two, "blue", "198.51.100.1/32");
        string alone = Yaml(2, route: "198.51.100.2/32");
        int peers = alone.IndexOf("  peers:", StringComparison.Ordinal);
        alone = alone.Remove(peers, alone.IndexOf("vrfs:", StringComparison.Ordinal) - peers);
        await two.ApplyAsync(Load(alone));
        await GoneAsync(two, "blue", "198.51.100.1/32");
        await GoneAsync(one, "blue", "198.51.100.2/32");
        await two.ApplyAsync(Load(Yaml(2, route: "198.51.100.2/32")));
        _ = await NextHopAsync(one, "blue", "198.51.100.2/32");
    }

    [Fact]
    public async Task AnAddressThatIsTakenIsTold()
    {
        _ = await StartAsync(Yaml(1, route: "198.51.100.1/32"));
        GatewayException problem = await Assert.ThrowsAsync<GatewayException>(() =>
            GatewayRuntime.StartAsync(Load(Yaml(1, route: "198.51.100.1/32")), NullLogger.Instance));
        Assert.StartsWith($"cannot listen for BGP on 127.0.1.1:{_port}: ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "SIG-04")]
    public async Task AssignedDistinguishersOutliveARestart()
    {
        string State(params string[] vrfs) => $$"""
            roles: [gateway]
            state-directory: {{_folder.Path}}
            bgp: { as: 65000, router-id: 10.0.0.1, listen: [] }
            vrfs: [{{string.Join(", ", vrfs.Select(static vrf => $"{{ name: {vrf} }}"))}}]
            """;
        Dictionary<string, RouteDistinguisher> Of(GatewayRuntime runtime) => runtime.Vrfs.All.ToDictionary(static vrf => vrf.Name, static vrf => vrf.Distinguisher);
        GatewayRuntime first = await GatewayRuntime.StartAsync(Load(State("a", "b", "c")), NullLogger.Instance);
        Dictionary<string, RouteDistinguisher> before = Of(first);
        await first.DisposeAsync();
        GatewayRuntime second = await GatewayRuntime.StartAsync(Load(State("d", "c", "a")), NullLogger.Instance);
        Dictionary<string, RouteDistinguisher> after = Of(second);
        await second.DisposeAsync();
        Assert.Equal((before["a"], before["c"]), (after["a"], after["c"]));
        Assert.Equal(RouteDistinguisher.OfAddress(Ipv4Address.Parse("10.0.0.1"), 1), before["a"]);
        Assert.DoesNotContain(after["d"], before.Values);
    }

    /// <summary>MRT headers (RFC 6396 §2): time, type, sub-type, length; 17 is BGP4MP_ET, 13 TABLE_DUMP_V2.</summary>
    [Fact]
    public async Task MessagesAndTablesAreDumpedAsConfigured()
    {
        string mrt = $"mrt: {{ directory: {_folder.Path}, message-file: updates.mrt, table-file: rib.mrt, table-interval: 1 }}\n";
        GatewayRuntime one = await StartAsync(Yaml(1, route: "198.51.100.1/32"));
        GatewayRuntime two = await StartAsync(Yaml(2, route: "198.51.100.2/32", more: mrt));
        _ = await NextHopAsync(two, "blue", "198.51.100.1/32");
        string updates = Path.Combine(_folder.Path, "updates.mrt"), tables = Path.Combine(_folder.Path, "rib.mrt");
        using var patience = new CancellationTokenSource(Patience);
        while (!File.Exists(tables) || new FileInfo(tables).Length < 12)
        {
            await Task.Delay(50, patience.Token);
        }

        // Without the section nothing more is written, and the file is whole.
        await two.ApplyAsync(Load(Yaml(2, route: "198.51.100.2/32")));
        Assert.Equal([17], TypesIn(updates).Distinct());
        Assert.Equal([13], TypesIn(tables).Distinct());
        await one.DisposeAsync();
    }

    private static List<int> TypesIn(string file)
    {
        var types = new List<int>();
        ReadOnlySpan<byte> octets = File.ReadAllBytes(file);
        while (!octets.IsEmpty)
        {
            types.Add(BinaryPrimitives.ReadUInt16BigEndian(octets[4..]));
            octets = octets[(12 + (int)BinaryPrimitives.ReadUInt32BigEndian(octets[8..]))..];
        }

        return types;
    }

    private string Yaml(int self, string route, string peer = "enabled: true", string target = "65000:1", string more = "") => $$"""
        roles: [gateway]
        infrastructure: { address: 203.0.113.{{self}} }
        bgp:
          as: 65000
          router-id: 203.0.113.{{self}}
          listen: [{ address: 127.0.1.{{self}}, port: {{_port}} }]
          peers:
            - { address: 127.0.1.{{3 - self}}, port: {{_port}}, local-address: 127.0.1.{{self}}, as: 65000, password: s3cret, connect-retry: 1, {{peer}} }
        vrfs:
          - name: blue
            import-targets: ["{{target}}"]
            export-targets: ["65000:1"]
            routes: [{ prefix: {{route}}, next-hop: 203.0.113.{{self}}, label: 100{{self}} }]
        {{more}}
        """;

    private static DataplaneConfiguration Load(string yaml)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(yaml, "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default);
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }

    private async Task<GatewayRuntime> StartAsync(string yaml)
    {
        GatewayRuntime runtime = await GatewayRuntime.StartAsync(Load(yaml), NullLogger.Instance);
        _running.Add(runtime);
        return runtime;
    }

    private static async Task<DateTimeOffset> UpSinceAsync(GatewayRuntime runtime)
    {
        Bgp.Speaker.PeerSnapshot peer = Assert.Single(await runtime.Speaker.SnapshotAsync());
        Assert.Equal(SessionState.Established, peer.State);
        return peer.Since;
    }

    private static Task<string?> NextHopAsync(GatewayRuntime runtime, string vrf, string prefix) => UntilAsync(
        runtime, vrf, prefix, static text => text is not null);

    private static Task<string?> GoneAsync(GatewayRuntime runtime, string vrf, string prefix) => UntilAsync(
        runtime, vrf, prefix, static text => text is null);

    private static async Task<string?> UntilAsync(GatewayRuntime runtime, string vrf, string prefix, Predicate<string?> wanted)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            string? text = await runtime.Loop.InvokeAsync(() => Find(runtime.Vrfs, vrf, IpPrefix.Parse(prefix)));
            if (wanted(text))
            {
                return text;
            }

            await Task.Delay(20, patience.Token);
        }
    }

    private static string? Find(VrfTable vrfs, string name, IpPrefix prefix)
    {
        if (!vrfs.TryFind(name, out VrfIndex index) || !vrfs.TryFindRoute(index, prefix, out VrfRouteView route))
        {
            return null;
        }

        VrfNextHop nextHop = default;
        _ = route.CopyNextHops(new Span<VrfNextHop>(ref nextHop));
        return $"{nextHop.Address}, label {nextHop.Label}";
    }
}

using Dataplane.Bgp.Fsm;
using Dataplane.Host.Configuration;
using Dataplane.Host.Gateway;
using Dataplane.Host.Tests.Configuration;
using Dataplane.Routing;
using Dataplane.Routing.Rib;
using Dataplane.Xmpp.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dataplane.Host.Tests.Gateway;

/// <summary>
/// A model of the reference fan-out at a hundredth of its size: gateways of this program with reflectors of this program, BGP over TCP between them, and
/// clients whose stanzas are counted instead of written to sockets.
/// </summary>
public sealed class ScaledModelTests : IAsyncDisposable
{
    private const int Clients = 120;

    /// <summary>Only a bound against hanging for ever; no test depends on it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly List<GatewayRuntime> _running = [];
    private readonly Dictionary<int, GatewayRuntime> _reflectors = [];
    private readonly int _port = FreePort.Take();

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>One event to all clients of a VPN: every gateway sends its share, and with twice as many gateways half as much.</summary>
    [Fact]
    [Trait("Requirement", "SCL-04")]
    [Trait("Requirement", "SIG-16")]
    public async Task TwiceTheGatewaysSendHalfTheNotificationsEach()
    {
        foreach (int gateways in new[] { 3, 6 })
        {
            GatewayRuntime[] all = await StartAsync(gateways);
            CountedClient[] clients = await ConnectAsync(all, "crowd");
            CountedClient publisher = await ConnectAsync(all[0], 9999);
            await publisher.PublishAsync("crowd", "10.0.0.1/32");
            await UntilAsync(() => clients.All(static client => client.Count("10.0.0.1/32") > 0));

            // What came of the first event is all that will come of it, once everybody has heard of a second one.
            await publisher.PublishAsync("crowd", "10.0.0.2/32");
            await UntilAsync(() => clients.All(static client => client.Count("10.0.0.2/32") > 0));
            Assert.All(clients, static client => Assert.Equal((1, 1), (client.Count("10.0.0.1/32"), client.Count("10.0.0.2/32"))));
            foreach (GatewayRuntime gateway in all)
            {
                Assert.Equal(2 * Clients / gateways, await gateway.Loop.InvokeAsync(() => gateway.Signaling!.Gateway.Counters.Notifications));
            }

            await StopAsync();
        }
    }

    /// <summary>An event of a VPN with few members goes only to the gateways that serve one: the others do not even hear of it by BGP.</summary>
    [Fact]
    [Trait("Requirement", "SCL-06")]
    [Trait("Requirement", "SIG-05")]
    public async Task SparseEventsReachOnlyGatewaysWithReceivers()
    {
        GatewayRuntime[] all = await StartAsync(4);
        CountedClient[] crowd = await ConnectAsync(all, "crowd");
        CountedClient receiver = await ConnectAsync(all[3], 8888);
        await receiver.SubscribeAsync("sparse");
        CountedClient publisher = await ConnectAsync(all[0], 9999);
        await publisher.PublishAsync("sparse", "10.1.0.1/32");
        await UntilAsync(() => receiver.Count("10.1.0.1/32") == 1);
        await publisher.PublishAsync("crowd", "10.0.0.1/32");
        await UntilAsync(() => crowd.All(static client => client.Count("10.0.0.1/32") == 1));
        Assert.All(crowd, static client => Assert.Equal(0, client.Count("10.1.0.1/32")));
        for (int i = 0; i < all.Length; i++)
        {
            GatewayRuntime gateway = all[i];
            int known = await gateway.Loop.InvokeAsync(() => DestinationsOf(gateway.Routes[RouteFamily.VpnIpv4]));
            Assert.Equal(i is 0 or 3 ? 2 : 1, known); // the first one has it from its client
        }
    }

    /// <summary>
    /// Two pairs of reflectors, each for one of two targets: policy keeps the others' routes out, and keeps the memberships of others from being passed
    /// on, so that gateways do not even send them. The gateways, clients of all four, have everything, also with one of each pair gone.
    /// </summary>
    [Fact]
    [Trait("Requirement", "SCL-05")]
    [Trait("Requirement", "SIG-16")]
    public async Task EachPairOfReflectorsHoldsTheRoutesOfItsTargets()
    {
        const int routes = 20, sparseRoutes = 7;
        var pairs = new Dictionary<int, string> { [101] = "65000:1", [102] = "65000:1", [103] = "65000:2", [104] = "65000:2" };
        GatewayRuntime[] gateways = await StartAsync(3, pairs);
        CountedClient publisher = await ConnectAsync(gateways[0], 9999);
        CountedClient crowd = await ConnectAsync(gateways[1], 7777), both = await ConnectAsync(gateways[2], 8888);
        await crowd.SubscribeAsync("crowd");
        await both.SubscribeAsync("crowd");
        await both.SubscribeAsync("sparse");

        // Each VPN's last route comes after the routes of the other: what a reflector was ever sent before it, it has then.
        string[] few = [.. Enumerable.Range(1, sparseRoutes).Select(static i => $"10.1.0.{i}/32")], many = [.. Enumerable.Range(1, routes).Select(static i => $"10.0.0.{i}/32")];
        foreach (string prefix in many[1..].Concat(few))
        {
            await publisher.PublishAsync(prefix.StartsWith("10.1.", StringComparison.Ordinal) ? "sparse" : "crowd", prefix);
        }

        await publisher.PublishAsync("crowd", many[0]);
        await UntilAsync(() => many.All(prefix => crowd.Count(prefix) > 0) && many.Concat(few).All(prefix => both.Count(prefix) > 0));
        foreach ((int number, string target) in pairs)
        {
            GatewayRuntime reflector = _reflectors[number];
            int share = target == "65000:1" ? routes : sparseRoutes;
            await UntilAsync(async () => await reflector.Loop.InvokeAsync(() => DestinationsOf(reflector.Routes[RouteFamily.VpnIpv4])) == share);
            (int paths, int memberships) = await reflector.Loop.InvokeAsync(() =>
                (reflector.Routes[RouteFamily.VpnIpv4].PathCount, DestinationsOf(reflector.Routes[RouteFamily.RouteTargetConstraint])));
            Assert.Equal((share, 1), (paths, memberships)); // nor are there others that policy rejects
        }

        await StopAsync(_reflectors[101], _reflectors[104]);
        await UntilAsync(async () => (await Task.WhenAll(gateways.Select(static gateway => gateway.Speaker.SnapshotAsync()))).All(
            static peers => peers.Count(static peer => peer.State == SessionState.Established) == 2));
        await publisher.PublishAsync("crowd", "10.0.0.99/32");
        await publisher.PublishAsync("sparse", "10.1.0.99/32");
        await UntilAsync(() => crowd.Count("10.0.0.99/32") > 0 && both.Count("10.1.0.99/32") > 0);
        int[] known = await Task.WhenAll(gateways[1..].Select(static gateway => gateway.Loop.InvokeAsync(() => DestinationsOf(gateway.Routes[RouteFamily.VpnIpv4]))));
        Assert.Equal([routes + 1, routes + sparseRoutes + 2], known);
    }

    private static int DestinationsOf(FamilyTable table) => Enumerable.Range(0, table.DestinationCapacity).Count(i => table.Exists(new DestinationId(i)) && !table.BestOf(new(i)).IsNone);

    private static async Task<CountedClient[]> ConnectAsync(GatewayRuntime[] gateways, string vpn)
    {
        var clients = new List<CountedClient>();
        for (int i = 0; i < Clients; i++)
        {
            CountedClient client = await ConnectAsync(gateways[i % gateways.Length], i);
            await client.SubscribeAsync(vpn);
            clients.Add(client);
        }

        return [.. clients];
    }

    private static async Task<CountedClient> ConnectAsync(GatewayRuntime gateway, int number)
    {
        var client = new CountedClient(gateway, number);
        await gateway.Loop.InvokeAsync(() => gateway.Signaling!.Gateway.Opened(client));
        return client;
    }

    private static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>Starts gateways with a reflector that takes everything.</summary>
    private Task<GatewayRuntime[]> StartAsync(int gateways) => StartAsync(gateways, new Dictionary<int, string> { [100] = "*" });

    /// <summary>Starts reflectors, each of which takes what concerns one target, and gateways that are clients of all of them.</summary>
    private async Task<GatewayRuntime[]> StartAsync(int gateways, IReadOnlyDictionary<int, string> reflectors)
    {
        foreach ((int number, string target) in reflectors)
        {
            string peers = string.Concat(Enumerable.Range(1, gateways).Select(i => Peer(i, number, ", route-reflector-client: true, import-policy: share")));
            _reflectors[number] = await StartOneAsync(number, peers, $$"""
                policies:
                  - name: share
                    default: reject
                    terms: [{ name: ours, match: { route-targets: ["{{target}}"] }, action: accept }]
                """);
        }

        var all = new List<GatewayRuntime>();
        for (int i = 1; i <= gateways; i++)
        {
            all.Add(await StartOneAsync(i, string.Concat(reflectors.Keys.Select(number => Peer(number, i, ""))), $$"""
                vrfs:
                  - { name: crowd, import-targets: ["65000:1"], export-targets: ["65000:1"], member: on-demand }
                  - { name: sparse, import-targets: ["65000:2"], export-targets: ["65000:2"], member: on-demand }
                xmpp: { name: sg{{i}}.example.net, domains: [example.net], allow-plaintext: true }
                end-systems:
                  - name: "*"
                    vpns: [{ vpn: crowd, prefixes: [10.0.0.0/16] }, { vpn: sparse, prefixes: [10.1.0.0/16] }]
                """));
        }

        await UntilAsync(async () => (await Task.WhenAll(_reflectors.Values.Select(static reflector => reflector.Speaker.SnapshotAsync())))
            .All(static peers => peers.All(static peer => peer.State == SessionState.Established)));
        return [.. all];
    }

    private string Peer(int other, int self, string more) =>
        $"    - {{ address: 127.0.2.{other}, port: {_port}, local-address: 127.0.2.{self}, as: 65000, password: s3cret, connect-retry: 1, families: [{{ family: vpn-ipv4 }}, {{ family: rt-constraint }}]{more} }}\n";

    private async Task<GatewayRuntime> StartOneAsync(int self, string peers, string rest)
    {
        string yaml = $$"""
            roles: [gateway]
            infrastructure: { address: 203.0.113.{{self}} }
            bgp:
              as: 65000
              router-id: 203.0.113.{{self}}
              listen: [{ address: 127.0.2.{{self}}, port: {{_port}} }]
              peers:
            {{peers}}{{rest}}
            """;
        ConfigurationResult result = ConfigurationLoader.Parse(yaml, "model.yaml", ConfigurationPurpose.Run, FakeKernelView.Default);
        Assert.True(result.Configuration is not null, string.Join('\n', result.Diagnostics));
        GatewayRuntime runtime = await GatewayRuntime.StartAsync(result.Configuration, NullLogger.Instance);
        _running.Add(runtime);
        return runtime;
    }

    private async Task StopAsync(params GatewayRuntime[] some)
    {
        foreach (GatewayRuntime runtime in some)
        {
            _ = _running.Remove(runtime);
            await runtime.DisposeAsync();
        }
    }

    private async Task StopAsync()
    {
        await StopAsync([.. _running]);
        _reflectors.Clear();
    }
}

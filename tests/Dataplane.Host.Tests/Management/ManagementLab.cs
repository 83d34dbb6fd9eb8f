using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Host.Management;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dataplane.Host.Tests.Management;

/// <summary>Tables with two neighbours that are never there, routes from both, a VRF, and the API on a socket.</summary>
internal sealed class ManagementLab : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("management-").FullName;
    private readonly RoutingLoop _loop = new();
    private readonly ManagementServer _server;
    private readonly HttpClient _http;

    private ManagementLab(string? group)
    {
        Socket = Path.Combine(_folder, "api.sock");
        var routes = new RoutingBase();
        VrfTable vrfs = routes.AddVrfs(new() { As = new(65000), RouterId = 0x0A000009, NextHop = Ipv4Address.Parse("10.0.0.9"), DistinguisherAddress = Ipv4Address.Parse("10.0.0.9") });
        var speaker = new BgpSpeaker(_loop, routes, new()
        {
            As = new(65000),
            RouterId = 0x0A000009,
            Peers = [Peer("10.0.0.1"), Peer("10.0.0.2")],
        }, new() { Policies = Policies });
        Access = new(_loop, routes, speaker, null);
        _loop.Start();
        On(() =>
        {
            speaker.Start();
            VrfIndex blue = vrfs.Add(new() { Name = "blue", ImportTargets = [Target("65000:1")], ExportTargets = [Target("65000:1")], AlwaysMember = true });
            vrfs.SetLocal(blue, new() { Prefix = IpPrefix.Parse("10.9.0.0/24"), Label = new(99) });
            Announce(0, "65000:1:10.1.0.0/24", 100);
            Announce(1, "65000:1:10.1.0.0/24", 200);
            Announce(0, "65000:2:10.2.0.0/24", 100);
            while (routes.Settle() > 0)
            {
            }
        });
        Trace = new(NullLogger.Instance);
        _server = new(new() { Socket = Socket, Group = group }, () => Access, Trace, NullLoggerFactory.Instance);
        _http = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(System.Net.Sockets.AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new("http://localhost") };
    }

    public PolicySet Policies { get; } = new(
        [new() { Name = "edge", Terms = [new() { Name = "all", Outcome = TermOutcome.Next }, new() { Name = "last", Outcome = TermOutcome.Accept }] }]);

    public GatewayAccess Access { get; }

    public BgpTrace Trace { get; }

    public string Socket { get; }

    public string Folder => _folder;

    public static async Task<ManagementLab> StartAsync(string? group = null)
    {
        var lab = new ManagementLab(group);
        try
        {
            await lab._server.StartAsync(default);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public void On(Action action) => _loop.InvokeAsync(action).GetAwaiter().GetResult();

    public async Task<(HttpStatusCode Status, JsonElement Body, string? Type)> SendAsync(string path, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        using HttpResponseMessage response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, JsonDocument.Parse(text).RootElement.Clone(), response.Content.Headers.ContentType?.MediaType);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        var (status, body, _) = await SendAsync(path);
        Assert.Equal((HttpStatusCode.OK, path), (status, status == HttpStatusCode.OK ? path : body.ToString()));
        return body;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        await Access.Speaker.StopAsync();
        _loop.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static PeerSettings Peer(string address) => new()
    {
        Address = IpAddress.Parse(address),
        As = new(65000),
        Enabled = false,
        Description = "leaf",
        Families = [new() { Family = RouteFamily.VpnIpv4 }],
    };

    private static ExtendedCommunity Target(string text) => ExtendedCommunity.ParseRouteTarget(text);

    private void Announce(int peer, string nlri, uint localPreference)
    {
        var builder = new AttributeBlockBuilder();
        builder.SetOrigin(0);
        builder.SetAsPath();
        builder.SetNextHop(IpAddress.Parse($"10.0.0.{peer + 1}"));
        builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, localPreference);
        builder.SetExtendedCommunities([Target(nlri[..7])]);
        Assert.Null(NlriText.TryParse(RouteFamily.VpnIpv4, nlri, Access.Routes.FlowSpecs, out Nlri value));
        AttributeSetId received = Access.Routes.Attributes.Intern(builder.Block), accepted = Access.Routes.Attributes.Intern(builder.Block);
        _ = Access.Routes[RouteFamily.VpnIpv4].Announce(value, Access.Speaker.Peers[peer].Source, 0, received, accepted, (uint)(16 + peer) << 4 | 1);
    }
}

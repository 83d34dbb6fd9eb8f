using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Dataplane.Host.Commands;
using Dataplane.Host.Configuration;
using Dataplane.Host.Gateway;
using Dataplane.Host.Management;
using Dataplane.Host.Management.Show;
using Dataplane.Host.Metrics;
using Dataplane.Host.Tests.Configuration;
using Dataplane.Host.Tests.Gateway;
using Dataplane.Xmpp.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dataplane.Host.Tests.Management;

/// <summary>Questions about many end-systems: pages in which everything that stays is told exactly once, and metrics whose number does not grow with them.</summary>
public sealed class SignalingPagesTests : IAsyncDisposable
{
    private const int Clients = 250;
    private const int Many = 400;

    private readonly TemporaryFolder _folder = new();
    private readonly List<CountedClient> _clients = [];
    private GatewayRuntime? _runtime;
    private ManagementServer? _server;
    private HttpClient? _http;

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_server is not null)
        {
            await _server.StopAsync(default);
        }

        if (_runtime is not null)
        {
            await _runtime.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    [Trait("Requirement", "MGT-08")]
    public async Task PagesTellEverythingOnce()
    {
        await StartAsync();
        List<string> sessions = await ReadAsync("sessions", "sessions", static row => row.GetProperty("client").GetString()!);
        Assert.Equal(Clients, sessions.Count);
        Assert.Equal(Clients, sessions.Distinct().Count());
        List<string> subscriptions = await ReadAsync("subscriptions", "subscriptions", static row => row.GetProperty("client").GetString()! + row.GetProperty("vpn").GetString());
        Assert.Equal((Clients, Clients), (subscriptions.Count, subscriptions.Distinct().Count()));
        List<string> publications = await ReadAsync("publications", "publications", static row => row.GetProperty("client").GetString()! + row.GetProperty("prefix").GetString());
        Assert.Equal((Clients - 1 + Many, Clients - 1 + Many), (publications.Count, publications.Distinct().Count()));
        Assert.Equal(3, (await ReadAsync("end-systems", "endSystems", static row => row.GetProperty("name").GetString()!, limit: 2)).Count);

        // Of one, and with others that go between two pages.
        string of = _clients[7].Peer.Bare.ToString();
        int pages = 0;
        List<string> ofOne = await ReadAsync("publications", "publications", static row => row.GetProperty("prefix").GetString()!, 100, $"&client={of}", () =>
        {
            CountedClient gone = _clients[100 + pages++];
            return _runtime!.Loop.InvokeAsync(() => _runtime.Signaling!.Gateway.Closed(gone, new(SessionEndReason.PeerClosed)));
        });
        Assert.Equal((Many, Many), (ofOne.Count, ofOne.Distinct().Count()));
        Assert.Equal(4, pages);
        Assert.Equal(Clients - pages, (await ReadAsync("sessions", "sessions", static row => row.GetProperty("client").GetString()!)).Count);
        Assert.Contains(of, SignalingRendering.Sessions(await GetAsync("sessions?limit=20")), StringComparison.Ordinal);
    }

    /// <summary>As an operator sees it: that there is more is told, with what to ask for it.</summary>
    [Theory]
    [InlineData("sessions", Clients)]
    [InlineData("subscriptions", Clients)]
    [InlineData("publications", Clients - 1 + Many)]
    [InlineData("end-systems", 3)]
    [Trait("Requirement", "MGT-08")]
    public async Task TheCommandTellsThatThereIsMore(string what, int count)
    {
        await StartAsync();
        int limit = count / 2;
        var lines = new List<string>();
        string[] more = [];
        int pages = 0;
        do
        {
            using var output = new StringWriter();
            string[] words = ["show", "xmpp", what, "--limit", limit.ToString(CultureInfo.InvariantCulture), .. more, "--socket", Socket];
            Assert.Equal(ExitCode.Success, await Task.Run(() => DataplaneCommand.Invoke(words, output, output)));
            string[] page = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            more = page[^1].StartsWith("more: ", StringComparison.Ordinal) ? page[^1].Split(' ')[1..] : [];
            lines.AddRange(page[1..(more.Length == 0 ? ^0 : ^1)]);
            pages++;
        }
        while (more.Length != 0);

        Assert.Equal((count, count), (lines.Count, lines.Distinct().Count()));
        Assert.InRange(pages, 2, 3);
    }

    [Theory]
    [InlineData("sessions?cursor=x", "'cursor': 'x' is no cursor of an answer")]
    [InlineData("publications?limit=1001", "'limit': '1001' is no number from 1 to 1000")]
    [InlineData("publications?client=@", "'client': '@' is no address of an end-system")]
    [InlineData("sessions?client=a@b", "'client' is no parameter here")]
    public async Task WhatIsWrongWithAQuestionIsTold(string question, string problem)
    {
        await StartAsync();
        using HttpResponseMessage response = await _http!.GetAsync($"/v1/xmpp/{question}");
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(problem, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "MGT-08")]
    public async Task EndSystemsHaveSeriesOfTheirOwnOnlyWhereThatIsConfigured()
    {
        await StartAsync();
        var text = new PrometheusText();
        GatewayMetrics.Write(text, Access());
        Assert.Contains($"dataplane_signaling_clients {Clients}\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains($"dataplane_signaling_publications {Clients - 1 + Many}\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("dataplane_signaling_stale_timers 0\n", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("dataplane_signaling_client_", text.ToString(), StringComparison.Ordinal);

        await _runtime!.Loop.InvokeAsync(() => _runtime.Signaling!.Gateway.Closed(_clients[7], new(SessionEndReason.Lost)));
        text = new();
        GatewayMetrics.Write(text, Access(), perClient: true);
        Assert.Contains("dataplane_signaling_stale_timers 1\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains($"dataplane_signaling_stale {Many + 1}\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains($"dataplane_signaling_client_up{{client=\"{_clients[7].Peer.Bare}\"}} 0\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains($"dataplane_signaling_client_publications{{client=\"{_clients[8].Peer.Bare}\"}} 1\n", text.ToString(), StringComparison.Ordinal);
    }

    private string Socket => Path.Combine(_folder.Path, "api.sock");

    private GatewayAccess Access() => new(_runtime!.Loop, _runtime.Routes, _runtime.Speaker, null, _runtime.Signaling);

    private async Task<JsonElement> GetAsync(string question) =>
        JsonDocument.Parse(await _http!.GetStringAsync($"/v1/xmpp/{question}")).RootElement.Clone();

    private async Task<List<string>> ReadAsync(string resource, string member, Func<JsonElement, string> name, int limit = 100, string more = "", Func<Task>? between = null)
    {
        var found = new List<string>();
        string? cursor = null;
        do
        {
            JsonElement page = await GetAsync($"{resource}?limit={limit.ToString(CultureInfo.InvariantCulture)}{more}{(cursor is null ? "" : $"&cursor={cursor}")}");
            JsonElement[] rows = [.. page.GetProperty(member).EnumerateArray()];
            Assert.InRange(rows.Length, 1, limit);
            found.AddRange(rows.Select(name));
            cursor = page.TryGetProperty("cursor", out JsonElement next) ? next.GetString() : null;
            if (between is not null)
            {
                await between();
            }
        }
        while (cursor is not null);

        return found;
    }

    // Every client has one publication, and one of them many.
    private async Task StartAsync()
    {
        ConfigurationResult result = ConfigurationLoader.Parse(
            """
            roles: [gateway]
            infrastructure: { address: 203.0.113.9 }
            bgp: { as: 65000, router-id: 203.0.113.9, listen: [] }
            vrfs: [{ name: blue }]
            xmpp: { name: sg.example.net, domains: [example.net], allow-plaintext: true }
            end-systems:
              - { name: "0*", vpns: [{ vpn: blue, prefixes: [10.0.0.0/8] }] }
              - { name: spare-1 }
              - { name: spare-2 }
            """,
            "pages.yaml", ConfigurationPurpose.Run, FakeKernelView.Default);
        _runtime = await GatewayRuntime.StartAsync(result.Configuration!, NullLogger.Instance);
        for (int i = 0; i < Clients; i++)
        {
            var client = new CountedClient(_runtime, i);
            _clients.Add(client);
            await _runtime.Loop.InvokeAsync(() => _runtime.Signaling!.Gateway.Opened(client));
            await client.SubscribeAsync("blue");
            for (int j = 0; j < (i == 7 ? Many : 1); j++)
            {
                await client.PublishAsync("blue", $"10.{i}.{j >> 8}.{j & 255}/32");
            }
        }

        _server = new(new() { Socket = Socket, Group = null }, Access, new(NullLogger.Instance), NullLoggerFactory.Instance);
        await _server.StartAsync(default);
        _http = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new("http://localhost"),
        };
    }
}

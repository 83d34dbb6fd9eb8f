using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// What a virtual machine controller does: asks the management socket of a host or a gateway, over a few connections that stay: it serves only so many.
/// Safe for several threads.
/// </summary>
public sealed class AgentClient(string socketPath) : IDisposable
{
    private const int MostConnections = 16;
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = MostConnections,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://localhost"), Timeout = Command.Patience };

    /// <summary>Attaches an interface, or changes the one of its name.</summary>
    public JsonElement Attach(string id, object attachment) => AttachAsync(id, attachment).GetAwaiter().GetResult();

    public async Task<JsonElement> AttachAsync(string id, object attachment)
    {
        using HttpResponseMessage response = await _http.PutAsJsonAsync($"/v1/agent/attachments/{id}", attachment);
        return await AnswerAsync(response, $"attach {id}");
    }

    /// <summary>Detaches one.</summary>
    public void Detach(string id, bool moved = false) => DetachAsync(id, moved).GetAwaiter().GetResult();

    public async Task DetachAsync(string id, bool moved = false)
    {
        using HttpResponseMessage response = await _http.DeleteAsync($"/v1/agent/attachments/{id}?moved={(moved ? "true" : "false")}");
        _ = await AnswerAsync(response, $"detach {id}");
    }

    /// <summary>The answer to a GET.</summary>
    public JsonElement Get(string path)
    {
        using HttpResponseMessage response = _http.GetAsync(path).GetAwaiter().GetResult();
        return AnswerAsync(response, path).GetAwaiter().GetResult();
    }

    /// <summary>What a GET streams, line by line, until the other end closes or it is cancelled. It has begun when the task ends.</summary>
    public async Task<IAsyncEnumerable<string>> FollowAsync(string path, CancellationToken cancellation)
    {
        HttpResponseMessage response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellation);
        return LinesAsync(response.EnsureSuccessStatusCode(), cancellation);
    }

    /// <summary>The routes of a VPN as a host knows them: "10.1.0.11/32 localhost".</summary>
    public string[] Routes(string vpn) =>
    [
        .. Get($"/v1/agent/vpns/{vpn}/routes").GetProperty("routes").EnumerateArray().SelectMany(static route => route.GetProperty("nextHops").EnumerateArray()
            .Select(hop => $"{route.GetProperty("prefix").GetString()} {hop.GetProperty("address").GetString()}")),
    ];

    public void Dispose() => _http.Dispose();

    private static async IAsyncEnumerable<string> LinesAsync(HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using (response)
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
            while (await reader.ReadLineAsync(cancellation) is { } line)
            {
                yield return line;
            }
        }
    }

    private static async Task<JsonElement> AnswerAsync(HttpResponseMessage response, string what)
    {
        string text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new InvalidOperationException($"{what}: {text}");
    }
}

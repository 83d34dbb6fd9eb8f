using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dataplane.Host.Gateway;

namespace Dataplane.Host.Management.Show;

/// <summary>Asks the management API of a running gateway, as any other client does.</summary>
internal sealed class ManagementClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _socket;

    /// <summary>A client of the socket.</summary>
    public ManagementClient(string socket)
    {
        _socket = socket;
        _http = new(new SocketsHttpHandler { ConnectCallback = ConnectAsync }) { BaseAddress = new("http://localhost"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks.</summary>
    /// <exception cref="GatewayException">Nobody answers, or the answer is a problem: it says which.</exception>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, cancellation);

    /// <summary>Has something done.</summary>
    /// <exception cref="GatewayException">As <see cref="GetAsync"/>.</exception>
    public Task<JsonElement> PostAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, cancellation);

    /// <summary>Has something be as a JSON body says.</summary>
    /// <exception cref="GatewayException">As <see cref="GetAsync"/>.</exception>
    public Task<JsonElement> PutAsync(string path, JsonNode body, CancellationToken cancellation) => SendAsync(HttpMethod.Put, path, cancellation, body);

    /// <summary>Has something be no more.</summary>
    /// <exception cref="GatewayException">As <see cref="GetAsync"/>.</exception>
    public Task<JsonElement> DeleteAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Delete, path, cancellation);

    /// <summary>Reads lines as they come.</summary>
    public async IAsyncEnumerable<string> StreamAsync(
        string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using HttpResponseMessage response = await RequestAsync(HttpMethod.Get, path, cancellation);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            yield return line;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, CancellationToken cancellation, JsonNode? body = null)
    {
        using HttpResponseMessage response = await RequestAsync(method, path, cancellation, body);
        return await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
    }

    private async Task<HttpResponseMessage> RequestAsync(HttpMethod method, string path, CancellationToken cancellation, JsonNode? body = null)
    {
        HttpResponseMessage response;
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException problem)
        {
            throw new GatewayException($"nobody answers on {_socket}: {problem.InnerException?.Message ?? problem.Message}", problem);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            JsonElement told = await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
            throw new GatewayException(told.GetProperty("detail").GetString() ?? response.ReasonPhrase ?? "refused");
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

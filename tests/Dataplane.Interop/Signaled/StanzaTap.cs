using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Signaled;

/// <summary>
/// Stands between a client and the gateway with the keys of both, and keeps what they say: two sessions of TLS from the first octet (XEP-0368), one in
/// the gateway's name and one in the client's.
/// </summary>
public sealed partial class StanzaTap : IDisposable
{
    private static readonly List<SslApplicationProtocol> s_xmpp = [new("xmpp-client")];
    private readonly StringBuilder _up = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener;
    private readonly SignaledFabric _fabric;
    private readonly string _client;

    /// <summary>Listens beside the gateway.</summary>
    /// <param name="fabric">Where the gateway is, listening at port 5223.</param>
    /// <param name="client">Name of the client's certificate.</param>
    /// <param name="port">Where the client connects, with TLS at once.</param>
    public StanzaTap(SignaledFabric fabric, string client, int port)
    {
        _fabric = fabric;
        _client = client;
        _listener = fabric.GatewaySpace.Join(() => new TcpListener(IPAddress.Any, port));
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The requests that the client has made so far.</summary>
    public XElement[] Requests
    {
        get
        {
            lock (_up)
                return [.. Request().Matches(_up.ToString()).Select(static match => XElement.Parse(match.Value))];
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(TcpClient accepted)
    {
        CancellationToken end = _end.Token;
        using TcpClient below = accepted;
        using TcpClient above = _fabric.GatewaySpace.Join(static () => new TcpClient(AddressFamily.InterNetwork));
        try
        {
            await using var client = new SslStream(below.GetStream());
            await client.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = Certificate(SignaledFabric.GatewayName),
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
                ApplicationProtocols = s_xmpp,
            }, end);
            await above.ConnectAsync(IPAddress.Loopback, 5223, end);
            await using var gateway = new SslStream(above.GetStream());
            await gateway.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = SignaledFabric.GatewayName,
                ClientCertificates = [Certificate(_client)],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                ApplicationProtocols = s_xmpp,
            }, end);
            _ = await Task.WhenAny(PumpAsync(client, gateway, _up, end), PumpAsync(gateway, client, null, end));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Either side went: the other notices.
        }
    }

    private static async Task PumpAsync(SslStream from, SslStream to, StringBuilder? kept, CancellationToken end)
    {
        byte[] buffer = new byte[16384];
        for (int count; (count = await from.ReadAsync(buffer, end)) != 0;)
        {
            if (kept is not null)
            {
                lock (kept)
                    _ = kept.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }

            await to.WriteAsync(buffer.AsMemory(0, count), end);
        }
    }

    private X509Certificate2 Certificate(string name) =>
        X509Certificate2.CreateFromPemFile(_fabric.Certificates.CertificateOf(name), _fabric.Certificates.KeyOf(name));

    [GeneratedRegex("<iq type='set'.*?</iq>", RegexOptions.Singleline)]
    private static partial Regex Request();
}

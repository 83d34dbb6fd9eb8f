using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Dataplane.Xmpp.Security;

namespace Dataplane.Xmpp.Tests.Kit;

/// <summary>A client that writes and reads text, well formed or not. What it read stays in <see cref="Text"/>.</summary>
internal sealed class RawClient : IDisposable
{
    public const string Header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='dc1.example.net'>";
    public const string StartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    public const string Auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>";
    public const string Bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>agent</resource></bind></iq>";

    private readonly byte[] _buffer = new byte[16 << 10];
    private readonly StringBuilder _text = new();
    private Stream _stream;
    private bool _isEnded;

    private RawClient(Socket socket) => _stream = new NetworkStream(socket, ownsSocket: true);

    /// <summary>All that came.</summary>
    public string Text => _text.ToString();

    public static async Task<RawClient> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        return new(socket);
    }

    /// <summary>A client with TLS up.</summary>
    public static async Task<RawClient> SecureAsync(int port, TlsCredentials credentials)
    {
        RawClient client = await ConnectAsync(port);
        await client.WriteAsync(Header + StartTls);
        await client.ExpectAsync("<proceed");
        await client.BeginTlsAsync(credentials.Certificate);
        return client;
    }

    /// <summary>A client that is authenticated and has opened its last stream.</summary>
    public static async Task<RawClient> AuthenticatedAsync(int port, TlsCredentials credentials)
    {
        RawClient client = await SecureAsync(port, credentials);
        await client.WriteAsync(Header + Auth);
        await client.ExpectAsync("<success");
        await client.WriteAsync(Header);
        await client.ExpectAsync("<bind");
        return client;
    }

    /// <summary>A client that is bound.</summary>
    public static async Task<RawClient> BoundAsync(int port, TlsCredentials credentials)
    {
        RawClient client = await AuthenticatedAsync(port, credentials);
        await client.WriteAsync(Bind);
        await client.ExpectAsync("</iq>");
        return client;
    }

    public async Task BeginTlsAsync(X509Certificate2? certificate, List<SslApplicationProtocol>? protocols = null)
    {
        var tls = new SslStream(_stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = ServerRig.Domain,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            ApplicationProtocols = protocols,
        });
        Protocol = tls.NegotiatedApplicationProtocol;
        _stream = tls;
    }

    public SslApplicationProtocol Protocol { get; private set; }

    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    public async Task WriteAsync(byte[] octets) => await _stream.WriteAsync(octets);

    /// <summary>Reads until a text has come, and forgets what came up to its end.</summary>
    public async Task<string> ExpectAsync(string part)
    {
        int at;
        while ((at = Text.IndexOf(part, StringComparison.Ordinal)) < 0)
        {
            Assert.True(await ReadAsync(), $"'{part}' did not come, but: {Text}");
        }

        string read = Text[..(at + part.Length)];
        _ = _text.Remove(0, read.Length);
        return read;
    }

    /// <summary>Reads until the server has closed; what came, and what was not read before.</summary>
    public async Task<string> ReadToEndAsync()
    {
        while (await ReadAsync())
        {
        }

        return Text;
    }

    public void Dispose() => _stream.Dispose();

    private async Task<bool> ReadAsync()
    {
        if (_isEnded)
        {
            return false;
        }

        int count;
        try
        {
            count = await _stream.ReadAsync(_buffer).AsTask().WaitAsync(Eventually.Bound);
        }
        catch (IOException)
        {
            count = 0;
        }

        _isEnded = count == 0;
        _ = _text.Append(Encoding.UTF8.GetString(_buffer, 0, count));
        return !_isEnded;
    }
}

using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Dataplane.ControlRig.Signaling;

/// <summary>
/// An end-system's agent as a gateway sees it: mutual TLS, SASL EXTERNAL, binding, then requests and what it is told. Answers pings. What it is
/// told is counted and not kept.
/// </summary>
internal sealed class Agent : IStanzaCount, IDisposable
{
    private const int Chunk = 16 << 10;
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2 _authority;
    private readonly StanzaScanner _scanner;
    private readonly object _sending = new();
    private AgentSocket? _socket;
    private SslStream? _stream;
    private Task? _reading;
    private volatile string? _fault;
    private volatile bool _isDeaf;
    private int _request;

    internal Agent(string systemId, string infrastructure, X509Certificate2 certificate, X509Certificate2 authority)
    {
        SystemId = systemId;
        Infrastructure = infrastructure;
        _certificate = certificate;
        _authority = authority;
        _scanner = new StanzaScanner(this);
    }

    internal string SystemId { get; }

    /// <summary>The next hop of what it publishes.</summary>
    internal string Infrastructure { get; }

    internal string Jid => $"{SystemId}@{AgentFleet.Domain}";

    /// <summary>Items that it was told of so far.</summary>
    internal long Items => _scanner.Items;

    /// <summary>Requests that were granted so far.</summary>
    internal long Results => _scanner.Results;

    internal string? Fault => _fault;

    /// <summary>Told what versions are in items, on any thread; null for nobody.</summary>
    internal Action<uint>? Heard { get; set; }

    /// <summary>Connects, and returns when its address is bound and it reads.</summary>
    internal void Connect(Socket socket, IPEndPoint gateway)
    {
        _socket = new AgentSocket(socket);
        _socket.Connect(gateway);
        _stream = new SslStream(_socket);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(_authority);
        _stream.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = AgentFleet.Gateway,
            ClientCertificateContext = SslStreamCertificateContext.Create(_certificate, null, offline: true),
            CertificateChainPolicy = policy,
            ApplicationProtocols = [new SslApplicationProtocol("xmpp-client")],
        });
        string header = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' "
            + $"to='{AgentFleet.Gateway}' from='{Jid}'>";
        Ask(header, "</stream:features>");
        Ask($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>{Convert.ToBase64String(Encoding.UTF8.GetBytes(Jid))}</auth>", "<success");
        Ask(header, "</stream:features>");
        Ask("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>agent</resource></bind></iq>", "</iq>");
        _socket.StopBlocking();
        _reading = ReadAsync();
        _socket.Watch();
    }

    /// <summary>Reads nothing from now on.</summary>
    internal void StopReading()
    {
        _isDeaf = true;
        _socket!.Ignore();
    }

    internal void Subscribe(string vpn) => Send(
        $"<iq type='set' id='s{++_request}' to='{AgentFleet.Gateway}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='{vpn}' jid='{Jid}'/></pubsub></iq>");

    /// <summary>Publishes an address and puts it into its VPN.</summary>
    internal void Publish(string vpn, string prefix, uint label, uint version) => Send(
        Publication(vpn, prefix, label, version)
        + $"<iq type='set' id='a{++_request}' to='{AgentFleet.Gateway}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><collection node='{vpn}'>"
        + $"<associate node='{Leaf(vpn, prefix)}'/></collection></pubsub></iq>");

    /// <summary>Publishes an address again.</summary>
    internal void Republish(string vpn, string prefix, uint label, uint version) => Send(Publication(vpn, prefix, label, version));

    void IStanzaCount.Version(uint version) => Heard?.Invoke(version);

    void IStanzaCount.Ping(string id) => Send($"<iq type='result' id='{id}' to='{AgentFleet.Gateway}'/>");

    void IStanzaCount.Fault(string tag) => _fault = tag;

    public void Dispose()
    {
        if (_stream is null)
            return;
        if (_reading is not null && !_isDeaf)
        {
            _socket!.Shutdown();
            _reading.GetAwaiter().GetResult();
        }
        _stream.Dispose();
    }

    private string Leaf(string vpn, string prefix) => $"{SystemId}:{vpn}:{prefix}";

    private string Publication(string vpn, string prefix, uint label, uint version) =>
        $"<iq type='set' id='p{++_request}' to='{AgentFleet.Gateway}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{Leaf(vpn, prefix)}'><item>"
        + $"<entry xmlns='http://ietf.org/protocol/bgpvpn'><nlri af='1'>{prefix}</nlri><next-hop af='1'>{Infrastructure}</next-hop><version id='{version}'/>"
        + $"<label>{label}</label></entry></item></publish></pubsub></iq>";

    // While nothing else is sent or read: sends and reads until a text has come.
    private void Ask(string text, string answer)
    {
        Send(text);
        byte[] buffer = new byte[4096];
        string read = "";
        while (!read.Contains(answer, StringComparison.Ordinal))
        {
            int octets = _stream!.Read(buffer);
            if (octets == 0 || read.Contains("<failure", StringComparison.Ordinal) || read.Contains("<stream:error", StringComparison.Ordinal))
                throw new InvalidOperationException($"the gateway refuses {Jid}: {read}");
            read += Encoding.UTF8.GetString(buffer, 0, octets);
        }
    }

    private void Send(string text)
    {
        try
        {
            lock (_sending)
                _stream!.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException)
        {
            _fault ??= problem.Message;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (!_isDeaf)
            {
                // Only who has something to read holds a buffer.
                _ = await _stream!.ReadAsync(Memory<byte>.Empty);
                byte[] buffer = ArrayPool<byte>.Shared.Rent(Chunk);
                int octets = await _stream.ReadAsync(buffer);
                _scanner.Read(buffer.AsSpan(0, octets));
                ArrayPool<byte>.Shared.Return(buffer);
                if (octets == 0)
                {
                    _fault ??= "the gateway closed the connection";
                    break;
                }
            }
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException)
        {
            _fault ??= problem.Message;
        }
    }
}

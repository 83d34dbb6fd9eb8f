using Dataplane.Net;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Server;

/// <summary>Where a server listens.</summary>
/// <param name="Address">A local address; unspecified for all of its family.</param>
/// <param name="Port">The TCP port; 0: the system chooses.</param>
/// <param name="IsDirectTls">Whether TLS comes first (XEP-0368), instead of on request (STARTTLS).</param>
public readonly record struct XmppListenEndpoint(IpAddress Address, ushort Port = XmppListenEndpoint.WellKnownPort, bool IsDirectTls = false)
{
    /// <summary>The port of clients, RFC 6120 §14.7.</summary>
    public const ushort WellKnownPort = 5222;

    /// <summary>The port that is usual for direct TLS.</summary>
    public const ushort DirectTlsPort = 5223;

    /// <summary>Written as <c>10.0.0.1:5222</c> or <c>[2001:db8::1]:5223 (TLS)</c>.</summary>
    public override string ToString() => (Address.IsV6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}") + (IsDirectTls ? " (TLS)" : "");
}

/// <summary>What a server is to do.</summary>
public sealed record XmppServerSettings
{
    /// <summary>The server's own address, a domain: <c>sg.dc1.example.net</c>. Clients address it by this or by their own domain.</summary>
    public required string Name { get; init; }

    /// <summary>The domains of clients: <c>dc1.example.net</c>. The server's own name is one too.</summary>
    public IReadOnlyList<string> ClientDomains { get; init; } = [];

    /// <summary>Where to listen.</summary>
    public IReadOnlyList<XmppListenEndpoint> Endpoints { get; init; } = [];

    /// <summary>Certificates; null only where plaintext is allowed.</summary>
    public TlsCredentials? Tls { get; init; }

    /// <summary>
    /// Whether clients may come without TLS and be whom they name: for a laboratory on a loopback. A client authenticates with EXTERNAL and the
    /// address it wants as authorization identity, or as <c>from</c> of its stream; nothing is proved. A warning is reported when the server starts.
    /// </summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>Whether a client's connection has to come from an IP address that its certificate names.</summary>
    public bool RequireCertifiedSource { get; init; }

    /// <summary>What service discovery reports beside what sessions do themselves.</summary>
    public IReadOnlyList<string> Features { get; init; } = ServiceDiscovery.PubSubFeatures;

    /// <summary>What holds for each session.</summary>
    public SessionSettings Session { get; init; } = new();

    /// <summary>Sessions at most.</summary>
    public int MaximumSessions { get; init; } = 20_000;

    /// <summary>Connections that are not bound yet, at most.</summary>
    public int MaximumUnbound { get; init; } = 1_000;

    /// <summary>Connections from one address that are not bound yet, at most.</summary>
    public int MaximumUnboundPerAddress { get; init; } = 200;
}

using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Server;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Client;

/// <summary>Where a server can be reached.</summary>
/// <param name="Host">An address or a name to be resolved.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="IsDirectTls">Whether TLS comes first (XEP-0368), instead of on request (STARTTLS).</param>
public sealed record XmppEndpoint(string Host, ushort Port = XmppListenEndpoint.WellKnownPort, bool IsDirectTls = false)
{
    /// <summary>The server's name there, where it differs from <see cref="XmppClientSettings.ServerName"/>.</summary>
    public string? ServerName { get; init; }

    /// <summary>Written as <c>host:port</c>.</summary>
    public override string ToString() => $"{Host}:{Port}{(IsDirectTls ? " (TLS)" : "")}";
}

/// <summary>What a client is to do.</summary>
public sealed record XmppClientSettings
{
    /// <summary>Whom the client acts as, without a resource: <c>02aa10c0ffee@dc1.example.net</c>.</summary>
    public required Jid Jid { get; init; }

    /// <summary>The resource to bind; null: the server chooses.</summary>
    public string? Resource { get; init; }

    /// <summary>The server's name, which its certificate has to prove; null: the domain of <see cref="Jid"/>.</summary>
    public string? ServerName { get; init; }

    /// <summary>Where the server can be reached: one after the other, until there is a session.</summary>
    public required IReadOnlyList<XmppEndpoint> Endpoints { get; init; }

    /// <summary>Certificates; null only where plaintext is allowed.</summary>
    public TlsCredentials? Tls { get; init; }

    /// <summary>Whether to go on with a server that offers no TLS: for a laboratory on a loopback. A warning is reported when the client starts.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>What holds for the session.</summary>
    public SessionSettings Session { get; init; } = new();

    /// <summary>How long to wait after the first failure at most; twice as long after each that follows. Half of it is jitter.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long to wait at most.</summary>
    public TimeSpan LongestBackOff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a session has to last to make up for the failures before it.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(10);
}

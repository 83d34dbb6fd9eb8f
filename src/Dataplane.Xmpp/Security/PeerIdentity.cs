using System.Net;
using Dataplane.Net;

namespace Dataplane.Xmpp.Security;

/// <summary>
/// What is proved about the other end of a stream. With TLS, everything but <see cref="Remote"/> is what the certificate says that our certification
/// authority signed (SEC-05); without, nothing is proved and all lists are empty.
/// </summary>
public sealed class PeerIdentity
{
    /// <summary>An identity.</summary>
    public PeerIdentity(
        IPEndPoint remote,
        bool isPlaintext,
        IReadOnlyList<Jid>? jids = null,
        IReadOnlyList<string>? dnsNames = null,
        IReadOnlyList<IpAddress>? addresses = null,
        string? subject = null)
    {
        Remote = remote;
        IsPlaintext = isPlaintext;
        Jids = jids ?? [];
        DnsNames = dnsNames ?? [];
        Addresses = addresses ?? [];
        Subject = subject;
    }

    /// <summary>The other end of the connection, which proves little.</summary>
    public IPEndPoint Remote { get; }

    /// <summary>Whether the stream is without TLS, as only an explicit setting allows: the peer is who it says it is.</summary>
    public bool IsPlaintext { get; }

    /// <summary>Bare addresses: the certificate's alternative names of type <c>id-on-xmppAddr</c> (RFC 6120 §13.7.1.4).</summary>
    public IReadOnlyList<Jid> Jids { get; }

    /// <summary>Alternative names of type DNS, in lower case.</summary>
    public IReadOnlyList<string> DnsNames { get; }

    /// <summary>Alternative names of type IP address: the infrastructure addresses that the peer may name as its own.</summary>
    public IReadOnlyList<IpAddress> Addresses { get; }

    /// <summary>The certificate's subject, for people; null: without TLS.</summary>
    public string? Subject { get; }

    /// <summary>Whether the peer may act from an infrastructure address: its certificate says so, or there is none and plaintext is allowed.</summary>
    public bool MayUse(IpAddress infrastructureAddress) => IsPlaintext || Addresses.Contains(infrastructureAddress.Unmapped);

    /// <summary>Written for people.</summary>
    public override string ToString() => IsPlaintext ? $"plaintext from {Remote}" : $"{Subject} from {Remote}";
}

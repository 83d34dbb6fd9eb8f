using Dataplane.Net;

namespace Dataplane.Bgp.Settings;

/// <summary>How the TCP connection to a peer is made and protected.</summary>
public sealed record PeerTransportSettings
{
    /// <summary>The longest TCP-MD5 key that Linux takes, in octets of UTF-8.</summary>
    public const int MaximumPasswordBytes = 80;

    /// <summary>The address that we connect from; absent: the system's choice.</summary>
    public IpAddress? LocalAddress { get; init; }

    /// <summary>Whether we only wait for the peer to connect.</summary>
    public bool Passive { get; init; }

    /// <summary>The shared secret of TCP-MD5 (RFC 2385, SEC-07), 1…<see cref="MaximumPasswordBytes"/> octets of UTF-8; absent: none.</summary>
    public string? Password { get; init; }

    /// <summary>
    /// How many hops away the peer may be under the generalised TTL security mechanism (RFC 5082): we send with 255 and take
    /// 256 − hops or more. Absent: off. Excludes <see cref="MultihopTtl"/>.
    /// </summary>
    public byte? TtlSecurityHops { get; init; }

    /// <summary>The TTL that we send with; absent: 1 to external peers, the system's to internal ones.</summary>
    public byte? MultihopTtl { get; init; }

    /// <summary>How many octets wait for a peer that reads slowly before it is called lagging and queues no more.</summary>
    public int SendQueueBytes { get; init; } = 4 << 20;

    /// <summary>How many received octets may wait for the routing thread before reading stops.</summary>
    public int ReceiveQueueBytes { get; init; } = 1 << 20;

    /// <summary>Written without the secret.</summary>
    public override string ToString() => $"{nameof(PeerTransportSettings)} {{ {(Password is null ? "no secret" : "with a secret")} }}";
}

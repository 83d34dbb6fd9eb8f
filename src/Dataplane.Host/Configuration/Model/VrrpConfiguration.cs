using Dataplane.Net;

namespace Dataplane.Host.Configuration;

/// <summary>The election of the forwarder that serves the hosts behind an access port (EXT-10).</summary>
internal sealed record VrrpConfiguration
{
    /// <summary>Virtual router identifier, 1 to 255.</summary>
    public required int VirtualRouterId { get; init; }

    /// <summary>1 to 255; the highest is master.</summary>
    public required int Priority { get; init; }

    /// <summary>Centiseconds between advertisements, 1 to 4095.</summary>
    public required int Interval { get; init; }

    /// <summary>Whether a master of lower priority is replaced.</summary>
    public required bool Preempts { get; init; }

    /// <summary>How long after the start none is replaced.</summary>
    public required TimeSpan PreemptDelay { get; init; }

    /// <summary>VLAN of the election; null for untagged.</summary>
    public required int? Vlan { get; init; }

    /// <summary>Our own IPv4 address on the link; null elects nobody for IPv4.</summary>
    public required Ipv4Address? Address { get; init; }

    /// <summary>Our own link-local IPv6 address on the link; null elects nobody for IPv6.</summary>
    public required Ipv6Address? Address6 { get; init; }

    /// <summary>IPv4 address that advertisements name; null is that of the first hop.</summary>
    public required Ipv4Address? VirtualAddress { get; init; }

    /// <summary>Link-local IPv6 address that advertisements name; null is that of the first hop.</summary>
    public required Ipv6Address? VirtualAddress6 { get; init; }

    /// <summary>Whether the checksum of IPv4 advertisements covers a pseudo-header.</summary>
    public required bool HasPseudoHeader { get; init; }
}

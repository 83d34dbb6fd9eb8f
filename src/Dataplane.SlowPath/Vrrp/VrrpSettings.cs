using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// A virtual router that this forwarder takes part in: one per access port and address family (RFC 9568 section 6.1). It
/// stands for the whole port with all its tagged interfaces (EXT-10).
/// </summary>
public sealed record VrrpSettings
{
    /// <summary>Priority of who owns the addresses: always master.</summary>
    public const byte OwnerPriority = 255;

    /// <summary>Longest interval, in centiseconds: twelve bits.</summary>
    public const int LongestInterval = 4095;

    /// <summary>Access port.</summary>
    public required PortId Port { get; init; }

    /// <summary>VLAN of the election, 1..4094; 0 for untagged.</summary>
    public ushort Vlan { get; init; }

    /// <summary>Virtual router identifier, 1..255.</summary>
    public required byte VirtualRouterId { get; init; }

    /// <summary>1..255; the highest is master.</summary>
    public byte Priority { get; init; } = 100;

    /// <summary>Between two advertisements, in centiseconds: 1..4095.</summary>
    public int Interval { get; init; } = 100;

    /// <summary>Whether a master of lower priority is replaced.</summary>
    public bool Preempts { get; init; } = true;

    /// <summary>How long after the start no master is replaced that is there: time for sessions and routes to come back.</summary>
    public TimeSpan PreemptDelay { get; init; }

    /// <summary>Our own address on the link; its family is the election's. Link-local for IPv6.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>The virtual router's address, of the same family; what advertisements say.</summary>
    public required IpAddress VirtualAddress { get; init; }

    /// <summary>IPv4: send checksums over a pseudo-header too, as RFC 5798 was mostly read, and not as RFC 9568 clarifies.</summary>
    public bool HasPseudoHeader { get; init; } = true;

    /// <summary>The election's family.</summary>
    public AddressFamily Family => Address.Family;

    /// <summary>The virtual router MAC: 00-00-5E-00-01 or -02, and the identifier (RFC 9568 section 7.3).</summary>
    public MacAddress RouterMac =>
        new((Family == AddressFamily.Ipv4 ? 0x0000_5e00_0100u : 0x0000_5e00_0200u) | VirtualRouterId);
}

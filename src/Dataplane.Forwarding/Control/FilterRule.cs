using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <summary>Addresses that agree with a value in the bits of a mask; both of the family of the filters, the value zero where the mask is.</summary>
/// <param name="Value">The bits.</param>
/// <param name="Mask">Which bits count: a prefix, or any others (RFC 8956 section 3.1).</param>
public readonly record struct AddressMatch(IpAddress Value, IpAddress Mask);

/// <summary>Numbers from one to another, both in it.</summary>
/// <param name="First">The lowest.</param>
/// <param name="Last">The highest.</param>
public readonly record struct ValueRange(uint First, uint Last);

/// <summary>
/// A rule that filters packets entering from the interfaces of a VRF: what it matches, all of it, and what is done then. Lists of ranges are ascending and
/// apart; null matches every packet, an empty list none. A packet without the field (ports of what is neither TCP nor UDP, or of a fragment but the
/// first) does not match a list.
/// </summary>
public sealed record FilterRule
{
    /// <summary>What the rule is called: it keeps its counters while one of its name is there. Unique within VRF and family.</summary>
    public required string Name { get; init; }

    /// <summary>Destination address; null for any.</summary>
    public AddressMatch? Destination { get; init; }

    /// <summary>Source address; null for any.</summary>
    public AddressMatch? Source { get; init; }

    /// <summary>Protocol, in IPv6 of the upper layer; 0 to 255.</summary>
    public IReadOnlyList<ValueRange>? Protocols { get; init; }

    /// <summary>Source or destination port of TCP and UDP.</summary>
    public IReadOnlyList<ValueRange>? Ports { get; init; }

    /// <summary>Destination port.</summary>
    public IReadOnlyList<ValueRange>? DestinationPorts { get; init; }

    /// <summary>Source port.</summary>
    public IReadOnlyList<ValueRange>? SourcePorts { get; init; }

    /// <summary>ICMP type, 0 to 255.</summary>
    public IReadOnlyList<ValueRange>? IcmpTypes { get; init; }

    /// <summary>ICMP code, 0 to 255.</summary>
    public IReadOnlyList<ValueRange>? IcmpCodes { get; init; }

    /// <summary>TCP flags and the reserved bits before them, 0 to 4095: octets 13 and 14 of the header without the data offset.</summary>
    public IReadOnlyList<ValueRange>? TcpFlags { get; init; }

    /// <summary>Bytes of the IP packet.</summary>
    public IReadOnlyList<ValueRange>? Lengths { get; init; }

    /// <summary>DSCP, 0 to 63.</summary>
    public IReadOnlyList<ValueRange>? Dscps { get; init; }

    /// <summary>Fragment bits, 0 to 15: don't fragment 1 (IPv4), not the first 2, the first 4, the last 8 (RFC 8955 section 4.2.2.12).</summary>
    public IReadOnlyList<ValueRange>? Fragments { get; init; }

    /// <summary>Flow label of IPv6, 20 bits.</summary>
    public IReadOnlyList<ValueRange>? FlowLabels { get; init; }

    /// <summary>Most bytes of IP packets per second; 0 drops all, null is no limit. Divided equally among the workers.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Most packets per second; likewise.</summary>
    public double? PacketsPerSecond { get; init; }

    /// <summary>DSCP to set, 0 to 63; null leaves it.</summary>
    public byte? Dscp { get; init; }

    /// <summary>VRF to look up in; null for that of the interface.</summary>
    public VrfId? Redirect { get; init; }

    /// <summary>Whether the rules behind it are asked too.</summary>
    public bool Continue { get; init; }
}

namespace Dataplane.Routing.FlowSpec;

/// <summary>Component types of flow specifications (IANA, Flow Spec Component Types).</summary>
public enum FlowSpecComponentType : byte
{
    /// <summary>Destination prefix (RFC 8955 §4.2.2.1); with an offset in IPv6 (RFC 8956 §3.1).</summary>
    DestinationPrefix = 1,

    /// <summary>Source prefix.</summary>
    SourcePrefix = 2,

    /// <summary>IP protocol; in IPv6 the upper-layer protocol (RFC 8956 §3.3).</summary>
    Protocol = 3,

    /// <summary>Source or destination port of TCP and UDP.</summary>
    Port = 4,

    /// <summary>Destination port.</summary>
    DestinationPort = 5,

    /// <summary>Source port.</summary>
    SourcePort = 6,

    /// <summary>ICMP or ICMPv6 type.</summary>
    IcmpType = 7,

    /// <summary>ICMP or ICMPv6 code.</summary>
    IcmpCode = 8,

    /// <summary>TCP flags: a bitmask of one or two octets.</summary>
    TcpFlags = 9,

    /// <summary>Octets of the IP packet, its header included, without layer 2.</summary>
    PacketLength = 10,

    /// <summary>Differentiated services code point: six bits in one octet.</summary>
    Dscp = 11,

    /// <summary>Fragment: a bitmask of one octet, see <see cref="FlowSpecFragment"/>.</summary>
    Fragment = 12,

    /// <summary>Flow label of IPv6 (RFC 8956 §3.7): 20 bits. Not in IPv4.</summary>
    FlowLabel = 13,
}

/// <summary>Bits of the fragment component (RFC 8955 §4.2.2.12).</summary>
[Flags]
public enum FlowSpecFragment : byte
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>DF: "don't fragment" is set; not in IPv6.</summary>
    DontFragment = 1,

    /// <summary>IsF: a fragment that is not the first.</summary>
    IsFragment = 2,

    /// <summary>FF: the first fragment.</summary>
    FirstFragment = 4,

    /// <summary>LF: the last fragment.</summary>
    LastFragment = 8,
}

/// <summary>What is wrong with the octets of a flow specification.</summary>
public enum FlowSpecFault : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>There is no component.</summary>
    Empty,

    /// <summary>More octets than a length field of the NLRI can say: 4095 (RFC 8955 §4.1).</summary>
    TooLong,

    /// <summary>The octets end inside a component.</summary>
    Truncated,

    /// <summary>A type that this family does not have: what follows cannot be read (RFC 8955 §4.2).</summary>
    UnknownComponent,

    /// <summary>Types do not ascend, or one stands twice (RFC 8955 §4.2).</summary>
    ComponentOrder,

    /// <summary>A prefix is longer than the family's addresses.</summary>
    PrefixLength,

    /// <summary>The offset of an IPv6 prefix is not before its end (RFC 8956 §3.1).</summary>
    PrefixOffset,

    /// <summary>A value has a length that its component must not have: DSCP and fragment take one octet, TCP flags one or two.</summary>
    ValueLength,
}

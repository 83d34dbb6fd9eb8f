namespace Dataplane.Net;

/// <summary>EtherTypes (IEEE 802 numbers registry), as numbers: the first octet on the wire is the most significant.</summary>
public static class EtherType
{
    /// <summary>IPv4.</summary>
    public const ushort Ipv4 = 0x0800;

    /// <summary>ARP (RFC 826).</summary>
    public const ushort Arp = 0x0806;

    /// <summary>IEEE 802.1Q customer tag.</summary>
    public const ushort Vlan = 0x8100;

    /// <summary>IEEE 802.1ad service tag, the outer one of a pair.</summary>
    public const ushort QinQ = 0x88A8;

    /// <summary>IPv6.</summary>
    public const ushort Ipv6 = 0x86DD;

    /// <summary>MPLS with a downstream-assigned label (RFC 5332); also GRE's protocol type for MPLS (RFC 4023).</summary>
    public const ushort Mpls = 0x8847;

    /// <summary>MPLS with an upstream-assigned label (RFC 5332).</summary>
    public const ushort MplsUpstream = 0x8848;
}

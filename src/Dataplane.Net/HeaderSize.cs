namespace Dataplane.Net;

/// <summary>Sizes of headers in octets, without options.</summary>
public static class HeaderSize
{
    /// <summary>Ethernet II: two addresses and the type.</summary>
    public const int Ethernet = 14;

    /// <summary>One VLAN tag (IEEE 802.1Q or 802.1ad).</summary>
    public const int Vlan = 4;

    /// <summary>ARP for IPv4 over Ethernet (RFC 826).</summary>
    public const int Arp = 28;

    /// <summary>IPv4 without options (RFC 791).</summary>
    public const int Ipv4 = 20;

    /// <summary>IPv4 with the most options its length field can express.</summary>
    public const int Ipv4Max = 60;

    /// <summary>IPv6, the fixed header (RFC 8200).</summary>
    public const int Ipv6 = 40;

    /// <summary>IPv6 fragment header (RFC 8200 §4.5).</summary>
    public const int Ipv6Fragment = 8;

    /// <summary>UDP (RFC 768).</summary>
    public const int Udp = 8;

    /// <summary>TCP without options (RFC 9293).</summary>
    public const int Tcp = 20;

    /// <summary>ICMP and ICMPv6: type, code, checksum and the 32 bits that depend on the type.</summary>
    public const int Icmp = 8;

    /// <summary>GRE without optional fields (RFC 2784).</summary>
    public const int Gre = 4;

    /// <summary>GRE's checksum and reserved fields, there when its C bit is set (RFC 2784).</summary>
    public const int GreChecksum = 4;

    /// <summary>One MPLS label stack entry (RFC 3032).</summary>
    public const int Mpls = 4;
}

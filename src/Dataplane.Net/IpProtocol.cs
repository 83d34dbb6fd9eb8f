namespace Dataplane.Net;

/// <summary>IP protocol numbers and IPv6 next-header values (IANA protocol-numbers registry).</summary>
public static class IpProtocol
{
    /// <summary>IPv6 hop-by-hop options (RFC 8200 §4.3).</summary>
    public const byte HopByHop = 0;

    /// <summary>ICMP (RFC 792).</summary>
    public const byte Icmp = 1;

    /// <summary>IGMP (RFC 3376).</summary>
    public const byte Igmp = 2;

    /// <summary>TCP (RFC 9293).</summary>
    public const byte Tcp = 6;

    /// <summary>UDP (RFC 768).</summary>
    public const byte Udp = 17;

    /// <summary>DCCP (RFC 4340).</summary>
    public const byte Dccp = 33;

    /// <summary>IPv6 routing header (RFC 8200 §4.4).</summary>
    public const byte Routing = 43;

    /// <summary>IPv6 fragment header (RFC 8200 §4.5).</summary>
    public const byte Fragment = 44;

    /// <summary>GRE (RFC 2784).</summary>
    public const byte Gre = 47;

    /// <summary>Encapsulating security payload (RFC 4303).</summary>
    public const byte Esp = 50;

    /// <summary>Authentication header (RFC 4302).</summary>
    public const byte Ah = 51;

    /// <summary>ICMPv6 (RFC 4443).</summary>
    public const byte Icmpv6 = 58;

    /// <summary>IPv6: nothing follows (RFC 8200 §4.7).</summary>
    public const byte NoNextHeader = 59;

    /// <summary>IPv6 destination options (RFC 8200 §4.6).</summary>
    public const byte DestinationOptions = 60;

    /// <summary>VRRP (RFC 9568).</summary>
    public const byte Vrrp = 112;

    /// <summary>SCTP (RFC 9260).</summary>
    public const byte Sctp = 132;

    /// <summary>IPv6 mobility header (RFC 6275).</summary>
    public const byte Mobility = 135;

    /// <summary>UDP-Lite (RFC 3828).</summary>
    public const byte UdpLite = 136;

    /// <summary>MPLS-in-IP (RFC 4023 §3).</summary>
    public const byte MplsInIp = 137;

    /// <summary>Host identity protocol (RFC 7401).</summary>
    public const byte Hip = 139;

    /// <summary>Shim6 (RFC 5533).</summary>
    public const byte Shim6 = 140;
}

namespace Dataplane.Net;

/// <summary>ICMPv6 message types (IANA registry "ICMPv6 type Numbers") that the forwarder knows.</summary>
public static class Icmpv6Type
{
    /// <summary>Packet too big (RFC 4443 section 3.2); an error.</summary>
    public const byte PacketTooBig = 2;

    /// <summary>Time exceeded (RFC 4443 section 3.3); an error.</summary>
    public const byte TimeExceeded = 3;

    /// <summary>Echo request (RFC 4443 section 4.1).</summary>
    public const byte EchoRequest = 128;

    /// <summary>Echo reply (RFC 4443 section 4.2).</summary>
    public const byte EchoReply = 129;

    /// <summary>Router solicitation (RFC 4861 section 4.1).</summary>
    public const byte RouterSolicitation = 133;

    /// <summary>Router advertisement (RFC 4861 section 4.2).</summary>
    public const byte RouterAdvertisement = 134;

    /// <summary>Neighbour solicitation (RFC 4861 section 4.3).</summary>
    public const byte NeighborSolicitation = 135;

    /// <summary>Neighbour advertisement (RFC 4861 section 4.4).</summary>
    public const byte NeighborAdvertisement = 136;

    /// <summary>Redirect (RFC 4861 section 4.5).</summary>
    public const byte Redirect = 137;

    /// <summary>
    /// True for types about which no error is ever sent: errors (below 128) and redirects (RFC 4443 section 2.4 e).
    /// </summary>
    public static bool IsErrorOrRedirect(byte type) => type < 128 || type == Redirect;
}

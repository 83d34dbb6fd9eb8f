namespace Dataplane.Net;

/// <summary>The two versions of IP; the number is the version field of the header.</summary>
public enum AddressFamily : byte
{
    /// <summary>IPv4 (RFC 791).</summary>
    Ipv4 = 4,

    /// <summary>IPv6 (RFC 8200).</summary>
    Ipv6 = 6,
}

using Dataplane.Forwarding;

namespace Dataplane.SlowPath;

/// <summary>
/// Why a received VRRP packet was discarded (RFC 9568 section 7.1). The kebab-case form of a member's name is its name in
/// metrics (see <see cref="VrrpFaultNames"/>).
/// </summary>
public enum VrrpFault : byte
{
    /// <summary>None; never counted.</summary>
    None,

    /// <summary>The IP header is malformed, or the packet a fragment.</summary>
    IpHeader,

    /// <summary>TTL or hop limit is not 255: a router forwarded it.</summary>
    HopLimit,

    /// <summary>Not version 3.</summary>
    Version,

    /// <summary>Not an advertisement.</summary>
    Type,

    /// <summary>Shorter than its addresses, or none.</summary>
    Length,

    /// <summary>Checksum wrong.</summary>
    Checksum,

    /// <summary>An interval of zero.</summary>
    Interval,

    /// <summary>Another virtual router, or an address family in which there is no election here.</summary>
    OtherRouter,

    /// <summary>We own the addresses (priority 255): nobody else can.</summary>
    AddressOwner,

    /// <summary>Sent from our own address: a loop, or another router that is configured with it.</summary>
    OwnAddress,
}

/// <summary>Operators' names of <see cref="VrrpFault"/>.</summary>
public static class VrrpFaultNames
{
    /// <summary>Number of values, for columns indexed by it.</summary>
    public const int Count = (int)VrrpFault.OwnAddress + 1;

    /// <summary>The name, for example <c>hop-limit</c>.</summary>
    public static string Name(this VrrpFault fault) => ReasonNames.ToKebabCase(fault.ToString());
}

using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>Addresses with a fixed meaning.</summary>
internal static class WellKnown
{
    /// <summary>ff02::1, all nodes of a link (RFC 4291 section 2.7.1).</summary>
    internal static Ipv6Address AllNodes => new(0xff02_0000_0000_0000, 1);
}

using Dataplane.Net;

namespace Dataplane.Routing;

/// <summary>
/// What a route is a route to, in one shape for all families; the family goes beside it. The label and the path identifier are not
/// part of it: they belong to the path.
/// </summary>
/// <param name="Distinguisher">The route distinguisher; zero in families without.</param>
/// <param name="High">
/// IPv6: the first eight octets of the prefix. IPv4: zero. Route target membership: the first eight octets of the 96 bits origin AS + route
/// target. Flow specification: zero.
/// </param>
/// <param name="Low">
/// IPv6: the last eight octets. IPv4: the address in the low 32 bits. Route target membership: the last four octets in the high 32 bits.
/// Flow specification: the <c>FlowSpecStore</c> number of the rule.
/// </param>
/// <param name="Length">
/// Bits of the prefix, without label and distinguisher: 0–32, 0–128, 0–96 (membership); 0 for flow specifications. Bits behind it are zero.
/// </param>
public readonly record struct Nlri(RouteDistinguisher Distinguisher, ulong High, ulong Low, byte Length)
{
    /// <summary>An IP prefix, of a VPN when a distinguisher is given.</summary>
    public static Nlri Of(IpPrefix prefix, RouteDistinguisher distinguisher = default) => prefix.Address.IsV6
        ? new(distinguisher, prefix.Address.V6.High, prefix.Address.V6.Low, prefix.Length)
        : new(distinguisher, 0, prefix.Address.V4.Value, prefix.Length);

    /// <summary>Membership of a whole route target (RFC 4684 §4): 96 bits.</summary>
    public static Nlri Membership(AsNumber origin, ExtendedCommunity routeTarget) =>
        new(default, (ulong)origin.Value << 32 | routeTarget.Value >> 32, routeTarget.Value << 32, 96);

    /// <summary>The route target of a membership; null when it is one of a range of targets, or of all.</summary>
    public ExtendedCommunity? MemberTarget => Length == 96 ? new(High << 32 | Low >> 32) : null;

    /// <summary>The prefix, in families whose NLRI have one.</summary>
    public IpPrefix Prefix(RouteFamily family) => family.AddressFamily == AddressFamily.Ipv6
        ? new(new Ipv6Address(High, Low), Length)
        : new(new Ipv4Address((uint)Low), Length);
}

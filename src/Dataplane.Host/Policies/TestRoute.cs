using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Policies;

/// <summary>A route to try a policy with.</summary>
/// <param name="Family">Its family.</param>
/// <param name="Nlri">What it is a route to.</param>
/// <param name="Attributes">The octets of its attribute block.</param>
/// <param name="Context">Where it comes from and goes to.</param>
internal sealed record TestRoute(RouteFamily Family, Nlri Nlri, byte[] Attributes, PolicyContext Context)
{
    /// <summary>As people write it: family, distinguisher if there is one, prefix.</summary>
    public override string ToString() => Family.HasRouteDistinguisher
        ? $"{Family.Name} {Nlri.Distinguisher} {Nlri.Prefix(Family)}"
        : $"{Family.Name} {Nlri.Prefix(Family)}";
}

/// <summary>A text that is no route.</summary>
internal sealed class TestRouteException(string message) : Exception(message);

/// <summary>What a route gets where its text says nothing.</summary>
/// <param name="Family">The family; null for VPN-IPv4 or VPN-IPv6, by the prefix.</param>
/// <param name="As">Our AS.</param>
/// <param name="LocalAddress">Our address.</param>
/// <param name="Versions">What carries versions.</param>
internal sealed record TestRouteDefaults(RouteFamily? Family, AsNumber As, IpAddress LocalAddress, VersionCommunity Versions);

namespace Dataplane.Routing.Vpn;

/// <summary>
/// Is told how the routes of VRFs change: prefixes and flow specifications. Called while the tables settle; may read them, but changes nothing
/// in them that has to settle.
/// </summary>
public interface IVrfRouteListener
{
    /// <summary>A route is new, or its next hops or the attributes of one of them may be others than before.</summary>
    void RouteChanged(VrfRouteView route);

    /// <summary>A route has gone.</summary>
    /// <param name="vrf">The VRF it was in; being removed itself, maybe.</param>
    /// <param name="family">The VPN family it came by.</param>
    /// <param name="nlri">Its prefix or rule, without distinguisher.</param>
    void RouteRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri);
}

/// <summary>Is told which destinations become, or cease to be, specifics that an aggregate stands for (INT-05).</summary>
public interface ISuppressionListener
{
    /// <summary><see cref="VrfTable.IsSuppressed"/> says something else now. The destination may have no path any more.</summary>
    void SuppressionChanged(RouteFamily family, DestinationId destination, bool suppressed);
}

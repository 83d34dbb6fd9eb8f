using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>Is told which route targets are wanted here; RT-Constraint routes are originated from it (SIG-05, SIG-06).</summary>
public interface IMembershipListener
{
    /// <summary>A target is imported by a first VRF that has members, or by none any more.</summary>
    void MembershipChanged(ExtendedCommunity routeTarget, bool wanted);
}

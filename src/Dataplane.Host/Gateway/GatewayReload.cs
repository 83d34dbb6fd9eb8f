using Dataplane.Host.Configuration;

namespace Dataplane.Host.Gateway;

/// <summary>What of another configuration takes effect in a running program.</summary>
internal static class GatewayReload
{
    /// <summary>
    /// The configuration in force with what a gateway changes while it runs: the speaker, policies and their sets, and VRFs. A forwarder keeps
    /// its VRFs, of which targets, policies and routes change.
    /// </summary>
    public static DataplaneConfiguration Merge(DataplaneConfiguration current, DataplaneConfiguration wanted) => current with
    {
        Bgp = wanted.Bgp! with { RouterId = current.Bgp!.RouterId, LabelRange = current.Bgp.LabelRange },
        PrefixSets = wanted.PrefixSets,
        CommunitySets = wanted.CommunitySets,
        AsPathSets = wanted.AsPathSets,
        Policies = wanted.Policies,
        Bmp = wanted.Bmp,
        Mrt = wanted.Mrt,
        Vrfs = current.IsForwarder ? [.. current.Vrfs.Select(vrf => Merge(vrf, wanted))] : wanted.Vrfs,
    };

    private static VrfConfiguration Merge(VrfConfiguration vrf, DataplaneConfiguration wanted) =>
        wanted.Vrfs.FirstOrDefault(other => other.Name == vrf.Name) is not { } changed ? vrf : changed with
        {
            Label = vrf.Label,
            RouterAddresses = vrf.RouterAddresses,
            AcceptFrom = vrf.AcceptFrom,
        };
}

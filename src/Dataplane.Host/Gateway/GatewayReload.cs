using Dataplane.Host.Configuration;

namespace Dataplane.Host.Gateway;

/// <summary>What of another configuration takes effect in a running program.</summary>
internal static class GatewayReload
{
    /// <summary>
    /// The configuration in force with what a gateway changes while it runs: the speaker, policies and their sets, VRFs, and what is provisioned. A
    /// forwarder keeps its ports and its VRFs, of which targets, policies and routes change; interfaces on them come and go.
    /// </summary>
    public static DataplaneConfiguration Merge(DataplaneConfiguration current, DataplaneConfiguration wanted) => current with
    {
        Bgp = wanted.Bgp! with { RouterId = current.Bgp!.RouterId, LabelRange = current.Bgp.LabelRange, VersionCommunity = current.Bgp.VersionCommunity },
        PrefixSets = wanted.PrefixSets,
        CommunitySets = wanted.CommunitySets,
        AsPathSets = wanted.AsPathSets,
        Policies = wanted.Policies,
        Bmp = wanted.Bmp,
        Mrt = wanted.Mrt,
        Interfaces = current.IsForwarder ? Usable(current, wanted) : wanted.Interfaces,
        Xmpp = current.Xmpp is null || wanted.Xmpp is null ? current.Xmpp : wanted.Xmpp with
        {
            Name = current.Xmpp.Name,
            Domains = current.Xmpp.Domains,
            Listen = current.Xmpp.Listen,
            AllowPlaintext = current.Xmpp.AllowPlaintext,
            RequireCertifiedSource = current.Xmpp.RequireCertifiedSource,
            PingInterval = current.Xmpp.PingInterval,
            PingMisses = current.Xmpp.PingMisses,
            MaxSessions = current.Xmpp.MaxSessions,
        },
        EndSystems = wanted.EndSystems,
        Vrfs = current.IsForwarder ? [.. current.Vrfs.Select(vrf => Merge(vrf, wanted))] : wanted.Vrfs,
    };

    /// <summary>Interfaces of the file that wait: they are on a port or in a VRF that the forwarder does not have yet.</summary>
    public static IEnumerable<string> InterfacesThatWait(DataplaneConfiguration current, DataplaneConfiguration wanted)
    {
        HashSet<string> usable = [.. Usable(current, wanted).Select(static row => row.Name)];
        return wanted.Interfaces.Select(static row => row.Name).Where(name => !usable.Contains(name));
    }

    private static IReadOnlyList<InterfaceConfiguration> Usable(DataplaneConfiguration current, DataplaneConfiguration wanted)
    {
        HashSet<string> ports = [.. current.Ports.Where(port => wanted.Ports.Any(other => other.Name == port.Name && other.Role == port.Role))
            .Select(static port => port.Name)];
        HashSet<string> vrfs = [.. current.Vrfs.Select(static vrf => vrf.Name)];
        return [.. wanted.Interfaces.Where(row => ports.Contains(row.Port) && vrfs.Contains(row.Vrf))];
    }

    private static VrfConfiguration Merge(VrfConfiguration vrf, DataplaneConfiguration wanted) =>
        wanted.Vrfs.FirstOrDefault(other => other.Name == vrf.Name) is not { } changed ? vrf : changed with
        {
            Label = vrf.Label,
            RouterAddresses = vrf.RouterAddresses,
            AcceptFrom = vrf.AcceptFrom,
        };
}

using Dataplane.Host.Configuration;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Vpn;

namespace Dataplane.Host.Gateway;

/// <summary>What a configuration says of VRFs to the routing base.</summary>
internal static class VrfReader
{
    private const string NumberFile = "vpn-numbers";

    /// <summary>What VRFs have in common.</summary>
    public static VrfTableOptions Options(DataplaneConfiguration configuration) => new()
    {
        As = configuration.Bgp!.As,
        RouterId = configuration.Bgp.RouterId.Value,
        NextHop = configuration.Infrastructure.Address,
        NextHop6 = configuration.Infrastructure.Address6,
        FirstLabel = configuration.Bgp.LabelRange.First,
        LastLabel = configuration.Bgp.LabelRange.Last,
        NumberFile = configuration.StateDirectory is { } directory ? Path.Combine(directory, NumberFile) : null,
    };

    /// <summary>One VRF.</summary>
    public static VrfSettings Settings(VrfConfiguration vrf, PolicySet policies) => new()
    {
        Name = vrf.Name,
        Distinguisher = vrf.Distinguisher.Given,
        ImportTargets = vrf.ImportTargets,
        ExportTargets = vrf.ExportTargets,
        ImportPolicy = vrf.ImportPolicy is { } import ? policies.Find(import) : null,
        ExportPolicy = vrf.ExportPolicy is { } export ? policies.Find(export) : null,
        Aggregates = [.. vrf.Aggregates.Select(static aggregate => new VrfAggregateSettings(aggregate.Prefix, aggregate.SuppressSpecifics))],
        MaxPaths = vrf.MaxPaths,
        AggregateLabel = vrf.Label,
        ExportFilters = vrf.ExportFilters,
        AlwaysMember = vrf.Membership == VrfMembership.Always,
    };

    /// <summary>The flow specifications that a VRF has of itself.</summary>
    public static IEnumerable<VrfFilter> Filters(VrfConfiguration vrf) =>
        vrf.Filters.SelectMany(static filter => filter.Match.Rules.Select(rule => new VrfFilter(rule, filter.Actions)));

    /// <summary>The routes that a VRF has of itself: addresses of interfaces with their labels, and static routes with those of their next hops.</summary>
    public static Dictionary<(IpPrefix Prefix, PublisherId Publisher), VrfLocalRoute> Locals(DataplaneConfiguration configuration, VrfConfiguration vrf)
    {
        var locals = new Dictionary<(IpPrefix, PublisherId), VrfLocalRoute>();
        foreach (InterfaceConfiguration owner in configuration.Interfaces.Where(owner => owner.Vrf == vrf.Name))
        {
            foreach (IpPrefix prefix in owner.Addresses)
            {
                locals[(prefix, PublisherId.Interface)] = new VrfLocalRoute
                {
                    Prefix = prefix,
                    Label = owner.Label,
                    Publisher = PublisherId.Interface,
                };
            }
        }
        foreach (VrfRoute route in vrf.Routes)
        {
            if (route is { NextHop: { } nextHop, Label: { } label })
            {
                locals[(route.Prefix, PublisherId.Static)] = new VrfLocalRoute
                {
                    Prefix = route.Prefix,
                    Label = label,
                    Publisher = PublisherId.Static,
                    NextHop = nextHop,
                };
            }
        }
        return locals;
    }
}

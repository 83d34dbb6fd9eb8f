using Dataplane.Host.Configuration.Keys;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>VRFs and their routes.</summary>
internal static class VrfRules
{
    /// <summary>Checks all VRFs.</summary>
    public static void Check(RuleContext context)
    {
        var vrfs = context.Configuration.Vrfs;
        context.RequireUniqueNames(vrfs, VrfKeys.Name, static v => v.Name, "VRF");
        var interfaces = context.Configuration.Interfaces.ToLookup(static i => i.Vrf, StringComparer.Ordinal);
        var localsAreKnown = context.Configuration.IsForwarder
            && context.InfrastructureIsKnown
            && context.Source.IsSound(context.Configuration, RootKeys.Interfaces)
            && context.Configuration.Interfaces.All(i => context.Source.IsSound(i, InterfaceKeys.Vrf, InterfaceKeys.Label, InterfaceKeys.Addresses));
        foreach (var vrf in vrfs)
        {
            CheckRoutes(context, vrf);
            CheckFilters(context, vrf);
            for (var i = 0; i < vrf.AcceptFrom.Count; i++)
            {
                UnderlayRules.RequireFamily(context, context.Source.AtItem(vrf.AcceptFrom, i), vrf.AcceptFrom[i], "accepting packets from");
            }

            if (context.Source.IsSound(vrf, VrfKeys.Name))
            {
                CheckRouterAddresses(context, vrf, interfaces[vrf.Name]);
                if (localsAreKnown)
                {
                    RouteNextHopRules.CheckOwn(context, vrf);
                }
            }
        }
    }

    private static void CheckRoutes(RuleContext context, VrfConfiguration vrf)
    {
        var seen = new Dictionary<IpPrefix, VrfRoute>();
        foreach (var route in vrf.Routes)
        {
            if (context.Source.IsSound(route, VrfKeys.Prefix))
            {
                if (!seen.TryAdd(route.Prefix, route))
                {
                    context.Error(route, VrfKeys.Prefix,
                        $"VRF '{vrf.Name}' has two routes for {route.Prefix}; the first is on line {context.LineOf(seen[route.Prefix], VrfKeys.Prefix)}, remove one of them");
                }

                SeparationRules.WarnIfInfrastructure(context, context.Source.At(route, VrfKeys.Prefix), route.Prefix);
            }

            RouteNextHopRules.Check(context, route);
        }
    }

    private static void CheckFilters(RuleContext context, VrfConfiguration vrf)
    {
        var seen = new Dictionary<FlowSpecRule, FilterConfiguration>();
        if (context.Configuration.IsGateway && vrf.ExportFilters && vrf.ExportTargets.Count == 0)
        {
            context.Error(vrf, VrfKeys.ExportFilters, $"VRF '{vrf.Name}' has no 'export-targets', so its filters would be exported to nobody");
        }

        foreach (var filter in vrf.Filters)
        {
            if (!context.Source.IsSound(filter, VrfKeys.Match))
            {
                continue;
            }

            if (filter.Match.Rules.FirstOrDefault(rule => !seen.TryAdd(rule, filter)) is { } twice)
            {
                context.Error(filter, VrfKeys.Match,
                    $"VRF '{vrf.Name}' has two filters for {twice}; the first is on line {context.LineOf(seen[twice], VrfKeys.Match)}, remove one of them");
            }

            if (vrf.ExportFilters && filter.Match.Rules.Any(static rule => rule.Destination is null))
            {
                context.Warning(filter, VrfKeys.Match,
                    "the filter has no 'dst'; where flow specifications are validated (RFC 8955 section 6), it is not used once it is exported");
            }

            for (var i = 0; i < filter.Actions.Count; i++)
            {
                if (filter.Actions[i] is { Kind: FlowSpecActionKind.Redirect, Target: var target } action && context.Configuration.FindImporter(target) is null)
                {
                    context.Warning(context.Source.AtItem(filter.Actions, i),
                        $"no VRF of this file imports {action.ToString()["redirect:".Length..]}; packets that match stay in VRF '{vrf.Name}'");
                }
            }
        }
    }

    private static void CheckRouterAddresses(RuleContext context, VrfConfiguration vrf, IEnumerable<InterfaceConfiguration> interfaces)
    {
        var owners = new Dictionary<IpPrefix, InterfaceConfiguration>();
        foreach (var owner in interfaces)
        {
            foreach (var prefix in owner.Addresses)
            {
                _ = owners.TryAdd(prefix, owner);
            }
        }

        for (var i = 0; i < vrf.RouterAddresses.Count; i++)
        {
            var location = context.Source.AtItem(vrf.RouterAddresses, i);
            var address = IpPrefix.Host(vrf.RouterAddresses[i]);
            if (owners.TryGetValue(address, out var owner))
            {
                context.Error(location, $"{address.Address} is an address of interface '{owner.Name}' of this VRF; the forwarder needs one of its own");
            }

            SeparationRules.WarnIfInfrastructure(context, location, address);
        }
    }
}

using Dataplane.Host.Configuration.Keys;
using Dataplane.Net;

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
        var localsAreKnown = context.InfrastructureIsKnown
            && context.Source.IsSound(context.Configuration, RootKeys.Interfaces)
            && context.Configuration.Interfaces.All(i => context.Source.IsSound(i, InterfaceKeys.Vrf, InterfaceKeys.Label, InterfaceKeys.Addresses));
        foreach (var vrf in vrfs)
        {
            CheckRoutes(context, vrf);
            for (var i = 0; i < vrf.AcceptFrom.Count; i++)
            {
                UnderlayRules.RequireFamily(context, context.Source.AtItem(vrf.AcceptFrom, i), vrf.AcceptFrom[i], "accepting packets from");
            }

            if (context.Source.IsSound(vrf, VrfKeys.Name))
            {
                CheckRouterAddresses(context, vrf, interfaces[vrf.Name]);
                if (localsAreKnown)
                {
                    CheckOwnRoutes(context, vrf, interfaces[vrf.Name]);
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

            if (context.Source.IsSound(route, VrfKeys.NextHop))
            {
                UnderlayRules.RequireFamily(context, context.Source.At(route, VrfKeys.NextHop), route.NextHop, "next hop");
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

    /// <summary>
    /// Routes with ourselves as next hop either confirm a local route (FWD-10) or point at the VRF's aggregate label;
    /// any other has no effect.
    /// </summary>
    private static void CheckOwnRoutes(RuleContext context, VrfConfiguration vrf, IEnumerable<InterfaceConfiguration> interfaces)
    {
        var owners = new Dictionary<Label20, InterfaceConfiguration>();
        foreach (var item in interfaces)
        {
            _ = owners.TryAdd(item.Label, item);
        }

        foreach (var route in vrf.Routes)
        {
            if (!context.Source.IsSound(route, VrfKeys.Prefix, VrfKeys.NextHop, VrfKeys.RouteLabel)
                || !context.Configuration.Infrastructure.IsOurs(route.NextHop)
                || route.Label == vrf.Label)
            {
                continue;
            }

            if (!owners.TryGetValue(route.Label, out var owner))
            {
                context.Warning(route, VrfKeys.RouteLabel,
                    $"{route.NextHop} is ourselves, but label {route.Label} belongs to no interface of VRF '{vrf.Name}' and is not its own; the route to {route.Prefix} is not installed");
            }
            else if (!owner.Addresses.Contains(route.Prefix))
            {
                context.Warning(route, VrfKeys.Prefix,
                    $"label {route.Label} is that of interface '{owner.Name}', whose 'addresses' do not list {route.Prefix}; the route is not installed");
            }
        }
    }
}

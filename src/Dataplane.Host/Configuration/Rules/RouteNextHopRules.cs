using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>Where the routes of VRFs lead: one next hop, or several to choose from (FWD-20).</summary>
internal static class RouteNextHopRules
{
    /// <summary>Checks the next hops of a route.</summary>
    public static void Check(RuleContext context, VrfRoute route)
    {
        if (context.Source.IsGiven(route, VrfKeys.NextHops))
        {
            CheckSeveral(context, route);
            return;
        }

        Require(VrfKeys.NextHop, "; or 'next-hops' for several");
        Require(VrfKeys.RouteLabel, "");
        if (context.Source.IsGiven(route, VrfKeys.Balance))
        {
            context.Error(route, VrfKeys.Balance, "'load-balance' decides among several next hops; list them in 'next-hops' or remove it");
        }

        if (route.NextHop is { } nextHop && context.Source.IsSound(route, VrfKeys.NextHop))
        {
            UnderlayRules.RequireFamily(context, context.Source.At(route, VrfKeys.NextHop), nextHop, "next hop");
        }

        void Require(ConfigurationKey key, string advice)
        {
            if (!context.Source.IsGiven(route, key))
            {
                context.Error(context.Source.At(route), $"a route needs the key '{key.Name}', {key.Kind.Noun}{advice}");
            }
        }
    }

    /// <summary>
    /// Next hops that are ourselves lead to an interface, of this VRF (FWD-10) or of one that shares it (ARC-09), or where there is no other, to the
    /// aggregate label of a VRF; any other has no effect.
    /// </summary>
    public static void CheckOwn(RuleContext context, VrfConfiguration vrf)
    {
        var owners = new Dictionary<Label20, InterfaceConfiguration>();
        foreach (var item in context.Configuration.Interfaces)
        {
            _ = owners.TryAdd(item.Label, item);
        }

        HashSet<Label20?> aggregates = [.. context.Configuration.Vrfs.Select(static other => other.Label)];
        foreach (var route in vrf.Routes.Where(r => context.Source.IsSound(r, VrfKeys.Prefix, VrfKeys.NextHop, VrfKeys.RouteLabel)))
        {
            if (route is { NextHop: { } nextHop, Label: { } label })
            {
                if (context.Configuration.Infrastructure.IsOurs(nextHop) && !aggregates.Contains(label))
                {
                    CheckOwner(context, owners, route, nextHop, label, (route, VrfKeys.RouteLabel), (route, VrfKeys.Prefix), "the route is not installed",
                        $"the route to {route.Prefix} is not installed");
                }

                continue;
            }

            foreach (var hop in route.NextHops.Where(h => context.Configuration.Infrastructure.IsOurs(h.Remote) && !aggregates.Contains(h.Label)))
            {
                CheckOwner(context, owners, route, hop.Remote, hop.Label, (hop, VrfKeys.MemberLabel), (hop, VrfKeys.MemberLabel), "the next hop is not used",
                    "the next hop is not used");
            }
        }
    }

    private static void CheckOwner(RuleContext context, Dictionary<Label20, InterfaceConfiguration> owners, VrfRoute route,
        IpAddress nextHop, Label20 label, (object Record, ConfigurationKey Key) atLabel, (object Record, ConfigurationKey Key) atPrefix,
        string effect, string effectOnRoute)
    {
        if (!owners.TryGetValue(label, out var owner))
        {
            context.Warning(atLabel.Record, atLabel.Key,
                $"{nextHop} is ourselves, but label {label} belongs to no interface and to no VRF; {effectOnRoute}");
        }
        else if (!owner.Addresses.Contains(route.Prefix))
        {
            context.Warning(atPrefix.Record, atPrefix.Key,
                $"label {label} is that of interface '{owner.Name}', whose 'addresses' do not list {route.Prefix}; {effect}");
        }
    }

    private static void CheckSeveral(RuleContext context, VrfRoute route)
    {
        foreach (ConfigurationKey key in new ConfigurationKey[] { VrfKeys.NextHop, VrfKeys.RouteLabel })
        {
            if (context.Source.IsGiven(route, key))
            {
                context.Error(route, key, $"a route has either 'next-hop' and 'label' or 'next-hops'; move this '{key.Name}' into the list or remove it");
            }
        }

        var seen = new Dictionary<(IpAddress, Label20), RouteNextHop>();
        foreach (var hop in route.NextHops)
        {
            if (!context.Source.IsSound(hop, VrfKeys.MemberRemote))
            {
                continue;
            }

            UnderlayRules.RequireFamily(context, context.Source.At(hop, VrfKeys.MemberRemote), hop.Remote, "next hop");
            if (context.Source.IsSound(hop, VrfKeys.MemberLabel) && !seen.TryAdd((hop.Remote, hop.Label), hop))
            {
                context.Error(hop, VrfKeys.MemberRemote,
                    $"{hop.Remote} with label {hop.Label} is twice among the next hops; the first is on line {context.LineOf(seen[(hop.Remote, hop.Label)], VrfKeys.MemberRemote)}, give it a greater 'weight' instead");
            }
        }
    }
}

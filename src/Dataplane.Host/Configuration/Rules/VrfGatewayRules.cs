using Dataplane.Host.Configuration.Keys;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>What VRFs exchange with BGP.</summary>
internal static class VrfGatewayRules
{
    /// <summary>Checks all VRFs of a gateway.</summary>
    public static void Check(RuleContext context)
    {
        if (!context.Configuration.IsGateway)
        {
            return;
        }

        var owners = new Dictionary<RouteDistinguisher, VrfConfiguration>();
        foreach (var vrf in context.Configuration.Vrfs)
        {
            PolicyRules.RequirePolicy(context, vrf.ImportPolicy, context.Source.At(vrf, VrfKeys.ImportPolicy));
            PolicyRules.RequirePolicy(context, vrf.ExportPolicy, context.Source.At(vrf, VrfKeys.ExportPolicy));
            if (vrf.Distinguisher.Given is { } given && context.Source.IsSound(vrf, VrfKeys.Distinguisher) && !owners.TryAdd(given, vrf))
            {
                context.Error(vrf, VrfKeys.Distinguisher,
                    $"route distinguisher {given} is already that of VRF '{owners[given].Name}' (line {context.LineOf(owners[given], VrfKeys.Distinguisher)}); "
                    + "their routes to one prefix would replace each other");
            }

            CheckAggregates(context, vrf);
            foreach (var route in vrf.Routes.Where(static route => route.NextHops.Count > 0))
            {
                context.Error(route, VrfKeys.NextHops,
                    $"the route to {route.Prefix} has several next hops, of which a gateway could export one; list one as 'next-hop' and 'label', or let each forwarder announce its own");
            }
        }
    }

    private static void CheckAggregates(RuleContext context, VrfConfiguration vrf)
    {
        var seen = new HashSet<IpPrefix>();
        for (var i = 0; i < vrf.Aggregates.Count; i++)
        {
            var (location, prefix) = (context.Source.AtItem(vrf.Aggregates, i), vrf.Aggregates[i].Prefix);
            if (!context.Source.IsSound(vrf.Aggregates[i], VrfKeys.AggregatePrefix))
            {
                continue;
            }

            if (!seen.Add(prefix))
            {
                context.Error(location, $"VRF '{vrf.Name}' has the aggregate {prefix} twice; remove one of them");
            }
            else if (vrf.Label is null && context.Configuration.IsForwarder && context.Source.IsSound(vrf, VrfKeys.Label))
            {
                context.Error(location, $"packets for the aggregate {prefix} arrive with the label of VRF '{vrf.Name}'; give the VRF a 'label'");
            }
            else if (!context.Configuration.IsForwarder && context.Configuration.Infrastructure is { Address: null, Address6: null })
            {
                context.Error(location, $"the aggregate {prefix} has our own next hop; set 'infrastructure.address' or 'infrastructure.address6'");
            }
            else if (prefix.IsHost)
            {
                context.Error(location, $"{prefix} is a single address, which has no routes inside; an aggregate covers a shorter prefix");
            }
            else if (vrf.ExportTargets.Count == 0 && context.Source.IsSound(vrf, VrfKeys.ExportTargets))
            {
                context.Error(location, $"VRF '{vrf.Name}' has no 'export-targets', so its aggregate {prefix} would be exported to nobody; add one");
            }
        }
    }
}

using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration.Keys;
using Dataplane.Routing;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>The families of one peer: each once, with options that mean something, and with next hops that the session can carry.</summary>
internal static class PeerFamilyRules
{
    /// <summary>Checks a peer or a range.</summary>
    public static void Check(RuleContext context, BgpConfiguration bgp, PeerView peer)
    {
        if (!peer.IsSound(static keys => keys.Families))
        {
            return;
        }

        var families = peer.Options.Families ?? [];
        var seen = new HashSet<RouteFamily>();
        for (var i = 0; i < families.Count; i++)
        {
            var location = context.Source.AtItem(families, i);
            if (!seen.Add(families[i].Family))
            {
                context.Error(location, $"{peer.Name} has the family {families[i].Family.Name} twice; remove one of them");
                continue;
            }

            CheckOptions(context, families[i]);
            if (WhyNot(context, bgp, peer, families[i]) is { } reason)
            {
                context.Error(location, reason);
            }
        }

        CheckSelf(context, peer);
        if (peer.Options is { DefaultRouteTarget: true, Families: not null } && !seen.Contains(RouteFamily.RouteTargetConstraint))
        {
            context.Error(peer.At(static keys => keys.DefaultRouteTarget),
                $"{peer.Name} is asked for all route targets, but its 'families' have no rt-constraint to ask in; add it");
        }
    }

    private static void CheckOptions(RuleContext context, FamilySettings family)
    {
        if (family.MaxPrefixes is null && context.Source.IsSound(family, FamilyKeys.MaxPrefixes))
        {
            foreach (var key in new Values.ConfigurationKey[] { FamilyKeys.WarnPercent, FamilyKeys.MaxPrefixAction, FamilyKeys.MaxPrefixRestart })
            {
                if (context.Source.IsGiven(family, key))
                {
                    context.Error(family, key, $"'{key.Name}' says what happens at 'max-prefixes'; set that too or remove this");
                }
            }
        }

        if (!family.AddPath.HasFlag(AddPathMode.Send) && context.Source.IsGiven(family, FamilyKeys.SendMaxPaths)
            && context.Source.IsSound(family, FamilyKeys.AddPath))
        {
            context.Error(family, FamilyKeys.SendMaxPaths, "several paths are sent with 'add-path: send' or 'both' only; set that or remove 'send-max-paths'");
        }

        if (family.AddPath != AddPathMode.None && family.Family == RouteFamily.RouteTargetConstraint)
        {
            context.Error(family, FamilyKeys.AddPath, "memberships have one path each; remove 'add-path' from rt-constraint");
        }

        if (family.ExtendedNextHop && family.Family is not (RouteFamily.Ipv4Unicast or RouteFamily.VpnIpv4))
        {
            context.Error(family, FamilyKeys.ExtendedNextHop, $"'extended-next-hop' gives IPv4 routes an IPv6 next hop (RFC 8950); it means nothing for {family.Family.Name}");
        }
    }

    /// <summary>Why the session's addresses keep a family from working; null when they do not.</summary>
    private static string? WhyNot(RuleContext context, BgpConfiguration bgp, PeerView peer, FamilySettings family)
    {
        var isExternal = peer.Options.As is { } system && system != bgp.As;
        switch (family.Family)
        {
            case RouteFamily.Ipv4Unicast when peer.Address.IsV6 && !family.ExtendedNextHop:
                return $"ipv4-unicast over the IPv6 session of {peer.Name} would have IPv6 next hops; set 'extended-next-hop: true' (RFC 8950), or peer over IPv4";
            case RouteFamily.VpnIpv4 when !family.ExtendedNextHop && context.InfrastructureIsKnown
                && context.Configuration.Infrastructure is { Address: null, Address6: not null }:
                return $"our own routes of vpn-ipv4 have the next hop 'infrastructure.address6'; set 'extended-next-hop: true' for {peer.Name} (RFC 8950), or 'infrastructure.address'";
            case RouteFamily.Ipv6Unicast when peer.Address.IsV4
                && (peer.Options.NextHop == NextHopMode.Self || (isExternal && peer.Options.NextHop is (null or NextHopMode.Default))):
                return $"ipv6-unicast over the IPv4 session of {peer.Name} has no next hop of ours; peer over IPv6, or set 'next-hop: unchanged'";
            default:
                return null;
        }
    }

    /// <summary>A label means something to the forwarder that assigned it, which the next hop names.</summary>
    private static void CheckSelf(RuleContext context, PeerView peer)
    {
        if (peer.Options.NextHop != NextHopMode.Self)
        {
            return;
        }

        var families = peer.Options.Families?.Select(static family => family.Family) ?? [RouteFamily.VpnIpv4];
        foreach (var family in families.Where(static family => family.IsLabeled).Take(1))
        {
            context.Error(peer.At(static keys => keys.NextHop),
                $"'next-hop: self' would send the routes of {family.Name} to us with labels of other forwarders, which we cannot forward by; remove it "
                + "(our own routes have our next hop anyway)");
        }
    }
}

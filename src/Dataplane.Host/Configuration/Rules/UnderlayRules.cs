using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>Underlay routes, our ends of tunnels, the first hop, and tunnels.</summary>
internal static class UnderlayRules
{
    /// <summary>Checks them.</summary>
    public static void Check(RuleContext context)
    {
        CheckRoutes(context);
        CheckInfrastructure(context);
        CheckFirstHop(context);
        CheckTunnels(context);
        CheckReachability(context);
    }

    private static void CheckRoutes(RuleContext context)
    {
        var seen = new Dictionary<IpPrefix, UnderlayRoute>();
        foreach (var route in context.Configuration.Underlay.Routes)
        {
            if (context.Source.IsSound(route, UnderlayKeys.Prefix) && !seen.TryAdd(route.Prefix, route))
            {
                context.Error(route, UnderlayKeys.Prefix,
                    $"there are two underlay routes for {route.Prefix}; the first is on line {context.LineOf(seen[route.Prefix], UnderlayKeys.Prefix)}, remove one of them");
            }

            if (!context.Source.IsSound(route, UnderlayKeys.Via))
            {
                continue;
            }

            if (context.Source.IsSound(route, UnderlayKeys.Prefix) && route.Via.Family != route.Prefix.Family)
            {
                context.Error(route, UnderlayKeys.Via, $"{route.Prefix} and {route.Via} are of different families; an IPv4 route needs an IPv4 next router, and IPv6 likewise");
            }
            else if (context.CoreAddressesAreKnown)
            {
                if (context.CorePorts.Any(p => p.Addresses.Any(a => a.Address == route.Via)))
                {
                    context.Error(route, UnderlayKeys.Via, $"{route.Via} is our own address; 'via' names the next router");
                }
                else if (!IsOnLink(context, route.Via))
                {
                    context.Error(route, UnderlayKeys.Via, $"{route.Via} is on no core port's network; the next router has to share a link with us");
                }
            }
        }
    }

    private static void CheckInfrastructure(RuleContext context)
    {
        var infrastructure = context.Configuration.Infrastructure;
        if (!context.InfrastructureIsKnown || !context.Source.IsGiven(context.Configuration, RootKeys.Infrastructure))
        {
            return;
        }

        if (infrastructure is { Address: null, Address6: null })
        {
            context.Error(context.Configuration, RootKeys.Infrastructure, "'infrastructure' needs 'address', 'address6' or both: our end of the tunnels");
        }

        if (!context.CoreAddressesAreKnown)
        {
            return;
        }

        Check(infrastructure.Address, UnderlayKeys.Address);
        Check(infrastructure.Address6, UnderlayKeys.Address6);

        void Check<T>(T? address, ConfigurationKey key)
            where T : struct
        {
            IpAddress? own = address switch { Ipv4Address v4 => (IpAddress)v4, Ipv6Address v6 => v6, _ => null };
            if (own is { } given && !context.CorePorts.Any(p => p.Addresses.Any(a => a.Address == given)))
            {
                context.Error(infrastructure, key, $"{given} is not an address of a core port; add it to the 'addresses' of one or correct it");
            }
        }
    }

    private static void CheckFirstHop(RuleContext context)
    {
        var firstHop = context.Configuration.FirstHop;
        if (context.Source.IsSound(firstHop, FirstHopKeys.Address6) && !firstHop.Address6.IsLinkLocal)
        {
            context.Error(firstHop, FirstHopKeys.Address6, $"{firstHop.Address6} is not link-local; routers announce themselves with an address in fe80::/10 (RFC 4861)");
        }
    }

    private static void CheckTunnels(RuleContext context)
    {
        var seen = new Dictionary<IpAddress, TunnelConfiguration>();
        foreach (var tunnel in context.Configuration.Tunnels.Where(t => context.Source.IsSound(t, TunnelKeys.Remote)))
        {
            var remote = tunnel.Remote;
            if (!seen.TryAdd(remote, tunnel))
            {
                context.Error(tunnel, TunnelKeys.Remote, $"there are two tunnels to {remote}; the first is on line {context.LineOf(seen[remote], TunnelKeys.Remote)}, remove one of them");
            }

            if (context.InfrastructureIsKnown && context.Configuration.Infrastructure.IsOurs(remote))
            {
                context.Error(tunnel, TunnelKeys.Remote, $"{remote} is our own infrastructure address; a tunnel leads to another forwarder");
            }

            RequireFamily(context, context.Source.At(tunnel, TunnelKeys.Remote), remote, "a tunnel to");
            if (remote.IsV6 && tunnel.Mtu < PortRules.MinIpv6Mtu)
            {
                context.Warning(tunnel, TunnelKeys.Mtu, $"the tunnel to {remote} has an MTU of {tunnel.Mtu}; IPv6 needs links of at least {PortRules.MinIpv6Mtu} (RFC 8200)");
            }
        }
    }

    /// <summary>Reports a remote forwarder of a family in which we have no end of tunnels.</summary>
    public static void RequireFamily(RuleContext context, SourceLocation location, IpAddress remote, string what)
    {
        var infrastructure = context.Configuration.Infrastructure;
        if (context.InfrastructureIsKnown && infrastructure is not { Address: null, Address6: null } && !infrastructure.Has(remote.Family))
        {
            context.Error(location, remote.IsV4
                ? $"{what} {remote} needs our end of IPv4 tunnels; set 'infrastructure.address'"
                : $"{what} {remote} needs our end of IPv6 tunnels; set 'infrastructure.address6'");
        }
    }

    /// <summary>Warns once about each remote forwarder that no underlay route leads to.</summary>
    private static void CheckReachability(RuleContext context)
    {
        var underlay = context.Configuration.Underlay;
        if (!context.CoreAddressesAreKnown
            || !context.InfrastructureIsKnown
            || !context.Source.IsSound(underlay, UnderlayKeys.Routes)
            || !underlay.Routes.All(r => context.Source.IsSound(r, UnderlayKeys.Prefix)))
        {
            return;
        }

        var checkedRemotes = new HashSet<IpAddress>();
        foreach (var tunnel in context.Configuration.Tunnels.Where(t => context.Source.IsSound(t, TunnelKeys.Remote)))
        {
            Check(tunnel.Remote, tunnel, TunnelKeys.Remote);
        }

        foreach (var route in context.Configuration.Vrfs.SelectMany(static v => v.Routes))
        {
            if (route.NextHop is { } nextHop && context.Source.IsSound(route, VrfKeys.NextHop))
            {
                Check(nextHop, route, VrfKeys.NextHop);
            }

            foreach (var hop in route.NextHops.Where(h => context.Source.IsSound(h, VrfKeys.MemberRemote)))
            {
                Check(hop.Remote, hop, VrfKeys.MemberRemote);
            }
        }

        void Check(IpAddress remote, object record, ConfigurationKey key)
        {
            if (checkedRemotes.Add(remote)
                && context.Configuration.Infrastructure.Has(remote.Family)
                && !IsOnLink(context, remote)
                && !underlay.Routes.Any(r => r.Prefix.Contains(remote)))
            {
                context.Warning(record, key, $"no underlay route leads to {remote}, so packets to it will be dropped; add one to 'underlay.routes'");
            }
        }
    }

    private static bool IsOnLink(RuleContext context, IpAddress address) =>
        context.CorePorts.Any(p => p.Addresses.Any(a => a.Subnet.Contains(address)));
}

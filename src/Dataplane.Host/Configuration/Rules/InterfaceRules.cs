using Dataplane.Host.Configuration.Keys;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>Interfaces against ports and VRFs, and among themselves.</summary>
internal static class InterfaceRules
{
    /// <summary>Checks all interfaces.</summary>
    public static void Check(RuleContext context)
    {
        var configuration = context.Configuration;
        context.RequireUniqueNames(configuration.Interfaces, InterfaceKeys.Name, static i => i.Name, "interface");

        var ports = new Dictionary<string, PortConfiguration>(StringComparer.Ordinal);
        foreach (var port in configuration.Ports)
        {
            _ = ports.TryAdd(port.Name, port);
        }

        var portsAreKnown = context.Source.IsSound(configuration, RootKeys.Ports)
            && context.Source.IsGiven(configuration, RootKeys.Ports)
            && configuration.Ports.All(p => context.Source.IsSound(p, PortKeys.Name));
        var vrfNames = configuration.Vrfs.Select(static v => v.Name).ToHashSet(StringComparer.Ordinal);
        var vrfsAreKnown = context.Source.IsSound(configuration, RootKeys.Vrfs)
            && configuration.Vrfs.All(v => context.Source.IsSound(v, VrfKeys.Name));

        foreach (var item in configuration.Interfaces)
        {
            if (context.Source.IsSound(item, InterfaceKeys.Port))
            {
                if (ports.TryGetValue(item.Port, out var port))
                {
                    CheckPort(context, item, port);
                }
                else if (portsAreKnown)
                {
                    context.Error(item, InterfaceKeys.Port, $"there is no port '{item.Port}'; {RuleContext.Known("ports", ports.Keys)}");
                }
            }

            if (vrfsAreKnown && context.Source.IsSound(item, InterfaceKeys.Vrf) && !vrfNames.Contains(item.Vrf))
            {
                context.Error(item, InterfaceKeys.Vrf, $"there is no VRF '{item.Vrf}'; {RuleContext.Known("VRFs", vrfNames)}");
            }

            CheckAddresses(context, item);
            CheckMac(context, item);
        }

        CheckUniqueAddresses(context);
        if (portsAreKnown && context.Source.IsSound(configuration, RootKeys.Interfaces))
        {
            CheckPopulation(context);
        }
    }

    private static void CheckPort(RuleContext context, InterfaceConfiguration item, PortConfiguration port)
    {
        if (!context.Source.IsSound(port, PortKeys.Role))
        {
            return;
        }

        if (port.Role == PortRole.Core)
        {
            context.Error(item, InterfaceKeys.Port, $"'{port.Name}' is a core port; interfaces are on access and local ports, tenants and infrastructure never share one (SEC-04)");
        }
        else if (port.Role == PortRole.Local && item.Vlan.Count > 0)
        {
            context.Error(item, InterfaceKeys.Vlan, $"'{port.Name}' is a local port, whose single interface is untagged; remove 'vlan'");
        }

        if (item.Mtu > port.Mtu && context.Source.IsSound(port, PortKeys.Mtu))
        {
            context.Error(item, InterfaceKeys.Mtu, $"an MTU of {item.Mtu} does not fit port '{port.Name}', whose MTU is {port.Mtu}; lower this one or raise the port's");
        }
    }

    private static void CheckAddresses(RuleContext context, InterfaceConfiguration item)
    {
        if (!context.Source.IsSound(item, InterfaceKeys.Addresses))
        {
            return;
        }

        if (item.Addresses.Count == 0)
        {
            context.Warning(item, InterfaceKeys.Addresses, $"interface '{item.Name}' has no 'addresses', so every packet from it is dropped by source validation");
        }

        if (item.Mtu is > 0 and < PortRules.MinIpv6Mtu && item.Addresses.Any(static a => a.Address.IsV6))
        {
            context.Warning(item, InterfaceKeys.Mtu, $"interface '{item.Name}' has an IPv6 address but an MTU of {item.Mtu}; IPv6 needs links of at least {PortRules.MinIpv6Mtu} (RFC 8200)");
        }

        for (var i = 0; i < item.Addresses.Count; i++)
        {
            var location = context.Source.AtItem(item.Addresses, i);
            var address = item.Addresses[i].Address;
            if (address.IsMulticast || address.IsLoopback || (item.Addresses[i].IsHost && address.IsUnspecified))
            {
                context.Error(location, $"{item.Addresses[i]} is nobody's source address; list unicast addresses");
            }

            SeparationRules.WarnIfInfrastructure(context, location, item.Addresses[i]);
        }
    }

    private static void CheckMac(RuleContext context, InterfaceConfiguration item)
    {
        var firstHop = context.Configuration.FirstHop;
        if (item.Mac is { } mac && (mac == firstHop.Mac || mac == firstHop.Mac6))
        {
            context.Error(item, InterfaceKeys.Mac, $"{mac} is the virtual router's own address ('first-hop'); give the guest's");
        }
    }

    /// <summary>Local routes of one VRF: each prefix belongs to one interface.</summary>
    private static void CheckUniqueAddresses(RuleContext context)
    {
        var owners = new Dictionary<(string Vrf, IpPrefix Prefix), InterfaceConfiguration>();
        foreach (var item in context.Configuration.Interfaces.Where(i => context.Source.IsSound(i, InterfaceKeys.Vrf)))
        {
            for (var i = 0; i < item.Addresses.Count; i++)
            {
                if (!owners.TryAdd((item.Vrf, item.Addresses[i]), item))
                {
                    context.Error(context.Source.AtItem(item.Addresses, i),
                        $"{item.Addresses[i]} already belongs to interface '{owners[(item.Vrf, item.Addresses[i])].Name}' of VRF '{item.Vrf}'; an address is attached once");
                }
            }
        }
    }

    /// <summary>How many interfaces each port has.</summary>
    private static void CheckPopulation(RuleContext context)
    {
        if (!context.Configuration.Interfaces.All(i => context.Source.IsSound(i, InterfaceKeys.Port)))
        {
            return;
        }

        var byPort = context.Configuration.Interfaces.ToLookup(static i => i.Port, StringComparer.Ordinal);
        foreach (var port in context.Configuration.Ports.Where(p => context.Source.IsSound(p, PortKeys.Role)))
        {
            switch (port.Role)
            {
                case PortRole.Local when !byPort.Contains(port.Name) && !context.Configuration.IsAgent:
                    context.Error(port, PortKeys.Name, $"local port '{port.Name}' has no interface; add the one guest behind it to 'interfaces'");
                    break;
                case PortRole.Access when !byPort.Contains(port.Name) && context.Configuration.Signaling is null:
                    context.Warning(port, PortKeys.Name, $"access port '{port.Name}' has no interface, so every frame from it is dropped as unclassified");
                    break;
                case PortRole.Local:
                    foreach (var extra in byPort[port.Name].Skip(1))
                    {
                        context.Error(extra, InterfaceKeys.Port, $"local port '{port.Name}' already has the interface '{byPort[port.Name].First().Name}'; use one port per guest, or 'role: access'");
                    }

                    break;
            }
        }
    }
}

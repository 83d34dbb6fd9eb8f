using Dataplane.Host.Configuration.Keys;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>Ports among themselves and against the workers.</summary>
internal static class PortRules
{
    /// <summary>Smallest MTU of a link that carries IPv6 (RFC 8200 §5).</summary>
    public const int MinIpv6Mtu = 1280;

    /// <summary>Checks all ports.</summary>
    public static void Check(RuleContext context)
    {
        var configuration = context.Configuration;
        context.RequireUniqueNames(configuration.Ports, PortKeys.Name, static p => p.Name, "port");
        CheckAddressesAcrossPorts(context);
        foreach (var port in configuration.Ports)
        {
            CheckQueues(context, port);
            if (!context.Source.IsSound(port, PortKeys.Role))
            {
                continue;
            }

            if (port.Role == PortRole.Core)
            {
                CheckCore(context, port);
            }
            else
            {
                CheckNotCore(context, port);
            }
        }

        if (context.RolesAreKnown && context.CorePorts.Count == 0)
        {
            context.Error(configuration, RootKeys.Ports, "there is no core port; at least one port needs 'role: core', tunnels leave by it");
        }
    }

    private static void CheckQueues(RuleContext context, PortConfiguration port)
    {
        var workers = context.Configuration.Workers;
        if (port.Queues > workers.Cores.Count && context.Source.IsSound(workers, WorkersKeys.Cores))
        {
            context.Error(port, PortKeys.Queues,
                $"port '{port.Name}' asks for {port.Queues} queues, but 'workers.cores' lists {workers.Cores.Count}; a worker polls one queue of a port, so lower 'queues' or add cores");
        }
    }

    private static void CheckNotCore(RuleContext context, PortConfiguration port)
    {
        var role = port.Role == PortRole.Access ? "an access" : "a local";
        if (context.Source.IsGiven(port, PortKeys.Addresses))
        {
            context.Error(port, PortKeys.Addresses, $"{role} port has no 'addresses'; they belong to core ports, and those of guests to 'interfaces'");
        }

        if (context.Source.IsGiven(port, PortKeys.Neighbors))
        {
            context.Error(port, PortKeys.Neighbors, $"{role} port has no 'neighbors'; they belong to core ports");
        }
    }

    private static void CheckCore(RuleContext context, PortConfiguration port)
    {
        if (!context.Source.IsSound(port, PortKeys.Addresses))
        {
            return;
        }

        if (port.Addresses.Count == 0)
        {
            context.Error(port, PortKeys.Addresses, $"core port '{port.Name}' needs 'addresses', at least one such as 203.0.113.17/24; without one nothing can be sent through it");
        }

        if (port.Mtu < MinIpv6Mtu && context.Source.IsSound(port, PortKeys.Mtu) && port.Addresses.Any(static a => a.Address.IsV6))
        {
            context.Warning(port, PortKeys.Mtu, $"port '{port.Name}' has an IPv6 address but an MTU of {port.Mtu}; IPv6 needs links of at least {MinIpv6Mtu} (RFC 8200)");
        }

        var seen = new Dictionary<IpAddress, StaticNeighbor>();
        foreach (var neighbor in port.Neighbors.Where(n => context.Source.IsSound(n, PortKeys.NeighborAddress)))
        {
            var address = neighbor.Address;
            if (!port.Addresses.Any(a => a.Subnet.Contains(address)))
            {
                context.Error(neighbor, PortKeys.NeighborAddress, $"{address} is on no network of port '{port.Name}'; a neighbour shares a link with us");
            }
            else if (port.Addresses.Any(a => a.Address == address))
            {
                context.Error(neighbor, PortKeys.NeighborAddress, $"{address} is the port's own address; list other machines only");
            }

            if (!seen.TryAdd(address, neighbor))
            {
                context.Error(neighbor, PortKeys.NeighborAddress,
                    $"neighbour {address} is given twice; the first is on line {context.LineOf(seen[address], PortKeys.NeighborAddress)}, remove one of them");
            }
        }
    }

    private static void CheckAddressesAcrossPorts(RuleContext context)
    {
        var seen = new List<(PortConfiguration Port, PortAddress Address)>();
        foreach (var port in context.CorePorts)
        {
            for (var i = 0; i < port.Addresses.Count; i++)
            {
                var address = port.Addresses[i];
                var location = context.Source.AtItem(port.Addresses, i);
                var same = seen.FirstOrDefault(s => s.Address.Address == address.Address);
                if (same.Port is not null)
                {
                    context.Error(location, $"{address.Address} is already an address of port '{same.Port.Name}'; every address belongs to one port");
                    continue;
                }

                var overlapping = address.Address.IsLinkLocal ? default : seen.FirstOrDefault(s =>
                    s.Port != port && (s.Address.Subnet.Contains(address.Subnet) || address.Subnet.Contains(s.Address.Subnet)));
                if (overlapping.Port is not null)
                {
                    context.Warning(location,
                        $"network {address.Subnet} overlaps {overlapping.Address.Subnet} of port '{overlapping.Port.Name}'; neighbours in both are looked for on one of the ports only");
                }

                seen.Add((port, address));
            }
        }
    }
}

using Dataplane.Host.Configuration.Kernel;
using Dataplane.Host.Configuration.Keys;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>Devices of ports: each there, each once, and none that the machine itself depends on.</summary>
internal static class DeviceRules
{
    /// <summary>Checks all devices.</summary>
    public static void Check(RuleContext context)
    {
        var ports = context.Configuration.Ports.Where(p => context.Source.IsSound(p, PortKeys.Device)).ToList();
        CheckUnique(context, ports);
        if (context.Purpose == ConfigurationPurpose.Replay)
        {
            return;
        }

        foreach (var port in ports.Where(static p => p.Device is null))
        {
            context.Error(context.Source.At(port),
                $"port '{port.Name}' needs the key 'device', for instance \"net_af_packet0,iface=eth1\" or \"0000:03:00.0\"; only replay does without");
        }

        CheckDefaultRoute(context, ports);
    }

    private static void CheckUnique(RuleContext context, List<PortConfiguration> ports)
    {
        var owners = new Dictionary<string, PortConfiguration>(StringComparer.Ordinal);
        foreach (var port in ports)
        {
            if (port.Device is not { } device)
            {
                continue;
            }

            // The kernel interface matters as much as DPDK's name: two af_packet devices on one interface both see every frame.
            foreach (var claim in device.KernelInterfaces.Distinct().Select(static i => $"kernel interface {i}").Prepend($"device {device.Name}"))
            {
                if (!owners.TryAdd(claim, port) && owners[claim] is var owner && owner != port)
                {
                    context.Error(port, PortKeys.Device,
                        $"{claim} is already used by port '{owner.Name}' on line {context.LineOf(owner, PortKeys.Device)}; every port needs a device of its own");
                    break;
                }
            }
        }
    }

    private static void CheckDefaultRoute(RuleContext context, List<PortConfiguration> ports)
    {
        foreach (var port in ports)
        {
            if (port.Device is not { } device || KernelDependence.Of(context.Kernel, device) is not { } lost)
            {
                continue;
            }

            context.Error(port, PortKeys.Device,
                $"port '{port.Name}' would take {lost.Interface} away from the kernel, but {lost.Carries} this machine's default route and you could lose your connection to it; "
                + "use another network interface, or move the default route first");
        }
    }
}

namespace Dataplane.Host.Configuration.Kernel;

/// <summary>Network interfaces that the machine itself depends on: those that a default route needs.</summary>
internal static class KernelDependence
{
    /// <summary>What the machine would lose with a device.</summary>
    /// <param name="kernel">The machine.</param>
    /// <param name="device">A device for DPDK to drive.</param>
    /// <returns>The interface that the device takes and what it is needed for, in words; null when nothing.</returns>
    public static (string Interface, string Carries)? Of(IKernelView kernel, PortDevice device)
    {
        var carriers = Carriers(kernel);
        var taken = device.IsPci
            ? carriers.Keys.FirstOrDefault(name => kernel.PciAddress(name) == device.Name)
            : device.KernelInterfaces.FirstOrDefault(carriers.ContainsKey);
        return taken is null ? null
            : (taken, carriers[taken] == taken ? $"{taken} carries" : $"{taken} is beneath {carriers[taken]}, which carries");
    }

    /// <summary>Interfaces a default route needs, each with the interface the route names.</summary>
    private static Dictionary<string, string> Carriers(IKernelView kernel)
    {
        var carriers = new Dictionary<string, string>(StringComparer.Ordinal);
        var pending = new Queue<(string Name, string Route)>(kernel.DefaultRouteInterfaces.Select(static n => (n, n)));
        while (pending.TryDequeue(out var next))
        {
            if (!carriers.TryAdd(next.Name, next.Route))
            {
                continue;
            }

            foreach (var lower in kernel.LowerInterfaces(next.Name))
            {
                pending.Enqueue((lower, next.Route));
            }
        }

        return carriers;
    }
}

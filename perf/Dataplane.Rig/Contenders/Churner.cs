using System.Diagnostics;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Contenders;

/// <summary>
/// A control plane that never rests. It walks over all routes again and again: those that carry traffic get another tunnel and
/// label each time; the others pass through replaced, withdrawn, added, one step per walk.
/// </summary>
internal sealed class Churner(ProductDatapath product, Topology topology, int busyVrfs)
{
    private const int Stride = 7919; // coprime to the number of routes: neighbours in time are strangers in the tables
    private const int CheckEvery = 256;
    private int _at;
    private int _walk;

    /// <summary>Changes made.</summary>
    internal long Changes { get; private set; }

    /// <summary>Time spent on them.</summary>
    internal TimeSpan Elapsed { get; private set; }

    /// <summary>Changes routes for some seconds, on the calling thread: the datapath's control thread.</summary>
    internal void Run(double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            for (int i = 0; i < CheckEvery; i++)
                Step();
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        Elapsed += Stopwatch.GetElapsedTime(start);
    }

    private void Step()
    {
        HostRoute[] routes = topology.Routes;
        HostRoute route = routes[(int)((long)_at * Stride % routes.Length)];
        HostRoute moved = route with { Tunnel = (route.Tunnel + _walk + 1) % topology.Tunnels.Count, Label = 16 + (route.Label + (uint)_walk) % 1_000_000 };
        if (route.Vrf < busyVrfs || _walk % 3 != 1)
            product.SetRoute(moved);
        else
            product.RemoveRoute(route);
        Changes++;
        if (++_at == routes.Length)
        {
            _at = 0;
            _walk++;
        }
    }
}

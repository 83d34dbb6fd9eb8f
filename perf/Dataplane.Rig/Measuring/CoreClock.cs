using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dataplane.Dpdk;

namespace Dataplane.Rig.Measuring;

/// <summary>
/// How fast a core is at the moment: a chain of dependent multiplications and additions, four cycles a link on every x86-64
/// core of the last decade, timed. Nothing is normalised by it; it shows drift, and rounds at another speed are rejected.
/// </summary>
internal static unsafe class CoreClock
{
    private const int CyclesPerLink = 4;
    private const int Links = 2_000_000;
    private const int Trials = 5;
    private static ulong _sink;

    /// <summary>Megahertz by which the chain ran: the median of a few trials of some milliseconds.</summary>
    internal static double Measure(int cpu)
    {
        var speeds = new double[Trials];
        var thread = new Thread(() =>
        {
            if (FastCalls.Native->PinToCpu(cpu) != 0)
                throw new InvalidOperationException($"CPU {cpu} cannot be used");
            _sink += Chain(Links / 10);
            for (int i = 0; i < Trials; i++)
            {
                long start = Stopwatch.GetTimestamp();
                _sink += Chain(Links);
                speeds[i] = (double)CyclesPerLink * Links / Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        });
        thread.Start();
        thread.Join();
        // Whatever thread of the runtime (its compiler in the background, say) was born of this one is pinned like it.
        HostThreads.KeepOff([cpu]);
        return Statistics.Median(speeds);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static ulong Chain(int links)
    {
        ulong x = 1;
        for (int i = 0; i < links; i++)
            x = x * 6364136223846793005 + 1442695040888963407;
        return x;
    }
}

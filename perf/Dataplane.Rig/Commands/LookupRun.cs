using Dataplane.Dpdk;
using Dataplane.Forwarding.Tables;
using Dataplane.Rig.Contenders;
using Dataplane.Rig.Measuring;
using Dataplane.Rig.Reporting;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Commands;

/// <summary>
/// Longest-prefix match by itself, in nanoseconds per address, batches of 64: ours over 10,000 VRFs, one rte_fib (DIR-24-8)
/// and one rte_hash with a million host routes each. rte_fib knows no VRFs: it gets the same hosts, each /24 of each VRF at a
/// place of its own. Ours runs in this process's runtime.
/// </summary>
internal static class LookupRun
{
    private const int Vrfs = 10_000;
    private const int Probes = 1_000_000;
    private const int HotProbes = 2048;
    private const int RepeatsPerWindow = 3;
    private const string HotFib = "rte_fib-hot";

    internal static void Run(Session session)
    {
        var load = new RouteLoad(Vrfs);
        using var scenario = new LookupScenario(load, VectorLevels.Widest);
        Dictionary<(uint Vrf, uint Subnet), uint> places = [];
        uint[] hosts = [.. load.Hosts4.Select(host => Flat(places, host.Vrf, host.Address))];
        ulong[] keys = [.. load.Hosts4.Select(static host => (ulong)host.Vrf << 32 | host.Address)];
        Target4[] targets = load.Targets4(Probes, hostShare: 1, seed: 7);
        uint[] flatTargets = [.. targets.Select(target => Flat(places, target.Vrf, target.Address))];
        ulong[] keyTargets = [.. targets.Select(static target => (ulong)target.Vrf << 32 | target.Address)];
        int cpu = session.Options.Cpu;
        WarmUp(scenario);
        var found = new List<(string Stream, double Nanoseconds)>();
        IContender[] contenders =
        [
            new Timed("dataplane", cpu, () =>
            {
                found = scenario.Measure(RepeatsPerWindow, Probes);
                return (found.First(static one => one.Stream == "IPv4 hosts").Nanoseconds, found.ToDictionary(static one => one.Stream, static one => one.Nanoseconds));
            }),
            new Timed("rte_fib", cpu, () =>
            {
                double hot = TimeFib(hosts, flatTargets.AsSpan(0, HotProbes));
                return (TimeFib(hosts, flatTargets), new() { [HotFib] = hot });
            }),
            new Timed("rte_hash", cpu, () => (TimeHash(keys, keyTargets), [])),
        ];
        const string HotStream = "IPv4 hot: 2,048 hosts";
        session.Measure(
            new ScenarioResult
            {
                Name = "lookup",
                Description = "longest-prefix match of random host addresses: 10,000 VRFs x 100 host routes and 20 shorter prefixes in ours; one table in DPDK's",
                Packets = Probes,
                Unit = "ns",
                Series = [],
                Ratios = [],
            },
            contenders,
            [(Targets.ToFib, 0, 1), ("dataplane/rte_hash", 0, 2)],
            () => found.Where(static one => one.Stream != HotStream).ToDictionary(static one => one.Stream, static one => $"{one.Nanoseconds:f2} ns (last round)"),
            [(Targets.Hot, 0, HotStream), (HotFib, 1, HotFib)]);
    }

    // The runtime compiles what is used often once more, in the background.
    private static void WarmUp(LookupScenario scenario)
    {
        for (int i = 0; i < 3; i++)
        {
            _ = scenario.Measure(rounds: 1, Probes / 10);
            Thread.Sleep(200);
        }
    }

    // Each /24 of each VRF gets a /24 of its own; the last octet stays.
    private static uint Flat(Dictionary<(uint Vrf, uint Subnet), uint> places, uint vrf, uint address)
    {
        if (!places.TryGetValue((vrf, address >> 8), out uint place))
            places[(vrf, address >> 8)] = place = (uint)places.Count;
        return 0x0A000000u + (place << 8) | address & 0xFF;
    }

    private static unsafe double TimeFib(uint[] hosts, ReadOnlySpan<uint> probes)
    {
        var lengths = new byte[hosts.Length];
        Array.Fill(lengths, (byte)32);
        PeerLibrary.LookupTime time;
        fixed (uint* addresses = hosts)
        fixed (byte* bits = lengths)
        fixed (uint* first = probes)
            Check(PeerLibrary.TimeFib4(addresses, bits, (uint)hosts.Length, first, (uint)probes.Length, RepeatsPerWindow, &time), time.Hits, probes.Length);
        return time.Median;
    }

    private static unsafe double TimeHash(ulong[] keys, ReadOnlySpan<ulong> probes)
    {
        PeerLibrary.LookupTime time;
        fixed (ulong* all = keys)
        fixed (ulong* first = probes)
            Check(PeerLibrary.TimeHash(all, (uint)keys.Length, first, (uint)probes.Length, RepeatsPerWindow, &time), time.Hits, probes.Length);
        return time.Median;
    }

    private static void Check(int result, ulong hits, int probes)
    {
        if (result != 0)
            throw new InvalidOperationException($"DPDK's lookup could not be timed: error {-result}");
        if (hits != (ulong)probes)
            throw new InvalidOperationException($"DPDK's lookup found {hits} of {probes} addresses");
    }

    /// <summary>Something that times itself, on a pinned thread.</summary>
    private sealed class Timed(string name, int cpu, Func<(double Nanoseconds, Dictionary<string, double> More)> run) : IContender
    {
        public string Name => name;

        public Window Measure(double seconds)
        {
            Window window = default;
            Exception? error = null;
            var thread = new Thread(() =>
            {
                try
                {
                    window = OnThisThread();
                }
                catch (InvalidOperationException exception)
                {
                    error = exception;
                }
            });
            thread.Start();
            thread.Join();
            HostThreads.KeepOff([cpu]);
            return error == null ? window : throw error;
        }

        private unsafe Window OnThisThread()
        {
            _ = FastCalls.Native->PinToCpu(cpu);
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            long waited = Waited();
            (double nanoseconds, Dictionary<string, double> more) = run();
            return new Window(nanoseconds, (Waited() - waited) / System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalNanoseconds, more);
        }

        private static long Waited() => Threads.ParseWaited(File.ReadAllText("/proc/thread-self/schedstat"));
    }
}

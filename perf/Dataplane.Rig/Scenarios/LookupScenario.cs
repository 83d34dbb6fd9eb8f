using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Rig.Scenarios;

/// <summary>
/// Batch lookups by themselves, in this process's runtime: the routes of a <see cref="RouteLoad"/> in a real datapath,
/// addresses in batches of 64 through <see cref="RouteTable"/>, as the pipeline's lookup stage does it. Needs no DPDK.
/// </summary>
internal sealed unsafe class LookupScenario : IDisposable
{
    /// <summary>Addresses of a batch.</summary>
    internal const int BatchSize = 64;

    private readonly RouteLoad _load;
    private readonly Datapath _datapath;
    private readonly TunnelId _tunnel;
    private readonly VrfId[] _vrfs;

    /// <summary>Loads the routes.</summary>
    internal LookupScenario(RouteLoad load, VectorLevel vectors)
    {
        _load = load;
        long memory = Resident();
        _datapath = new Datapath(new DatapathOptions
        {
            ClockHz = 1_000_000_000,
            Vrfs = load.Vrfs,
            TunnelEnd4 = Ipv4Address.Parse("203.0.113.17"),
            Vectors = vectors,
        }, null);
        PortId port = _datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 0, Mac = default });
        _tunnel = _datapath.AddTunnel(new TunnelSettings
        {
            Remote = Ipv4Address.Parse("203.0.113.1"),
            Port = port,
            UnderlayNextHop = Ipv4Address.Parse("203.0.113.1"),
        });
        _vrfs = new VrfId[load.Vrfs];
        for (int v = 0; v < load.Vrfs; v++)
            _vrfs[v] = _datapath.AddVrf(null, []);
        BytesPerVrf = Grown(ref memory) / (double)load.Vrfs;
        var clock = Stopwatch.StartNew();
        uint label = 16;
        foreach (Route4 route in load.Hosts4)
            Set(route.Vrf, route.Prefix, label++);
        AddsPerSecond = load.Hosts4.Count / clock.Elapsed.TotalSeconds;
        BytesPerHost4 = Grown(ref memory) / (double)load.Hosts4.Count;
        foreach (Route6 route in load.Hosts6)
            Set(route.Vrf, route.Prefix, label++);
        BytesPerHost6 = Grown(ref memory) / (double)load.Hosts6.Count;
        foreach (Route4 route in load.Shorter4)
            Set(route.Vrf, route.Prefix, label++);
        foreach (Route6 route in load.Shorter6)
            Set(route.Vrf, route.Prefix, label++);
        BytesPerShorter = Grown(ref memory) / (double)(load.Shorter4.Count + load.Shorter6.Count);
    }

    /// <summary>Resident memory of the process per VRF before it had routes.</summary>
    internal double BytesPerVrf { get; }

    /// <summary>Resident memory of the process per IPv4 host route, control side included.</summary>
    internal double BytesPerHost4 { get; }

    /// <summary>The same for IPv6.</summary>
    internal double BytesPerHost6 { get; }

    /// <summary>The same for shorter prefixes of both families.</summary>
    internal double BytesPerShorter { get; }

    /// <summary>IPv4 host routes added per second while the tables grew.</summary>
    internal double AddsPerSecond { get; }

    /// <summary>Measures every stream of addresses: name, nanoseconds per lookup.</summary>
    /// <param name="rounds">Times each is measured; the median counts.</param>
    /// <param name="count">Addresses of the large streams; the hot one has 2,048.</param>
    internal List<(string Stream, double Nanoseconds)> Measure(int rounds, int count)
    {
        var results = new List<(string, double)>();
        foreach ((string name, int addresses, double share) in new[]
        {
            ("IPv4 hot: 2,048 hosts", 2048, 1.0), ("IPv4 hosts", count, 1.0), ("IPv4 half hosts, half below shorter", count, 0.5),
            ("IPv4 below shorter prefixes", count, 0.0),
        })
        {
            Target4[] targets = _load.Targets4(addresses, share, seed: 7);
            var keys = (ulong*)NativeMemory.AlignedAlloc((nuint)targets.Length * sizeof(ulong), 64);
            for (int i = 0; i < targets.Length; i++)
                keys[i] = RouteTable.Key4(VrfRow.AccessSpace(targets[i].Vrf), BinaryPrimitives.ReverseEndianness(targets[i].Address));
            results.Add((name, Time(rounds, count, targets.Length, start => RunV4(_datapath.Root, keys, start, targets.Length))));
            NativeMemory.AlignedFree(keys);
        }
        foreach ((string name, int addresses, double share) in new[]
        {
            ("IPv6 hot: 2,048 hosts", 2048, 1.0), ("IPv6 hosts", count, 1.0), ("IPv6 below shorter prefixes", count, 0.0),
        })
        {
            Target6[] targets = _load.Targets6(addresses, share, seed: 8);
            var spaces = (uint*)NativeMemory.AlignedAlloc((nuint)targets.Length * sizeof(uint), 64);
            var words = (ulong*)NativeMemory.AlignedAlloc((nuint)targets.Length * 2 * sizeof(ulong), 64);
            for (int i = 0; i < targets.Length; i++)
            {
                spaces[i] = VrfRow.AccessSpace(targets[i].Vrf);
                words[i] = BinaryPrimitives.ReverseEndianness(targets[i].High);
                words[targets.Length + i] = BinaryPrimitives.ReverseEndianness(targets[i].Low);
            }
            results.Add((name, Time(rounds, count, targets.Length, start => RunV6(_datapath.Root, spaces, words, words + targets.Length, targets.Length))));
            NativeMemory.AlignedFree(spaces);
            NativeMemory.AlignedFree(words);
        }
        return results;
    }

    /// <summary>Changes per second through the datapath with everything loaded: a third each replaces the leaf of a host
    /// route, withdraws one, and puts one that was withdrawn back.</summary>
    internal double MeasureChanges(int changes)
    {
        var random = new Random(3);
        var absent = new Queue<Route4>();
        int done = 0;
        var clock = Stopwatch.StartNew();
        while (done < changes)
        {
            Route4 route = _load.Hosts4[random.Next(_load.Hosts4.Count)];
            Set(route.Vrf, route.Prefix, (uint)done & 0xFFFFF | 16);
            done++;
            route = _load.Hosts4[random.Next(_load.Hosts4.Count)];
            if (_datapath.RemoveRoute(_vrfs[route.Vrf], route.Prefix))
                absent.Enqueue(route);
            done++;
            if (absent.Count < 64)
                continue;
            route = absent.Dequeue();
            Set(route.Vrf, route.Prefix, (uint)done & 0xFFFFF | 16);
            done++;
        }
        double rate = done / clock.Elapsed.TotalSeconds;
        while (absent.TryDequeue(out Route4 route))
            Set(route.Vrf, route.Prefix, 16);
        return rate;
    }

    /// <inheritdoc/>
    public void Dispose() => _datapath.Dispose();

    private void Set(uint vrf, IpPrefix prefix, uint label) =>
        _datapath.SetRoute(_vrfs[vrf], prefix, new SuppliedRoute(_tunnel, new Label20(label & 0xFFFFF)));

    private static double Time(int rounds, int lookups, int count, Action<int> run)
    {
        int repeats = Math.Max(1, lookups / count);
        var times = new List<double>();
        for (int round = -2; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeats; i++)
                run(0);
            if (round >= 0)
                times.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / ((double)repeats * count));
        }
        times.Sort();
        return times[times.Count / 2];
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void RunV4(DatapathRoot* root, ulong* keys, int start, int count)
    {
        ulong* leaves = stackalloc ulong[BatchSize];
        for (int i = start; i < count; i += BatchSize)
            RouteTable.Lookup4(root, keys + i, leaves, Math.Min(BatchSize, count - i));
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void RunV6(DatapathRoot* root, uint* spaces, ulong* firsts, ulong* seconds, int count)
    {
        ulong* leaves = stackalloc ulong[BatchSize];
        for (int i = 0; i < count; i += BatchSize)
            RouteTable.Lookup6(root, spaces + i, firsts + i, seconds + i, leaves, Math.Min(BatchSize, count - i));
    }

    private long Grown(ref long before)
    {
        _datapath.Reclaim();
        long now = Resident();
        long grown = now - before;
        before = now;
        return grown;
    }

    // Bytes of the process that are in memory, after a full collection.
    private static long Resident()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using StreamReader status = File.OpenText("/proc/self/statm");
        return long.Parse(status.ReadToEnd().Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }
}

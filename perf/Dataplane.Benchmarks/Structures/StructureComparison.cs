using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Benchmarks.Structures;

/// <summary>
/// The structures of ADR-0002 over the same routes and addresses, as a Markdown table: nanoseconds per lookup in batches of 64,
/// changes per second (a third each replaces, withdraws, and puts back a host route), bytes per route. Rounds alternate between
/// the structures; the median of the rounds counts. All answers are compared first.
/// </summary>
internal static unsafe class StructureComparison
{
    private const int Batch = 64;
    private const int Large = 1_000_000;

    internal static void Run(int vrfs, int rounds)
    {
        var load = new RouteLoad(vrfs);
        int routes = load.Hosts4.Count + load.Shorter4.Count;
        IRouteStructure[] structures =
        [
            new SharedHosts(vrfs, tries: false), new SharedHosts(vrfs, tries: true), new HashByLength(vrfs),
            new Cuckoo(vrfs, load.Hosts4.Count), new Trie1688(vrfs, routes),
        ];
        foreach (IRouteStructure structure in structures)
        {
            foreach (Route4 route in load.Shorter4.OrderBy(static r => r.Length).Concat(load.Hosts4))
                structure.Set(route.Vrf, route.Address, route.Length, LeafOf(route));
        }
        (string Name, ulong[] Keys)[] streams =
        [
            ("hot 2,048 hosts", Keys(load.Targets4(2048, 1, 7))), ("hosts", Keys(load.Targets4(Large, 1, 7))),
            ("half hosts, half shorter", Keys(load.Targets4(Large, 0.5, 7))), ("shorter", Keys(load.Targets4(Large, 0, 7))),
        ];
        Compare(structures, streams[2].Keys);
        var times = new List<double>[structures.Length, streams.Length + 1];
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < structures.Length; i++)
            {
                for (int s = 0; s <= streams.Length; s++)
                {
                    double value = s < streams.Length ? Time(structures[i], streams[s].Keys) : Change(structures[i], load, 300_000);
                    times[i, s] ??= [];
                    if (round >= 0)
                        times[i, s].Add(value);
                }
            }
        }
        Console.WriteLine($"{vrfs:n0} VRFs, {load.Hosts4.Count:n0} IPv4 host routes, {load.Shorter4.Count:n0} shorter; ns per lookup, median of {rounds}");
        Console.WriteLine();
        Console.WriteLine($"| structure | {string.Join(" | ", streams.Select(static s => s.Name))} | M changes/s | bytes per route |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", streams.Length + 2))}");
        for (int i = 0; i < structures.Length; i++)
        {
            string cells = string.Join(" | ", Enumerable.Range(0, streams.Length).Select(s => Median(times[i, s]).ToString("f1", CultureInfo.InvariantCulture)));
            double changes = Median(times[i, streams.Length]) / 1e6;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {structures[i].Name} | {cells} | {changes:f1} | {structures[i].Bytes / (double)routes:f0} |"));
        }
        foreach (IRouteStructure structure in structures)
            structure.Dispose();
    }

    private static ulong LeafOf(Route4 route) => Leaf.Create(LeafKind.Tunnel, route.Length, route.Vrf, route.Address & 0xFFFFF).Bits;

    private static ulong[] Keys(Target4[] targets)
    {
        // Pinned for good: the structures take pointers.
        ulong[] keys = GC.AllocateUninitializedArray<ulong>(targets.Length, pinned: true);
        for (int i = 0; i < keys.Length; i++)
            keys[i] = RouteTable.Key4(VrfRow.AccessSpace(targets[i].Vrf), BinaryPrimitives.ReverseEndianness(targets[i].Address));
        return keys;
    }

    private static void Compare(IRouteStructure[] structures, ulong[] keys)
    {
        ulong* expected = stackalloc ulong[Batch];
        ulong* leaves = stackalloc ulong[Batch];
        var start = (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(keys));
        for (int at = 0; at + Batch <= keys.Length; at += Batch)
        {
            structures[0].Lookup(start + at, expected, Batch);
            foreach (IRouteStructure structure in structures)
            {
                structure.Lookup(start + at, leaves, Batch);
                if (!new ReadOnlySpan<ulong>(leaves, Batch).SequenceEqual(new ReadOnlySpan<ulong>(expected, Batch)))
                    throw new InvalidOperationException($"{structure.Name} answers differently from {structures[0].Name}");
            }
        }
    }

    private static double Time(IRouteStructure structure, ulong[] keys)
    {
        ulong* leaves = stackalloc ulong[Batch];
        var start = (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(keys));
        int repeats = Math.Max(1, Large / keys.Length);
        long clock = Stopwatch.GetTimestamp();
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            for (int at = 0; at < keys.Length; at += Batch)
                structure.Lookup(start + at, leaves, Math.Min(Batch, keys.Length - at));
        }
        return Stopwatch.GetElapsedTime(clock).TotalNanoseconds / ((double)repeats * keys.Length);
    }

    private static double Change(IRouteStructure structure, RouteLoad load, int changes)
    {
        var random = new Random(3);
        var absent = new Queue<Route4>();
        var gone = new HashSet<(uint, uint)>();
        long clock = Stopwatch.GetTimestamp();
        for (int i = 0; i < changes; i += 3)
        {
            Route4 route = load.Hosts4[random.Next(load.Hosts4.Count)];
            if (!gone.Contains((route.Vrf, route.Address)))
                structure.Set(route.Vrf, route.Address, 32, LeafOf(route));
            route = load.Hosts4[random.Next(load.Hosts4.Count)];
            if (gone.Add((route.Vrf, route.Address)))
            {
                structure.RemoveHost(route.Vrf, route.Address);
                absent.Enqueue(route);
            }
            if (absent.Count < 64)
                continue;
            route = absent.Dequeue();
            gone.Remove((route.Vrf, route.Address));
            structure.Set(route.Vrf, route.Address, 32, LeafOf(route));
        }
        double rate = changes / Stopwatch.GetElapsedTime(clock).TotalSeconds;
        while (absent.TryDequeue(out Route4 route))
            structure.Set(route.Vrf, route.Address, 32, LeafOf(route));
        return rate;
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}

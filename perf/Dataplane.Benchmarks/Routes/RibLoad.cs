using System.Diagnostics;
using System.Globalization;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;

namespace Dataplane.Benchmarks.Routes;

/// <summary>
/// Loads of VPN-IPv4 routes into a routing base, without sessions, VRFs and Adj-RIB-Out: nanoseconds per route of each step, octets per route,
/// and what the collector stopped for. As a Markdown table, the median of the rounds (ADR-0007).
/// </summary>
internal sealed class RibLoad(int routes, int routesPerSet)
{
    // Routes between two settlings, as a turn of the routing loop takes them.
    private const int Turn = 500;
    private const int Distinguishers = 100;
    private const int Scatter = 7919;

    private static readonly string[] Steps =
        ["load", "same again", "other attributes", "second source", "next hop lost", "next hop back", "scan by target", "withdraw, scattered", "sweep"];

    private readonly AttributeBlockBuilder _builder = new();
    private readonly List<double> _times = [];
    private RoutingBase _routing = null!;
    private FamilyTable _table = null!;
    private Underlay _underlay = null!;

    /// <summary>Runs loads of so many routes with 100 and with one per attribute set.</summary>
    public static void Run(int routes, int rounds)
    {
        Console.WriteLine($"| {routes:N0} VPN-IPv4 routes | {string.Join(" | ", Steps)} | octets per route | of them GC heap | GC pauses, ms |");
        Console.WriteLine($"|---{string.Concat(Enumerable.Repeat("|--:", Steps.Length + 3))}|");
        foreach (var routesPerSet in (int[])[100, 1])
        {
            var results = Enumerable.Range(0, rounds).Select(_ => new RibLoad(routes, routesPerSet).Round()).ToArray();
            var cells = Enumerable.Range(0, results[0].Length).Select(column => Median(results.Select(result => result[column])));
            var text = cells.Select(cell => cell.ToString("0.#", CultureInfo.InvariantCulture));
            Console.WriteLine($"| {routesPerSet} per attribute set, ns per route | {string.Join(" | ", text)} |");
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    private double[] Round()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var pauses = GC.GetTotalPauseDuration();
        _underlay = new();
        _routing = new(resolver: _underlay);
        _table = _routing[RouteFamily.VpnIpv4];
        _builder.SetOrigin(0);
        _builder.SetAsPath(new AsNumber(65001), new AsNumber(65002));
        _builder.SetNextHop(IpAddress.Parse("10.0.0.1"));
        _builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, 100);
        _builder.SetExtendedCommunities([ExtendedCommunity.ParseRouteTarget("65000:1")]);
        SourceId first = _routing.Sources.Add(new() { Kind = SourceKind.Ibgp, RouterId = 1, Name = "first" });
        SourceId second = _routing.Sources.Add(new() { Kind = SourceKind.Ibgp, RouterId = 2, Name = "second" });
        Time(() => Announce(first, med: 0));
        var paused = GC.GetTotalPauseDuration() - pauses;
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        var octets = (double)_routing.Bytes / routes;
        Time(() => Announce(first, med: 0));
        Time(() => Announce(first, med: 1));
        Time(() => Announce(second, med: 1));
        Time(() => SetReachable(false));
        Time(() => SetReachable(true));
        var count = new Count();
        Time(() => _table.ForEachWithTargets(ref count));
        Time(() => Withdraw(second));
        Time(() =>
        {
            _ = _table.Sweep(first);
            _ = _routing.Settle();
        });
        if (count.Found != routes || _table.DestinationCount != 0 || _routing.Attributes.Count != 0)
        {
            throw new InvalidOperationException("The load went wrong.");
        }

        return [.. _times, octets, (double)held / routes, paused.TotalMilliseconds];
    }

    private void Time(Action step)
    {
        var start = Stopwatch.GetTimestamp();
        step();
        _times.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / routes);
    }

    private void Announce(SourceId source, uint med)
    {
        AttributeSetId set = default;
        for (var i = 0; i < routes; i++)
        {
            if (i % routesPerSet == 0)
            {
                _routing.Attributes.Release(set);
                _builder.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, ((uint)(i / routesPerSet) << 1) | med);
                set = _routing.Attributes.Intern(_builder.Block);
            }

            _routing.Attributes.Acquire(set, 2);
            _ = _table.Announce(NlriOf(i), source, 0, set, set, (uint)(16 + i) << 4 | 1);
            if (i % Turn == Turn - 1)
            {
                _ = _routing.Settle();
            }
        }

        _routing.Attributes.Release(set);
        _ = _routing.Settle();
    }

    private void Withdraw(SourceId source)
    {
        for (var i = 0; i < routes; i++)
        {
            _ = _table.Withdraw(NlriOf((int)((long)i * Scatter % routes)), source, 0);
            if (i % Turn == Turn - 1)
            {
                _ = _routing.Settle();
            }
        }

        _ = _routing.Settle();
    }

    private void SetReachable(bool isReachable)
    {
        _underlay.IsReachable = isReachable;
        _routing.NextHops.Reresolve();
        while (_routing.Settle(Turn) > 0)
        {
        }
    }

    private static Nlri NlriOf(int route) =>
        new(RouteDistinguisher.OfAs(65000, (uint)(route % Distinguishers)), 0, 0x0A000000 + (uint)(route / Distinguishers), 32);

    private sealed class Underlay : INextHopResolver
    {
        public bool IsReachable { get; set; } = true;

        public NextHopState Resolve(IpAddress nextHop) => new(IsReachable, 0);
    }

    private struct Count : IDestinationVisitor
    {
        public int Found;

        public readonly bool Wants(RouteTargetSetId targets) => true;

        public void Visit(DestinationId destination) => Found++;
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using Dataplane.ControlRig.Contenders;
using Dataplane.ControlRig.Signaling;
using Dataplane.Rig.Measuring;

namespace Dataplane.ControlRig.Runs;

/// <summary>
/// One agent publishes, 1,000 are subscribed: from the moment before the publication leaves to when each has read what it is told of it,
/// first with all reading, then with one that has stopped to.
/// </summary>
internal static class NotifyRun
{
    internal const string Name = "agents-notify";
    internal const string Description = "publish to notify, 1,000 subscribers of one VPN, 20 events a second; then with a subscriber that does not read";
    private const int Subscribers = 1000;
    private const int Events = 200;
    private const int StalledRoutes = 2000;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    internal static Figures Measure(ContenderKind kind)
    {
        _ = kind;
        using var fleet = new AgentFleet(Subscribers + 3, vpns: 1);
        Agent publisher = fleet.Agents[0];
        Agent[] subscribers = [.. fleet.Agents.Skip(1).Take(Subscribers)];
        fleet.Connect([publisher, .. subscribers]);
        Task.WhenAll(subscribers.Select(static agent => agent.SubscribeAsync("v0"))).GetAwaiter().GetResult();
        fleet.Until("all subscriptions", () => subscribers.All(static agent => agent.Results >= 1));

        var times = new EventTimes(Events * 2);
        foreach (Agent subscriber in subscribers)
            subscriber.Heard = times.Heard;
        publisher.PublishAsync("v0", "198.51.100.1/32", 20_000, 0).GetAwaiter().GetResult();
        fleet.Until("the first item", () => subscribers.All(static agent => agent.Items >= 1));

        double[] reading = Publish(fleet, publisher, times, first: 1);
        Agent stalled = fleet.Agents[Subscribers + 1], filler = fleet.Agents[Subscribers + 2];
        fleet.Connect([filler]);
        fleet.Connect([stalled]);
        stalled.SubscribeAsync("v0").GetAwaiter().GetResult();
        fleet.Until("its subscription", () => stalled.Results >= 1);
        stalled.StopReading();
        for (int i = 0; i < StalledRoutes; i++)
            filler.PublishAsync("v0", $"198.18.{i >> 8}.{i & 0xFF}/32", 30_000, 0).GetAwaiter().GetResult();
        fleet.Until("the routes that fill its queue", () => subscribers.All(static agent => agent.Items >= 1 + Events + StalledRoutes));
        double[] beside = Publish(fleet, publisher, times, first: 1 + Events);
        return new Figures
        {
            ["ms, p99"] = Percentile(reading, 0.99),
            ["ms, p50"] = Percentile(reading, 0.5),
            ["ms to the last of 1,000, median"] = Statistics.Median([.. times.Slowest(1, Events)]),
            ["ms beside a stalled client, p99"] = Percentile(beside, 0.99),
            ["ms beside a stalled client, p50"] = Percentile(beside, 0.5),
        };
    }

    private static double[] Publish(AgentFleet fleet, Agent publisher, EventTimes times, int first)
    {
        for (int i = 0; i < Events; i++)
        {
            uint version = (uint)(first + i);
            times.Sent(version);
            publisher.RepublishAsync("v0", "198.51.100.1/32", 20_000, version).GetAwaiter().GetResult();
            Thread.Sleep(Between);
        }
        fleet.Until("all events", () => times.CountOf(first, Events) >= (long)Events * Subscribers);
        double[] all = [.. times.All(first, Events)];
        Array.Sort(all);
        return all;
    }

    private static double Percentile(double[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];

    /// <summary>When events left, and how long each took to each subscriber, by version.</summary>
    private sealed class EventTimes(int events)
    {
        private readonly long[] _sent = new long[events + 1];
        private readonly ConcurrentQueue<double>[] _heard = [.. Enumerable.Range(0, events + 1).Select(static _ => new ConcurrentQueue<double>())];

        internal void Sent(uint version) => Volatile.Write(ref _sent[version], Stopwatch.GetTimestamp());

        internal void Heard(uint version)
        {
            if (version != 0 && version < _sent.Length)
                _heard[version].Enqueue(Stopwatch.GetElapsedTime(Volatile.Read(ref _sent[version])).TotalMilliseconds);
        }

        internal long CountOf(int first, int count) => _heard.Skip(first).Take(count).Sum(static one => (long)one.Count);

        internal IEnumerable<double> All(int first, int count) => _heard.Skip(first).Take(count).SelectMany(static one => one);

        internal IEnumerable<double> Slowest(int first, int count) => _heard.Skip(first).Take(count).Select(static one => one.Max());
    }
}

using System.Diagnostics;
using Dataplane.ControlRig.Contenders;
using Dataplane.ControlRig.Measuring;
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
    internal const string Description =
        "publish to notify, 1,000 subscribers of one VPN, 20 events a second; then with a subscriber that does not read; then again without it";
    private const int Subscribers = 1000;
    private const int WarmUp = 200;
    private const int Events = 200;
    private const int First = 1 + WarmUp;
    private const int MostStallingRoutes = 50_000;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    internal static Figures Measure(ContenderKind kind)
    {
        _ = kind;
        using var fleet = new AgentFleet(Subscribers + 3, vpns: 2);
        Agent publisher = fleet.Agents[0];
        Agent[] subscribers = [.. fleet.Agents.Skip(1).Take(Subscribers)];
        fleet.Connect([publisher, .. subscribers]);
        foreach (Agent subscriber in subscribers)
            subscriber.Subscribe("v0");
        fleet.Until("all subscriptions", () => subscribers.All(static agent => agent.Results >= 1));

        var times = new EventTimes(WarmUp + (Events * 3), subscribers);
        publisher.Publish("v0", "198.51.100.1/32", 20_000, 0);
        fleet.Until("the first item", () => subscribers.All(static agent => agent.Items >= 1));

        // Both programs compile what is often used once more, better, while they run.
        _ = Publish(fleet, publisher, times, first: 1, WarmUp);

        ProcessFigures gateway = ProcessFigures.Of(fleet.ProcessId), rig = ProcessFigures.Of(Environment.ProcessId);
        double[] before = Publish(fleet, publisher, times, First, Events);
        double gatewaySeconds = ProcessFigures.Of(fleet.ProcessId).CpuSeconds - gateway.CpuSeconds;
        double rigSeconds = ProcessFigures.Of(Environment.ProcessId).CpuSeconds - rig.CpuSeconds;

        Agent stalled = Stall(fleet, fleet.Agents[Subscribers + 1], fleet.Agents[Subscribers + 2]);
        double[] beside = Publish(fleet, publisher, times, First + Events, Events);
        if (Blocked(fleet) != 1)
            throw new InvalidOperationException("the client that was to be stalled was not, all the time");
        stalled.Dispose();
        fleet.Until("the end of the stalled client", () => Blocked(fleet) == 0);
        double[] after = Publish(fleet, publisher, times, First + (2 * Events), Events);

        double[] without = [.. before, .. after];
        Array.Sort(without);
        return new Figures
        {
            ["ms, p99"] = Percentile(without, 0.99),
            ["ms, p50"] = Percentile(without, 0.5),
            ["ms to the last of 1,000, median"] = Statistics.Median([.. times.Slowest(First, Events), .. times.Slowest(First + (2 * Events), Events)]),
            ["gateway's CPU, ms per event"] = gatewaySeconds * 1000 / Events,
            ["agents' CPU, ms per event"] = rigSeconds * 1000 / Events,
            ["ms before the stalled client, p99"] = Percentile(before, 0.99),
            ["beside it"] = Percentile(beside, 0.99),
            ["after it"] = Percentile(after, 0.99),
            ["beside it, p50"] = Percentile(beside, 0.5),
            ["% told as a newer one"] = 100.0 * times.Superseded / ((WarmUp + (3 * Events)) * Subscribers),
        };
    }

    private static double[] Publish(AgentFleet fleet, Agent publisher, EventTimes times, int first, int count)
    {
        for (int i = 0; i < count; i++)
        {
            uint version = (uint)(first + i);
            times.Sent(version);
            publisher.Republish("v0", "198.51.100.1/32", 20_000, version);
            Thread.Sleep(Between);
        }
        fleet.Until("all events", () => times.Count >= (first - 1 + count) * Subscribers);
        double[] all = [.. times.All(first, count)];
        Array.Sort(all);
        return all;
    }

    /// <summary>One more subscriber, that stops to read and is sent routes of a VPN that only it is in until the gateway can send it no more.</summary>
    private static Agent Stall(AgentFleet fleet, Agent stalled, Agent filler)
    {
        fleet.Connect([filler]);
        fleet.Connect([stalled], receiveBuffer: 16 << 10);
        stalled.Subscribe("v0");
        stalled.Subscribe("v1");
        fleet.Until("its subscriptions", () => stalled.Results >= 2);
        stalled.StopReading();
        for (int sent = 0; Blocked(fleet) == 0;)
        {
            if (sent >= MostStallingRoutes)
                throw new InvalidOperationException("a client that reads nothing takes everything");
            for (int end = sent + 500; sent < end; sent++)
                filler.Publish("v1", $"198.{18 + (sent >> 16)}.{(sent >> 8) & 0xFF}.{sent & 0xFF}/32", 30_000, 0);
            fleet.Until("what is published meanwhile", () => filler.Results >= 2 * sent);
        }
        return stalled;
    }

    private static double Blocked(AgentFleet fleet) => fleet.Metrics().Sum("dataplane_signaling_blocked");

    private static double Percentile(double[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];

    /// <summary>
    /// When events left, and how long each took to each subscriber, by version. Who is told a newer version before an older one, since the gateway
    /// tells the last state only, knows the older one from then on.
    /// </summary>
    private sealed class EventTimes
    {
        private readonly long[] _sent;
        private readonly double[][] _heard;
        private int _times;
        private int _superseded;

        internal EventTimes(int events, IReadOnlyList<Agent> subscribers)
        {
            _sent = new long[events + 1];
            _heard = [.. Enumerable.Range(0, events + 1).Select(_ => new double[subscribers.Count])];
            for (int i = 0; i < subscribers.Count; i++)
                subscribers[i].Heard = new Listener(this, i).Heard;
        }

        /// <summary>Times taken so far.</summary>
        internal int Count => Volatile.Read(ref _times);

        /// <summary>Times that ended with a newer version than that which was waited for.</summary>
        internal int Superseded => Volatile.Read(ref _superseded);

        internal void Sent(uint version) => Volatile.Write(ref _sent[version], Stopwatch.GetTimestamp());

        internal IEnumerable<double> All(int first, int count) => _heard.Skip(first).Take(count).SelectMany(static one => one);

        internal IEnumerable<double> Slowest(int first, int count) => _heard.Skip(first).Take(count).Select(static one => one.Max());

        // A subscriber is read by one thread at a time.
        private sealed class Listener(EventTimes times, int subscriber)
        {
            private uint _last;

            internal void Heard(uint version)
            {
                if (version <= _last || version >= times._sent.Length)
                    return;
                long now = Stopwatch.GetTimestamp();
                for (uint known = _last + 1; known <= version; known++)
                    times._heard[known][subscriber] = Stopwatch.GetElapsedTime(Volatile.Read(ref times._sent[known]), now).TotalMilliseconds;
                _ = Interlocked.Add(ref times._superseded, (int)(version - _last - 1));
                _ = Interlocked.Add(ref times._times, (int)(version - _last));
                _last = version;
            }
        }
    }
}

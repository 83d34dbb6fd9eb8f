using System.Globalization;
using System.Runtime;
using Dataplane.Forwarding.Control;
using Dataplane.Host.Bench.Traffic;

namespace Dataplane.Host.Bench.Trials;

/// <summary>Runs trials and judges them. Owner thread: the engine's.</summary>
internal sealed class TrialRunner(BenchLab lab, TrafficEngine engine, double allowedLoss, int? generatorCore)
{
    /// <summary>A generator that reaches less than this share of the rate asked for did not reach it.</summary>
    public const double LeastReached = 0.99;

    /// <summary>Microseconds without a CPU that disturb a trial: queues hold less than that.</summary>
    private const double LeastDisturbance = 100;

    private const long NoCollectionBytes = 32 << 20;

    private readonly ulong _hz = lab.ClockHz;

    /// <summary>Runs one trial.</summary>
    /// <param name="purpose">What it is for.</param>
    /// <param name="mix">The frames.</param>
    /// <param name="rate">The rate.</param>
    /// <param name="duration">How long.</param>
    /// <param name="most">At most so many frames; null for no bound.</param>
    public TrialResult Run(string purpose, TrafficMix mix, RateRequest rate, TimeSpan duration, ulong? most = null)
    {
        double? requested = rate.PacketsPerSecond(mix.MeanOctets);
        Pacer pacer = requested is { } pps ? Pacer.Even(pps, _hz)
            : rate.Kind == RateKind.Max ? Pacer.Unlimited()
            : Pacer.Captured(mix.Templates.Select(static template => template.Due), mix.SpanNanoseconds, rate.Value, _hz);
        DatapathCounters? before = lab.Forwarder?.Tables.Datapath.ReadCounters();
        foreach (WorkerHandle worker in Workers)
            worker.ResetLongestGap();
        CpuTime cpuBefore = ReadCpuTime();
        // A collection in the middle would stop the generator. Whoever allocates more than this ends it early.
        _ = GC.TryStartNoGCRegion(NoCollectionBytes);
        TrafficCounts counts = engine.Run(mix, pacer, duration, most, soFar => Reconcile(soFar, LedgerSince(before)) is false);
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            GC.EndNoGCRegion();
        CpuTime taken = ReadCpuTime().Since(cpuBefore);
        return Judge(purpose, mix, requested, counts, LedgerSince(before), taken, most is not null);
    }

    private DatapathLedger? LedgerSince(DatapathCounters? before) =>
        before is null ? null : DatapathLedger.Between(before, lab.Forwarder!.Tables.Datapath.ReadCounters());

    private CpuTime ReadCpuTime() => CpuTime.Read(lab.Forwarder?.Configuration.Workers.Cores ?? [], generatorCore);

    private IEnumerable<WorkerHandle> Workers => lab.Forwarder?.Workers ?? [];

    private TrialResult Judge(
        string purpose, TrafficMix mix, double? requested, TrafficCounts counts, DatapathLedger? ledger, CpuTime taken, bool bounded)
    {
        double seconds = Math.Max((double)counts.SendTicks / _hz, 1e-9);
        bool allStamped = mix.Stamped == mix.Templates.Length;
        ulong received = allStamped ? counts.ReceivedStamped : counts.Received - Math.Min(ledger?.InjectedTx ?? 0, counts.Received);
        ulong expected = counts.Offered - Math.Min(counts.Offered, ledger?.NotForwarded ?? 0);
        ulong lost = expected > received ? expected - received : 0;
        double share = counts.Offered == 0 ? 0 : (double)lost / counts.Offered;
        double offeredPps = counts.Offered / seconds;
        double generatorAway = counts.LongestAway * 1e6 / _hz;
        double? workerAway = ledger is null ? null : Workers.Max(static worker => worker.LongestGap) * 1e6 / _hz;
        var remarks = new List<string>();
        bool isShort = !bounded && (requested is { } wanted ? offeredPps < wanted * LeastReached : counts.Skipped > counts.Offered * (1 - LeastReached));
        if (isShort)
        {
            remarks.Add(requested is { } asked
                ? string.Create(CultureInfo.InvariantCulture, $"the generator reached {offeredPps / asked:P1} of the rate")
                : string.Create(CultureInfo.InvariantCulture, $"the generator fell behind the capture's times {counts.Skipped:F0} times"));
        }
        if (counts.WithoutBuffer > 0)
            remarks.Add($"the generator had no buffer for {counts.WithoutBuffer} frames");
        // Rings hold what workers send while the analyser is away, but not for ever; then the frames are lost for its sake.
        bool ownWays = lab.Outlets[0] is RingOutlet;
        ulong analyserLost = ownWays ? ledger?.DroppedByLoad ?? 0 : 0;
        if (analyserLost > 0)
            remarks.Add($"the analyser did not keep up with {analyserLost} frames");
        bool keptAway = isShort && taken.GeneratorWaited / 1e6 > seconds * (1 - LeastReached);
        bool disturbed = keptAway || taken.WorkersWaited > LeastDisturbance || taken.Stolen > 0
            || (!ownWays && taken.GeneratorWaited > LeastDisturbance);
        if (disturbed)
        {
            remarks.Add(string.Create(CultureInfo.InvariantCulture,
                $"the machine took CPUs away: from workers for {taken.WorkersWaited:F0} µs, from the generator for {taken.GeneratorWaited:F0} µs, hypervisor {taken.Stolen:F0} µs"));
        }
        if (ledger is { NotForwarded: > 0 })
            remarks.Add($"not forwarded by configuration: {ledger.ReasonsText}");
        return new TrialResult
        {
            Purpose = purpose,
            RequestedPps = requested,
            OfferedPps = Math.Round(offeredPps, 1),
            ReceivedPps = Math.Round(received / seconds, 1),
            Seconds = Math.Round(seconds, 6),
            Offered = counts.Offered,
            Received = received,
            Lost = lost,
            Refused = counts.Refused,
            LossShare = share,
            Reordered = counts.Reordered,
            OtherFrames = counts.Received - received,
            Verdict = counts.Interrupted ? TrialVerdict.Interrupted
                : share <= allowedLoss ? keptAway ? TrialVerdict.Disturbed : isShort ? TrialVerdict.GeneratorShort : TrialVerdict.Passed
                : disturbed ? TrialVerdict.Disturbed
                : lost - Math.Min(lost, analyserLost) <= allowedLoss * counts.Offered ? TrialVerdict.GeneratorShort
                : TrialVerdict.Lost,
            Remarks = remarks,
            GeneratorAway = Math.Round(generatorAway, 1),
            WorkerAway = workerAway is { } away ? Math.Round(away, 1) : null,
            WorkerWaited = ledger is null ? null : Math.Round(taken.WorkersWaited, 1),
            GeneratorWaited = Math.Round(taken.GeneratorWaited, 1),
            Stolen = Math.Round(taken.Stolen, 1),
            Datapath = ledger,
            Reconciled = Reconcile(counts, ledger),
            Latency = LatencySummary.Of(engine.Latencies, _hz),
        };
    }

    // Rings lose nothing: all that was offered and taken was received, and all that was sent came out.
    private bool? Reconcile(TrafficCounts counts, DatapathLedger? ledger)
    {
        if (ledger is null)
            return null;
        bool ownWays = lab.Outlets[0] is RingOutlet;
        return ledger.Balances
            && (!ownWays || (counts.Offered - counts.Refused == ledger.Rx && ledger.Tx + ledger.InjectedTx == counts.Received));
    }
}

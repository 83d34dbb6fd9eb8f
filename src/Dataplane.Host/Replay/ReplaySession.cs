using System.Diagnostics;
using Dataplane.Dpdk;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Workers;
using Dataplane.Host.Forwarding;

namespace Dataplane.Host.Replay;

/// <summary>
/// One thread drives pipeline and slow path over captures; time is capture time, so that the same input gives the same
/// output. Before each burst the timers that are due run at their own times, after it the slow path handles all that was
/// punted; after the last packet the clock runs on for <see cref="Aftermath"/>.
/// </summary>
internal sealed class ReplaySession : IDisposable
{
    /// <summary>Time after the last packet, in which what waits for a neighbour ends one way or the other.</summary>
    public static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(10);

    private const ulong NanosecondsPerMicrosecond = 1000;
    private const ulong NanosecondsPerTick = 100;
    private readonly ReplayDevices _devices;
    private readonly CaptureMerge _input;
    private readonly CaptureWriter[] _writers;
    private readonly VirtualClock _clock;
    private readonly ManualWorker _worker;
    private readonly PuntReceiver _punts;
    private readonly SlowPathService _slowPath;
    private readonly Action<ulong> _setTime;
    private readonly nint[] _burst = new nint[ManualWorker.MaxBurst];
    private readonly nint[] _sent = new nint[ManualWorker.MaxBurst];

    private ReplaySession(ReplayRequest request, ReplayDevices devices, ForwardingTables tables, CaptureWriter[] writers)
    {
        _devices = devices;
        _writers = writers;
        _input = new CaptureMerge(devices.Sources);
        _clock = new VirtualClock((_input.PeekTime() ?? 0) * NanosecondsPerMicrosecond);
        tables.Datapath.SetPuntRing(devices.Punts);
        _worker = new ManualWorker(tables.Datapath.CreateWorker(
            new WorkerSettings { Queues = [], Burst = request.Configuration.Workers.Burst }, devices.Inject));
        _punts = new PuntReceiver(devices.Punts, devices.Timestamp);
        _slowPath = new SlowPathService(tables, _punts, new PacketInjector(devices.Pool, devices.Inject), _clock);
        _setTime = microseconds => _clock.AdvanceTo(microseconds * NanosecondsPerMicrosecond);
    }

    /// <summary>Replays and writes the results.</summary>
    /// <exception cref="DpdkException">DPDK refuses something.</exception>
    /// <exception cref="CaptureException">An input could not be read to its end.</exception>
    /// <exception cref="ForwarderException">The tables cannot be filled.</exception>
    public static ReplaySummary Run(ReplayRequest request)
    {
        using var devices = new ReplayDevices(request);
        using ForwardingTables tables = ForwardingTables.Build(request.Configuration, VirtualClock.Hz, devices.Bindings);
        var writers = new List<CaptureWriter>();
        try
        {
            foreach (var port in request.Configuration.Ports)
                writers.Add(new CaptureWriter(Path.Combine(request.OutputDirectory, port.Name + ".pcap")));
            var clock = Stopwatch.StartNew();
            using (var session = new ReplaySession(request, devices, tables, [.. writers]))
            {
                session.Replay();
                CountersFile.Write(
                    Path.Combine(request.OutputDirectory, "counters.json"), tables, session._slowPath.Processor.Counters);
            }
            foreach (CaptureWriter writer in writers)
                writer.Complete();
            DatapathCounters counters = tables.Datapath.ReadCounters();
            return new ReplaySummary(Sum(counters.PortRx), Sum(counters.PortTx), clock.Elapsed);
        }
        finally
        {
            foreach (CaptureWriter writer in writers)
                writer.Dispose();
        }
    }

    /// <summary>Gives back the buffers that are still on their way.</summary>
    public void Dispose()
    {
        foreach (CaptureSource source in _devices.Sources)
            source.Release();
        _punts.Dispose();
    }

    private static ulong Sum(PacketCount[] counts) =>
        counts.Aggregate(0UL, static (sum, count) => sum + count.Packets);

    private void Replay()
    {
        _slowPath.Start();
        ProcessInjected();
        while (_input.PeekTime() is { } microseconds)
        {
            ulong start = Math.Max(microseconds * NanosecondsPerMicrosecond, _clock.Now);
            RunTimersUntil(start);
            int count = _input.Take(_burst, out PortId port);
            _worker.Process(port, _burst.AsSpan(0, count), start);
            WriteSent();
            HandlePunts();
        }
        RunTimersUntil(_clock.Now + (ulong)Aftermath.Ticks * NanosecondsPerTick);
    }

    private void RunTimersUntil(ulong end)
    {
        while (_slowPath.Processor.TimeToNextTimer is { } delay)
        {
            ulong due = _clock.Now + (ulong)delay.Ticks * NanosecondsPerTick;
            if (due > end)
                break;
            _clock.AdvanceTo(due);
            _slowPath.Processor.Advance();
            ProcessInjected();
            HandlePunts();
        }
        _clock.AdvanceTo(end);
    }

    private void HandlePunts()
    {
        while (_slowPath.HandleNext(_setTime))
            ProcessInjected();
    }

    private void ProcessInjected()
    {
        while (_worker.ProcessInjected(_clock.Now) != 0)
            WriteSent();
    }

    // A frame that was received has its own time; the slow path's get the time at which they were sent.
    private void WriteSent()
    {
        for (int row = 0; row < _writers.Length; row++)
        {
            for (int count; (count = _devices.Outputs[row].Receive(0, _sent)) != 0;)
            {
                foreach (nint address in _sent.AsSpan(0, count))
                {
                    var packet = new PacketHandle(address);
                    ulong time = packet.ReceivedAt(_devices.Timestamp) ?? _clock.Now / NanosecondsPerMicrosecond;
                    _writers[row].Write(time, packet.Data);
                }
                Mempool.Free(_sent.AsSpan(0, count));
            }
        }
    }
}

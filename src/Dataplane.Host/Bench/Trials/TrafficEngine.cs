using Dataplane.Dpdk;
using Dataplane.Host.Bench.Traffic;

namespace Dataplane.Host.Bench.Trials;

/// <summary>
/// Generator and analyser in one loop: sends what is due, in bursts of at most <see cref="Burst"/>, and takes what came
/// out, without waiting for either. The clock is read once per burst: a mark's time is that at which its burst began to be
/// built, and frames count as received when they are taken out. Owner thread: one, registered with DPDK.
/// </summary>
internal sealed class TrafficEngine
{
    /// <summary>Most frames sent or received at a time.</summary>
    public const int Burst = 32;

    /// <summary>Longest wait for frames that are still on their way (RFC 2544 section 23).</summary>
    private static readonly TimeSpan Residue = TimeSpan.FromSeconds(2);

    /// <summary>Silence after which no more are expected, unless somebody knows better.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(30);

    private readonly Mempool _pool;
    private readonly ITrafficOutlet[] _outlets;
    private readonly ITrafficInlet[] _inlets;
    private readonly ulong _clockHz;
    private readonly CancellationToken _cancellation;
    private readonly nint[] _fresh = new nint[Burst];
    private readonly nint[][] _lanes;
    private readonly int[] _filled;
    private readonly nint[] _arrived = new nint[Burst];
    private TrafficMix _mix = null!;
    private TrafficCounts _counts = new();
    private uint _tag;
    private uint _sequence;
    private uint _expected;
    private int _cursor;
    private int _trial;

    /// <summary>Prepares it.</summary>
    /// <param name="pool">Where its buffers come from.</param>
    /// <param name="outlets">By <see cref="FrameTemplate.Lane"/>.</param>
    /// <param name="inlets">Everything that frames can come out of.</param>
    /// <param name="clockHz">Ticks per second.</param>
    /// <param name="cancellation">Ends a trial early.</param>
    public TrafficEngine(
        Mempool pool, IEnumerable<ITrafficOutlet> outlets, IEnumerable<ITrafficInlet> inlets, ulong clockHz, CancellationToken cancellation)
    {
        _pool = pool;
        _outlets = [.. outlets];
        _inlets = [.. inlets];
        _clockHz = clockHz;
        _cancellation = cancellation;
        _lanes = [.. _outlets.Select(static _ => new nint[Burst])];
        _filled = new int[_outlets.Length];
    }

    /// <summary>Latencies of the marked frames of the last trial, in ticks.</summary>
    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Sends for a time, waits for the rest, and tells what it saw.</summary>
    /// <param name="mix">The frames.</param>
    /// <param name="pacer">When they are due.</param>
    /// <param name="duration">How long to send.</param>
    /// <param name="most">At most so many frames; null for no bound but time.</param>
    /// <param name="isOutstanding">Whether frames are still on their way, by what was counted so far; asked when none have come for a while.</param>
    public TrafficCounts Run(TrafficMix mix, Pacer pacer, TimeSpan duration, ulong? most, Func<TrafficCounts, bool> isOutstanding)
    {
        _mix = mix;
        _counts = new TrafficCounts();
        _tag = Stamp.TagOf(++_trial);
        _sequence = _expected = 0;
        _cursor = 0;
        Latencies.Clear();
        Send(pacer, Ticks(duration), most ?? ulong.MaxValue);
        _counts.Skipped = pacer.Skipped;
        Collect(isOutstanding);
        return _counts;
    }

    private ulong Ticks(TimeSpan time) => (ulong)(time.TotalSeconds * _clockHz);

    private void Send(Pacer pacer, ulong ticks, ulong most)
    {
        ulong start = TimeStampCounter.Read();
        ulong last = start;
        pacer.Begin(start);
        while (_counts.Offered < most)
        {
            ulong now = TimeStampCounter.Read();
            if (now - last > _counts.LongestAway)
                _counts.LongestAway = now - last;
            last = now;
            if (now - start >= ticks)
                break;
            if (_cancellation.IsCancellationRequested)
            {
                _counts.Interrupted = true;
                break;
            }
            int due = pacer.Take(now, (int)Math.Min(Burst, most - _counts.Offered));
            if (due != 0)
                SendBurst(due, now);
            ReceiveBursts();
        }
        _counts.SendTicks = last - start;
    }

    private void Collect(Func<TrafficCounts, bool> isOutstanding)
    {
        ulong start = TimeStampCounter.Read();
        ulong heard = start;
        for (ulong now = start; now - start < Ticks(Residue); now = TimeStampCounter.Read())
        {
            if (ReceiveBursts() != 0)
                heard = now;
            else if (now - heard < Ticks(Silence))
                continue;
            // A worker may have been taken off its CPU with frames in its queue, or in its hands.
            else if (Array.Exists(_outlets, static outlet => outlet.HasWaiting) || isOutstanding(_counts))
                heard = now;
            else
                break;
        }
    }

    private void SendBurst(int count, ulong now)
    {
        Span<nint> fresh = _fresh.AsSpan(0, count);
        if (!_pool.TryAllocate(fresh))
        {
            _counts.WithoutBuffer += (uint)count;
            return;
        }
        FrameTemplate[] templates = _mix.Templates;
        byte[] data = _mix.Data;
        ulong octets = 0;
        foreach (nint packet in fresh)
        {
            ref readonly FrameTemplate template = ref templates[_cursor];
            if (++_cursor == templates.Length)
                _cursor = 0;
            Span<byte> frame = new PacketHandle(packet).Resize(template.Length);
            data.AsSpan(template.Offset, template.Length).CopyTo(frame);
            if (template.StampAt >= 0)
                Stamp.Write(frame, in template, _tag, _sequence++, now);
            octets += (uint)template.Length;
            _lanes[template.Lane][_filled[template.Lane]++] = packet;
        }
        _counts.Offered += (uint)count;
        _counts.OfferedOctets += octets;
        _counts.OfferedStamped = _sequence;
        for (int lane = 0; lane < _lanes.Length; lane++)
            Flush(lane);
    }

    private void Flush(int lane)
    {
        if (_filled[lane] == 0)
            return;
        ReadOnlySpan<nint> frames = _lanes[lane].AsSpan(0, _filled[lane]);
        int taken = _outlets[lane].Send(frames);
        _filled[lane] = 0;
        if (taken == frames.Length)
            return;
        _counts.Refused += (uint)(frames.Length - taken);
        Mempool.Free(frames[taken..]);
    }

    private int ReceiveBursts()
    {
        int all = 0;
        foreach (ITrafficInlet inlet in _inlets)
        {
            int count = inlet.Receive(_arrived);
            if (count == 0)
                continue;
            all += count;
            Analyse(_arrived.AsSpan(0, count), TimeStampCounter.Read());
        }
        return all;
    }

    private void Analyse(ReadOnlySpan<nint> packets, ulong now)
    {
        ulong octets = 0;
        foreach (nint address in packets)
        {
            var packet = new PacketHandle(address);
            octets += (uint)packet.Length;
            if (!Stamp.TryRead(packet.Data, _tag, out uint sequence, out ulong clock))
                continue;
            _counts.ReceivedStamped++;
            Latencies.Record(Stamp.Elapsed(clock, now));
            if (sequence < _expected)
                _counts.Reordered++;
            else
                _expected = sequence + 1;
        }
        _counts.Received += (uint)packets.Length;
        _counts.ReceivedOctets += octets;
        Mempool.Free(packets);
    }
}

namespace Dataplane.Host.Bench.Trials;

/// <summary>
/// When frames are due. A generator that was away does not make up for more than <see cref="LargestBacklog"/>: what it
/// missed beyond that is counted and lowers the rate that is reached, instead of hitting the device as a burst that nobody
/// asked for.
/// </summary>
internal sealed class Pacer
{
    /// <summary>Most time that is made up for.</summary>
    public static readonly TimeSpan LargestBacklog = TimeSpan.FromMicroseconds(50);

    /// <summary>Most frames that are made up for: half of what a receive queue holds by default.</summary>
    public const int LargestBacklogFrames = 512;

    private const double NanosecondsPerSecond = 1e9;
    private readonly long[]? _dueTicks;
    private readonly long _spanTicks;
    private readonly double _framesPerTick;
    private readonly double _mostOwed;
    private readonly long _mostLate;
    private ulong _start;
    private double _granted;
    private int _next;
    private long _passStart;

    private Pacer(double framesPerTick, double mostOwed)
    {
        _framesPerTick = framesPerTick;
        _mostOwed = mostOwed;
    }

    private Pacer(long[] dueTicks, long spanTicks, long mostLate)
    {
        _dueTicks = dueTicks;
        _spanTicks = Math.Max(spanTicks, 1);
        _mostLate = mostLate;
    }

    /// <summary>Frames that were due while the generator was away and are not sent.</summary>
    public double Skipped { get; private set; }

    /// <summary>Always as many as are asked for.</summary>
    public static Pacer Unlimited() => new(double.PositiveInfinity, 0);

    /// <summary>Evenly.</summary>
    /// <param name="framesPerSecond">More than zero.</param>
    /// <param name="clockHz">Ticks per second.</param>
    public static Pacer Even(double framesPerSecond, ulong clockHz) =>
        new(framesPerSecond / clockHz, Math.Clamp(framesPerSecond * LargestBacklog.TotalSeconds, 1, LargestBacklogFrames));

    /// <summary>As captured, pass after pass.</summary>
    /// <param name="dueNanoseconds">Capture times from the first frame on, not falling.</param>
    /// <param name="spanNanoseconds">Length of a pass.</param>
    /// <param name="speed">2 is twice as fast.</param>
    /// <param name="clockHz">Ticks per second.</param>
    public static Pacer Captured(IEnumerable<long> dueNanoseconds, long spanNanoseconds, double speed, ulong clockHz)
    {
        double ticks = clockHz / NanosecondsPerSecond / speed;
        return new Pacer(
            [.. dueNanoseconds.Select(due => (long)(due * ticks))], (long)(spanNanoseconds * ticks),
            (long)(LargestBacklog.TotalSeconds * clockHz));
    }

    /// <summary>Starts anew.</summary>
    public void Begin(ulong now)
    {
        _start = now;
        _granted = 0;
        _next = 0;
        _passStart = 0;
        Skipped = 0;
    }

    /// <summary>How many frames are to be sent now; the caller sends them.</summary>
    /// <param name="now">Not before <see cref="Begin"/>'s.</param>
    /// <param name="most">At most so many.</param>
    public int Take(ulong now, int most)
    {
        if (_dueTicks is not null)
            return TakeCaptured((long)(now - _start), most);
        if (double.IsInfinity(_framesPerTick))
            return most;
        double owed = (now - _start) * _framesPerTick - _granted;
        if (owed > _mostOwed + most)
        {
            double missed = Math.Floor(owed - _mostOwed);
            Skipped += missed;
            _granted += missed;
            owed -= missed;
        }
        int count = Math.Min((int)owed, most);
        _granted += count;
        return count;
    }

    private int TakeCaptured(long elapsed, int most)
    {
        long late = elapsed - (_passStart + _dueTicks![_next]);
        if (late > _mostLate)
        {
            // The whole schedule moves: frames stay as far from each other as they were captured.
            _passStart += late - _mostLate;
            Skipped += 1;
        }
        int count = 0;
        while (count < most && _passStart + _dueTicks[_next] <= elapsed)
        {
            count++;
            if (++_next == _dueTicks.Length)
            {
                _next = 0;
                _passStart += _spanTicks;
            }
        }
        return count;
    }
}

namespace Dataplane.Host.Bench.Trials;

/// <summary>What a search ended with.</summary>
internal enum NdrBound
{
    /// <summary>The rate is the highest without loss, within the resolution: a little more is lost.</summary>
    Found,

    /// <summary>Nothing was lost at the rate, and generator, machine or the bound given allowed no more to be tried.</summary>
    AtLeast,

    /// <summary>Frames were lost at the lowest rate tried.</summary>
    None,
}

/// <summary>
/// The search for the non-drop rate (RFC 2544 section 26.1) as a machine without clock or traffic: <see cref="Next"/> is
/// the rate to try, <see cref="Report"/> takes what came of it. From the starting rate it goes up or down in growing steps
/// until it has a rate that passes below one that does not, then halves. A loss is believed only when it happens
/// again (loss verification of ETSI GS NFV-TST 009 section 12.3.2); a disturbed trial is repeated, and when
/// that does not help, rates like it are left alone: nothing is known about them.
/// </summary>
internal sealed class NdrSearch
{
    private const double FirstStep = 0.05;
    private const double LeastShare = 1e-4;
    private const int MostDisturbed = 3;
    private const double LessWhenDisturbed = 0.8;
    private readonly double _resolution;
    private readonly int _verifications;
    private readonly double _least;
    private double _low;
    private double _high;
    private bool _lossSeen;
    private double _step = FirstStep;
    private int _losses;
    private int _disturbed;
    private bool _short;

    /// <summary>Begins a search.</summary>
    /// <param name="start">Rate to try first.</param>
    /// <param name="ceiling">No rate above it is tried; more than zero.</param>
    /// <param name="resolution">Share of the rate at which it stops, for instance 0.01.</param>
    /// <param name="verifications">How often a loss must repeat to count.</param>
    public NdrSearch(double start, double ceiling, double resolution, int verifications)
    {
        _resolution = resolution;
        _verifications = verifications;
        _high = ceiling;
        _least = ceiling * LeastShare;
        Next = Math.Clamp(start, _least, ceiling);
    }

    /// <summary>The rate to try next; null when the search has ended.</summary>
    public double? Next { get; private set; }

    /// <summary>Highest rate that passed; 0 when none did.</summary>
    public double Rate => _low;

    /// <summary>What <see cref="Rate"/> is, once the search has ended.</summary>
    public NdrBound Bound => _low == 0 ? NdrBound.None : _lossSeen ? NdrBound.Found : NdrBound.AtLeast;

    /// <summary>Takes the outcome of a trial at <see cref="Next"/>.</summary>
    /// <param name="verdict">Not <see cref="TrialVerdict.Interrupted"/>.</param>
    /// <param name="achieved">Rate that the generator reached.</param>
    public void Report(TrialVerdict verdict, double achieved)
    {
        double rate = Next ?? throw new InvalidOperationException("the search has ended");
        switch (verdict)
        {
            case TrialVerdict.Passed:
                _low = Math.Max(_low, rate);
                break;
            case TrialVerdict.GeneratorShort:
                // It may have been a moment's weakness, once.
                if (!_short && achieved > rate * 0.5)
                {
                    _short = true;
                    return;
                }
                _high = Math.Max(_low, Math.Min(rate * (1 - _resolution), achieved));
                break;
            case TrialVerdict.Disturbed:
                if (++_disturbed <= MostDisturbed)
                    return;
                _high = Math.Max(_low, rate * LessWhenDisturbed);
                break;
            case TrialVerdict.Lost when ++_losses <= _verifications:
                return;
            default:
                _high = rate;
                _lossSeen = true;
                break;
        }
        _losses = _disturbed = 0;
        _short = false;
        Next = Choose();
    }

    private double? Choose()
    {
        if (_high - _low <= _resolution * _high || _high <= _least)
            return null;
        double step = _step;
        _step *= 2;
        if (_low == 0)
            return Math.Max(_high * Math.Max(1 - step, 0.5), _least);
        if (!_lossSeen)
            return Math.Min(_low * (1 + step), _high);
        return (_low + _high) / 2;
    }
}

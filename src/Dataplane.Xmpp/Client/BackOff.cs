namespace Dataplane.Xmpp.Client;

/// <summary>
/// How long to wait before the next attempt: between half of a bound and all of it, at random; the bound doubles with every failure up to a limit.
/// Thousands of clients that lost the same server do not come back at the same instant, nor in step afterwards. Pure.
/// </summary>
/// <param name="first">The bound after the first failure.</param>
/// <param name="longest">The bound at most.</param>
/// <param name="random">Where jitter comes from.</param>
internal sealed class BackOff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _failures;

    /// <summary>Notes a failure.</summary>
    /// <returns>How long to wait.</returns>
    public TimeSpan Next()
    {
        double bound = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(_failures++, 32)));
        return TimeSpan.FromSeconds(bound * (0.5 + (random.NextDouble() / 2)));
    }

    /// <summary>All is well: the next failure is a first one.</summary>
    public void Reset() => _failures = 0;
}

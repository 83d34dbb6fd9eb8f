namespace Dataplane.Xmpp.Sessions;

/// <summary>What to do when the time for a ping has come.</summary>
internal enum PingDecision : byte
{
    /// <summary>Nothing: the peer said something not long ago.</summary>
    Wait,

    /// <summary>Ask it.</summary>
    Ping,

    /// <summary>Give it up.</summary>
    GiveUp,
}

/// <summary>
/// Watches whether a peer is there (XMP-02): one that says nothing for an interval is asked, and given up when it says nothing to so many pings.
/// Whatever it says counts, however soon after the ping and however late the timer is. Pure: times in, a decision out.
/// </summary>
/// <param name="interval">How long a peer may be silent.</param>
/// <param name="misses">Pings without anything from the peer after which it is given up.</param>
internal sealed class PingWatch(TimeSpan interval, int misses)
{
    private TimeSpan _pinged;

    /// <summary>Pings since the peer said something last.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Decides.</summary>
    /// <param name="now">The time.</param>
    /// <param name="received">When the peer said something last.</param>
    /// <param name="next">How long until it is to be asked again.</param>
    public PingDecision Decide(TimeSpan now, TimeSpan received, out TimeSpan next)
    {
        next = interval;
        if (received >= _pinged)
        {
            Unanswered = 0;
        }

        if (now - received < interval)
        {
            next = interval - (now - received);
            return PingDecision.Wait;
        }

        if (Unanswered >= misses)
        {
            return PingDecision.GiveUp;
        }

        Unanswered++;
        _pinged = now;
        return PingDecision.Ping;
    }
}

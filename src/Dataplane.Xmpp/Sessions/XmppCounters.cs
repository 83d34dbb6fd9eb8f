namespace Dataplane.Xmpp.Sessions;

/// <summary>What a server or client counts. Any thread adds; scrapes read.</summary>
public sealed class XmppCounters
{
    private long _accepted;
    private long _refused;
    private long _tlsFailures;
    private long _authenticationFailures;
    private long _opened;
    private long _closed;
    private long _displaced;
    private long _timedOut;
    private long _pingsMissed;
    private long _violations;
    private long _stanzasIn;
    private long _octetsOut;
    private long _sendsRefused;

    /// <summary>Connections accepted or made.</summary>
    public long Connections => Interlocked.Read(ref _accepted);

    /// <summary>Connections refused because there were too many.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>TLS handshakes that failed: no certificate, or none that is accepted.</summary>
    public long TlsFailures => Interlocked.Read(ref _tlsFailures);

    /// <summary>SASL attempts that failed.</summary>
    public long AuthenticationFailures => Interlocked.Read(ref _authenticationFailures);

    /// <summary>Sessions that were opened.</summary>
    public long Opened => Interlocked.Read(ref _opened);

    /// <summary>Sessions that were closed; <see cref="Opened"/> less this is how many there are.</summary>
    public long Closed => Interlocked.Read(ref _closed);

    /// <summary>Sessions displaced by newer ones of the same address (XMP-03).</summary>
    public long Displaced => Interlocked.Read(ref _displaced);

    /// <summary>Sessions whose peer did not answer pings or took nothing.</summary>
    public long TimedOut => Interlocked.Read(ref _timedOut);

    /// <summary>Pings that were not answered before the next one was due.</summary>
    public long PingsMissed => Interlocked.Read(ref _pingsMissed);

    /// <summary>Streams that ended because the peer did what it must not do.</summary>
    public long Violations => Interlocked.Read(ref _violations);

    /// <summary>Stanzas received on bound streams, pings included.</summary>
    public long StanzasIn => Interlocked.Read(ref _stanzasIn);

    /// <summary>Octets of stanzas that were written.</summary>
    public long OctetsOut => Interlocked.Read(ref _octetsOut);

    /// <summary>Stanzas that a full queue refused.</summary>
    public long SendsRefused => Interlocked.Read(ref _sendsRefused);

    internal void CountMissedPing() => Interlocked.Increment(ref _pingsMissed);

    internal void CountConnection() => Interlocked.Increment(ref _accepted);

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void CountTlsFailure() => Interlocked.Increment(ref _tlsFailures);

    internal void CountAuthenticationFailure() => Interlocked.Increment(ref _authenticationFailures);

    internal void CountOpened() => Interlocked.Increment(ref _opened);

    internal void CountStanza() => Interlocked.Increment(ref _stanzasIn);

    internal void CountOut(long octets) => Interlocked.Add(ref _octetsOut, octets);

    internal void CountRefusedSend() => Interlocked.Increment(ref _sendsRefused);

    internal void CountViolation() => Interlocked.Increment(ref _violations);

    internal void CountClosed(SessionEndReason reason)
    {
        _ = Interlocked.Increment(ref _closed);
        switch (reason)
        {
            case SessionEndReason.Displaced:
                _ = Interlocked.Increment(ref _displaced);
                break;
            case SessionEndReason.TimedOut:
                _ = Interlocked.Increment(ref _timedOut);
                break;
            case SessionEndReason.Violation:
                CountViolation();
                break;
            default:
                break;
        }
    }
}

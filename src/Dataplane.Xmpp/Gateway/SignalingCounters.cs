namespace Dataplane.Xmpp.Gateway;

/// <summary>What a gateway counts (MGT-08). Written and read on the routing thread.</summary>
public sealed class SignalingCounters
{
    private readonly long[] _refusals = new long[Enum.GetValues<RefusalReason>().Length];

    /// <summary>Sessions that were opened.</summary>
    public long Sessions { get; internal set; }

    /// <summary>Sessions that a newer one of the same address took the place of (XMP-03).</summary>
    public long Displaced { get; internal set; }

    /// <summary>Sessions that were refused for the name of the end-system.</summary>
    public long NamesRefused { get; internal set; }

    /// <summary>Clients that were cut since they took nothing.</summary>
    public long Cut { get; internal set; }

    /// <summary>Requests that were done.</summary>
    public long Requests { get; internal set; }

    /// <summary>Leaves that were dropped since nobody associated them in time (AMB-06).</summary>
    public long PendingDropped { get; internal set; }

    /// <summary>Publications that went when the stale timer expired (SIG-14).</summary>
    public long StaleSwept { get; internal set; }

    /// <summary>Publications and subscriptions that went since provisioning does not allow them any more.</summary>
    public long Revoked { get; internal set; }

    /// <summary>Routes and withdrawals that were told, each once per subscriber.</summary>
    public long Notifications { get; internal set; }

    /// <summary>Octets of events that were queued.</summary>
    public long EventOctets { get; internal set; }

    /// <summary>Batches of events that were encoded; each may go to many subscribers.</summary>
    public long Encodings { get; internal set; }

    /// <summary>Requests that were refused, of a reason.</summary>
    public long RefusalsOf(RefusalReason reason) => _refusals[(int)reason];

    internal void Refused(RefusalReason reason) => _refusals[(int)reason]++;
}

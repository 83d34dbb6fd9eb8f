namespace Dataplane.SlowPath;

/// <summary>
/// The slow path's ledger. Once a packet is handled:
/// <c>Handled = Answered + Forwarded + Consumed + Held + sum of Drops</c>. Written by the slow-path thread only; another
/// thread may read single values, which are never torn but may be of different moments.
/// </summary>
public sealed class SlowPathCounters
{
    private readonly ulong[] _drops = new ulong[SlowPathDropReasonNames.Count];

    /// <summary>Punted packets handled.</summary>
    public ulong Handled { get; private set; }

    /// <summary>Packets that something was sent back for.</summary>
    public ulong Answered { get; private set; }

    /// <summary>Packets that went on, at once or after a wait.</summary>
    public ulong Forwarded { get; private set; }

    /// <summary>Packets that told what had been asked.</summary>
    public ulong Consumed { get; private set; }

    /// <summary>Packets that wait now.</summary>
    public ulong Held { get; private set; }

    /// <summary>Frames and packets given to the datapath, own probes included.</summary>
    public ulong Sent { get; private set; }

    /// <summary>Packets dropped for all reasons together.</summary>
    public ulong Dropped { get; private set; }

    /// <summary>Packets dropped for one reason.</summary>
    public ulong Drops(SlowPathDropReason reason) => _drops[(int)reason];

    internal void Count(PuntOutcome outcome)
    {
        Handled++;
        Settle(outcome);
    }

    /// <summary>Counts the end of a packet that waited.</summary>
    internal void CountReleased(PuntOutcome outcome)
    {
        Held--;
        Settle(outcome);
    }

    internal void CountSent() => Sent++;

    private void Settle(PuntOutcome outcome)
    {
        switch (outcome.Disposition)
        {
            case PuntDisposition.Answered:
                Answered++;
                break;
            case PuntDisposition.Forwarded:
                Forwarded++;
                break;
            case PuntDisposition.Consumed:
                Consumed++;
                break;
            case PuntDisposition.Held:
                Held++;
                break;
            default:
                Dropped++;
                _drops[(int)outcome.Reason]++;
                break;
        }
    }
}

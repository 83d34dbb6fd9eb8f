namespace Dataplane.Host.Bench.Trials;

/// <summary>What generator and analyser saw in a trial. Octets are those of buffers, without FCS.</summary>
internal sealed class TrafficCounts
{
    /// <summary>Frames offered to the device under test.</summary>
    public ulong Offered { get; set; }

    /// <summary>Of these, those with a mark.</summary>
    public ulong OfferedStamped { get; set; }

    /// <summary>Octets offered.</summary>
    public ulong OfferedOctets { get; set; }

    /// <summary>Of the frames offered, those that its receive queue did not take.</summary>
    public ulong Refused { get; set; }

    /// <summary>Frames that came out, of any kind.</summary>
    public ulong Received { get; set; }

    /// <summary>Of these, those with a mark of this trial.</summary>
    public ulong ReceivedStamped { get; set; }

    /// <summary>Octets that came out.</summary>
    public ulong ReceivedOctets { get; set; }

    /// <summary>Marked frames that came out after one that had been sent later.</summary>
    public ulong Reordered { get; set; }

    /// <summary>Frames that the generator had no buffer for.</summary>
    public ulong WithoutBuffer { get; set; }

    /// <summary>Frames that were due while the generator was away.</summary>
    public double Skipped { get; set; }

    /// <summary>Ticks in which frames were offered.</summary>
    public ulong SendTicks { get; set; }

    /// <summary>Longest time in ticks between two turns of the generator.</summary>
    public ulong LongestAway { get; set; }

    /// <summary>Whether it was ended early.</summary>
    public bool Interrupted { get; set; }
}

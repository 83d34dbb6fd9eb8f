namespace Dataplane.SlowPath;

/// <summary>
/// Counters of one election. Written by the slow-path thread only; another thread may read single values.
/// </summary>
public sealed class VrrpCounters
{
    private readonly ulong[] _discarded = new ulong[VrrpFaultNames.Count];

    /// <summary>Advertisements sent, those of priority 0 included.</summary>
    public ulong Sent { get; internal set; }

    /// <summary>Advertisements of priority 0 sent.</summary>
    public ulong SentResignations { get; internal set; }

    /// <summary>Advertisements received and taken into account.</summary>
    public ulong Received { get; internal set; }

    /// <summary>Of these, those of priority 0.</summary>
    public ulong ReceivedResignations { get; internal set; }

    /// <summary>Times that we became master.</summary>
    public ulong BecameMaster { get; internal set; }

    /// <summary>Times that we ceased to be.</summary>
    public ulong CeasedMaster { get; internal set; }

    /// <summary>Gratuitous ARP and unsolicited neighbour advertisements sent.</summary>
    public ulong Announcements { get; internal set; }

    /// <summary>Packets discarded for one reason.</summary>
    public ulong Discarded(VrrpFault fault) => _discarded[(int)fault];

    internal void CountDiscarded(VrrpFault fault) => _discarded[(int)fault]++;
}

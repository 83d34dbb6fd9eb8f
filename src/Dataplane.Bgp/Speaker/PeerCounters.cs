using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Speaker;

/// <summary>What happened with a peer since it was added, over all its sessions. Written on the routing thread.</summary>
public sealed class PeerCounters
{
    private const int Types = 6;

    private readonly long[] _received = new long[Types];
    private readonly long[] _sent = new long[Types];
    private readonly long[] _refused = new long[4];

    /// <summary>UPDATEs whose routes were withdrawn for an error (RFC 7606).</summary>
    public long TreatedAsWithdrawn { get; internal set; }

    /// <summary>UPDATEs that lost an attribute (RFC 7606).</summary>
    public long AttributesDiscarded { get; internal set; }

    /// <summary>Families disabled for an error (RFC 7606 §5.3).</summary>
    public long FamiliesDisabled { get; internal set; }

    /// <summary>Sessions that came up.</summary>
    public long Established { get; internal set; }

    /// <summary>Sessions that ended.</summary>
    public long Dropped { get; internal set; }

    /// <summary>Every kind of error in UPDATEs, with how often it came.</summary>
    public IReadOnlyDictionary<AttributeFault, long> Faults => FaultCounts;

    internal Dictionary<AttributeFault, long> FaultCounts { get; } = [];

    /// <summary>Messages received of a type.</summary>
    public long Received(MessageType type) => _received[Index(type)];

    /// <summary>Messages sent of a type.</summary>
    public long Sent(MessageType type) => _sent[Index(type)];

    /// <summary>Routes that were not taken for a reason.</summary>
    public long Refused(RouteRefusal reason) => _refused[(int)reason];

    internal void CountReceived(MessageType type) => _received[Index(type)]++;

    internal void CountSent(MessageType type, int messages = 1) => _sent[Index(type)] += messages;

    internal void CountRefused(RouteRefusal reason, int routes) => _refused[(int)reason] += routes;

    internal void Count(DecodedUpdate update)
    {
        foreach (AttributeFault fault in update.Faults)
        {
            _ = FaultCounts.TryGetValue(fault, out var count);
            FaultCounts[fault] = count + 1;
        }

        switch (update.Outcome.Action)
        {
            case UpdateAction.DiscardAttribute:
                AttributesDiscarded++;
                break;
            case UpdateAction.TreatAsWithdraw:
                TreatedAsWithdrawn++;
                break;
            case UpdateAction.DisableFamily:
                FamiliesDisabled += update.Outcome.Disabled.Count;
                break;
        }
    }

    private static int Index(MessageType type) => (int)type < Types ? (int)type : 0;
}

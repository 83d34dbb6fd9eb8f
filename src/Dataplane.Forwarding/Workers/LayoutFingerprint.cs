using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Workers;

/// <summary>
/// A number made of the sizes of all structs that the two runtimes share and of <see cref="DatapathRoot.LayoutVersion"/>;
/// a host refuses a worker library whose number differs.
/// </summary>
internal static unsafe class LayoutFingerprint
{
    /// <summary>The number of this build.</summary>
    internal static ulong Value
    {
        get
        {
            ulong hash = DatapathRoot.LayoutVersion;
            ReadOnlySpan<int> sizes =
            [
                sizeof(FastCalls), sizeof(Mbuf), sizeof(DatapathRoot), sizeof(WorkerBlock), sizeof(WorkerCounters),
                sizeof(PortRow), sizeof(InterfaceRow), sizeof(VrfRow), sizeof(TunnelRow), sizeof(GroupRow), sizeof(Batch), sizeof(TxBuffer),
                sizeof(PuntTag), sizeof(InjectTag), sizeof(PuntBudget), sizeof(RxQueue), sizeof(RxQueueList), sizeof(Ledger),
                sizeof(Leaf), sizeof(LabelEntry), sizeof(StageCount), sizeof(FilterTable), sizeof(FilterRow), sizeof(FilterRange), sizeof(FilterCount),
                sizeof(FilterBucket),
            ];
            foreach (int size in sizes)
                hash = (hash ^ (uint)size) * 0x100000001B3;
            return hash;
        }
    }
}

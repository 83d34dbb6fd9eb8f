using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Fuzz.Model;

/// <summary>Counters as the specification wants them, by row.</summary>
internal sealed class ReferenceCounters
{
    private readonly Dictionary<(string Table, uint Row), (long Packets, long Bytes)> _counts = [];

    internal void Add(string table, uint row, long bytes, long packets = 1)
    {
        (long p, long b) = _counts.GetValueOrDefault((table, row));
        _counts[(table, row)] = (p + packets, b + bytes);
    }

    /// <summary>Throws when the datapath counted otherwise.</summary>
    internal void Compare(DatapathCounters counters)
    {
        Compare("interface rx", counters.InterfaceRx);
        Compare("interface tx", counters.InterfaceTx);
        Compare("interface label", counters.InterfaceLabels);
        Compare("aggregate label", counters.AggregateLabels);
        Compare("encapsulated", counters.VrfEncapsulated);
        Compare("decapsulated", counters.VrfDecapsulated);
        Compare("local", counters.VrfLocal);
        Compare("tunnel", counters.Tunnels);
        Compare("interface drops", [.. counters.InterfaceDrops.Select(count => new PacketCount { Packets = count })]);
    }

    private void Compare(string table, PacketCount[] actual)
    {
        for (uint row = 0; row < actual.Length; row++)
        {
            (long packets, long bytes) = _counts.GetValueOrDefault((table, row));
            if ((long)actual[row].Packets != packets || (long)actual[row].Bytes != bytes)
            {
                throw new RigException(
                    $"{table} {row}: counted {actual[row].Packets} packets {actual[row].Bytes} bytes, expected {packets} and {bytes}");
            }
        }
    }
}

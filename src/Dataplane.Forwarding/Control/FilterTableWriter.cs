using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <summary>Lays out the filters of a VRF in one native block, which <see cref="NativeBlock.Free"/> frees. Control thread.</summary>
internal static unsafe class FilterTableWriter
{
    // 137 Gbit/s of one worker: more is no limit. Rates up to here times the ticks of a tenth of a second stay inside 63 bits.
    private const ulong HighestRate = 1ul << 34;

    /// <summary>Builds a table.</summary>
    /// <param name="family">Of the packets.</param>
    /// <param name="rules">The rules, at least one.</param>
    /// <param name="counters">The counter row of each.</param>
    /// <param name="workers">Among how many workers rates are divided.</param>
    internal static FilterTable* Build(AddressFamily family, IReadOnlyList<FilterRule> rules, ReadOnlySpan<uint> counters, int workers)
    {
        int ranges = 0;
        int flagSets = 0;
        foreach (FilterRule rule in rules)
        {
            ranges += CountOf(rule.Ports) + CountOf(rule.DestinationPorts) + CountOf(rule.SourcePorts) + CountOf(rule.Lengths) + CountOf(rule.FlowLabels);
            flagSets += rule.TcpFlags is null ? 0 : 1;
        }
        bool v4 = family == AddressFamily.Ipv4;
        int lanes = (rules.Count + FilterTable.Lanes - 1) / FilterTable.Lanes * FilterTable.Lanes;
        nuint laneBytes = v4 ? (nuint)lanes * sizeof(uint) : 0;
        nuint headerBytes = Line((nuint)sizeof(FilterTable));
        nuint flagBytes = (nuint)flagSets * FilterRow.TcpFlagWords * sizeof(ulong);
        nuint rowBytes = Line((nuint)(rules.Count * sizeof(FilterRow)));
        var block = (byte*)NativeBlock.Allocate(headerBytes + 4 * Line(laneBytes) + flagBytes + rowBytes + (nuint)(ranges * sizeof(FilterRange)));
        var table = (FilterTable*)block;
        byte* at = block + headerBytes;
        table->Count = rules.Count;
        if (v4)
        {
            table->Destinations = (uint*)Take(ref at, Line(laneBytes));
            table->DestinationMasks = (uint*)Take(ref at, Line(laneBytes));
            table->Sources = (uint*)Take(ref at, Line(laneBytes));
            table->SourceMasks = (uint*)Take(ref at, Line(laneBytes));
            // What is all ones under no mask is never met.
            new Span<uint>(table->Destinations, lanes).Fill(uint.MaxValue);
        }
        var flags = (ulong*)Take(ref at, flagBytes);
        table->Rows = (FilterRow*)Take(ref at, rowBytes);
        table->Ranges = (FilterRange*)at;
        uint used = 0;
        for (int i = 0; i < rules.Count; i++)
        {
            FilterRow* row = table->Rows + i;
            WriteMatch(table, row, rules[i], ref used);
            WriteActions(row, rules[i], workers);
            row->Counter = counters[i];
            if (rules[i].TcpFlags is { } tcp)
            {
                row->TcpFlags = flags;
                WriteSet(flags, tcp);
                flags += FilterRow.TcpFlagWords;
            }
            if (v4)
            {
                table->Destinations[i] = (uint)row->Destination0;
                table->DestinationMasks[i] = (uint)row->DestinationMask0;
                table->Sources[i] = (uint)row->Source0;
                table->SourceMasks[i] = (uint)row->SourceMask0;
            }
        }
        return table;
    }

    private static void WriteMatch(FilterTable* table, FilterRow* row, FilterRule rule, ref uint used)
    {
        (row->Destination0, row->Destination1, row->DestinationMask0, row->DestinationMask1) = Address(rule.Destination);
        (row->Source0, row->Source1, row->SourceMask0, row->SourceMask1) = Address(rule.Source);
        row->Asked = Asks(rule.Protocols, FilterFields.Protocol) | Asks(rule.Ports, FilterFields.Port)
            | Asks(rule.DestinationPorts, FilterFields.DestinationPort) | Asks(rule.SourcePorts, FilterFields.SourcePort)
            | Asks(rule.IcmpTypes, FilterFields.IcmpType) | Asks(rule.IcmpCodes, FilterFields.IcmpCode) | Asks(rule.TcpFlags, FilterFields.TcpFlags)
            | Asks(rule.Lengths, FilterFields.Length) | Asks(rule.Dscps, FilterFields.Dscp) | Asks(rule.Fragments, FilterFields.Fragment)
            | Asks(rule.FlowLabels, FilterFields.FlowLabel);
        WriteSet(row->Protocols, rule.Protocols);
        WriteSet(row->IcmpTypes, rule.IcmpTypes);
        WriteSet(row->IcmpCodes, rule.IcmpCodes);
        ulong set = 0;
        WriteSet(&set, rule.Dscps);
        row->Dscps = set;
        set = 0;
        WriteSet(&set, rule.Fragments);
        row->Fragments = (ushort)set;
        row->Ports = Ranges(table, rule.Ports, ref used);
        row->DestinationPorts = Ranges(table, rule.DestinationPorts, ref used);
        row->SourcePorts = Ranges(table, rule.SourcePorts, ref used);
        row->Lengths = Ranges(table, rule.Lengths, ref used);
        row->FlowLabels = Ranges(table, rule.FlowLabels, ref used);
    }

    private static void WriteActions(FilterRow* row, FilterRule rule, int workers)
    {
        row->BytesPerSecond = Rate(rule.BytesPerSecond, workers);
        row->PacketsPerSecond = Rate(rule.PacketsPerSecond, workers);
        row->Dscp = rule.Dscp ?? 0;
        row->Vrf = rule.Redirect?.Value ?? RowLife.Gone;
        row->Actions = (rule.BytesPerSecond <= 0 || rule.PacketsPerSecond <= 0 ? FilterActions.Discard : 0)
            | (row->BytesPerSecond != 0 ? FilterActions.LimitBytes : 0)
            | (row->PacketsPerSecond != 0 ? FilterActions.LimitPackets : 0)
            | (rule.Dscp is not null ? FilterActions.Mark : 0)
            | (rule.Redirect is not null ? FilterActions.Redirect : 0)
            | (rule.Continue ? FilterActions.Continue : 0);
    }

    // 0 where there is no limit, or everything is dropped anyway.
    private static ulong Rate(double? rate, int workers)
    {
        double share = (rate ?? 0) / Math.Max(workers, 1);
        return share <= 0 || share > HighestRate ? 0 : (ulong)Math.Ceiling(share);
    }

    private static (ulong Value0, ulong Value1, ulong Mask0, ulong Mask1) Address(AddressMatch? match)
    {
        if (match is not { } some)
            return default;
        if (some.Value.Family == AddressFamily.Ipv4)
            return (WireOrder.V4(some.Value.V4), 0, WireOrder.V4(some.Mask.V4), 0);
        (ulong value0, ulong value1) = WireOrder.V6(some.Value.V6);
        (ulong mask0, ulong mask1) = WireOrder.V6(some.Mask.V6);
        return (value0, value1, mask0, mask1);
    }

    private static FilterRanges Ranges(FilterTable* table, IReadOnlyList<ValueRange>? ranges, ref uint used)
    {
        uint start = used;
        for (int i = 0; i < CountOf(ranges); i++)
            table->Ranges[used++] = new FilterRange { First = ranges![i].First, Last = ranges[i].Last };
        return new FilterRanges { Start = start, Count = used - start };
    }

    private static void WriteSet(ulong* set, IReadOnlyList<ValueRange>? ranges)
    {
        for (int i = 0; i < CountOf(ranges); i++)
        {
            for (uint value = ranges![i].First; value <= ranges[i].Last; value++)
                set[value >> 6] |= 1ul << (int)(value & 63);
        }
    }

    private static FilterFields Asks(IReadOnlyList<ValueRange>? ranges, FilterFields field) => ranges is null ? FilterFields.None : field;

    private static int CountOf(IReadOnlyList<ValueRange>? ranges) => ranges?.Count ?? 0;

    private static nuint Line(nuint bytes) => (bytes + (NativeBlock.CacheLine - 1)) & ~(nuint)(NativeBlock.CacheLine - 1);

    private static byte* Take(ref byte* at, nuint bytes)
    {
        byte* taken = at;
        at += bytes;
        return taken;
    }
}

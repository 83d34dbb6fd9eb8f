using System.Numerics;
using System.Runtime.Intrinsics;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// Which rule of a table a packet matches: rule by rule in their order (<see cref="Matches"/> is the specification), or in IPv4 with the addresses of
/// eight rules compared at a time, so that only those whose addresses match are looked at (<see cref="Candidates"/>).
/// </summary>
internal static unsafe class FilterMatch
{
    /// <summary>The next rule that matches.</summary>
    /// <param name="table">The rules.</param>
    /// <param name="fields">The packet.</param>
    /// <param name="start">Index of the first rule to look at.</param>
    /// <param name="vectors">Whether the addresses of IPv4 rules are compared in vectors.</param>
    /// <returns>Its index; <see cref="FilterTable.Count"/> when none matches.</returns>
    internal static int Next(FilterTable* table, in PacketFields fields, int start, bool vectors)
    {
        int count = table->Count;
        if (!vectors || table->Destinations == null)
        {
            for (; start < count && !Matches(table, table->Rows + start, fields); start++)
                ;
            return start;
        }
        int skipped = start % FilterTable.Lanes;
        for (int group = start - skipped; group < count; group += FilterTable.Lanes, skipped = 0)
        {
            for (uint found = Candidates(table, fields, group) >> skipped << skipped; found != 0; found &= found - 1)
            {
                int index = group + BitOperations.TrailingZeroCount(found);
                if (Matches(table, table->Rows + index, fields))
                    return index;
            }
        }
        return count;
    }

    /// <summary>Whether a packet matches all that a rule asks for.</summary>
    internal static bool Matches(FilterTable* table, FilterRow* row, in PacketFields fields)
    {
        if ((((fields.Destination0 & row->DestinationMask0) ^ row->Destination0) | ((fields.Destination1 & row->DestinationMask1) ^ row->Destination1)
            | ((fields.Source0 & row->SourceMask0) ^ row->Source0) | ((fields.Source1 & row->SourceMask1) ^ row->Source1)) != 0)
            return false;
        FilterFields asked = row->Asked;
        if ((asked & ~fields.Known) != 0)
            return false;
        return ((asked & FilterFields.Protocol) == 0 || Has(row->Protocols, fields.Protocol))
            && ((asked & FilterFields.DestinationPort) == 0 || IsIn(table, row->DestinationPorts, fields.DestinationPort))
            && ((asked & FilterFields.SourcePort) == 0 || IsIn(table, row->SourcePorts, fields.SourcePort))
            && ((asked & FilterFields.Port) == 0 || IsIn(table, row->Ports, fields.DestinationPort) || IsIn(table, row->Ports, fields.SourcePort))
            && ((asked & FilterFields.TcpFlags) == 0 || Has(row->TcpFlags, fields.TcpFlags))
            && ((asked & FilterFields.IcmpType) == 0 || Has(row->IcmpTypes, fields.IcmpType))
            && ((asked & FilterFields.IcmpCode) == 0 || Has(row->IcmpCodes, fields.IcmpCode))
            && ((asked & FilterFields.Length) == 0 || IsIn(table, row->Lengths, fields.Length))
            && ((asked & FilterFields.Dscp) == 0 || (row->Dscps >> fields.Dscp & 1) != 0)
            && ((asked & FilterFields.Fragment) == 0 || (row->Fragments >> fields.Fragment & 1) != 0)
            && ((asked & FilterFields.FlowLabel) == 0 || IsIn(table, row->FlowLabels, fields.FlowLabel));
    }

    // Of eight IPv4 rules, those whose addresses match.
    private static uint Candidates(FilterTable* table, in PacketFields fields, int group)
    {
        Vector256<uint> destination = Vector256.Create((uint)fields.Destination0) & Vector256.Load(table->DestinationMasks + group);
        Vector256<uint> source = Vector256.Create((uint)fields.Source0) & Vector256.Load(table->SourceMasks + group);
        return (Vector256.Equals(destination, Vector256.Load(table->Destinations + group))
            & Vector256.Equals(source, Vector256.Load(table->Sources + group))).ExtractMostSignificantBits();
    }

    private static bool Has(ulong* set, uint value) => (set[value >> 6] >> (int)(value & 63) & 1) != 0;

    private static bool IsIn(FilterTable* table, FilterRanges ranges, uint value)
    {
        FilterRange* range = table->Ranges + ranges.Start;
        for (FilterRange* end = range + ranges.Count; range != end && range->First <= value; range++)
        {
            if (value <= range->Last)
                return true;
        }
        return false;
    }
}

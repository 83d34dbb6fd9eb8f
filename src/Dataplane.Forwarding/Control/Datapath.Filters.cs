using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <summary>A rule of a VRF and what it did, all workers together since it is there.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Count">What it did.</param>
public readonly record struct FilterReading(FilterRule Rule, FilterCount Count);

/// <content>
/// Filters of VRFs (SIG-20, ARC-20). The rules of a VRF and family are one table, replaced as a whole with one store; a rule keeps its counters and its
/// token buckets from table to table.
/// </content>
public sealed unsafe partial class Datapath
{
    /// <summary>Most rules of a VRF and family.</summary>
    public const int MostFilters = FilterTable.MostRules;

    private readonly ReusedRows _filterRows;

    // By VRF row, IPv4 and IPv6; replaced as a whole, so that any thread may read.
    private readonly FilterSet?[] _filters;
    private int _filterTables;

    /// <summary>Makes the filters of a VRF and family what is given, in that order: the first that matches decides. Workers may run.</summary>
    /// <exception cref="ArgumentException">There is no such VRF, there are more than <see cref="MostFilters"/> rules, or two have one name; nothing
    /// has changed.</exception>
    /// <exception cref="InvalidOperationException">There is no room for so many rules of all VRFs; nothing has changed.</exception>
    public void SetFilters(VrfId vrf, AddressFamily family, IReadOnlyList<FilterRule> rules)
    {
        _ = VrfOf(vrf);
        if (rules.Count > MostFilters)
            throw new ArgumentException($"a VRF has at most {MostFilters} filters of a family");
        ref FilterSet? slot = ref _filters[2 * vrf.Row + (family == AddressFamily.Ipv6 ? 1 : 0)];
        FilterSet? before = slot;
        if (before is null && rules.Count == 0)
            return;
        FilterSet? now = rules.Count == 0 ? null : Assign(rules, before);
        FilterTable* table = now is null ? null : FilterTableWriter.Build(family, rules, now.Counters, Options.Workers);
        VrfRow* row = _root->Vrfs + vrf.Row;
        nint* published = family == AddressFamily.Ipv6 ? &row->Filters6 : &row->Filters4;
        nint old = *published;
        Volatile.Write(ref *published, (nint)table);
        Volatile.Write(ref slot, now);
        _filterTables += (table != null ? 1 : 0) - (old != 0 ? 1 : 0);
        Volatile.Write(ref _root->FiltersInUse, (byte)(_filterTables != 0 ? 1 : 0));
        _epochs.Retire((void*)old, SystemBlocks.Instance, 0);
        if (before is null)
            return;
        for (int i = 0; i < before.Rules.Count; i++)
        {
            if (now is null || !now.Index.ContainsKey(before.Rules[i].Name))
                _epochs.Retire(NativeBlock.Allocate(1), _filterRows, (int)before.Counters[i]);
        }
    }

    /// <summary>The filters of a VRF and family in their order with what they did; empty where there are none, or no such VRF. Any thread.</summary>
    public IReadOnlyList<FilterReading> ReadFilters(VrfId vrf, AddressFamily family)
    {
        if (vrf.Row >= Options.Vrfs || Volatile.Read(ref _filters[2 * vrf.Row + (family == AddressFamily.Ipv6 ? 1 : 0)]) is not { } set)
            return [];
        var readings = new FilterReading[set.Rules.Count];
        for (int i = 0; i < readings.Length; i++)
        {
            FilterCount sum = SumOf(set.Counters[i]);
            FilterCount start = set.Starts[i];
            readings[i] = new FilterReading(set.Rules[i], new FilterCount
            {
                Packets = sum.Packets - start.Packets,
                Bytes = sum.Bytes - start.Bytes,
                Dropped = sum.Dropped - start.Dropped,
            });
        }
        return readings;
    }

    // The counter row of each rule: that of the one of its name before, or one of its own.
    private FilterSet Assign(IReadOnlyList<FilterRule> rules, FilterSet? before)
    {
        var set = new FilterSet(rules);
        var taken = new List<uint>();
        for (int i = 0; i < rules.Count; i++)
        {
            bool isUnique = set.Index.TryAdd(rules[i].Name, i);
            if (isUnique && before is not null && before.Index.TryGetValue(rules[i].Name, out int old))
            {
                set.Counters[i] = before.Counters[old];
                set.Starts[i] = before.Starts[old];
                continue;
            }
            if (!isUnique || !_filterRows.TryTake(out uint row))
            {
                foreach (uint unused in taken)
                    _filterRows.Give(unused);
                throw isUnique ? new InvalidOperationException($"no room for another filter: at most {Options.Filters} of all VRFs")
                    : new ArgumentException($"two filters are '{rules[i].Name}'");
            }
            taken.Add(row);
            set.Counters[i] = row;
            set.Starts[i] = SumOf(row);
        }
        return set;
    }

    private FilterCount SumOf(uint row)
    {
        FilterCount sum = default;
        foreach (WorkerHandle worker in _workers)
        {
            FilterCount* count = worker.Block->Counters.Filters + row;
            sum.Packets += Volatile.Read(ref count->Packets);
            sum.Bytes += Volatile.Read(ref count->Bytes);
            sum.Dropped += Volatile.Read(ref count->Dropped);
        }
        return sum;
    }

    // Counters that the rows have had when the rules came: an earlier rule's.
    private sealed class FilterSet(IReadOnlyList<FilterRule> rules)
    {
        internal IReadOnlyList<FilterRule> Rules { get; } = rules;

        internal uint[] Counters { get; } = new uint[rules.Count];

        internal FilterCount[] Starts { get; } = new FilterCount[rules.Count];

        internal Dictionary<string, int> Index { get; } = new(StringComparer.Ordinal);
    }
}

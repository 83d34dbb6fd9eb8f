using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

/// <summary>
/// Makes rules for the datapath of flow specifications: lists of comparisons become the ranges of numbers that meet them (RFC 8955 §4.2.1), actions
/// become limits, marks and the VRF to look up in (§7). Pure.
/// </summary>
public static class FlowSpecCompiler
{
    // Twelve bits in octets 13 and 14 of the TCP header: the data offset counts as zero (RFC 8955 §4.2.2.9).
    private const uint HighestTcpFlags = 0xFFF;
    private const uint HighestFragment = 0xF;

    /// <summary>Compiles a rule.</summary>
    /// <param name="filter">The rule and its actions. Of several rates the lowest counts, of other actions of one kind the first. Those that lead to
    /// an address are not carried out.</param>
    /// <param name="redirect">The VRF that a redirect leads to; null when there is none here: then packets stay in their own.</param>
    public static FilterRule Compile(VrfFilter filter, VrfId? redirect)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return new()
        {
            Name = filter.Name,
            Destination = Address(filter.Rule, FlowSpecComponentType.DestinationPrefix),
            Source = Address(filter.Rule, FlowSpecComponentType.SourcePrefix),
            Protocols = Ranges(filter.Rule, FlowSpecComponentType.Protocol, byte.MaxValue),
            Ports = Ranges(filter.Rule, FlowSpecComponentType.Port, ushort.MaxValue),
            DestinationPorts = Ranges(filter.Rule, FlowSpecComponentType.DestinationPort, ushort.MaxValue),
            SourcePorts = Ranges(filter.Rule, FlowSpecComponentType.SourcePort, ushort.MaxValue),
            IcmpTypes = Ranges(filter.Rule, FlowSpecComponentType.IcmpType, byte.MaxValue),
            IcmpCodes = Ranges(filter.Rule, FlowSpecComponentType.IcmpCode, byte.MaxValue),
            TcpFlags = Ranges(filter.Rule, FlowSpecComponentType.TcpFlags, HighestTcpFlags),
            Lengths = Ranges(filter.Rule, FlowSpecComponentType.PacketLength, ushort.MaxValue),
            Dscps = Ranges(filter.Rule, FlowSpecComponentType.Dscp, 63),
            Fragments = Ranges(filter.Rule, FlowSpecComponentType.Fragment, HighestFragment),
            FlowLabels = Ranges(filter.Rule, FlowSpecComponentType.FlowLabel, 0xFFFFF),
            BytesPerSecond = Lowest(filter.Actions, FlowSpecActionKind.RateBytes),
            PacketsPerSecond = Lowest(filter.Actions, FlowSpecActionKind.RatePackets),
            Dscp = filter.Actions.Where(static action => action.Kind == FlowSpecActionKind.Mark).Select(static action => (byte?)action.Dscp).FirstOrDefault(),
            Redirect = redirect,
            Continue = filter.Actions.Any(static action => action is { Kind: FlowSpecActionKind.Control, Continue: true }),
        };
    }

    /// <summary>The numbers up to a highest one for which a list of comparisons holds: ascending ranges, apart.</summary>
    public static IReadOnlyList<ValueRange> RangesOf(FlowSpecMatch match, uint highest)
    {
        ArgumentNullException.ThrowIfNull(match);
        var isMask = FlowSpecReader.IsBitmask(match.Type);

        // Between these numbers nothing changes.
        var starts = new SortedSet<uint> { 0 };
        foreach (FlowSpecTerm term in match.Terms)
        {
            _ = term.Value <= highest && starts.Add((uint)term.Value);
            _ = term.Value < highest && starts.Add((uint)term.Value + 1);
        }

        uint[] points = isMask ? [.. Enumerable.Range(0, (int)highest + 1).Select(static value => (uint)value)] : [.. starts];
        var ranges = new List<ValueRange>();
        for (var i = 0; i < points.Length; i++)
        {
            if (!Holds(match.Terms, points[i], isMask))
            {
                continue;
            }

            var last = i + 1 < points.Length ? points[i + 1] - 1 : highest;
            if (ranges.Count != 0 && ranges[^1].Last + 1 == points[i])
            {
                ranges[^1] = ranges[^1] with { Last = last };
            }
            else
            {
                ranges.Add(new(points[i], last));
            }
        }

        return ranges;
    }

    private static IReadOnlyList<ValueRange>? Ranges(FlowSpecRule rule, FlowSpecComponentType type, uint highest)
    {
        foreach (FlowSpecComponent component in rule.Components)
        {
            if (component.Type == type)
            {
                return RangesOf((FlowSpecMatch)component, highest);
            }
        }

        return null;
    }

    private static AddressMatch? Address(FlowSpecRule rule, FlowSpecComponentType type)
    {
        foreach (FlowSpecComponent component in rule.Components)
        {
            if (component.Type == type)
            {
                var prefix = (FlowSpecPrefix)component;
                IpAddress ones = rule.Family == AddressFamily.Ipv6 ? new Ipv6Address(ulong.MaxValue, ulong.MaxValue) : new Ipv4Address(uint.MaxValue);
                return new(prefix.Address, FlowSpecPrefixOctets.Clear(ones, prefix.Length, prefix.Offset));
            }
        }

        return null;
    }

    // Terms joined by AND bind closer than the OR between the rest.
    private static bool Holds(IReadOnlyList<FlowSpecTerm> terms, uint value, bool isMask)
    {
        var all = false;
        for (var i = 0; i < terms.Count; i++)
        {
            if (!terms[i].And && all)
            {
                return true;
            }

            all = (!terms[i].And || all) && (isMask ? HoldsMask(terms[i], value) : HoldsNumber(terms[i], value));
        }

        return all;
    }

    private static bool HoldsNumber(FlowSpecTerm term, uint value) => (term.Operator
        & (value < term.Value ? FlowSpecTerm.Less : value > term.Value ? FlowSpecTerm.Greater : FlowSpecTerm.Equal)) != 0;

    private static bool HoldsMask(FlowSpecTerm term, uint value)
    {
        var isSet = (term.Operator & FlowSpecTerm.All) != 0 ? (value & term.Value) == term.Value : (value & term.Value) != 0;
        return isSet == ((term.Operator & FlowSpecTerm.Not) == 0);
    }

    private static double? Lowest(IReadOnlyList<FlowSpecAction> actions, FlowSpecActionKind kind) =>
        actions.Where(action => action.Kind == kind).Select(static action => (double?)action.Rate).Min();
}

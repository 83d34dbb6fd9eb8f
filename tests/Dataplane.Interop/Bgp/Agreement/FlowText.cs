using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Dataplane.Routing.FlowSpec;
using AddressFamily = Dataplane.Net.AddressFamily;

namespace Dataplane.Interop.Bgp.Agreement;

/// <summary>A flow specification in the words of other implementations, made from its components and not from its octets.</summary>
internal static class FlowText
{
    private static readonly string[] NamesOfIpv4 =
        ["", "destination-ipv4", "source-ipv4", "protocol", "port", "destination-port", "source-port", "icmp-type", "icmp-code", "tcp-flags", "packet-length", "dscp", "fragment"];

    private static readonly string[] NamesOfIpv6 =
        ["", "destination-ipv6", "source-ipv6", "next-header", .. NamesOfIpv4[4..11], "traffic-class", "fragment", "flow-label"];

    private static readonly string[] Comparisons = ["false", "=", ">", ">=", "<", "<=", "!=", "true"];
    private static readonly string[] MaskOperators = ["", "=", "!", "!="];
    private static readonly string[] TcpFlags = ["fin", "syn", "rst", "push", "ack", "urg", "ece", "cwr", "ns"];
    private static readonly string[] Fragments = ["dont-fragment", "is-fragment", "first-fragment", "last-fragment"];

    private static readonly Dictionary<ulong, string> Protocols = new()
    {
        [1] = "icmp",
        [2] = "igmp",
        [6] = "tcp",
        [8] = "egp",
        [17] = "udp",
        [46] = "rsvp",
        [47] = "gre",
        [50] = "esp",
        [51] = "ah",
        [89] = "ospf",
        [94] = "ipip",
        [103] = "pim",
        [132] = "sctp",
    };

    private static readonly Dictionary<ulong, string> IcmpTypes = new()
    {
        [0] = "echo-reply",
        [3] = "unreachable",
        [4] = "source-quench",
        [5] = "redirect",
        [8] = "echo-request",
        [9] = "router-advertisement",
        [10] = "router-solicit",
        [11] = "time-exceeded",
        [12] = "parameter-problem",
        [13] = "timestamp",
        [14] = "timestamp-reply",
        [15] = "info-request",
        [16] = "info-reply",
        [17] = "mask-request",
        [18] = "mask-reply",
        [30] = "traceroute",
        [41] = "experimental-mobility",
        [42] = "extended-echo-request",
        [43] = "extended-echo-reply",
        [253] = "experimental-one",
        [254] = "experimental-two",
    };

    /// <summary>GoBGP's JSON. The two bits of an operator that say how long its value is are left out, here and in <see cref="WithoutLengths"/>.</summary>
    public static string InGoBgp(FlowSpecRule rule) => new JsonArray([.. rule.Components.Select(component => component is FlowSpecPrefix prefix
        ? Prefix(prefix, rule.Family)
        : (JsonNode)new JsonObject
        {
            ["type"] = (int)component.Type,
            ["value"] = new JsonArray([.. Terms(component).Select((term, i) => (JsonNode)new JsonObject
            {
                ["op"] = term.Operator | (term.And ? 0x40 : 0) | (i == Terms(component).Count - 1 ? 0x80 : 0),
                ["value"] = term.Value,
            })]),
        })]).ToJsonString();

    /// <summary>What GoBGP shows, without the lengths of values: the values themselves say whether they were read right.</summary>
    public static string WithoutLengths(string shown)
    {
        JsonArray components = JsonNode.Parse(shown)!.AsArray();
        foreach (JsonNode? term in components.SelectMany(component => component!["value"] as JsonArray ?? []))
        {
            term!["op"] = (int)term["op"]! & ~0x30;
        }

        return components.ToJsonString();
    }

    /// <summary>ExaBGP's text.</summary>
    public static string InExaBgp(FlowSpecRule rule) => "flow" + string.Concat(rule.Components.Select(component => " "
        + (rule.Family == AddressFamily.Ipv4 ? NamesOfIpv4 : NamesOfIpv6)[(int)component.Type] + " " + (component is FlowSpecPrefix prefix
            ? $"{prefix.Address}/{prefix.Length}{(rule.Family == AddressFamily.Ipv4 ? "" : $"/{prefix.Offset}")}"
            : List(component.Type, Terms(component)))));

    private static JsonObject Prefix(FlowSpecPrefix prefix, AddressFamily family)
    {
        JsonObject shown = new()
        {
            ["type"] = (int)prefix.Type,
            ["value"] = new JsonObject { ["prefix"] = $"{IPAddress.Parse(prefix.Address.ToString())}/{prefix.Length}" },
        };
        if (family == AddressFamily.Ipv6)
        {
            shown["offset"] = prefix.Offset;
        }

        return shown;
    }

    private static IReadOnlyList<FlowSpecTerm> Terms(FlowSpecComponent component) => ((FlowSpecMatch)component).Terms;

    private static string List(FlowSpecComponentType type, IReadOnlyList<FlowSpecTerm> terms)
    {
        string text = string.Concat(terms.Select((term, i) => (i == 0 ? "" : term.And ? "&" : " ") + Term(type, term)));
        return terms.Count == 1 ? text : $"[ {text} ]";
    }

    private static string Term(FlowSpecComponentType type, FlowSpecTerm term) => type is FlowSpecComponentType.TcpFlags or FlowSpecComponentType.Fragment
        ? MaskOperators[term.Operator] + Bits(type, term.Value)
        : Comparisons[term.Operator] + (term.Operator is 0 or 7 && !term.And ? "" : Number(type, term.Value));

    private static string Bits(FlowSpecComponentType type, ulong value) => value == 0 && type == FlowSpecComponentType.Fragment
        ? "not-a-fragment"
        : string.Join('+', (type == FlowSpecComponentType.Fragment ? Fragments : TcpFlags).Where((_, bit) => (value >> bit & 1) != 0));

    private static string Number(FlowSpecComponentType type, ulong value) => type switch
    {
        FlowSpecComponentType.Protocol => Protocols.GetValueOrDefault(value, $"unknown protocol type {value}"),
        FlowSpecComponentType.IcmpType => IcmpTypes.GetValueOrDefault(value, $"unknown icmp type type {value}"),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}

using Dataplane.Host.Configuration;
using static Dataplane.Host.Tests.Configuration.SampleFile;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>VRFs, their routes, labels and limits.</summary>
internal static class VrfCases
{
    public static IEnumerable<BadCase> All =>
    [
        new("VRF without a name", Blue("label: 3000").Replace("  - name: red", "  - §label: 3001", StringComparison.Ordinal), "a VRF needs the key 'name'") { SchemaSeesIt = true },
        new("two VRFs of one name", Blue("label: 3000").Replace("name: red", "name: §blue", StringComparison.Ordinal), "there are two VRFs with the name 'blue'"),
        new("aggregate label that is reserved", Blue("label: §15"), "'label' must be a whole number from 16 to 1048575; found the number 15: labels have 20 bits and 0 to 15 are reserved (RFC 7274)") { SchemaSeesIt = true },
        new("aggregate label of 21 bits", Blue("label: §1048576"), "'label' must be a whole number from 16 to 1048575") { SchemaSeesIt = true },
        new("aggregate label twice", Blue("label: 3000").Replace("name: red", "name: red\n    label: §3000", StringComparison.Ordinal), "label 3000 is already that of VRF 'blue' (line 12)"),
        new("router address with a length", Blue("router-addresses: [§198.51.100.1/24]"), "198.51.100.1/24 is not a single address; write 198.51.100.1 alone"),
        new("router address that is a prefix", Blue("router-addresses: [§198.51.100.0/24]"), "198.51.100.0/24 is not a single address; write 198.51.100.0 alone"),
        new("router address of an interface", Blue("router-addresses: [§198.51.100.25]"), "198.51.100.25 is an address of interface 'vm1' of this VRF"),
        new("router address twice", Blue("router-addresses: [198.51.100.1, §198.51.100.1/32]"), "'router-addresses' lists '198.51.100.1' twice"),
        new("router address that is multicast", Blue("router-addresses: [§224.0.0.1]"), "224.0.0.1 is a multicast address"),
        new("router address in the infrastructure", Blue("router-addresses: [§203.0.113.99]"), "203.0.113.99/32 overlaps the infrastructure network 203.0.113.0/24 of port 'core0'") { Severity = DiagnosticSeverity.Warning },
        new("accepting from a name", Blue("accept-from: [§fwd-2]"), "'fwd-2' is not an IP address") { SchemaSeesIt = true },
        new("accepting from a family we have no end of", With("infrastructure: { address: 203.0.113.17 }", Blue("accept-from: [§\"2001:db8::1\"]", sectionOnly: true)), "accepting packets from 2001:db8::1 needs our end of IPv6 tunnels"),
        new("route with host bits", Route("prefix: §198.51.100.1/24, next-hop: 203.0.113.44, label: 61200"), "198.51.100.1/24 has host bits set; write 198.51.100.0/24 for the network or 198.51.100.1/32 for the one address"),
        new("IPv6 route with host bits", Route("prefix: §\"2001:db8:1::1/64\", next-hop: 203.0.113.44, label: 61200"), "2001:db8:1::1/64 has host bits set; write 2001:db8:1::/64"),
        new("route with too great a length", Route("prefix: §198.51.100.0/33, next-hop: 203.0.113.44, label: 61200"), "the length of '198.51.100.0/33' is out of range; it goes from 0 to 32"),
        new("route with a netmask", Route("prefix: §198.51.100.0/255.255.255.0, next-hop: 203.0.113.44, label: 61200"), "'198.51.100.0/255.255.255.0' is not a prefix") { SchemaSeesIt = true },
        new("route without a next hop", Route("prefix: 198.51.100.0/24, label: 61200", "§"), "a route needs the key 'next-hop'") { SchemaSeesIt = true },
        new("route without a label", Route("prefix: 198.51.100.0/24, next-hop: 203.0.113.44", "§"), "a route needs the key 'label', an MPLS label from 16 to 1048575") { SchemaSeesIt = true },
        new("route with an explicit null label", Route("prefix: 198.51.100.0/24, next-hop: 203.0.113.44, label: §0"), "found the number 0: labels have 20 bits") { SchemaSeesIt = true },
        new("route twice", Route("prefix: §198.51.100.40/32, next-hop: 203.0.113.44, label: 61201"), "VRF 'blue' has two routes for 198.51.100.40/32; the first is on line 13"),
        new("route twice, once without a length", Route("prefix: §198.51.100.40, next-hop: 203.0.113.44, label: 61201"), "VRF 'blue' has two routes for 198.51.100.40/32"),
        new("next hop of a family we have no end of", With("infrastructure: { address: 203.0.113.17 }", Blue("routes: [{ prefix: 10.0.0.0/8, next-hop: §\"2001:db8:f::44\", label: 16 }]", sectionOnly: true)), "next hop 2001:db8:f::44 needs our end of IPv6 tunnels; set 'infrastructure.address6'"),
        new("IPv4 next hop without our IPv4 end", With("infrastructure: { address6: \"2001:db8:f::17\" }", Blue("routes: [{ prefix: 10.0.0.0/8, next-hop: §203.0.113.44, label: 16 }]", sectionOnly: true)), "next hop 203.0.113.44 needs our end of IPv4 tunnels; set 'infrastructure.address'"),
        new("next hop that no route leads to", Route("prefix: 10.0.0.0/8, next-hop: §192.0.2.44, label: 61200"), "no underlay route leads to 192.0.2.44") { Severity = DiagnosticSeverity.Warning },
        new("route into the infrastructure", Route("prefix: §203.0.113.0/28, next-hop: 203.0.113.44, label: 61200"), "203.0.113.0/28 overlaps the infrastructure network") { Severity = DiagnosticSeverity.Warning },
        new("own next hop with a label of nobody", Route("prefix: 198.51.100.25/32, next-hop: 203.0.113.17, label: §777"), "203.0.113.17 is ourselves, but label 777 belongs to no interface and to no VRF; the route to 198.51.100.25/32 is not installed") { Severity = DiagnosticSeverity.Warning },
        new("own next hop with another interface's label", Route("prefix: §198.51.100.25/32, next-hop: 203.0.113.17, label: 52014"), "label 52014 is that of interface 'vm9', whose 'addresses' do not list 198.51.100.25/32") { Severity = DiagnosticSeverity.Warning },

        new("route with one next hop and several", Route("prefix: 10.0.0.0/8, next-hop: §203.0.113.44, label: 16, next-hops: [{ remote: 203.0.113.45, label: 17 }]").Replace("label: 16, ", "", StringComparison.Ordinal), "a route has either 'next-hop' and 'label' or 'next-hops'; move this 'next-hop' into the list or remove it"),
        new("route with a label beside several next hops", Route("prefix: 10.0.0.0/8, label: §16, next-hops: [{ remote: 203.0.113.45, label: 17 }]"), "move this 'label' into the list or remove it"),
        new("route with no next hop in the list", Route("prefix: 10.0.0.0/8, next-hops: §[]"), "'next-hops' must be a list of next hops, at least 1; found 0") { SchemaSeesIt = true },
        new("next hop in the list without a label", Route("prefix: 10.0.0.0/8, next-hops: [§{ remote: 203.0.113.45 }]"), "a next hop needs the key 'label'") { SchemaSeesIt = true },
        new("next hop in the list by another name", Route("prefix: 10.0.0.0/8, next-hops: [{ §next-hop: 203.0.113.45, remote: 203.0.113.46, label: 17 }]"), "a next hop has no key 'next-hop'") { SchemaSeesIt = true },
        new("next hop with no weight at all", Route("prefix: 10.0.0.0/8, next-hops: [{ remote: 203.0.113.45, label: 17, weight: §0 }]"), "'weight' must be a whole number from 1 to 65535; found the number 0") { SchemaSeesIt = true },
        new("next hop twice", Route("prefix: 10.0.0.0/8, next-hops: [{ remote: 203.0.113.45, label: 17 }, { remote: 203.0.113.45, label: 18 }, { remote: §203.0.113.45, label: 17 }]"), "203.0.113.45 with label 17 is twice among the next hops; the first is on line 14, give it a greater 'weight' instead"),
        new("one of several next hops in a family we have no end of", With("infrastructure: { address: 203.0.113.17 }", Blue("routes: [{ prefix: 10.0.0.0/8, next-hops: [{ remote: §\"2001:db8:f::44\", label: 16 }] }]", sectionOnly: true)), "next hop 2001:db8:f::44 needs our end of IPv6 tunnels"),
        new("one of several next hops that no route leads to", Route("prefix: 10.0.0.0/8, next-hops: [{ remote: 203.0.113.45, label: 17 }, { remote: §192.0.2.44, label: 16 }]"), "no underlay route leads to 192.0.2.44") { Severity = DiagnosticSeverity.Warning },
        new("one of several next hops that is ourselves with a label of nobody", Route("prefix: 198.51.100.25/32, next-hops: [{ remote: 203.0.113.45, label: 17 }, { remote: 203.0.113.17, label: §777 }]"), "203.0.113.17 is ourselves, but label 777 belongs to no interface and to no VRF; the next hop is not used") { Severity = DiagnosticSeverity.Warning },
        new("one of several next hops that is an interface without the prefix", Route("prefix: 198.51.100.25/32, next-hops: [{ remote: 203.0.113.45, label: 17 }, { remote: 203.0.113.17, label: §52014 }]"), "label 52014 is that of interface 'vm9', whose 'addresses' do not list 198.51.100.25/32; the next hop is not used") { Severity = DiagnosticSeverity.Warning },
        new("load balancing with nothing to balance", Route("prefix: 10.0.0.0/8, next-hop: 203.0.113.44, label: 16, load-balance: §per-flow"), "'load-balance' decides among several next hops; list them in 'next-hops' or remove it"),
        new("load balancing by another word", Route("prefix: 10.0.0.0/8, load-balance: §per-flows, next-hops: [{ remote: 203.0.113.45, label: 17 }]"), "'load-balance' must be per-flow, per-packet or per-prefix; found 'per-flows'; did you mean 'per-flow'?") { SchemaSeesIt = true },

        new("filter without actions", Blue("filters: [§{ match: proto =6 }]"), "a filter needs the key 'actions'") { SchemaSeesIt = true },
        new("filter with no action in the list", Blue("filters: [{ match: proto =6, actions: §[] }]"), "'actions' must be a list of actions, at least 1; found 0") { SchemaSeesIt = true },
        new("filter that matches an unknown component", Blue("filters: [{ match: §protocol =6, actions: [discard] }]"), "'protocol =6' is not a flow specification: 'protocol' is no component; expected one of dst, src, proto"),
        new("filter with a prefix that has host bits", Blue("filters: [{ match: §dst 10.0.0.1/8, actions: [discard] }]"), "'10.0.0.1/8' is no IPv4 prefix"),
        new("filter with prefixes of both families", Blue("filters: [{ match: §\"dst 10.0.0.0/8; src 2001:db8::/32\", actions: [discard] }]"), "'10.0.0.0/8' is no IPv6 prefix"),
        new("filter with an unknown action", Blue("filters: [{ match: proto =6, actions: [§drop] }]"), "'drop' is not an action; write discard, rate:OCTETS") { SchemaSeesIt = true },
        new("filter that marks beyond six bits", Blue("filters: [{ match: proto =6, actions: [§\"mark:64\"] }]"), "'mark:64' is not an action"),
        new("filter that redirects to an address", Blue("filters: [{ match: proto =6, actions: [§\"redirect-to:10.0.0.1\"] }]"), "'redirect-to:10.0.0.1' cannot be carried out here; redirect to the VRF of a route target") { SchemaSeesIt = true },
        new("filter that redirects to nobody", Blue("filters: [{ match: proto =6, actions: [§\"redirect:65000:9\"] }]"), "no VRF of this file imports 65000:9; packets that match stay in VRF 'blue'") { Severity = DiagnosticSeverity.Warning },
        new("filter twice", Blue("filters: [{ match: proto =6, actions: [discard] }, { match: §proto =6, actions: [\"mark:8\"] }]"), "VRF 'blue' has two filters for proto =6; the first is on line 12, remove one of them"),

        new("more VRFs than the limit", With("limits: { vrfs: §1 }"), "this file has 2 VRFs; raise 'limits.vrfs', which is 1"),
        new("more ports than the limit", With("limits: { ports: §1 }"), "this file has 3 ports; raise 'limits.ports', which is 1"),
        new("more interfaces than the limit", With("limits: { interfaces: §1 }"), "this file has 2 interfaces; raise 'limits.interfaces', which is 1"),
        new("more routes than the limit", With("limits: { routes: §2 }"), "this file has 3 routes, interface and router addresses; raise 'limits.routes', which is 2"),
        new("more tunnels than the limit, among several next hops", With("limits: { tunnels: §2 }", Blue("routes: [{ prefix: 10.0.0.0/8, next-hops: [{ remote: 203.0.113.45, label: 17 }, { remote: 203.0.113.46, label: 17 }, { remote: 203.0.113.47, label: 17 }] }]", sectionOnly: true)), "this file has 3 remote forwarders; raise 'limits.tunnels', which is 2"),
        new("more tunnels than the limit", With("limits: { tunnels: §1 }", "tunnels: [{ remote: 203.0.113.45 }]"), "this file has 2 remote forwarders; raise 'limits.tunnels', which is 1"),
        new("more VRFs than the default limit", With("vrfs:\n  §- name: blue\n" + string.Join('\n', Enumerable.Range(0, 1024).Select(static i => $"  - name: v{i}"))), "this file has 1025 VRFs; raise 'limits.vrfs', whose default is 1024"),
    ];

    /// <summary>The sample with these keys in VRF blue.</summary>
    private static string Blue(string keys, bool sectionOnly = false)
    {
        var section = $"vrfs:\n  - name: blue\n    {keys}\n  - name: red";
        return sectionOnly ? section : With(section);
    }

    /// <summary>The sample with a second route in VRF blue.</summary>
    private static string Route(string keys, string before = "") => With($$"""
        vrfs:
          - name: blue
            routes:
              - { prefix: 198.51.100.40/32, next-hop: 203.0.113.44, label: 61200 }
              - {{before}}{ {{keys}} }
        """);
}

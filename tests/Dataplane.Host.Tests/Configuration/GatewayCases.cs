using Dataplane.Host.Configuration;
using static Dataplane.Host.Tests.Configuration.GatewaySample;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Roles, the speaker itself, what VRFs exchange with it, and its outputs.</summary>
internal static class GatewayCases
{
    public static IEnumerable<BadCase> All =>
    [
        new("gateway without a speaker", "§roles: [gateway]\n", "a configuration needs the key 'bgp', a mapping of keys"),
        new("speaker without the role", SampleFile.With("bgp: §{ as: 65000, router-id: 203.0.113.17 }"), "'bgp' belongs to the role gateway; add it to 'roles' or remove the key"),
        new("policies without the role", SampleFile.With("policies: §[]"), "'policies' belongs to the role gateway"),
        new("route targets without the role", SampleFile.With("vrfs:\n  - { name: red }\n  - name: blue\n    import-targets: §[\"65000:1\"]"), "'import-targets' of a VRF belongs to the role gateway"),
        new("ports without the role", With("ports:\n  §- { name: core0, role: core, addresses: [203.0.113.17/24] }"), "'ports' belongs to the role forwarder"),
        new("workers without the role", With("workers: §{ cores: [1] }"), "'workers' belongs to the role forwarder"),
        new("router addresses without the role", Vrf("router-addresses: §[10.0.0.1]"), "'router-addresses' of a VRF belongs to the role forwarder"),

        new("speaker without an AS", "roles: [gateway]\nbgp: §{ router-id: 203.0.113.9 }\n", "'bgp' needs the key 'as', an AS number from 1 to 4294967294") { SchemaSeesIt = true },
        new("speaker without an identifier", "roles: [gateway]\nbgp: §{ as: 65000 }\n", "'bgp' needs the key 'router-id'") { SchemaSeesIt = true },
        new("AS that is a word", "roles: [gateway]\nbgp: { as: §ours, router-id: 203.0.113.9 }\n", "'as': 'ours' is not an AS number") { SchemaSeesIt = true },
        new("AS of nobody", "roles: [gateway]\nbgp: { as: §0, router-id: 203.0.113.9 }\n", "AS 0 belongs to nobody (RFC 7607)"),
        new("AS that stands for others", "roles: [gateway]\nbgp: { as: §23456, router-id: 203.0.113.9 }\n", "AS 23456 stands for numbers of four octets (RFC 6793)"),
        new("AS that is reserved", "roles: [gateway]\nbgp: { as: §4294967295, router-id: 203.0.113.9 }\n", "AS 4294967295 is reserved (RFC 7300)"),
        new("AS with a sign", "roles: [gateway]\nbgp: { as: §-1, router-id: 203.0.113.9 }\n", "'-1' is not an AS number"),
        new("identifier that is a number", "roles: [gateway]\nbgp: { as: 65000, router-id: §9 }\n", "'router-id' must be an identifier in the form of an IPv4 address") { SchemaSeesIt = true },
        new("identifier that is zero", "roles: [gateway]\nbgp: { as: 65000, router-id: §0.0.0.0 }\n", "0.0.0.0 is not an identifier (RFC 6286)"),
        new("identifier of IPv6", "roles: [gateway]\nbgp: { as: 65000, router-id: §\"2001:db8::1\" }\n", "'2001:db8::1' is not an identifier") { SchemaSeesIt = true },
        new("cluster that is a number", Speaker("cluster-id: §1"), "'cluster-id' must be an identifier") { SchemaSeesIt = true },
        new("misspelt key of the speaker", Speaker("§router_id: 203.0.113.9"), "'bgp' has no key 'router_id'; did you mean 'router-id'?") { SchemaSeesIt = true },

        new("listening on a name", Speaker("listen: [{ address: §lo }]"), "'address': 'lo' is not an IP address") { SchemaSeesIt = true },
        new("listening on a group", Speaker("listen: [{ address: §224.0.0.1 }]"), "224.0.0.1 is a multicast address"),
        new("listening on port 0", Speaker("listen: [{ address: 203.0.113.9, port: §0 }]"), "'port' must be a whole number from 1 to 65535") { SchemaSeesIt = true },
        new("listening twice", Speaker("listen: [{ address: 203.0.113.9 }, { address: §203.0.113.9, port: 179 }]"), "203.0.113.9 port 179 is listed twice; the first is on line 5"),
        new("range without listening", Speaker("listen: §[]\n  dynamic-peers: [{ range: 10.0.0.0/24, as: 65000, password: x }]"), "nothing is listened on, but 'dynamic-peers' wait for connections"),
        new("restart time of thirteen bits", Speaker("graceful-restart: { restart-time: §4096 }"), "'restart-time' must be a number of seconds, 1 to 4095") { SchemaSeesIt = true },
        new("restart time with a unit", Speaker("graceful-restart: { restart-time: §2m }"), "'restart-time' must be a number of seconds, 1 to 4095; found '2m'") { SchemaSeesIt = true },
        new("no paths at all", Speaker("best-path: { maximum-paths: §0 }"), "'maximum-paths' must be a whole number from 1 to 64") { SchemaSeesIt = true },
        new("labels from the greater to the lesser", Speaker("label-range: { first: 2000, last: §1000 }"), "no label is from 2000 to 1000"),
        new("label that the gateway may assign", Speaker("label-range: { first: 1000, last: 2000 }").Replace("name: blue", "name: blue\n    label: §1500", StringComparison.Ordinal), "label 1500 of VRF 'blue' is one of those that the gateway assigns itself, 1000 to 2000"),

        new("distinguisher without a number", Vrf("rd: §\"65000\""), "'65000' is not a route distinguisher; write for instance 65000:1 or 203.0.113.17:1, or auto") { SchemaSeesIt = true },
        new("distinguisher with too great a number", Vrf("rd: §203.0.113.17:65536"), "'203.0.113.17:65536' is not a route distinguisher"),
        new("distinguisher twice", Vrf("rd: 65000:1\n  - { name: red, rd: §65000:1 }"), "route distinguisher 65000:1 is already that of VRF 'blue' (line 12)"),
        new("target that is a word", Vrf("aggregates: []").Replace("export-targets: [\"65000:1\"]", "export-targets: [§blue]", StringComparison.Ordinal), "'blue' is not a route target") { SchemaSeesIt = true },
        new("target twice", Vrf("").Replace("import-targets: [\"65000:1\"]", "import-targets: [\"65000:1\", §\"65000:1\"]", StringComparison.Ordinal), "'import-targets' lists 'rt:65000:1' twice"),
        new("VRF with an unknown import policy", Vrf("import-policy: §nowhere"), "there is no policy 'nowhere'; the policies are accept-all, reject-all"),
        new("VRF with an unknown export policy", Vrf("export-policy: §nowhere"), "there is no policy 'nowhere'"),
        new("aggregate without a next hop", Vrf("aggregates: [§10.0.0.0/8]"), "the aggregate 10.0.0.0/8 has our own next hop; set 'infrastructure.address'"),
        new("aggregate that arrives with no label", SampleFile.With("roles: [forwarder, gateway]", "vrfs:\n  - { name: red }\n  - name: blue\n    export-targets: [\"65000:1\"]\n    aggregates: [§10.0.0.0/8]", "bgp: { as: 65000, router-id: 203.0.113.17 }"), "packets for the aggregate 10.0.0.0/8 arrive with the label of VRF 'blue'; give the VRF a 'label'"),
        new("several next hops to export", SampleFile.With("roles: [forwarder, gateway]", "vrfs:\n  - name: blue\n    routes:\n      - { prefix: 10.0.0.0/8, next-hops: §[{ remote: 203.0.113.45, label: 17 }] }", "bgp: { as: 65000, router-id: 203.0.113.17 }"), "the route to 10.0.0.0/8 has several next hops, of which a gateway could export one"),
        new("aggregate twice", Own(Vrf("aggregates: [10.0.0.0/8, §{ prefix: 10.0.0.0/8 }]")), "VRF 'blue' has the aggregate 10.0.0.0/8 twice"),
        new("aggregate of one address", Own(Vrf("aggregates: [§10.0.0.1/32]")), "10.0.0.1/32 is a single address, which has no routes inside"),
        new("aggregate with host bits", Vrf("aggregates: [§10.0.0.1/8]"), "10.0.0.1/8 has host bits set"),
        new("aggregate that nobody is told", Own(Vrf("aggregates: [§10.0.0.0/8]").Replace("    export-targets: [\"65000:1\"]\n", "", StringComparison.Ordinal)), "VRF 'blue' has no 'export-targets', so its aggregate 10.0.0.0/8 would be exported to nobody"),
        new("filters that nobody is told", Vrf("export-filters: §true").Replace("    export-targets: [\"65000:1\"]\n", "", StringComparison.Ordinal), "VRF 'blue' has no 'export-targets', so its filters would be exported to nobody"),
        new("filter that others do not use", Vrf("export-filters: true\n    filters: [{ match: §proto =6, actions: [discard] }]"), "the filter has no 'dst'; where flow specifications are validated (RFC 8955 section 6), it is not used once it is exported") { Severity = DiagnosticSeverity.Warning },
        new("filters exported without the role", SampleFile.With("vrfs:\n  - { name: red }\n  - name: blue\n    export-filters: §true"), "'export-filters' of a VRF belongs to the role gateway"),
        new("no paths in a VRF", Vrf("max-paths: §0"), "'max-paths' must be a whole number from 1 to 1024") { SchemaSeesIt = true },
        new("membership by another word", Vrf("member: §sometimes"), "'member' must be always or on-demand; found 'sometimes'") { SchemaSeesIt = true },

        new("station without a port", With("bmp: [§{ address: 203.0.113.200 }]"), "a BMP station needs the key 'port'") { SchemaSeesIt = true },
        new("station with an unknown view", With("bmp: [{ address: 203.0.113.200, port: 11019, views: [§adj-rib-in] }]"), "an entry of 'views' must be adj-rib-in-pre, adj-rib-in-post") { SchemaSeesIt = true },
        new("dumps to nowhere", With("mrt: §{ message-file: updates }"), "'mrt' needs the key 'directory', a path") { SchemaSeesIt = true },
        new("socket that is empty", With("management: { socket: §\"\" }"), "'' is not a path"),
    ];

    /// <summary>With an infrastructure address.</summary>
    private static string Own(string yaml) => yaml + "infrastructure: { address: 203.0.113.9 }\n";
}

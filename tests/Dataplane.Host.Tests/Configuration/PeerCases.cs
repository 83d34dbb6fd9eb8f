using Dataplane.Host.Configuration;
using static Dataplane.Host.Tests.Configuration.GatewaySample;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Peers, groups and ranges.</summary>
internal static class PeerCases
{
    public static IEnumerable<BadCase> All =>
    [
        new("peer without an address", Speaker("", "    - §{ as: 65000, password: s3cret }"), "a peer needs the key 'address'") { SchemaSeesIt = true },
        new("peer without an AS", Speaker("", "    - §{ address: 203.0.113.17, password: s3cret }"), "peer 203.0.113.17 needs the key 'as', here or in its group"),
        new("peer twice", Speaker("", "    - { address: 203.0.113.17, as: 65000, password: x }\n    - { address: §203.0.113.17, as: 65000, password: x }"), "there are two peers with the address 203.0.113.17; the first is on line 7"),
        new("peer that is a group of machines", Speaker("", "    - { address: §224.0.0.5, as: 65000, password: x }"), "224.0.0.5 is a multicast address"),
        new("peer that is a network", Speaker("", "    - { address: §203.0.113.0/24, as: 65000, password: x }"), "203.0.113.0/24 has a prefix length; write the address alone") { SchemaSeesIt = true },
        new("peer that is ourselves", Speaker("listen: [{ address: 203.0.113.9 }]", "    - { address: §203.0.113.9, as: 65000, password: x }"), "203.0.113.9 is our own address; list other speakers only"),
        new("peer that is where we connect from", Peer("local-address: §203.0.113.17"), "peer 203.0.113.17 is our own 'local-address'"),
        new("peer across families", Peer("local-address: §\"2001:db8::9\""), "2001:db8::9 and peer 203.0.113.17 are of different families"),
        new("peer with an unknown key", Peer("§hold_time: 30"), "a peer has no key 'hold_time'; did you mean 'hold-time'?") { SchemaSeesIt = true },

        new("peer of an unknown group", Speaker("peer-groups: [{ name: pes }]", "    - { address: 203.0.113.17, group: §pe }"), "there is no peer group 'pe'; the peer groups are pes"),
        new("group twice", Speaker("peer-groups: [{ name: pes }, { name: §pes }]"), "there are two peer groups with the name 'pes'"),
        new("group with a wrong name", Speaker("peer-groups: [{ name: §65000:1 }]"), "'65000:1' is not a name here") { SchemaSeesIt = true },
        new("mistake in a group", Speaker("peer-groups: [{ name: pes, as: 65000, password: x, hold-time: 30, keepalive-time: §15 }]", "    - { address: 203.0.113.17, group: pes }"), "a keepalive every 15 s is too seldom for a hold time of 30 s (RFC 4271"),

        new("session without a secret", Speaker("", "    - §{ address: 203.0.113.17, as: 65000 }"), "peer 203.0.113.17 needs 'password' or 'password-file' (TCP-MD5, SEC-07), here or in its group; without one, say 'authentication: none'"),
        new("session without a secret on purpose", Speaker("", "    - { address: 203.0.113.17, as: 65000, authentication: §none }"), "the session with peer 203.0.113.17 is not authenticated") { Severity = DiagnosticSeverity.Warning },
        new("secret and none", Peer("authentication: §none"), "peer 203.0.113.17 has a secret and 'authentication: none'; remove one of them"),
        new("secret twice", Peer("password-file: §secret"), "peer 203.0.113.17 has 'password' and 'password-file'; remove one of them"),
        new("secret that is a number", Speaker("", "    - { address: 203.0.113.17, as: 65000, password: §123456 }"), "'password' is not read as text; put it in quotes") { SchemaSeesIt = true },
        new("secret that is empty", Speaker("", "    - { address: 203.0.113.17, as: 65000, password: §\"\" }"), "'password' is empty"),
        new("secret that is too long", Speaker("", $"    - {{ address: 203.0.113.17, as: 65000, password: §{new string('x', 81)} }}"), "'password' has 81 octets; Linux takes at most 80"),
        new("secret in a file that is not there", Speaker("", "    - { address: 203.0.113.17, as: 65000, password-file: §/nowhere/secret }"), "the secret of peer 203.0.113.17, /nowhere/secret, is not there"),
        new("secret in a directory", Speaker("", "    - { address: 203.0.113.17, as: 65000, password-file: §/ }"), "the secret of peer 203.0.113.17, /, cannot be read"),

        new("hold time too short", Peer("hold-time: §2"), "'hold-time' must be a number of seconds, 0 or 3 to 65535; found the number 2"),
        new("hold time too long", Peer("hold-time: §65536"), "'hold-time' must be a number of seconds, 0 or 3 to 65535") { SchemaSeesIt = true },
        new("keepalives too seldom", Peer("keepalive-time: §31"), "a keepalive every 31 s is too seldom for a hold time of 90 s"),
        new("keepalives without a hold time", Peer("hold-time: 0, keepalive-time: §10"), "peer 203.0.113.17 has 'hold-time: 0', which means no keepalives"),
        new("least hold time above our own", Peer("hold-time: 30, min-hold-time: §60"), "peer 203.0.113.17 would refuse the hold time of 30 s that we propose ourselves"),
        new("first wait above the longest", Peer("idle-hold: 60, max-idle-hold: §30"), "the first wait of peer 203.0.113.17 after an error is longer than the longest"),
        new("first wait above the default longest", Peer("idle-hold: §600"), "the first wait of peer 203.0.113.17 after an error is longer than the longest"),

        new("TTL checked and set", Peer("ttl-security-hops: 1, multihop-ttl: §5"), "peer 203.0.113.17 has 'ttl-security-hops' and 'multihop-ttl'"),
        new("TTL of nine bits", Peer("multihop-ttl: §256"), "'multihop-ttl' must be a whole number from 1 to 255") { SchemaSeesIt = true },
        new("waiting where nobody listens", Speaker("listen: []", "    - { address: 203.0.113.17, as: 65000, password: x, passive: §true }"), "peer 203.0.113.17 waits for a connection, but 'listen' is empty"),

        new("no family at all", Peer("families: §[]"), "'families' must be a list of families, at least 1; found 0") { SchemaSeesIt = true },
        new("family by another name", Peer("families: [§vpnv4]"), "an entry of 'families' must be ipv4-unicast, ipv6-unicast") { SchemaSeesIt = true },
        new("family twice", Peer("families: [vpn-ipv4, §vpn-ipv4]"), "peer 203.0.113.17 has the family vpn-ipv4 twice"),
        new("family twice, once in full", Peer("families: [vpn-ipv4, §{ family: vpn-ipv4, add-path: both }]"), "peer 203.0.113.17 has the family vpn-ipv4 twice"),
        new("family without a name", Peer("families: [§{ add-path: both }]"), "a family needs the key 'family'") { SchemaSeesIt = true },
        new("add-path by another word", Peer("families: [{ family: vpn-ipv4, add-path: §yes }]"), "'add-path' must be none, receive, send or both; found 'yes'") { SchemaSeesIt = true },
        new("several paths that are not sent", Peer("families: [{ family: vpn-ipv4, add-path: receive, send-max-paths: §4 }]"), "several paths are sent with 'add-path: send' or 'both' only"),
        new("several memberships", Peer("families: [vpn-ipv4, { family: rt-constraint, add-path: §both }]"), "memberships have one path each"),
        new("action without a limit", Peer("families: [{ family: vpn-ipv4, max-prefix-action: §warn }]"), "'max-prefix-action' says what happens at 'max-prefixes'; set that too or remove this"),
        new("warning without a limit", Peer("families: [{ family: vpn-ipv4, warn-percent: §90 }]"), "'warn-percent' says what happens at 'max-prefixes'"),
        new("limit of none", Peer("families: [{ family: vpn-ipv4, max-prefixes: §0 }]"), "'max-prefixes' must be a whole number from 1 to 2147483647") { SchemaSeesIt = true },
        new("extended next hop of an IPv6 family", Peer("families: [{ family: vpn-ipv6, extended-next-hop: §true }]"), "'extended-next-hop' gives IPv4 routes an IPv6 next hop (RFC 8950); it means nothing for vpn-ipv6"),
        new("IPv4 over IPv6", Speaker("", "    - { address: \"2001:db8:f::17\", as: 65000, password: x, families: [§ipv4-unicast] }"), "ipv4-unicast over the IPv6 session of peer 2001:db8:f::17 would have IPv6 next hops; set 'extended-next-hop: true' (RFC 8950)"),
        new("IPv6 over IPv4", External("families: [§ipv6-unicast]"), "ipv6-unicast over the IPv4 session of peer 203.0.113.17 has no next hop of ours"),
        new("VPN-IPv4 of an IPv6 forwarder", Speaker("", "    - { address: \"2001:db8:f::17\", as: 65000, password: x, families: [§vpn-ipv4] }") + "infrastructure: { address6: \"2001:db8:f::9\" }\n", "our own routes of vpn-ipv4 have the next hop 'infrastructure.address6'; set 'extended-next-hop: true'"),
        new("next hop self with labels", Peer("next-hop: §self"), "'next-hop: self' would send the routes of vpn-ipv4 to us with labels of other forwarders, which we cannot forward by"),
        new("next hop self with labels of IPv6", Peer("families: [vpn-ipv6, ipv4-unicast], next-hop: §self"), "'next-hop: self' would send the routes of vpn-ipv6 to us"),
        new("all targets without asking", Peer("families: [vpn-ipv4], default-route-target: §true"), "peer 203.0.113.17 is asked for all route targets, but its 'families' have no rt-constraint"),

        new("external client", External("route-reflector-client: §true"), "peer 203.0.113.17 is of AS 65010; only peers of our own AS 65000 can be clients of a route reflector (RFC 4456)"),
        new("AS override inside", Peer("as-override: §true"), "'as-override' is for external peers, and peer 203.0.113.17 is of our own AS 65000"),
        new("private numbers removed inside", Peer("remove-private-as: §all"), "'remove-private-as' is for external peers"),
        new("another AS inside", Peer("local-as: §65001"), "'local-as' is for external peers"),
        new("local AS that is ours", External("local-as: §65000"), "'local-as' of peer 203.0.113.17 is our own AS anyway"),
        new("local AS that is the peer's", External("local-as: §{ as: 65010, replace-as: true }"), "'local-as' of peer 203.0.113.17 is the peer's own AS"),
        new("our AS too often", External("allow-as-in: §11"), "'allow-as-in' must be a whole number from 0 to 10") { SchemaSeesIt = true },
        new("long-lived without graceful restart", Peer("graceful-restart: disabled, long-lived-graceful-restart: §true"), "peer 203.0.113.17 has long-lived graceful restart without graceful restart"),

        new("unknown import policy", Peer("import-policy: §from-rr"), "there is no policy 'from-rr'; the policies are accept-all, reject-all"),
        new("unknown export policy", Peer("export-policy: §to-rr"), "there is no policy 'to-rr'"),
        new("external peer without policies", Speaker("", "    - §{ address: 203.0.113.17, as: 65010, password: x }"), "peer 203.0.113.17 is external and has no 'import-policy' and 'export-policy', so nothing is accepted from it and nothing sent to it (RFC 8212)") { Severity = DiagnosticSeverity.Warning },
        new("external peer without an export policy", Speaker("", "    - §{ address: 203.0.113.17, as: 65010, password: x, import-policy: accept-all }"), "has no 'export-policy', so nothing is sent to it (RFC 8212)") { Severity = DiagnosticSeverity.Warning },

        new("range with host bits", Speaker("dynamic-peers: [{ range: §10.0.0.1/24, as: 65000, password: x }]"), "10.0.0.1/24 has host bits set"),
        new("range twice", Speaker("dynamic-peers: [{ range: 10.0.0.0/24, as: 65000, password: x }, { range: §10.0.0.0/24, as: 65000, password: x }]"), "there are two ranges 10.0.0.0/24; the first is on line 5"),
        new("range inside another", Speaker("dynamic-peers: [{ range: 10.0.0.0/8, as: 65000, password: x }, { range: §10.1.0.0/16, as: 65000, password: x }]"), "range 10.1.0.0/16 lies inside of 10.0.0.0/8 on line 5") { Severity = DiagnosticSeverity.Warning },
        new("range without a secret", Speaker("dynamic-peers: [§{ range: 10.0.0.0/24, as: 65000 }]"), "range 10.0.0.0/24 needs 'password' or 'password-file'"),
        new("range without an AS", Speaker("dynamic-peers: [§{ range: 10.0.0.0/24, password: x }]"), "range 10.0.0.0/24 needs the key 'as'"),
        new("range of an unknown group", Speaker("dynamic-peers: [{ range: 10.0.0.0/24, group: §pes }]"), "there is no peer group 'pes'; the file has no peer groups"),
        new("range of systems the wrong way round", Speaker("dynamic-peers: [{ range: 10.0.0.0/24, as: 65000, password: x, allowed-as: [§65020-65010] }]"), "'65020-65010' is not an AS number or a range"),
        new("range for nobody", Speaker("dynamic-peers: [{ range: 10.0.0.0/24, as: 65000, password: x, max-peers: §0 }]"), "'max-peers' must be a whole number from 1 to 65535") { SchemaSeesIt = true },
    ];
}

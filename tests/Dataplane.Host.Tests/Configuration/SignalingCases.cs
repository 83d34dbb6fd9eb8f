using Dataplane.Host.Configuration;
using static Dataplane.Host.Tests.Configuration.GatewaySample;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>The XMPP side of gateways, what is provisioned, and the client side: agents and external forwarders.</summary>
internal static class SignalingCases
{
    private const string Credentials = "certificate: c.pem, key: k.pem, authorities: a.pem";

    public static IEnumerable<BadCase> All =>
    [
        new("versions in a word", Speaker("version-community: §mobility"), "'mobility' is not type and sub-type of an extended community") { SchemaSeesIt = true },
        new("versions in route targets", Speaker("version-community: §0x0002"), "0x0002 means something else in VPN routes"),
        new("versions in encapsulations", Speaker("version-community: §0x030c"), "0x030c means something else in VPN routes"),

        new("XMPP without the role", SampleFile.With($"xmpp: §{{ name: sg.example.net, {Credentials} }}"), "'xmpp' belongs to the role gateway") { Purpose = ConfigurationPurpose.Replay },
        new("provisioning without the role", SampleFile.With("end-systems: §[]"), "'end-systems' belongs to the role gateway"),
        new("XMPP without a name", With($"xmpp: §{{ {Credentials} }}"), "'xmpp' needs the key 'name'") { SchemaSeesIt = true, Purpose = ConfigurationPurpose.Replay },
        Xmpp("XMPP in nobody's name", "name: §a@sg.example.net", "'a@sg.example.net' is not a domain name", isNameGiven: true),
        Xmpp("domains that are addresses", "domains: [§02aa@dc1.example.net]", "'02aa@dc1.example.net' is not a domain name"),
        Xmpp("domain twice", "domains: [dc1.example.net, §dc1.example.net]", "'domains' lists 'dc1.example.net' twice"),
        Xmpp("XMPP endpoint without an address", "listen: [§{ port: 5222 }]", "an endpoint of 'xmpp' needs the key 'address'", seen: true),
        Xmpp("XMPP endpoint on a name", "listen: [{ address: §lo }]", "'address': 'lo' is not an IP address", seen: true),
        Xmpp("XMPP endpoint on no port", "listen: [{ address: 127.0.0.1, port: §65536 }]", "'port' must be a whole number from 0 to 65535", seen: true),
        Xmpp("direct TLS by another word", "listen: [{ address: 127.0.0.1, direct-tls: §always }]", "'direct-tls' must be true or false", seen: true),
        Xmpp("unknown profile", "profile: §esv04", "'profile' must be esv05", seen: true),
        Xmpp("pings all the time", "ping-interval: §0", "'ping-interval' must be a number of seconds, 1 to 3600", seen: true),
        Xmpp("no ping at all", "ping-misses: §0", "'ping-misses' must be a whole number from 1 to 100", seen: true),
        Xmpp("stale for longer than a day", "stale-time: §86401", "'stale-time' must be a number of seconds, 0 to 86400", seen: true),
        Xmpp("preference of what is stale in words", "stale-local-preference: §low", "'stale-local-preference' must be a whole number from 0 to 4294967295", seen: true),
        Xmpp("pending for no time", "pending-time: §0", "'pending-time' must be a number of seconds, 1 to 3600", seen: true),
        Xmpp("stalled for no time", "stall-time: §0", "'stall-time' must be a number of seconds, 1 to 3600", seen: true),
        Xmpp("settled with a unit", "settle-time: §1m", "'settle-time' must be a number of seconds, 0 to 3600", seen: true),
        Xmpp("VPN settled before it was there", "vpn-settle-time: §-1", "'vpn-settle-time' must be a number of seconds, 0 to 3600", seen: true),
        Xmpp("names longer than all", "max-name-length: §129", "'max-name-length' must be a whole number from 1 to 128", seen: true),
        Xmpp("any name by another word", "allow-any-name: §sometimes", "'allow-any-name' must be true or false", seen: true),
        Xmpp("no sessions", "max-sessions: §0", "'max-sessions' must be a whole number from 1 to 1000000", seen: true),
        Xmpp("no subscriptions", "max-subscriptions: §0", "'max-subscriptions' must be a whole number from 1 to 1000000", seen: true),
        Xmpp("no publications", "max-publications: §0", "'max-publications' must be a whole number from 1 to 10000000", seen: true),
        Xmpp("misspelt key of XMPP", "§stale_time: 60", "'xmpp' has no key 'stale_time'; did you mean 'stale-time'?", seen: true),
        new("XMPP without a certificate", With("xmpp: §{ name: sg.example.net, key: k.pem, authorities: a.pem }"), "'xmpp' needs the key 'certificate', since clients and we prove to each other who we are") { Purpose = ConfigurationPurpose.Replay },
        new("XMPP without authorities", With("xmpp: §{ name: sg.example.net, certificate: c.pem, key: k.pem }"), "'xmpp' needs the key 'authorities'") { Purpose = ConfigurationPurpose.Replay },
        new("certificate that is not there", With("xmpp: { name: sg.example.net, certificate: §/nowhere/c.pem, key: /dev/null, authorities: /dev/null }"), "there is no file /nowhere/c.pem"),
        new("plaintext", With("xmpp: { name: sg.example.net, allow-plaintext: §true }"), "clients may come without TLS") { Severity = DiagnosticSeverity.Warning },

        new("provisioning that nobody serves", With("end-systems: §[{ name: 02aa10c0ffee }]"), "'end-systems' are provisioned, but there is no 'xmpp' to serve them") { Severity = DiagnosticSeverity.Warning },
        Provisioned("end-system without a name", "§{ vpns: [{ vpn: blue }] }", "an end-system needs the key 'name'", seen: true),
        Provisioned("end-system with spaces", "{ name: §\"02aa 10c0\" }", "'02aa 10c0' is not a system-id, an address or a domain"),
        Provisioned("end-system twice", "{ name: 02aa10c0ffee }, { name: §02aa10c0ffee }", "there are two end-systems with the name '02aa10c0ffee'"),
        Provisioned("infrastructure of many", "{ name: a, infrastructure: [§224.0.0.1] }", "224.0.0.1 is a multicast address"),
        Provisioned("host id of IPv6", "{ name: a, host-id: §\"2001:db8::1\" }", "'2001:db8::1' is not an identifier", seen: true),
        Provisioned("end-system of an unknown profile", "{ name: a, profile: §esv04 }", "'profile' must be esv05", seen: true),
        Provisioned("VPN without a name", "{ name: a, vpns: [§{ prefixes: [10.0.0.0/8] }] }", "a VPN of an end-system needs the key 'vpn'", seen: true),
        Provisioned("VPN that is no VRF", "{ name: a, vpns: [{ vpn: §green }] }", "there is no VRF 'green'; the VRFs are blue"),
        Provisioned("VRF that is not there", "{ name: a, vpns: [{ vpn: green, vrf: §red }] }", "there is no VRF 'red'; the VRFs are blue"),
        Provisioned("instance of seventeen bits", "{ name: a, vpns: [{ vpn: blue, instance: §65536 }] }", "'instance' must be a whole number from 0 to 65535", seen: true),
        Provisioned("instance of many VPNs", "{ name: a, vpns: [{ vpn: \"b*\", instance: §7 }] }", "instance 7 would be that of every VPN that 'b*' stands for"),
        Provisioned("instance twice", "{ name: a, vpns: [{ vpn: blue, instance: 7 }, { vpn: azure, vrf: blue, instance: 8 }, { vpn: sky, vrf: blue, instance: §7 }] }", "instance 7 is already that of VPN 'blue'"),
        Provisioned("allowed prefix with host bits", "{ name: a, vpns: [{ vpn: blue, prefixes: [§10.0.0.1/8] }] }", "10.0.0.1/8 has host bits set"),
        Provisioned("subscriptions by another word", "{ name: a, vpns: [{ vpn: blue, subscribe: §perhaps }] }", "'subscribe' must be true or false", seen: true),
        Provisioned("preferences by another word", "{ name: a, vpns: [{ vpn: blue, local-preference: §200 }] }", "'local-preference' must be true or false", seen: true),
        Provisioned("misspelt key of a VPN", "{ name: a, vpns: [{ vpn: blue, §prefix: 10.0.0.0/8 }] }", "has no key 'prefix'; did you mean 'prefixes'?", seen: true),

        Agent("agent without servers' names", "external-forwarders: [§{ host: 192.0.2.9 }]", "a server needs the key 'name'", seen: true),
        Agent("server in nobody's name", "external-forwarders: [{ name: §a@tor7 }]", "'a@tor7' is not a domain name"),
        Agent("server on no port", "external-forwarders: [{ name: tor7.example.net, port: §0 }]", "'port' must be a whole number from 1 to 65535", seen: true),
        Agent("server twice", "external-forwarders: [{ name: tor7.example.net }, { name: §tor7.example.net }]", "there are two servers with the name 'tor7.example.net'"),
        Agent("agent of an unknown profile", Tor + ", profile: §esv04", "'profile' must be esv05", seen: true),
        Agent("agent that pings all the time", Tor + ", ping-interval: §0", "'ping-interval' must be a number of seconds, 1 to 3600", seen: true),
        Agent("agent that never gives up", Tor + ", ping-misses: §101", "'ping-misses' must be a whole number from 1 to 100", seen: true),
        Agent("agent that believes at once", Tor + ", settle-time: §0", "'settle-time' must be a number of seconds, 1 to 3600", seen: true),
        Agent("agent without repairs", Tor + ", repair-time: §0", "'repair-time' must be a number of seconds, 1 to 3600", seen: true),
        Agent("agent with a reserved label", Tor + ", label-range: { first: §15 }", "'first' must be a whole number from 16 to 1048575", seen: true),
        Agent("agent with longer names than all", Tor + ", max-name-length: §129", "'max-name-length' must be a whole number from 1 to 128", seen: true),
        Agent("hosts behind a host", Tor + ", hosts: §{ name: tor7.example.net, listen: [\"192.0.2.1:5222\"] }", "'hosts' belongs to the role forwarder"),
        new("agent without an address", AgentOf("signaling: §{ external-forwarders: [{ name: tor7.example.net }], allow-plaintext: true }"), "'signaling' needs the key 'address'") { SchemaSeesIt = true },
        new("agent without a system-id", AgentOf($"signaling: {{ address: §dc1.example.net, {Tor}, allow-plaintext: true }}"), "'dc1.example.net' is not a system-id and a domain"),
        new("agent without signaling", "§roles: [agent]\nstate-directory: /var/lib/dataplane\n", "a configuration needs the key 'signaling'"),
        new("agent that keeps nothing", $"§roles: [agent]\nsignaling: {{ address: 02aa10c0ffee@dc1.example.net, {Tor}, allow-plaintext: true }}\n", "the role agent needs the key 'state-directory'"),
        new("agent without certificates", AgentOf($"signaling: §{{ address: 02aa10c0ffee@dc1.example.net, {Tor} }}"), "'signaling' needs 'certificate', 'key' and 'authorities', or 'allow-plaintext: true'"),
        new("agent's keys without the role", With("agent: §{ first-vlan: 2 }"), "'agent' belongs to the role agent"),
        new("agent's VLANs from the greater to the lesser", Sound("agent: { first-vlan: §9, last-vlan: 8 }"), "'first-vlan' is 9 and 'last-vlan' 8"),
        new("agent's VLAN 0", Sound("agent: { first-vlan: §0 }"), "'first-vlan' must be a whole number from 1 to 4094") { SchemaSeesIt = true },
        new("agent's VLAN of all", Sound("agent: { last-vlan: §4095 }"), "'last-vlan' must be a whole number from 1 to 4094") { SchemaSeesIt = true },
        new("misspelt key of the agent", Sound("agent: { §first_vlan: 9 }"), "'agent' has no key 'first_vlan'; did you mean 'first-vlan'?") { SchemaSeesIt = true },
    ];

    private const string Tor = "external-forwarders: [{ name: tor7.example.net }]";

    private static BadCase Xmpp(string name, string keys, string message, bool seen = false, bool isNameGiven = false) => new(
        name, With($"xmpp: {{ {(isNameGiven ? "" : "name: sg.example.net, ")}{Credentials}, {keys} }}"), message)
    { SchemaSeesIt = seen, Purpose = ConfigurationPurpose.Replay };

    private static BadCase Provisioned(string name, string entries, string message, bool seen = false) => new(
        name, With($"xmpp: {{ name: sg.example.net, {Credentials} }}", $"end-systems: [{entries}]"), message)
    { SchemaSeesIt = seen, Purpose = ConfigurationPurpose.Replay };

    private static BadCase Agent(string name, string keys, string message, bool seen = false) => new(
        name, AgentOf($"signaling: {{ address: 02aa10c0ffee@dc1.example.net, allow-plaintext: true, {keys} }}"), message)
    { SchemaSeesIt = seen };

    private static string AgentOf(string sections) => $"roles: [agent]\nstate-directory: /var/lib/dataplane\n{sections}\n";

    private static string Sound(string sections) => AgentOf($"signaling: {{ address: 02aa10c0ffee@dc1.example.net, allow-plaintext: true, {Tor} }}\n{sections}");
}

using Dataplane.Host.Configuration;
using static Dataplane.Host.Tests.Configuration.SampleFile;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Elections on access ports.</summary>
internal static class VrrpCases
{
    public static IEnumerable<BadCase> All =>
    [
        new("election on a core port", With(Clean(Ports.Replace("CORE", ", vrrp: §{ address: 192.0.2.2 }", StringComparison.Ordinal))), "port 'core0' has no 'vrrp'; forwarders are elected on access ports only"),
        new("election on a local port", With(Clean(Ports.Replace("LOCAL", ", vrrp: §{ address: 192.0.2.2 }", StringComparison.Ordinal))), "port 'tap0' has no 'vrrp'"),
        new("election without an address", Access("§{ priority: 200 }"), "'vrrp' needs 'address', our own IPv4 address on the link, or 'address6'"),
        new("election that is a text", Access("§on"), "'vrrp' must be a mapping of keys; found 'on'") { SchemaSeesIt = true },
        new("election with an unknown key", Access("{ address: 192.0.2.2, §prio: 200 }"), "'vrrp' has no key 'prio'; known keys: vrid, priority") { SchemaSeesIt = true },
        new("virtual router 0", Access("{ address: 192.0.2.2, vrid: §0 }"), "'vrid' must be a whole number from 1 to 255; found the number 0") { SchemaSeesIt = true },
        new("priority 0", Access("{ address: 192.0.2.2, priority: §0 }"), "'priority' must be a whole number from 1 to 255; found the number 0") { SchemaSeesIt = true },
        new("interval that does not fit twelve bits", Access("{ address: 192.0.2.2, interval: §4096 }"), "'interval' must be a whole number from 1 to 4095; found the number 4096") { SchemaSeesIt = true },
        new("interval of zero", Access("{ address: 192.0.2.2, interval: §0 }"), "'interval' must be a whole number from 1 to 4095") { SchemaSeesIt = true },
        new("election in VLAN 4095", Access("{ address: 192.0.2.2, vlan: §4095 }"), "'vlan' must be a whole number from 1 to 4094; found the number 4095") { SchemaSeesIt = true },
        new("IPv6 address for IPv4", Access("{ address: §\"fe80::2\" }"), "fe80::2 is an IPv6 address; an IPv4 address such as 203.0.113.17 is needed here"),
        new("election from a global IPv6 address", Access("{ address6: §\"2001:db8::2\" }"), "2001:db8::2 is not a link-local address; VRRP for IPv6 uses one, such as fe80::2"),
        new("global virtual IPv6 address", Access("{ address6: \"fe80::2\", virtual-address6: §\"2001:db8::1\" }"), "2001:db8::1 is not a link-local address"),
        new("own address that is the virtual one", Access("{ address: §169.254.0.1 }"), "169.254.0.1 is the virtual router's address; each forwarder needs one of its own here"),
        new("own address that is the configured virtual one", Access("{ address6: §\"fe80::2\", virtual-address6: \"fe80::2\" }"), "fe80::2 is the virtual router's address"),
        new("virtual router with another MAC address", Access("{ address: 192.0.2.2, vrid: §2 }"), "advertisements of virtual router 2 are not sent from the MAC address of 'first-hop'") { Severity = DiagnosticSeverity.Warning },
        new("virtual router beside a configured MAC address", "first-hop: { mac6: \"02:00:00:00:00:01\" }\n" + Access("§{ address6: \"fe80::2\" }"), "advertisements of virtual router 1 are not sent from the MAC address of 'first-hop'") { Severity = DiagnosticSeverity.Warning },
    ];

    private const string Ports = """
        ports:
          - { name: core0, role: core, device: "net_af_packet0,iface=c0", addresses: [203.0.113.17/24, "2001:db8:f::17/64"]CORE }
          - { name: acc0, role: access, device: "net_af_packet1,iface=a0"ACCESS }
          - { name: tap0, role: local, device: "net_tap0,iface=vm9"LOCAL }
        """;

    private static string Access(string vrrp) => With(Clean(Ports.Replace("ACCESS", ", vrrp: " + vrrp, StringComparison.Ordinal)));

    private static string Clean(string text) => text.Replace("CORE", "", StringComparison.Ordinal).Replace("ACCESS", "", StringComparison.Ordinal).Replace("LOCAL", "", StringComparison.Ordinal);
}

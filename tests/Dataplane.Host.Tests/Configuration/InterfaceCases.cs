using Dataplane.Host.Configuration;
using static Dataplane.Host.Tests.Configuration.SampleFile;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Interfaces, their classification and addresses.</summary>
internal static class InterfaceCases
{
    private const string Vm1 = "name: vm1, port: acc0, vlan: 317, vrf: blue, label: 52013, addresses: [198.51.100.25/32]";
    private const string Vm9 = "name: vm9, port: tap0, vrf: blue, label: 52014, addresses: [198.51.100.26/32]";

    public static IEnumerable<BadCase> All =>
    [
        new("interface without a label", Interfaces("§{ name: x, port: acc0, vrf: blue, addresses: [10.0.0.1/32] }"), "an interface needs the key 'label'") { SchemaSeesIt = true },
        new("interface without a port", Interfaces("§{ name: x, vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "an interface needs the key 'port'") { SchemaSeesIt = true },
        new("interface without a VRF", Interfaces("§{ name: x, port: acc0, label: 16, addresses: [10.0.0.1/32] }"), "an interface needs the key 'vrf'") { SchemaSeesIt = true },
        new("two interfaces of one name", Interfaces("{ name: §vm1, port: acc0, vlan: 1, vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "there are two interfaces with the name 'vm1'; the first is on line 17"),
        new("interface on a port that does not exist", Interfaces("{ name: x, port: §acc7, vlan: 1, vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "there is no port 'acc7'; the ports are core0, acc0, tap0"),
        new("interface in a VRF that does not exist", Interfaces("{ name: x, port: acc0, vlan: 1, vrf: §purple, label: 16, addresses: [10.0.0.1/32] }"), "there is no VRF 'purple'; the VRFs are blue, red"),
        new("interface on a core port", Interfaces("{ name: x, port: §core0, vlan: 1, vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "'core0' is a core port"),
        new("VLAN of zero", Interfaces("{ name: x, port: acc0, vlan: §0, vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "'vlan' must be a whole number from 1 to 4094; found the number 0: 0 and 4095 are reserved") { SchemaSeesIt = true },
        new("VLAN of 4095", Interfaces("{ name: x, port: acc0, vlan: §4095, vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "'vlan' must be a whole number from 1 to 4094") { SchemaSeesIt = true },
        new("inner VLAN of 4095", Interfaces("{ name: x, port: acc0, vlan: [100, §4095], vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "the inner number of 'vlan' must be a whole number from 1 to 4094") { SchemaSeesIt = true },
        new("three VLANs", Interfaces("{ name: x, port: acc0, vlan: §[1, 2, 3], vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "'vlan' must be one VLAN number or a pair [outer, inner]; found a list of 3") { SchemaSeesIt = true },
        new("VLAN by name", Interfaces("{ name: x, port: acc0, vlan: §servers, vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "'vlan' must be a whole number from 1 to 4094; found 'servers'") { SchemaSeesIt = true },
        new("VLAN as a mapping", Interfaces("{ name: x, port: acc0, vlan: §{ outer: 1 }, vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "'vlan' must be a VLAN number from 1 to 4094, or a pair [outer, inner]; found a mapping of keys") { SchemaSeesIt = true },
        new("VLAN on a local port", With($"interfaces:\n  - {{ {Vm1} }}\n  - {{ {Vm9}, vlan: §5 }}"), "'tap0' is a local port, whose single interface is untagged; remove 'vlan'"),
        new("two interfaces on a local port", Interfaces("{ name: x, port: §tap0, vrf: blue, label: 16, addresses: [10.0.0.1/32] }"), "local port 'tap0' already has the interface 'vm9'; use one port per guest"),
        new("local port without an interface", With($"interfaces:\n  - {{ {Vm1} }}").Replace("name: tap0", "name: §tap0", StringComparison.Ordinal), "local port 'tap0' has no interface"),
        new("access port without an interface", With($"interfaces:\n  - {{ {Vm9} }}").Replace("name: acc0", "name: §acc0", StringComparison.Ordinal), "access port 'acc0' has no interface, so every frame from it is dropped") { Severity = DiagnosticSeverity.Warning },

        new("one VLAN twice", Interfaces("{ name: x, port: acc0, vlan: §317, vrf: red, label: 16, addresses: [10.0.0.1/32] }"), "interface 'x' overlaps 'vm1' on line 17: both take port acc0, VLAN 317; give them different VLANs, or a 'mac' each"),
        new("one VLAN and MAC address twice", Interfaces(
            "{ name: x, port: acc0, vlan: 5, mac: \"02:00:00:00:00:01\", vrf: red, label: 16, addresses: [10.0.0.1/32] }",
            "{ name: y, port: acc0, vlan: §5, mac: \"02:00:00:00:00:01\", vrf: red, label: 17, addresses: [10.0.0.2/32] }"), "both take port acc0, VLAN 5 from 02:00:00:00:00:01; give them different VLANs or MAC addresses"),
        new("one QinQ pair twice", Interfaces(
            "{ name: x, port: acc0, vlan: [5, 6], vrf: red, label: 16, addresses: [10.0.0.1/32] }",
            "{ name: y, port: acc0, vlan: §[5, 6], vrf: red, label: 17, addresses: [10.0.0.2/32] }"), "both take port acc0, VLAN [5, 6]"),
        new("untagged twice", Interfaces(
            "{ name: x, port: acc0, vrf: red, label: 16, addresses: [10.0.0.1/32] }",
            "{ name: §y, port: acc0, vrf: red, label: 17, addresses: [10.0.0.2/32] }"), "both take port acc0, untagged"),
        new("MAC address beside a VLAN without one", Interfaces("{ name: x, port: acc0, vlan: §317, mac: \"02:00:00:00:00:01\", vrf: red, label: 16, addresses: [10.0.0.1/32] }"), "'vm1' takes every frame of port acc0, VLAN 317, 'x' only those from 02:00:00:00:00:01; give 'vm1' a 'mac' too or another VLAN"),
        new("VLAN without a MAC address beside one with", Interfaces(
            "{ name: x, port: acc0, vlan: 5, mac: \"02:00:00:00:00:01\", vrf: red, label: 16, addresses: [10.0.0.1/32] }",
            "{ name: y, port: acc0, vlan: §5, vrf: red, label: 17, addresses: [10.0.0.2/32] }"), "'y' takes every frame of port acc0, VLAN 5, 'x' only those from 02:00:00:00:00:01"),
        new("interface with a group MAC address", Interfaces("{ name: x, port: acc0, vlan: 5, mac: §\"ff:ff:ff:ff:ff:ff\", vrf: red, label: 16, addresses: [10.0.0.1/32] }"), "is a group address"),
        new("interface with the virtual router's MAC address", Interfaces("{ name: x, port: acc0, vlan: 5, mac: §\"00:00:5e:00:02:01\", vrf: red, label: 16, addresses: [10.0.0.1/32] }"), "is the virtual router's own address ('first-hop')"),

        new("interface label of another interface", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: §52013, addresses: [10.0.0.1/32] }"), "label 52013 is already that of interface 'vm1' (line 17)"),
        new("interface label of a VRF", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: §3000, addresses: [10.0.0.1/32] }"), "label 3000 is already that of VRF 'blue' (line 12)"),
        new("interface label that is reserved", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: §3, addresses: [10.0.0.1/32] }"), "'label' must be a whole number from 16 to 1048575; found the number 3") { SchemaSeesIt = true },
        new("interface address with host bits", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: 16, addresses: [§10.0.0.1/24] }"), "10.0.0.1/24 has host bits set; write 10.0.0.0/24 for the network or 10.0.0.1/32"),
        new("interface address that is multicast", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: 16, addresses: [§224.0.0.0/24] }"), "224.0.0.0/24 is nobody's source address"),
        new("interface address twice", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: 16, addresses: [10.0.0.1, §10.0.0.1/32] }"), "'addresses' lists '10.0.0.1/32' twice"),
        new("interface address of another interface", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: blue, label: 16, addresses: [§198.51.100.25/32] }"), "198.51.100.25/32 already belongs to interface 'vm1' of VRF 'blue'"),
        new("interface address in the infrastructure", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: 16, addresses: [§\"2001:db8:f::/64\"] }"), "2001:db8:f::/64 overlaps the infrastructure network 2001:db8:f::/64 of port 'core0'; keep tenants' address blocks outside of it (SEC-10)") { Severity = DiagnosticSeverity.Warning },
        new("interface without addresses", Interfaces("§{ name: x, port: acc0, vlan: 5, vrf: red, label: 16 }"), "interface 'x' has no 'addresses', so every packet from it is dropped by source validation") { Severity = DiagnosticSeverity.Warning },
        new("interface MTU above the port's", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: 16, addresses: [10.0.0.1/32], mtu: §1501 }"), "an MTU of 1501 does not fit port 'acc0', whose MTU is 1500"),
        new("IPv6 interface with a small MTU", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: 16, addresses: [\"2001:db8:7::1\"], mtu: §1279 }"), "interface 'x' has an IPv6 address but an MTU of 1279") { Severity = DiagnosticSeverity.Warning },
        new("class with an unknown key", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: 16, addresses: [10.0.0.1/32], class: { §tc: 1 } }"), "'class' has no key 'tc'; known keys: dscp, traffic-class") { SchemaSeesIt = true },
        new("class with a DSCP of seven bits", Interfaces("{ name: x, port: acc0, vlan: 5, vrf: red, label: 16, addresses: [10.0.0.1/32], class: { dscp: §64 } }"), "'dscp' must be a whole number from 0 to 63") { SchemaSeesIt = true },
    ];

    /// <summary>The sample with further interfaces.</summary>
    private static string Interfaces(params IReadOnlyList<string> more) =>
        With($"interfaces:\n  - {{ {Vm1} }}\n  - {{ {Vm9} }}" + string.Concat(more.Select(static m => "\n  - " + m)));
}

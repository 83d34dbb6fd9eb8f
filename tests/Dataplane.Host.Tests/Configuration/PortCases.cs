using Dataplane.Host.Configuration;
using static Dataplane.Host.Tests.Configuration.SampleFile;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Ports and their devices.</summary>
internal static class PortCases
{
    private const string Rest = "\n  - { name: acc0, role: access, device: \"net_af_packet1,iface=a0\" }\n  - { name: tap0, role: local, device: \"net_tap0,iface=vm9\" }";

    public static IEnumerable<BadCase> All =>
    [
        new("no ports", "§roles: [forwarder]\ninfrastructure: { address: 203.0.113.17 }\n", "a configuration needs the key 'ports', a list of ports, at least 1"),
        new("no infrastructure", With("infrastructure:").Replace("roles:", "§roles:", StringComparison.Ordinal), "a configuration needs the key 'infrastructure'"),
        new("empty list of ports", "ports: §[]\ninfrastructure: { address: 203.0.113.17 }\n", "'ports' must be a list of ports, at least 1; found 0") { SchemaSeesIt = true },
        new("port that is a text", Ports(Core, "§core1"), "an entry of 'ports' must be a mapping of keys; found 'core1'") { SchemaSeesIt = true },
        new("port without a name", Ports(Core, "§role: access\n    device: net_null0"), "a port needs the key 'name'") { SchemaSeesIt = true },
        new("port without a role", Ports(Core, "§name: acc1\n    device: net_null0"), "a port needs the key 'role', core, access or local") { SchemaSeesIt = true },
        new("port of an unknown role", Ports(Core, "{ name: acc1, role: §acess, device: net_null0 }"), "did you mean 'access'?") { SchemaSeesIt = true },
        new("port with a slash in its name", Ports(Core, "{ name: §a/b, role: access, device: net_null0 }"), "'a/b' is not a name for a port") { SchemaSeesIt = true },
        new("two ports of one name", Ports(Core, "{ name: §core0, role: core, device: net_null0, addresses: [192.0.2.1/24] }"), "there are two ports with the name 'core0'; the first is on line 3, rename one of them"),
        new("port without a device", Ports(Core, "§name: acc1\n    role: access"), "port 'acc1' needs the key 'device'"),
        new("device that is a kernel interface", Ports(Core, "{ name: acc1, role: access, device: §ens5 }"), "'ens5' is not a device; write a PCI address such as \"0000:03:00.0\" or a DPDK virtual device such as \"net_af_packet0,iface=ens5\"") { SchemaSeesIt = true },
        new("device with a broken PCI address", Ports(Core, "{ name: acc1, role: access, device: §\"0000:03:00\" }"), "'0000:03:00' is not a device") { SchemaSeesIt = true },
        new("two ports on one virtual device", Ports(Core, "{ name: acc1, role: access, device: §\"net_af_packet0,iface=x\" }"), "device net_af_packet0 is already used by port 'core0' on line 5"),
        new("two ports on one kernel interface", Ports(Core, "{ name: acc1, role: access, device: §\"net_af_xdp0,iface=c0\" }"), "kernel interface c0 is already used by port 'core0'"),
        new("two ports on one PCI device", Ports(Core, "{ name: x1, role: core, device: \"0000:41:00.0\", addresses: [192.0.2.1/24] }", "{ name: x2, role: core, device: §\"41:00.0\", addresses: [198.18.0.1/24] }"), "device 0000:41:00.0 is already used by port 'x1'"),
        new("port with a group MAC address", Ports(Core, "{ name: acc1, role: access, device: net_null0, mac: §\"01:00:00:00:00:01\" }"), "is a group address"),
        new("port with a small MTU", Ports(Core, "{ name: acc1, role: access, device: net_null0, mtu: §575 }"), "'mtu' must be a whole number from 576 to 9216; found the number 575") { SchemaSeesIt = true },
        new("port with a huge MTU", Ports(Core, "{ name: acc1, role: access, device: net_null0, mtu: §9217 }"), "'mtu' must be a whole number from 576 to 9216; found the number 9217") { SchemaSeesIt = true },
        new("more queues than workers", Ports(Core.Replace("role: core", "role: core\n    queues: §2", StringComparison.Ordinal)), "port 'core0' asks for 2 queues, but 'workers.cores' lists 1"),
        new("no queue", Ports(Core.Replace("role: core", "role: core\n    queues: §0", StringComparison.Ordinal)), "'queues' must be a whole number from 1 to 64") { SchemaSeesIt = true },
        new("core port without addresses", Ports(Core, "§name: core1\n    role: core\n    device: net_null0"), "core port 'core1' needs 'addresses'"),
        new("core address without a length", Ports(Core, "{ name: core1, role: core, device: net_null0, addresses: [§192.0.2.1] }"), "'192.0.2.1' is not an address with a length; write for instance 203.0.113.17/24") { SchemaSeesIt = true },
        new("core address with too great a length", Ports(Core, "{ name: core1, role: core, device: net_null0, addresses: [§192.0.2.1/33] }"), "the length of 192.0.2.1/33 is out of range; it goes from 1 to 32"),
        new("core address that is the network", Ports(Core, "{ name: core1, role: core, device: net_null0, addresses: [§192.0.2.0/24] }"), "192.0.2.0 is the network address of 192.0.2.0/24"),
        new("core address that is the broadcast", Ports(Core, "{ name: core1, role: core, device: net_null0, addresses: [§192.0.2.255/24] }"), "192.0.2.255 is the broadcast address of 192.0.2.0/24"),
        new("core address that is multicast", Ports(Core, "{ name: core1, role: core, device: net_null0, addresses: [§\"ff02::1/64\"] }"), "ff02::1 is a multicast address"),
        new("core address that is loopback", Ports(Core, "{ name: core1, role: core, device: net_null0, addresses: [§127.0.0.1/8] }"), "127.0.0.1 is a loopback address"),
        new("core address twice on a port", Ports(Core, "{ name: core1, role: core, device: net_null0, addresses: [192.0.2.1/24, §192.0.2.1/24] }"), "'addresses' lists '192.0.2.1/24' twice") { SchemaSeesIt = true },
        new("core address on two ports", Ports(Core, "{ name: core1, role: core, device: net_null0, addresses: [§203.0.113.17/25] }"), "203.0.113.17 is already an address of port 'core0'"),
        new("networks of two core ports overlap", Ports(Core, "{ name: core1, role: core, device: net_null0, addresses: [§203.0.113.130/25] }"), "network 203.0.113.128/25 overlaps 203.0.113.0/24 of port 'core0'") { Severity = DiagnosticSeverity.Warning },
        new("IPv6 on a core port with a small MTU", Ports(Core, "{ name: core1, role: core, device: net_null0, mtu: §1279, addresses: [\"2001:db8:e::1/64\"] }"), "IPv6 needs links of at least 1280") { Severity = DiagnosticSeverity.Warning },
        new("addresses on an access port", Ports(Core, "{ name: acc1, role: access, device: net_null0, addresses: §[192.0.2.1/24] }"), "an access port has no 'addresses'"),
        new("neighbors on a local port", With("ports:\n  - " + Core + "\n  - { name: acc0, role: access, device: net_null1 }\n  - { name: tap0, role: local, device: net_tap0, neighbors: §[] }"), "a local port has no 'neighbors'"),
        new("neighbour without a MAC address", Ports(Core + "\n    neighbors:\n      - §{ address: 203.0.113.44 }"), "an underlay neighbour needs the key 'mac'") { SchemaSeesIt = true },
        new("neighbour on another network", Ports(Core + "\n    neighbors:\n      - { address: §203.0.112.44, mac: \"02:00:00:00:00:44\" }"), "203.0.112.44 is on no network of port 'core0'"),
        new("neighbour that is ourselves", Ports(Core + "\n    neighbors:\n      - { address: §203.0.113.17, mac: \"02:00:00:00:00:44\" }"), "203.0.113.17 is the port's own address"),
        new("neighbour twice", Ports(Core + "\n    neighbors:\n      - { address: 203.0.113.44, mac: \"02:00:00:00:00:44\" }\n      - { address: §203.0.113.44, mac: \"02:00:00:00:00:45\" }"), "neighbour 203.0.113.44 is given twice; the first is on line 8"),
        new("no core port", "ports:\n  §- { name: tap0, role: local, device: net_tap0 }\ninfrastructure: { address: 203.0.113.17 }\n"
            + "vrfs: [{ name: blue }]\ninterfaces: [{ name: a, port: tap0, vrf: blue, label: 16, addresses: [10.0.0.1/32] }]\n", "there is no core port"),

        new("NIC with the default route by PCI address", Ports(Core, "{ name: acc1, role: access, device: §\"0000:00:03.0\" }"), "port 'acc1' would take eth0 away from the kernel, but eth0 carries this machine's default route"),
        new("NIC with the default route by short PCI address", Ports(Core, "{ name: acc1, role: access, device: §\"00:03.0,txq=2\" }"), "would take eth0 away"),
        new("NIC with the default route by af_packet", Ports(Core, "{ name: acc1, role: access, device: §\"net_af_packet7,iface=eth0,qpairs=2\" }"), "port 'acc1' would take eth0 away"),
        new("NIC with the default route by af_xdp", Ports(Core, "{ name: acc1, role: access, device: §\"net_af_xdp0,iface=eth0\" }"), "port 'acc1' would take eth0 away"),
        new("NIC with the default route by pcap", Ports(Core, "{ name: acc1, role: access, device: §\"net_pcap0,rx_iface=eth0,tx_iface=eth0\" }"), "port 'acc1' would take eth0 away"),
        new("NIC beneath the default route's bond", Ports(Core, "{ name: acc1, role: access, device: §\"0000:81:00.1\" }"), "port 'acc1' would take eth3 away from the kernel, but eth3 is beneath bond0, which carries"),
    ];

    private const string Core = "name: core0\n    role: core\n    device: \"net_af_packet0,iface=c0\"\n    addresses: [203.0.113.17/24, \"2001:db8:f::17/64\"]";

    /// <summary>The sample's ports and these: the first in the place of core0, further ones at the end.</summary>
    private static string Ports(string core, params IReadOnlyList<string> more)
    {
        var text = With("ports:\n  - " + core + Rest + string.Concat(more.Select(static m => "\n  - " + m)));
        return more.Any(static m => m.Contains("name: acc1", StringComparison.Ordinal) && m.Contains("role: access", StringComparison.Ordinal))
            ? text + "  - { name: extra, port: acc1, vrf: blue, label: 99, addresses: [198.51.100.99/32] }\n"
            : text;
    }
}

using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of an entry of <c>ports</c> and of its <c>neighbors</c>.</summary>
internal static class PortKeys
{
    public static readonly ConfigurationKey<IpAddress> NeighborAddress = Required("address", AddressValues.Unicast,
        "The neighbour's address, on a network of the port.");

    public static readonly ConfigurationKey<MacAddress> NeighborMac = Required("mac", AddressValues.Mac,
        "The neighbour's MAC address.");

    public static readonly MappingValue<StaticNeighbor> NeighborMapping = new(
        "an underlay neighbour",
        static m => new StaticNeighbor { Address = m.Get(NeighborAddress), Mac = m.Get(NeighborMac) },
        NeighborAddress, NeighborMac);

    public static readonly ConfigurationKey<string> Name = Required("name", NameValues.Port,
        "Unique name: 1 to 32 letters, digits, '.', '_' and '-'. Interfaces, metrics and replay's capture files use it.");

    public static readonly ConfigurationKey<PortRole> Role = Required(
        "role",
        new ChoiceValue<PortRole>([
            new("core", PortRole.Core, "the underlay: other forwarders, through tunnels only"),
            new("access", PortRole.Access, "tenants' hosts behind a switch or trunk: many interfaces, told apart by VLAN and MAC address"),
            new("local", PortRole.Local, "one guest on this machine: a tap or vhost-user device with exactly one untagged interface"),
        ]),
        "What is behind the port.");

    public static readonly ConfigurationKey<PortDevice?> Device = Optional("device", NameValues.Device,
        "What DPDK drives: a PCI address such as \"0000:03:00.0\", or a virtual device with its arguments such as "
        + "\"net_af_packet0,iface=eth1\", \"net_tap0,iface=vm1\" or \"net_vhost0,iface=/run/vm1.sock\". "
        + "Required except for replay, which puts capture files in its place.");

    public static readonly ConfigurationKey<MacAddress?> Mac = OptionalStruct("mac", AddressValues.Mac,
        "The port's MAC address. Default: the device's own.");

    public static readonly ConfigurationKey<int> Mtu = WithDefault("mtu", new IntegerValue(576, 9216), 1500,
        "Largest IP packet on the link, in octets.");

    public static readonly ConfigurationKey<int> Queues = WithDefault("queues", new IntegerValue(1, 64), 1,
        "Receive and transmit queues, flows spread over them (RSS). Not more than there are workers.");

    public static readonly ConfigurationKey<IReadOnlyList<PortAddress>> Addresses = List(
        "addresses",
        new ListValue<PortAddress>(AddressValues.OnLink, "addresses with the length of their network", unique: true),
        "Core ports only, and needed there: our addresses in the underlay with the length of their network, such as 203.0.113.17/24.");

    public static readonly ConfigurationKey<IReadOnlyList<StaticNeighbor>> Neighbors = List(
        "neighbors",
        new ListValue<StaticNeighbor>(NeighborMapping, "underlay neighbours"),
        "Core ports only: underlay neighbours that need no ARP or neighbour discovery.");

    public static readonly ConfigurationKey<VrrpConfiguration?> Vrrp = Optional("vrrp", VrrpKeys.Mapping,
        "Access ports only: elect, by VRRP version 3, which of several forwarders serves the hosts behind the port. Without it, we always do.");

    public static readonly MappingValue<PortConfiguration> Mapping = new(
        "a port",
        static m => new PortConfiguration
        {
            Name = m.Get(Name),
            Role = m.Get(Role),
            Device = m.Get(Device),
            Mac = m.Get(Mac),
            Mtu = m.Get(Mtu),
            Queues = m.Get(Queues),
            Addresses = m.Get(Addresses),
            Neighbors = m.Get(Neighbors),
            Vrrp = m.Get(Vrrp),
        },
        Name, Role, Device, Mac, Mtu, Queues, Addresses, Neighbors, Vrrp);
}

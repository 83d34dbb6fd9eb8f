using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of an entry of <c>interfaces</c> and of its <c>class</c>.</summary>
internal static class InterfaceKeys
{
    public static readonly ConfigurationKey<int?> Dscp = OptionalStruct("dscp", new IntegerValue(0, 63),
        "Outer DSCP. Default: 'encapsulation.dscp'.");

    public static readonly ConfigurationKey<int?> TrafficClass = OptionalStruct("traffic-class", new IntegerValue(0, 7),
        "Traffic class of the label. Default: 'encapsulation.traffic-class'.");

    public static readonly MappingValue<GivenClass> ClassMapping = new(
        "'class'",
        static m => new GivenClass(m.Get(Dscp), m.Get(TrafficClass)),
        Dscp, TrafficClass);

    public static readonly ConfigurationKey<string> Name = Required("name", NameValues.Printable,
        "Unique name: 1 to 64 printable ASCII characters without spaces.");

    public static readonly ConfigurationKey<string> Port = Required("port", NameValues.Port,
        "Name of the access or local port the interface is on.");

    public static readonly ConfigurationKey<VlanTags?> Vlan = OptionalStruct("vlan", new VlanTagsValue(),
        "VLAN of its frames, or a pair [outer, inner] (QinQ). Not on a local port. Default: untagged.");

    public static readonly ConfigurationKey<MacAddress?> Mac = OptionalStruct("mac", AddressValues.Mac,
        "Source address of its frames; others are not accepted. Default: any, the interface is found by port and VLAN alone.");

    public static readonly ConfigurationKey<string> Vrf = Required("vrf", NameValues.Printable,
        "Name of the VRF it belongs to.");

    public static readonly ConfigurationKey<Label20> Label = Required("label", AddressValues.Label,
        "Its label: packets arriving with it are delivered here without a lookup. Unique among VRFs and interfaces.");

    public static readonly ConfigurationKey<IReadOnlyList<IpPrefix>> Addresses = List(
        "addresses",
        new ListValue<IpPrefix>(AddressValues.Prefix, "prefixes", unique: true),
        "Its addresses: the only sources it may use, and local routes of the VRF. Prefixes shorter than a host are allowed.");

    public static readonly ConfigurationKey<int?> Mtu = OptionalStruct("mtu", new IntegerValue(576, 9216),
        "Largest IP packet delivered to it, in octets; not more than the port's. Default: the port's.");

    public static readonly ConfigurationKey<GivenClass?> Class = Optional("class", ClassMapping,
        "Markings of what it sends into tunnels. Default: those of 'encapsulation'.");

    public static readonly MappingValue<InterfaceConfiguration> Mapping = new(
        "an interface",
        static m => new InterfaceConfiguration
        {
            Name = m.Get(Name),
            Port = m.Get(Port),
            Vlan = m.Get(Vlan) ?? VlanTags.None,
            Mac = m.Get(Mac),
            Vrf = m.Get(Vrf),
            Label = m.Get(Label),
            Addresses = m.Get(Addresses),
            Mtu = m.Get(Mtu) ?? 0,
            Class = default,
        },
        Name, Port, Vlan, Mac, Vrf, Label, Addresses, Mtu, Class);

    /// <summary>A class as written, before the defaults of <c>encapsulation</c> complete it.</summary>
    /// <param name="Dscp">Outer DSCP; null when left out.</param>
    /// <param name="TrafficClass">Traffic class of the label; null when left out.</param>
    internal sealed record GivenClass(int? Dscp, int? TrafficClass);
}

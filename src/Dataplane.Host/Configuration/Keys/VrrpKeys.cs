using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>vrrp</c> in an entry of <c>ports</c>.</summary>
internal static class VrrpKeys
{
    public static readonly ConfigurationKey<int> VirtualRouterId = WithDefault("vrid", new IntegerValue(1, 255), 1,
        "Virtual router identifier, the same on all forwarders of the pair. Bridges learn where the master is from its advertisements as long as the "
        + "identifier is that of 'first-hop.mac', which it is by default.");

    public static readonly ConfigurationKey<int> Priority = WithDefault("priority", new IntegerValue(1, 255), 100,
        "The highest becomes master; of equals, the highest address. 255 always is master and ignores the others.");

    public static readonly ConfigurationKey<int> Interval = WithDefault("interval", new IntegerValue(1, 4095), 100,
        "Centiseconds between the master's advertisements. A master that falls silent is replaced within four of them.");

    public static readonly ConfigurationKey<bool> Preempts = WithDefault("preempt", new BooleanValue(), true,
        "Replace a master of lower priority.");

    public static readonly ConfigurationKey<TimeSpan> PreemptDelay = WithDefault("preempt-delay", new SecondsValue(0, 3600), TimeSpan.FromSeconds(10),
        "Seconds after the start in which a master that is there is left alone, so that hosts and routes are back before we serve. "
        + "One that falls silent is replaced at once.");

    public static readonly ConfigurationKey<int?> Vlan = OptionalStruct("vlan", new IntegerValue(1, 4094),
        "VLAN of the advertisements; one that hosts are not in, because VRRP has no authentication. Default: untagged.");

    public static readonly ConfigurationKey<Ipv4Address?> Address = OptionalStruct("address", AddressValues.Ipv4,
        "Our own IPv4 address on the link, from which advertisements are sent; another one on each forwarder. Without it nobody is elected for IPv4, and "
        + "the election for IPv6 counts for both.");

    public static readonly ConfigurationKey<Ipv6Address?> Address6 = OptionalStruct("address6", AddressValues.Ipv6,
        "Our own link-local IPv6 address on the link, from which advertisements are sent; another one on each forwarder. Without it nobody is elected for "
        + "IPv6, and the election for IPv4 counts for both.");

    public static readonly ConfigurationKey<Ipv4Address?> VirtualAddress = OptionalStruct("virtual-address", AddressValues.Ipv4,
        "The IPv4 address that advertisements name, the same on all forwarders. Default: 'first-hop.address'.");

    public static readonly ConfigurationKey<Ipv6Address?> VirtualAddress6 = OptionalStruct("virtual-address6", AddressValues.Ipv6,
        "The link-local IPv6 address that advertisements name, the same on all forwarders. Default: 'first-hop.address6'.");

    public static readonly ConfigurationKey<bool> PseudoHeader = WithDefault("pseudo-header", new BooleanValue(), true,
        "Have the checksum of IPv4 advertisements cover a pseudo-header, as keepalived and most others read RFC 5798; RFC 9568 clarifies that it does "
        + "not. Received ones may have either.");

    public static readonly MappingValue<VrrpConfiguration> Mapping = new(
        "'vrrp'",
        static m => new VrrpConfiguration
        {
            VirtualRouterId = m.Get(VirtualRouterId),
            Priority = m.Get(Priority),
            Interval = m.Get(Interval),
            Preempts = m.Get(Preempts),
            PreemptDelay = m.Get(PreemptDelay),
            Vlan = m.Get(Vlan),
            Address = m.Get(Address),
            Address6 = m.Get(Address6),
            VirtualAddress = m.Get(VirtualAddress),
            VirtualAddress6 = m.Get(VirtualAddress6),
            HasPseudoHeader = m.Get(PseudoHeader),
        },
        VirtualRouterId, Priority, Interval, Preempts, PreemptDelay, Vlan, Address, Address6, VirtualAddress, VirtualAddress6, PseudoHeader);
}

using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>first-hop</c>.</summary>
internal static class FirstHopKeys
{
    public static readonly ConfigurationKey<MacAddress> Mac = WithDefault("mac", AddressValues.Mac, new(0x0000_5E00_0101),
        "Virtual MAC address for IPv4: answers every ARP request of guests and is the source of IPv4 frames to them. The same on all forwarders.");

    public static readonly ConfigurationKey<MacAddress> Mac6 = WithDefault("mac6", AddressValues.Mac, new(0x0000_5E00_0201),
        "Virtual MAC address for IPv6: answers neighbour solicitations of guests and is the source of IPv6 frames to them. The same on all forwarders.");

    public static readonly ConfigurationKey<Ipv4Address> Address = WithDefault("address", AddressValues.Ipv4, new(0xA9FE_0001),
        "The router's IPv4 address on every access link.");

    public static readonly ConfigurationKey<Ipv6Address> Address6 = WithDefault("address6", AddressValues.Ipv6, new(0xFE80_0000_0000_0000, 1),
        "The router's link-local IPv6 address on every access link.");

    public static readonly MappingValue<FirstHopConfiguration> Mapping = new(
        "'first-hop'",
        static m => new FirstHopConfiguration { Mac = m.Get(Mac), Mac6 = m.Get(Mac6), Address = m.Get(Address), Address6 = m.Get(Address6) },
        Mac, Mac6, Address, Address6);
}

using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>underlay</c>, its routes, and <c>infrastructure</c>.</summary>
internal static class UnderlayKeys
{
    public static readonly ConfigurationKey<IpPrefix> Prefix = Required("prefix", AddressValues.Prefix,
        "Where the route leads; 0.0.0.0/0 or ::/0 for everywhere.");

    public static readonly ConfigurationKey<IpAddress> Via = Required("via", AddressValues.Unicast,
        "The next router, on a network of a core port.");

    public static readonly MappingValue<UnderlayRoute> RouteMapping = new(
        "an underlay route",
        static m => new UnderlayRoute { Prefix = m.Get(Prefix), Via = m.Get(Via) },
        Prefix, Via);

    public static readonly ConfigurationKey<IReadOnlyList<UnderlayRoute>> Routes = List(
        "routes",
        new ListValue<UnderlayRoute>(RouteMapping, "underlay routes"),
        "Static routes between forwarders. The networks of core ports are reachable without one.");

    public static readonly MappingValue<UnderlayConfiguration> Mapping = new(
        "'underlay'",
        static m => new UnderlayConfiguration { Routes = m.Get(Routes) },
        Routes);

    public static readonly ConfigurationKey<Ipv4Address?> Address = OptionalStruct("address", AddressValues.Ipv4,
        "Our end of tunnels over IPv4: an address of a core port. Default: no tunnels over IPv4.");

    public static readonly ConfigurationKey<Ipv6Address?> Address6 = OptionalStruct("address6", AddressValues.Ipv6,
        "Our end of tunnels over IPv6: an address of a core port. Default: no tunnels over IPv6.");

    public static readonly MappingValue<InfrastructureConfiguration> InfrastructureMapping = new(
        "'infrastructure'",
        static m => new InfrastructureConfiguration { Address = m.Get(Address), Address6 = m.Get(Address6) },
        Address, Address6);
}

using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>encapsulation</c> and of an entry of <c>tunnels</c>.</summary>
internal static class TunnelKeys
{
    private static readonly ChoiceValue<EncapsulationType> Type = new([
        new("mpls-in-gre", EncapsulationType.MplsInGre, "RFC 4023; the baseline every forwarder understands"),
        new("mpls-in-udp", EncapsulationType.MplsInUdp, "RFC 7510; its source port spreads flows over equal paths"),
        new("mpls-in-ip", EncapsulationType.MplsInIp, "RFC 4023; the shortest header"),
    ]);

    public static readonly ConfigurationKey<EncapsulationType> Default = WithDefault("default", Type, EncapsulationType.MplsInGre,
        "The encapsulation towards forwarders that have no entry in 'tunnels' or set none there. Received packets may use any.");

    public static readonly ConfigurationKey<int> Ttl = WithDefault("ttl", new IntegerValue(1, 255), 64,
        "Outer TTL or hop limit, and TTL of the label. The tenant's own TTL is not copied (pipe model).");

    public static readonly ConfigurationKey<int> Dscp = WithDefault("dscp", new IntegerValue(0, 63), 0,
        "Outer DSCP of interfaces that set no class.");

    public static readonly ConfigurationKey<int> TrafficClass = WithDefault("traffic-class", new IntegerValue(0, 7), 0,
        "Traffic class of the label for interfaces that set no class.");

    public static readonly ConfigurationKey<bool> Udp6ZeroChecksum = WithDefault("udp6-zero-checksum", new BooleanValue(), false,
        "MPLS-in-UDP over IPv6 without UDP checksum: send zero and accept zero (RFC 6935, RFC 6936).");

    public static readonly MappingValue<EncapsulationConfiguration> EncapsulationMapping = new(
        "'encapsulation'",
        static m => new EncapsulationConfiguration
        {
            Default = m.Get(Default),
            Ttl = m.Get(Ttl),
            Class = new(m.Get(Dscp), m.Get(TrafficClass)),
            Udp6ZeroChecksum = m.Get(Udp6ZeroChecksum),
        },
        Default, Ttl, Dscp, TrafficClass, Udp6ZeroChecksum);

    public static readonly ConfigurationKey<IpAddress> Remote = Required("remote", AddressValues.Unicast,
        "The remote forwarder's infrastructure address.");

    public static readonly ConfigurationKey<EncapsulationType?> Encapsulation = OptionalStruct("encapsulation", Type,
        "The encapsulation towards this forwarder. Default: 'encapsulation.default'.");

    public static readonly ConfigurationKey<int?> Mtu = OptionalStruct("mtu", new IntegerValue(576, 9216),
        "Path MTU of the underlay towards this forwarder, in octets. Default: the MTU of the core port the tunnel leaves by.");

    public static readonly MappingValue<TunnelConfiguration> Mapping = new(
        "a tunnel",
        static m => new TunnelConfiguration
        {
            Remote = m.Get(Remote),
            Encapsulation = m.Get(Encapsulation) ?? EncapsulationType.MplsInGre,
            Mtu = m.Get(Mtu),
        },
        Remote, Encapsulation, Mtu);
}

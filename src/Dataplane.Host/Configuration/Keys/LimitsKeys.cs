using Dataplane.Host.Configuration.Values;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>limits</c>.</summary>
internal static class LimitsKeys
{
    public static readonly ConfigurationKey<int> Vrfs = WithDefault("vrfs", new IntegerValue(1, 65_535), 1024,
        "Most VRFs.");

    public static readonly ConfigurationKey<int> Ports = WithDefault("ports", new IntegerValue(1, 1024), 64,
        "Most ports, those that come with attached interfaces included.");

    public static readonly ConfigurationKey<int> Interfaces = WithDefault("interfaces", new IntegerValue(1, 1 << 20), 4096,
        "Most virtual interfaces.");

    public static readonly ConfigurationKey<int> Tunnels = WithDefault("tunnels", new IntegerValue(1, 1 << 20), 4096,
        "Most remote forwarders, those that only routes mention included.");

    public static readonly ConfigurationKey<int> Routes = WithDefault("routes", new IntegerValue(1, 1 << 26), 1 << 20,
        "Most routes over all VRFs; interface and router addresses count.");

    public static readonly ConfigurationKey<int> PuntRate = WithDefault("punt-rate", new IntegerValue(1, 10_000_000), 1000,
        "Packets per second that each interface and each core port may send to the slow path (ARP, neighbour discovery, ICMP); also the burst.");

    public static readonly ConfigurationKey<int> IcmpRate = WithDefault("icmp-rate", new IntegerValue(1, 10_000_000), 100,
        "ICMP errors per second for each VRF.");

    public static readonly ConfigurationKey<int> HeldPackets = WithDefault("held-packets", new IntegerValue(1, 4096), 64,
        "Packets held while a neighbour is being resolved; sixteen times as many over all neighbours.");

    public static readonly ConfigurationKey<int> MempoolMbufs = WithDefault("mempool-mbufs", new IntegerValue(256, 1 << 24), 16_384,
        "Packet buffers. They have to fill all queues and leave room for bursts and held packets.");

    public static readonly MappingValue<LimitsConfiguration> Mapping = new(
        "'limits'",
        static m => new LimitsConfiguration
        {
            Vrfs = m.Get(Vrfs),
            Ports = m.Get(Ports),
            Interfaces = m.Get(Interfaces),
            Tunnels = m.Get(Tunnels),
            Routes = m.Get(Routes),
            PuntRate = m.Get(PuntRate),
            IcmpRate = m.Get(IcmpRate),
            HeldPackets = m.Get(HeldPackets),
            MempoolMbufs = m.Get(MempoolMbufs),
        },
        Vrfs, Ports, Interfaces, Tunnels, Routes, PuntRate, IcmpRate, HeldPackets, MempoolMbufs);
}

using Dataplane.Dpdk;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Benchmarks;

/// <summary>Datapaths without devices or workers, for suites about tables.</summary>
internal static unsafe class Datapaths
{
    /// <summary>One with room for so many VRFs, and a tunnel for their routes.</summary>
    internal static Datapath Create(int vrfs, out TunnelId tunnel)
    {
        Ipv4Address end = Ipv4Address.Parse("203.0.113.17");
        IpAddress remote = Ipv4Address.Parse("198.51.100.1");
        // Nothing here calls DPDK: no worker is created.
        var datapath = new Datapath(new DatapathOptions { ClockHz = 1_000_000_000, Vrfs = vrfs, TunnelEnd4 = end, CoreAddresses = [end] }, (FastCalls*)null);
        PortId core = datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 0, Mac = MacAddress.Parse("02:00:00:00:00:02") });
        tunnel = datapath.AddTunnel(new TunnelSettings { Remote = remote, Port = core, UnderlayNextHop = remote });
        return datapath;
    }

    /// <summary>Another tunnel, one per number.</summary>
    internal static TunnelId AddTunnel(Datapath datapath, int number)
    {
        IpAddress remote = new Ipv4Address(0x0AFF0000u + (uint)number);
        return datapath.AddTunnel(new TunnelSettings { Remote = remote, Port = new PortId(0), UnderlayNextHop = remote });
    }
}

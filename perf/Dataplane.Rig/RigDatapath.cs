using Dataplane.Dpdk;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Rig;

/// <summary>
/// The product's datapath over a replayed capture: 64 VRFs with 1,000 host routes each, MPLS-over-GRE to 16 remote
/// forwarders, everything on (classification by MAC and VLAN, source validation, checksum, MTU, counters).
/// </summary>
internal sealed unsafe class RigDatapath : IDisposable
{
    private const int Remotes = 16;
    private static readonly Ipv4Address TunnelEnd = Ipv4Address.Parse("203.0.113.17");
    private readonly Ring _punts;
    private readonly Ring _inject;

    internal RigDatapath(Eal eal, EthernetPort access, EthernetPort core)
    {
        Datapath = new Datapath(new DatapathOptions
        {
            ClockHz = eal.TscHz,
            TunnelEnd4 = TunnelEnd,
            CoreAddresses = [TunnelEnd],
        }, FastCalls.Native);
        PortId accessPort = Datapath.AddPort(new PortSettings
        {
            Role = PortRole.Access,
            DpdkPort = access.Id,
            Mac = MacAddress.Parse("02:00:00:00:00:01"),
        });
        PortId corePort = Datapath.AddPort(new PortSettings
        {
            Role = PortRole.Core,
            DpdkPort = core.Id,
            Mac = MacAddress.Parse("02:00:00:00:00:02"),
        });
        _punts = Ring.Create("rig-punts", new RingOptions { Capacity = 1024 });
        _inject = Ring.Create("rig-inject", new RingOptions { Capacity = 1024 });
        Datapath.SetPuntRing(_punts.Handle);
        var tunnels = new TunnelId[Remotes];
        for (int i = 0; i < Remotes; i++)
        {
            IpAddress remote = new Ipv4Address(0xCB007164u + (uint)i);
            tunnels[i] = Datapath.AddTunnel(new TunnelSettings { Remote = remote, Port = corePort, UnderlayNextHop = remote });
            Datapath.SetUnderlayNeighbor(corePort, remote, MacAddress.Parse("02:00:00:00:01:01"));
        }
        for (int v = 0; v < Traffic.Vrfs; v++)
        {
            VrfId vrf = Datapath.AddVrf(null, []);
            Datapath.AddInterface(new InterfaceSettings
            {
                Port = accessPort,
                Vrf = vrf,
                OuterVlan = Traffic.Vlan(v),
                Mac = Traffic.GuestMac,
                Label = new Label20(1000u + (uint)v),
                Addresses = [new IpPrefix(Traffic.Guest(v), 32)],
            });
            for (int r = 0; r < Traffic.RoutesPerVrf; r++)
            {
                uint label = 100_000u + (uint)(v * Traffic.RoutesPerVrf + r);
                Datapath.SetRoute(vrf, new IpPrefix(Traffic.Destination(r), 32), new SuppliedRoute(tunnels[r % Remotes], new Label20(label)));
            }
        }
        Access = accessPort;
    }

    internal Datapath Datapath { get; }

    internal PortId Access { get; }

    internal WorkerHandle CreateWorker(int cpu) => Datapath.CreateWorker(new WorkerSettings
    {
        Cpu = cpu,
        Idle = IdlePolicy.Spin,
        TransmitQueue = 0, // one worker at a time
        Queues = [new QueueAssignment(Access, 0)],
    }, _inject.Handle);

    public void Dispose()
    {
        Datapath.Dispose();
        _punts.Dispose();
        _inject.Dispose();
    }
}

using Dataplane.Dpdk;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Contenders;

/// <summary>The product's datapath over a scenario's network, with everything on that the product does.</summary>
internal sealed unsafe class ProductDatapath : IDisposable
{
    private const int MostWorkers = 128;
    private static int _serial;
    private readonly Ring? _punts;
    private readonly Ring? _inject;
    private readonly TunnelId[] _tunnels;
    private readonly VrfId[] _vrfs;
    private readonly GroupId[] _groups;

    /// <summary>For workers over DPDK's devices.</summary>
    internal ProductDatapath(Eal eal, Topology topology)
        : this(topology, eal.TscHz, FastCalls.Native)
    {
        int serial = _serial++;
        _punts = Ring.Create($"rig-punts-{serial}", new RingOptions { Capacity = 1024 });
        _inject = Ring.Create($"rig-inject-{serial}", new RingOptions { Capacity = 64 });
        Datapath.SetPuntRing(_punts.Handle);
    }

    /// <summary>Without rings: for bursts that a benchmark hands to the pipeline itself.</summary>
    internal ProductDatapath(Topology topology, ulong clockHz, FastCalls* calls)
    {
        Datapath = new Datapath(new DatapathOptions
        {
            ClockHz = clockHz,
            TunnelEnd4 = Topology.TunnelEnd,
            CoreAddresses = [Topology.TunnelEnd],
            Interfaces = Math.Max(topology.Attachments.Count, 1),
            Vrfs = topology.Vrfs,
            Tunnels = topology.Tunnels.Count,
            Workers = MostWorkers,
        }, calls);
        Access = Datapath.AddPort(new PortSettings { Role = PortRole.Access, DpdkPort = 0, Mac = Topology.AccessMac, Mtu = Topology.PathMtu });
        Core = Datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 0, Mac = Topology.CoreMac, Mtu = Topology.PathMtu });
        (RxPort, TxPort) = topology.Direction == Direction.Encapsulate ? (Access, Core) : (Core, Access);
        _tunnels = [.. topology.Tunnels.Select(AddTunnel)];
        _groups = [.. topology.Groups.Select(members => Datapath.AddGroup(new GroupSettings
        {
            LoadBalance = LoadBalance.PerFlow,
            Members = [.. members.Select(member => GroupMember.Remote(_tunnels[member.Tunnel], new Label20(member.Label)))],
        }))];
        _vrfs = [.. Enumerable.Range(0, topology.Vrfs).Select(_ => Datapath.AddVrf(null, []))];
        foreach (Attachment attachment in topology.Attachments)
        {
            Datapath.AddInterface(new InterfaceSettings
            {
                Port = Access,
                Vrf = _vrfs[attachment.Vrf],
                OuterVlan = attachment.Vlan,
                Mac = attachment.Mac,
                Label = new Label20(attachment.Label),
                Addresses = [IpPrefix.Host(attachment.Address)],
                Mtu = Topology.AccessMtu,
            });
        }
        foreach (HostRoute route in topology.Routes)
            SetRoute(route);
        if (topology.Direction == Direction.Encapsulate)
            return;
        foreach (VrfId vrf in _vrfs)
        {
            foreach (RemoteTunnel tunnel in topology.Tunnels)
                Datapath.AllowIngress(vrf, tunnel.Remote);
        }
    }

    internal Datapath Datapath { get; }

    internal PortId Access { get; }

    internal PortId Core { get; }

    internal PortId RxPort { get; }

    internal PortId TxPort { get; }

    internal void SetRoute(in HostRoute route) => Datapath.SetRoute(_vrfs[route.Vrf], IpPrefix.Host(route.Destination),
        route.Group >= 0 ? SuppliedRoute.To(_groups[route.Group]) : new SuppliedRoute(_tunnels[route.Tunnel], new Label20(route.Label)));

    internal void RemoveRoute(in HostRoute route) => Datapath.RemoveRoute(_vrfs[route.Vrf], IpPrefix.Host(route.Destination));

    /// <summary>Puts the datapath onto other devices. Workers created before keep theirs.</summary>
    internal void Connect(EthernetPort rx, EthernetPort tx)
    {
        Datapath.Root->Ports[RxPort.Value].DpdkPort = rx.Id;
        Datapath.Root->Ports[TxPort.Value].DpdkPort = tx.Id;
    }

    /// <summary>A worker that has not started, for one queue of the devices connected last.</summary>
    internal WorkerHandle CreateWorker(int cpu, ushort queue = 0) => Datapath.CreateWorker(new WorkerSettings
    {
        Cpu = cpu,
        Idle = IdlePolicy.Spin,
        TransmitQueue = (ushort)(queue * Devices.SinkQueueStride),
        Queues = [new QueueAssignment(RxPort, queue)],
    }, _inject is null ? null : _inject.Handle);

    public void Dispose()
    {
        Datapath.Dispose();
        _punts?.Dispose();
        _inject?.Dispose();
    }

    private TunnelId AddTunnel(RemoteTunnel tunnel)
    {
        TunnelId id = Datapath.AddTunnel(new TunnelSettings
        {
            Remote = tunnel.Remote,
            Encapsulation = tunnel.Encapsulation,
            Port = Core,
            UnderlayNextHop = tunnel.Remote,
            PathMtu = Topology.PathMtu,
            Ttl = Topology.Ttl,
        });
        Datapath.SetUnderlayNeighbor(Core, tunnel.Remote, Topology.NeighborMac);
        return id;
    }
}

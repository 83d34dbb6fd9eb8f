using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <content>Ports, and the queues of them that workers poll.</content>
public sealed unsafe partial class Datapath
{
    private readonly PortRows _portRows;

    /// <summary>Adds a port. Its device may receive; no worker polls it before <see cref="SetQueues"/>. Workers may run.</summary>
    /// <exception cref="InvalidOperationException">There is no room.</exception>
    public PortId AddPort(PortSettings settings)
    {
        if (!_portRows.TryTake(out uint row))
            throw new InvalidOperationException($"no room for another port: at most {Options.Ports}");
        PortRow* port = _root->Ports + row;
        port->MacWire = WireOrder.Mac(settings.Mac);
        port->DpdkPort = settings.DpdkPort;
        port->Mtu = checked((ushort)settings.Mtu);
        port->Role = settings.Role;
        port->ElectionVlan = settings.ElectionVlan ?? PortRow.NoElection;
        port->Standby = settings.ElectionVlan is null ? StandbyFamilies.None : StandbyFamilies.Ipv4 | StandbyFamilies.Ipv6;
        if (port->VlanRows == null)
            port->VlanRows = (InterfaceRow**)Own<nint>(PortRow.VlanEntries);
        new Span<nint>(port->VlanRows, PortRow.VlanEntries).Fill((nint)_root->NoInterface);
        port->Gre4 = port->Udp4 = default;
        WriteTunnelPattern(&port->Gre4, settings, IpProtocol.Gre);
        WriteTunnelPattern(&port->Udp4, settings, IpProtocol.Udp);
        foreach (WorkerHandle worker in _workers)
        {
            worker.Block->Tx[row].DpdkPort = settings.DpdkPort;
            worker.Block->Counters.PortRx[row] = worker.Block->Counters.PortTx[row] = default;
        }
        Volatile.Write(ref _root->PortCount, Math.Max(_root->PortCount, (int)row + 1));
        return new PortId((ushort)row);
    }

    /// <summary>
    /// Removes a port that no interface and no tunnel uses: workers stop polling it. Its device may be closed, and its row serves another
    /// port, when no worker can be in a burst on it any more. Workers may run.
    /// </summary>
    /// <param name="id">The port.</param>
    /// <param name="left">Called on the control thread, by <see cref="Reclaim"/>, when that is so.</param>
    /// <exception cref="InvalidOperationException">An interface or a tunnel uses it.</exception>
    public void RemovePort(PortId id, Action left)
    {
        foreach ((PortId port, _) in _interfacesByTag.Keys)
        {
            if (port == id)
                throw new InvalidOperationException("the port still has interfaces");
        }
        foreach ((PortId port, _) in _tunnelsByNeighbor.Keys)
        {
            if (port == id)
                throw new InvalidOperationException("tunnels still leave by the port");
        }
        foreach (WorkerHandle worker in _workers)
        {
            List<QueueAssignment> others = [.. worker.Queues];
            if (others.RemoveAll(queue => queue.Port == id) != 0)
                SetQueues(worker, others);
        }
        _portRows.Retire(id, left);
        _epochs.Retire(NativeBlock.Allocate(1), _portRows, id.Value);
    }

    /// <summary>Has a worker poll these queues from its next turn on, in this order. No other worker polls any of them. Workers may run.</summary>
    /// <exception cref="ArgumentException">There are more than a worker polls; nothing has changed.</exception>
    public void SetQueues(WorkerHandle worker, IReadOnlyList<QueueAssignment> queues)
    {
        RxQueueList* list = ListOf(queues);
        RxQueueList* old = worker.Block->Queues;
        Volatile.Write(ref *(nint*)&worker.Block->Queues, (nint)list);
        worker.Queues = queues;
        _epochs.Retire(old, SystemBlocks.Instance, 0);
    }

    private RxQueueList* ListOf(IReadOnlyList<QueueAssignment> queues)
    {
        if (queues.Count > WorkerBlock.MaxQueues)
            throw new ArgumentException($"a worker polls at most {WorkerBlock.MaxQueues} queues");
        var list = (RxQueueList*)NativeBlock.Allocate((nuint)(sizeof(RxQueueList) + queues.Count * sizeof(RxQueue)));
        foreach (QueueAssignment queue in queues)
        {
            RxQueueList.EntriesOf(list)[list->Count++] = new RxQueue
            {
                Port = queue.Port.Value,
                DpdkPort = (_root->Ports + queue.Port.Value)->DpdkPort,
                Queue = queue.Queue,
            };
        }
        return list;
    }

    // Frames to this port's MAC and the IPv4 tunnel end: no options, no fragment, GRE without its optional fields or UDP
    // without a checksum, one label at the bottom of its stack.
    private void WriteTunnelPattern(TunnelPattern* pattern, PortSettings settings, byte protocol)
    {
        if (settings.Role != PortRole.Core || Options.TunnelEnd4 is not { } end)
        {
            pattern->RequireImpossible();
            return;
        }
        Span<byte> mac = stackalloc byte[6];
        settings.Mac.CopyTo(mac);
        Span<byte> address = stackalloc byte[4];
        end.CopyTo(address);
        for (int i = 0; i < mac.Length; i++)
            pattern->Require(i, mac[i]);
        pattern->Require(12, EtherType.Ipv4 >> 8);
        pattern->Require(13, EtherType.Ipv4 & 0xFF);
        pattern->Require(14, 0x45);
        pattern->Require(20, 0, mask: 0x3F);
        pattern->Require(21, 0);
        pattern->Require(23, protocol);
        for (int i = 0; i < address.Length; i++)
            pattern->Require(30 + i, address[i]);
        bool gre = protocol == IpProtocol.Gre;
        const int Transport = HeaderSize.Ethernet + HeaderSize.Ipv4;
        if (gre)
        {
            pattern->Require(Transport, 0);
            pattern->Require(Transport + 1, 0);
        }
        ushort payload = gre ? EtherType.Mpls : UdpPort.MplsInUdp;
        pattern->Require(Transport + 2, (byte)(payload >> 8));
        pattern->Require(Transport + 3, (byte)payload);
        if (!gre)
        {
            pattern->Require(Transport + 6, 0);
            pattern->Require(Transport + 7, 0);
        }
        pattern->Require((gre ? PortRow.GreHeaderBytes : PortRow.UdpHeaderBytes) - 2, 1, mask: 1);
    }

    /// <summary>Row numbers of ports, and who waits for the last worker to leave one.</summary>
    private sealed class PortRows(int capacity, EpochReclaimer epochs) : ReusedRows(capacity, epochs)
    {
        private readonly Dictionary<int, Action> _leaving = [];

        internal void Retire(PortId id, Action left) => _leaving.Add(id.Value, left);

        public override void Release(void* block, int row)
        {
            base.Release(block, row);
            if (_leaving.Remove(row, out Action? left))
                left();
        }
    }
}

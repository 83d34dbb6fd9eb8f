using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Control;

/// <summary>Counters of all workers, added up; columns are indexed by row. See <see cref="WorkerCounters"/>.</summary>
public sealed class DatapathCounters
{
    internal DatapathCounters(int ports, int interfaces, int vrfs, int tunnels)
    {
        PortRx = new PacketCount[ports];
        PortTx = new PacketCount[ports];
        InterfaceRx = new PacketCount[interfaces];
        InterfaceTx = new PacketCount[interfaces];
        InterfaceDrops = new ulong[interfaces];
        InterfaceLabels = new PacketCount[interfaces];
        VrfEncapsulated = new PacketCount[vrfs];
        VrfDecapsulated = new PacketCount[vrfs];
        VrfLocal = new PacketCount[vrfs];
        AggregateLabels = new PacketCount[vrfs];
        Tunnels = new PacketCount[tunnels];
        Drops = new ulong[ReasonNames.DropReasonCount];
        Punts = new ulong[ReasonNames.PuntReasonCount];
    }

    /// <summary>Packets that ports received.</summary>
    public Ledger Received { get; internal set; }

    /// <summary>Packets that the slow path injected.</summary>
    public Ledger Injected { get; internal set; }

    /// <summary>Frames and frame bytes received, by port.</summary>
    public PacketCount[] PortRx { get; }

    /// <summary>Frames and frame bytes sent, by port.</summary>
    public PacketCount[] PortTx { get; }

    /// <summary>Packets classified to an interface.</summary>
    public PacketCount[] InterfaceRx { get; }

    /// <summary>Packets delivered to an interface.</summary>
    public PacketCount[] InterfaceTx { get; }

    /// <summary>Drops after classification or at delivery, by interface.</summary>
    public ulong[] InterfaceDrops { get; }

    /// <summary>Packets accepted with an interface's label.</summary>
    public PacketCount[] InterfaceLabels { get; }

    /// <summary>Packets sent through tunnels, by VRF.</summary>
    public PacketCount[] VrfEncapsulated { get; }

    /// <summary>Packets accepted with a label, by VRF.</summary>
    public PacketCount[] VrfDecapsulated { get; }

    /// <summary>Packets from interface to interface, by VRF.</summary>
    public PacketCount[] VrfLocal { get; }

    /// <summary>Packets accepted with a VRF's aggregate label.</summary>
    public PacketCount[] AggregateLabels { get; }

    /// <summary>Packets sent, by tunnel.</summary>
    public PacketCount[] Tunnels { get; }

    /// <summary>By <see cref="DropReason"/>.</summary>
    public ulong[] Drops { get; }

    /// <summary>By <see cref="PuntReason"/>.</summary>
    public ulong[] Punts { get; }
}

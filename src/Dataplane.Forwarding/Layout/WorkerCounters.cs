using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>
/// The counter columns of one worker. Writer: the worker. Readers: scrapes, which add the workers up. Frame bytes are
/// without FCS; all other bytes are those of the tenant's IP packet.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct WorkerCounters
{
    /// <summary>Packets that ports received.</summary>
    internal Ledger Received;

    /// <summary>Packets that the slow path injected.</summary>
    internal Ledger Injected;

    /// <summary>By port row: frames taken from its queues.</summary>
    internal PacketCount* PortRx;

    /// <summary>By port row: frames its queues took.</summary>
    internal PacketCount* PortTx;

    /// <summary>By interface row: packets classified to it.</summary>
    internal PacketCount* InterfaceRx;

    /// <summary>By interface row: packets accepted with its label and delivered at once, which are in neither
    /// <see cref="InterfaceTx"/> nor <see cref="InterfaceLabel"/>: one update for both.</summary>
    internal PacketCount* InterfaceDelivered;

    /// <summary>By interface row: other packets delivered to it.</summary>
    internal PacketCount* InterfaceTx;

    /// <summary>By interface row: packets dropped after classification or at delivery.</summary>
    internal ulong* InterfaceDrops;

    /// <summary>By VRF row: packets that left through a tunnel.</summary>
    internal PacketCount* VrfEncapsulated;

    /// <summary>By VRF row: packets accepted with a label.</summary>
    internal PacketCount* VrfDecapsulated;

    /// <summary>By VRF row: packets from interface to interface.</summary>
    internal PacketCount* VrfLocal;

    /// <summary>By tunnel row: packets sent.</summary>
    internal PacketCount* Tunnel;

    /// <summary>By interface row: other packets accepted with its label.</summary>
    internal PacketCount* InterfaceLabel;

    /// <summary>By VRF row: packets accepted with its aggregate label.</summary>
    internal PacketCount* AggregateLabel;

    /// <summary>By <see cref="DropReason"/>.</summary>
    internal ulong* Drops;

    /// <summary>By <see cref="PuntReason"/>.</summary>
    internal ulong* Punts;

    /// <summary>By counter row of filters.</summary>
    internal FilterCount* Filters;
}

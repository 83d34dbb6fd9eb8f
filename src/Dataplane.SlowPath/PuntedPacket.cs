using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// One packet that left the fast path, with what the fast path knew about it. The octets are borrowed for the duration
/// of <see cref="SlowPathProcessor.Handle"/>; what must live longer is copied.
/// </summary>
public readonly ref struct PuntedPacket
{
    /// <summary>Makes a packet without interfaces; set what applies.</summary>
    public PuntedPacket()
    {
    }

    /// <summary>Why it was punted.</summary>
    public PuntReason Reason { get; init; }

    /// <summary>Side it came from.</summary>
    public PacketOrigin Origin { get; init; }

    /// <summary>Port it arrived on.</summary>
    public PortId Port { get; init; }

    /// <summary>Virtual interface it arrived on; none for packets of the core.</summary>
    public InterfaceId Interface { get; init; } = InterfaceId.None;

    /// <summary>
    /// Virtual interface it was about to be delivered to, for <see cref="PuntReason.NeighborUnresolved"/>, and for
    /// <see cref="PuntReason.MtuExceeded"/> on delivery; otherwise none.
    /// </summary>
    public InterfaceId TargetInterface { get; init; } = InterfaceId.None;

    /// <summary>
    /// True when its TTL stays as it is: it came with the label of <see cref="TargetInterface"/> (ARC-17), or the
    /// forwarder made it itself. With a target interface it goes on there without lookup.
    /// </summary>
    public bool KeepTtl { get; init; }

    /// <summary>VRF it belongs to; meaningless for the underlay's reasons except <c>UnderlayUnresolved</c>.</summary>
    public VrfId Vrf { get; init; }

    /// <summary>Tunnel it was about to leave by, for <see cref="PuntReason.UnderlayUnresolved"/>.</summary>
    public TunnelId Tunnel { get; init; }

    /// <summary>
    /// Longest IP packet that the next link takes, in octets, for <see cref="PuntReason.MtuExceeded"/>; for a tunnel
    /// its path MTU less the encapsulation (FWD-23).
    /// </summary>
    public ushort NextHopMtu { get; init; }

    /// <summary>Octets of <see cref="Frame"/> before the ARP packet or the (inner) IP header.</summary>
    public ushort L3Offset { get; init; }

    /// <summary>
    /// The frame as received, without FCS. After decapsulation what stands before <see cref="L3Offset"/> is ignored.
    /// </summary>
    public ReadOnlySpan<byte> Frame { get; init; }

    /// <summary>Interface that the packet goes on to without lookup, or none.</summary>
    internal InterfaceId DirectTarget => KeepTtl ? TargetInterface : InterfaceId.None;

    /// <summary>
    /// True when something can be sent back straight to the station on its interface; not for a packet that was injected
    /// and punted again, which has no frame any more.
    /// </summary>
    internal bool CameFromInterface =>
        Origin == PacketOrigin.Access && !Interface.IsNone && L3Offset >= HeaderSize.Ethernet;

    /// <summary>Octets from <see cref="L3Offset"/> on; empty when the offset lies beyond the frame.</summary>
    internal ReadOnlySpan<byte> L3 => L3Offset <= Frame.Length ? Frame[L3Offset..] : default;
}

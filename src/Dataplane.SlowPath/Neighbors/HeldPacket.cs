using Dataplane.Forwarding;

namespace Dataplane.SlowPath;

/// <summary>A tenant packet that waits for a neighbour: its IP datagram and what is needed to send it on.</summary>
/// <param name="Datagram">From the IP header on, without padding.</param>
/// <param name="Vrf">VRF it belongs to.</param>
/// <param name="Origin">Side it came from.</param>
/// <param name="Source">Interface it came from, or none.</param>
/// <param name="DirectTarget">Interface it goes to without lookup (it came with that label), or none.</param>
internal sealed record HeldPacket(
    byte[] Datagram, VrfId Vrf, PacketOrigin Origin, InterfaceId Source, InterfaceId DirectTarget)
{
    internal static HeldPacket From(in PuntedPacket packet, in IpDatagram datagram) => new(
        datagram.Bytes.ToArray(),
        packet.Vrf,
        packet.Origin,
        packet.Interface,
        packet.InterfaceLabel ? packet.TargetInterface : InterfaceId.None);
}

using Dataplane.Forwarding;

namespace Dataplane.SlowPath;

/// <summary>How a punted tenant packet, or what becomes of it, goes on through the datapath.</summary>
/// <param name="Vrf">VRF it belongs to.</param>
/// <param name="Origin">Side it came from.</param>
/// <param name="Source">Interface it came from, or none.</param>
/// <param name="DirectTarget">Interface it goes to without lookup, or none.</param>
/// <param name="KeepTtl">Its TTL stays as it is.</param>
internal readonly record struct Continuation(
    VrfId Vrf, PacketOrigin Origin, InterfaceId Source, InterfaceId DirectTarget, bool KeepTtl)
{
    internal static Continuation Of(in PuntedPacket packet) =>
        new(packet.Vrf, packet.Origin, packet.Interface, packet.DirectTarget, packet.KeepTtl);
}

using Dataplane.Forwarding;

namespace Dataplane.SlowPath;

/// <summary>The way out: gives frames and packets to the datapath and counts what it took.</summary>
internal sealed class DatapathSender(ISlowPathPorts ports, SlowPathCounters counters)
{
    internal bool Transmit(PortId port, InterfaceId destination, ReadOnlySpan<byte> frame) =>
        Count(ports.TransmitFrame(port, destination, frame));

    /// <summary>Sends a datagram of the forwarder's own through a VRF.</summary>
    internal bool Originate(VrfId vrf, ReadOnlySpan<byte> datagram) =>
        Count(ports.InjectPacket(vrf, PacketOrigin.Core, InterfaceId.None, keepTtl: true, datagram));

    /// <summary>Sends a tenant's datagram on from where it was punted.</summary>
    internal bool Continue(in Continuation way, ReadOnlySpan<byte> datagram) => Count(way.DirectTarget.IsNone
        ? ports.InjectPacket(way.Vrf, way.Origin, way.Source, way.KeepTtl, datagram)
        : ports.DeliverPacket(way.Vrf, way.DirectTarget, datagram));

    private bool Count(bool accepted)
    {
        if (accepted)
            counters.CountSent();
        return accepted;
    }
}

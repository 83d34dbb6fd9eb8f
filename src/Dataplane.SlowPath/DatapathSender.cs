using Dataplane.Forwarding;

namespace Dataplane.SlowPath;

/// <summary>The way out: gives frames and packets to the datapath and counts what it took.</summary>
internal sealed class DatapathSender(ISlowPathPorts ports, SlowPathCounters counters)
{
    internal bool Transmit(PortId port, InterfaceId destination, ReadOnlySpan<byte> frame) =>
        Count(ports.TransmitFrame(port, destination, frame));

    internal bool Inject(VrfId vrf, PacketOrigin view, ReadOnlySpan<byte> datagram, InterfaceId source) =>
        Count(ports.InjectPacket(vrf, view, datagram, source));

    private bool Count(bool accepted)
    {
        if (accepted)
            counters.CountSent();
        return accepted;
    }
}

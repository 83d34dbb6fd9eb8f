namespace Dataplane.SlowPath;

/// <summary>
/// Sends the forwarder's own datagrams back to where a tenant packet came from: straight to the station on its
/// interface, or through the VRF when it came from the core.
/// </summary>
internal sealed class ReturnPath(ISlowPathPorts ports, DatapathSender sender, GuestLink guests)
{
    internal PuntOutcome Send(in PuntedPacket cause, ReadOnlySpan<byte> datagram)
    {
        if (!cause.CameFromInterface)
            return PuntOutcome.AnsweredIf(sender.Originate(cause.Vrf, datagram));
        if (ports.FindInterface(cause.Interface) is not { } source)
            return PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt);
        return EthernetFrame.TryReadStations(cause.Frame, out _, out var station)
            ? PuntOutcome.AnsweredIf(guests.SendDatagram(source, station, datagram))
            : PuntOutcome.Drop(SlowPathDropReason.Malformed);
    }
}

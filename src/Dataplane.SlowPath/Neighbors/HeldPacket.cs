namespace Dataplane.SlowPath;

/// <summary>A tenant packet that waits for a neighbour.</summary>
/// <param name="Datagram">From the IP header on, without padding.</param>
/// <param name="Way">How it goes on.</param>
internal sealed record HeldPacket(byte[] Datagram, Continuation Way)
{
    internal static HeldPacket From(in PuntedPacket packet, in IpDatagram datagram) =>
        new(datagram.Bytes.ToArray(), Continuation.Of(packet));
}

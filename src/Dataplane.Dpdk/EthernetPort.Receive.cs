namespace Dataplane.Dpdk;

// Packets, for code without pointers; workers use FastCalls.
public sealed unsafe partial class EthernetPort
{
    /// <summary>Takes packets from a receive queue. The queue belongs to one thread and the port is started.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="packets">Receives addresses of <see cref="Mbuf"/>, which the caller owns; at most 65535 are asked for.</param>
    /// <returns>How many there were.</returns>
    public int Receive(ushort queue, Span<nint> packets)
    {
        fixed (nint* start = packets)
            return FastCalls.Native->RxBurst(Id, queue, (Mbuf**)start, (ushort)Math.Min(packets.Length, ushort.MaxValue));
    }

    /// <summary>Gives packets to a transmit queue. The queue belongs to one thread and the port is started.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="packets">Addresses of <see cref="Mbuf"/>, at most 65535.</param>
    /// <returns>How many the device took, from the first on; the caller keeps the others.</returns>
    public int Transmit(ushort queue, ReadOnlySpan<nint> packets)
    {
        fixed (nint* start = packets)
            return FastCalls.Native->TxBurst(Id, queue, (Mbuf**)start, (ushort)packets.Length);
    }
}

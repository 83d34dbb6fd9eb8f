namespace Dataplane.Dpdk;

/// <summary>
/// A packet buffer as code without pointers holds it: the address of an <see cref="Mbuf"/> with safe readers. Whoever holds
/// it owns the buffer as described there, and gives it back with <see cref="Mempool.Free(ReadOnlySpan{nint})"/>.
/// </summary>
/// <param name="Address">Address of the mbuf; not null.</param>
public readonly unsafe record struct PacketHandle(nint Address)
{
    /// <summary>Bytes of the packet, all its segments.</summary>
    public int Length => (int)((Mbuf*)Address)->PktLen;

    /// <summary>The data of the first segment: the whole packet unless it was longer than a buffer. Valid while the buffer
    /// is held.</summary>
    public ReadOnlySpan<byte> Data => ((Mbuf*)Address)->Span;

    /// <summary>Makes it a packet of one segment with so many bytes behind the default headroom.</summary>
    /// <param name="length">Bytes; the buffer has room for them.</param>
    /// <returns>The bytes, which hold what was there before.</returns>
    public Span<byte> Resize(int length)
    {
        var packet = (Mbuf*)Address;
        packet->DataOff = Mbuf.DefaultHeadroom;
        packet->DataLen = (ushort)length;
        packet->PktLen = (uint)length;
        packet->NbSegs = 1;
        return packet->Span;
    }

    /// <summary>When the packet was received, in the driver's unit; null when the buffer does not say.</summary>
    public ulong? ReceivedAt(ReceiveTimestamp timestamp) =>
        timestamp.TryRead((Mbuf*)Address, out ulong time) ? time : null;
}

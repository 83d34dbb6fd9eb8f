using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dataplane.Dpdk;

/// <summary>
/// A DPDK packet buffer (<c>struct rte_mbuf</c>) read and written in place, never copied: use it only through
/// <c>Mbuf*</c>. The header of 128 bytes is followed by the private area of the pool (64 bytes by default) and by
/// the buffer: headroom, data, tailroom. All fields are in host byte order. An mbuf belongs to one thread at a time:
/// whoever received, allocated or dequeued it. Offsets are asserted in native/src/mbuf.c and in MbufLayoutTests.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = HeaderBytes)]
public unsafe struct Mbuf
{
    /// <summary>Bytes of the header; the private area starts right behind it.</summary>
    public const int HeaderBytes = 128;

    /// <summary>Bytes that DPDK leaves free before the data of a fresh mbuf (RTE_PKTMBUF_HEADROOM).</summary>
    public const int DefaultHeadroom = 128;

    /// <summary>Where <see cref="PktLen"/>, <see cref="DataLen"/> and <see cref="VlanTci"/> lie side by side.</summary>
    public const int LengthsOffset = 36;

    /// <summary>Start of the buffer, headroom included.</summary>
    [FieldOffset(0)] public byte* BufAddr;

    /// <summary>Bytes from <see cref="BufAddr"/> to the first byte of data.</summary>
    [FieldOffset(16)] public ushort DataOff;

    /// <summary>How many hold this mbuf. Written by DPDK, atomically when it is shared.</summary>
    [FieldOffset(18)] public ushort RefCnt;

    /// <summary>Segments of the packet; valid in its first segment.</summary>
    [FieldOffset(20)] public ushort NbSegs;

    /// <summary>Port the packet was received on, 0xFFFF when none.</summary>
    [FieldOffset(22)] public ushort Port;

    /// <summary>Offload flags (RTE_MBUF_F_*).</summary>
    [FieldOffset(24)] public ulong OlFlags;

    /// <summary>What the device recognised (RTE_PTYPE_*), 0 for most virtual devices.</summary>
    [FieldOffset(32)] public uint PacketType;

    /// <summary>Bytes of the whole packet: the sum of <see cref="DataLen"/> over its segments.</summary>
    [FieldOffset(LengthsOffset)] public uint PktLen;

    /// <summary>Bytes of data in this segment.</summary>
    [FieldOffset(40)] public ushort DataLen;

    /// <summary>VLAN tag control information, valid when <see cref="RxVlan"/> is set in <see cref="OlFlags"/>.</summary>
    [FieldOffset(42)] public ushort VlanTci;

    /// <summary>Receive-side scaling hash, valid when <see cref="RxRssHash"/> is set in <see cref="OlFlags"/>.</summary>
    [FieldOffset(44)] public uint RssHash;

    /// <summary>Bytes of the buffer, headroom included.</summary>
    [FieldOffset(54)] public ushort BufLen;

    /// <summary>The mempool this mbuf returns to.</summary>
    [FieldOffset(56)] public void* Pool;

    /// <summary>Next segment of the packet, null in the last one.</summary>
    [FieldOffset(64)] public Mbuf* Next;

    /// <summary>Bytes of the private area.</summary>
    [FieldOffset(88)] public ushort PrivSize;

    /// <summary><see cref="OlFlags"/>: the packet is tagged and <see cref="VlanTci"/> holds the tag (RTE_MBUF_F_RX_VLAN).
    /// net_af_packet sets it and leaves the tag in the data as well: trust the data.</summary>
    public const ulong RxVlan = 1UL << 0;

    /// <summary><see cref="OlFlags"/>: <see cref="RssHash"/> is valid (RTE_MBUF_F_RX_RSS_HASH).</summary>
    public const ulong RxRssHash = 1UL << 1;

    /// <summary><see cref="OlFlags"/>: the driver took the tag out of the data (RTE_MBUF_F_RX_VLAN_STRIPPED).</summary>
    public const ulong RxVlanStripped = 1UL << 6;

    /// <summary>First byte of data of this segment.</summary>
    public readonly byte* Data
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BufAddr + DataOff;
    }

    /// <summary>The data of this segment.</summary>
    public readonly Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(BufAddr + DataOff, DataLen);
    }

    /// <summary>The private area of <see cref="PrivSize"/> bytes: free for the owner, not cleared by DPDK.</summary>
    public readonly byte* Private
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in this)) + HeaderBytes;
    }

    /// <summary>Bytes free before the data.</summary>
    public readonly int Headroom
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => DataOff;
    }

    /// <summary>Bytes free behind the data of this segment.</summary>
    public readonly int Tailroom
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BufLen - DataOff - DataLen;
    }

    /// <summary>Whether the packet lies in this one segment.</summary>
    public readonly bool IsSingleSegment
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => NbSegs == 1;
    }

    /// <summary>Grows the data to the front. Unchecked: needs <paramref name="bytes"/> of <see cref="Headroom"/>, in
    /// the first segment.</summary>
    /// <returns>The new first byte of data; the new bytes hold what was there before.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Prepend(int bytes)
    {
        DataOff -= (ushort)bytes;
        DataLen += (ushort)bytes;
        PktLen += (uint)bytes;
        return BufAddr + DataOff;
    }

    /// <summary>Removes bytes from the front. Unchecked: needs <paramref name="bytes"/> of <see cref="DataLen"/>, in
    /// the first segment.</summary>
    /// <returns>The new first byte of data.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Adjust(int bytes)
    {
        DataOff += (ushort)bytes;
        DataLen -= (ushort)bytes;
        PktLen -= (uint)bytes;
        return BufAddr + DataOff;
    }

    /// <summary>Grows the data to the back. Unchecked: needs <paramref name="bytes"/> of <see cref="Tailroom"/> and a
    /// packet of one segment.</summary>
    /// <returns>The first of the new bytes, which hold what was there before.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Append(int bytes)
    {
        byte* added = BufAddr + DataOff + DataLen;
        DataLen += (ushort)bytes;
        PktLen += (uint)bytes;
        return added;
    }

    /// <summary>Removes bytes from the back. Unchecked: needs <paramref name="bytes"/> of <see cref="DataLen"/> and a
    /// packet of one segment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Trim(int bytes)
    {
        DataLen -= (ushort)bytes;
        PktLen -= (uint)bytes;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>Facts about a packet that later stages ask for.</summary>
internal static class PacketFlags
{
    /// <summary>IPv6; otherwise IPv4.</summary>
    internal const byte V6 = 1;

    /// <summary>Came from the core; otherwise from an interface.</summary>
    internal const byte FromCore = 2;

    /// <summary>Lookup in the core view; otherwise in the access view.</summary>
    internal const byte CoreView = 4;

    /// <summary>Leave the TTL alone.</summary>
    internal const byte KeepTtl = 8;

    /// <summary>Source or destination is link-local: only the forwarder itself may be reached.</summary>
    internal const byte LinkLocal = 16;

    /// <summary>Injected by the slow path: may be punted no more than the reasons that resolve by waiting.</summary>
    internal const byte Injected = 32;

    /// <summary>Came in a frame to a group or broadcast MAC; only inside access input.</summary>
    internal const byte ToManyStations = 64;

    /// <summary>Nothing unusual about it: global addresses, TTL above one and to be decremented, room in front for any
    /// header (<see cref="TunnelRow.TemplateBytes"/>). Only with <see cref="V6"/>, <see cref="FromCore"/> and
    /// <see cref="CoreView"/>.</summary>
    internal const byte Plain = 128;
}

/// <summary>
/// The columns of a burst: packets that passed the input stage and go on to lookup and forwarding. Structure of arrays, so
/// that each stage is a loop over the columns it needs; every column has <see cref="Capacity"/> elements and lies at a
/// fixed distance from the others, so that a loop over several of them needs one base register. Owner: the worker.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Batch
{
    /// <summary>Most packets of a burst.</summary>
    internal const int Capacity = 64;

    private fixed ulong _buffers[Capacity];
    private fixed ulong _headers[Capacity];
    private fixed ulong _rows[Capacity];
    private fixed ulong _keys[Capacity];
    private fixed ulong _leaves[Capacity];
    private fixed uint _vrfs[Capacity];
    private fixed uint _hashes[Capacity];
    private fixed uint _ttlWords[Capacity];
    private fixed ushort _lengths[Capacity];
    private fixed byte _flags[Capacity];

    /// <summary>Packets in the columns.</summary>
    internal int Count;

    /// <summary>All <see cref="Flags"/> together: those that some packet has.</summary>
    internal byte Seen;

    /// <summary>The <see cref="Flags"/> that all packets have.</summary>
    internal byte Common;

    /// <summary>Not 0 while every packet has its <see cref="Hashes"/> from the input stage.</summary>
    internal byte Hashed;

    /// <summary>No packets; <paramref name="hashed"/> is not 0 when the input stage is to hash those that come.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Clear(byte hashed)
    {
        Count = 0;
        Seen = 0;
        Common = byte.MaxValue;
        Hashed = hashed;
    }

    /// <summary>The <see cref="Dpdk.Mbuf"/> of the packet.</summary>
    internal readonly ulong* Buffers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ulong*)(Start + 0 * Capacity);
    }

    /// <summary>Address of the tenant's IP header.</summary>
    internal readonly ulong* Headers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ulong*)(Start + 8 * Capacity);
    }

    /// <summary>The <see cref="InterfaceRow"/> of origin, or <see cref="DatapathRoot.NoInterface"/>.</summary>
    internal readonly ulong* Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ulong*)(Start + 16 * Capacity);
    }

    /// <summary>IPv4: key of the destination in the access view of the exact table, written by the input stages. From the forward
    /// stage on, the <see cref="TunnelRow"/> to send through, or 0.</summary>
    internal readonly ulong* Keys
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ulong*)(Start + 24 * Capacity);
    }

    /// <summary>The <see cref="Leaf"/> found.</summary>
    internal readonly ulong* Leaves
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ulong*)(Start + 32 * Capacity);
    }

    /// <summary>VRF row.</summary>
    internal readonly uint* Vrfs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint*)(Start + 40 * Capacity);
    }

    /// <summary>Symmetric flow hash of the packet (FWD-20), where something asks for one.</summary>
    internal readonly uint* Hashes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint*)(Start + 44 * Capacity);
    }

    /// <summary>Of plain IPv4 packets: TTL, protocol and checksum with the TTL one less, as they are to be written back.</summary>
    internal readonly uint* TtlWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint*)(Start + 48 * Capacity);
    }

    /// <summary>Bytes of the IP packet; between the passes of an input stage, bytes from there to the end of the frame.</summary>
    internal readonly ushort* Lengths
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ushort*)(Start + 52 * Capacity);
    }

    /// <summary><see cref="PacketFlags"/>.</summary>
    internal readonly byte* Flags
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Start + 54 * Capacity;
    }

    // A pointer instead of the fixed fields themselves, because the compiler checks those for null at every access.
    private readonly byte* Start
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in this));
    }
}

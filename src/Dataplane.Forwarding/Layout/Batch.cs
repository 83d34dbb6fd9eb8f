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
}

/// <summary>
/// The columns of a burst: packets that passed the input stage and go on to lookup and forwarding. Structure of arrays, so
/// that each stage is a loop over the columns it needs; every column has <see cref="Capacity"/> elements. Owner: the worker.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Batch
{
    /// <summary>Most packets of a burst.</summary>
    internal const int Capacity = 64;

    /// <summary>Bytes of one element of every column together.</summary>
    internal const int RowBytes = 5 * sizeof(ulong) + 2 * sizeof(uint) + sizeof(ushort) + sizeof(byte);

    /// <summary>Packets in the columns.</summary>
    internal int Count;

    /// <summary>The <see cref="Dpdk.Mbuf"/> of the packet.</summary>
    internal ulong* Buffers;

    /// <summary>Address of the tenant's IP header.</summary>
    internal ulong* Headers;

    /// <summary>The <see cref="InterfaceRow"/> of origin, or null.</summary>
    internal ulong* Rows;

    /// <summary>IPv4: key of the destination in the exact table; only inside the lookup stage.</summary>
    internal ulong* Keys;

    /// <summary>The <see cref="Leaf"/> found.</summary>
    internal ulong* Leaves;

    /// <summary>Interface row of origin, or <see cref="uint.MaxValue"/>.</summary>
    internal uint* Interfaces;

    /// <summary>VRF row.</summary>
    internal uint* Vrfs;

    /// <summary>Bytes of the IP packet; between the stages of access input, bytes to the end of the frame.</summary>
    internal ushort* Lengths;

    /// <summary><see cref="PacketFlags"/>.</summary>
    internal byte* Flags;

    /// <summary>Lays the columns out in a block of <see cref="Capacity"/> × <see cref="RowBytes"/> bytes.</summary>
    internal void Place(byte* block)
    {
        Buffers = (ulong*)block;
        Headers = Buffers + Capacity;
        Rows = Headers + Capacity;
        Keys = Rows + Capacity;
        Leaves = Keys + Capacity;
        Interfaces = (uint*)(Leaves + Capacity);
        Vrfs = Interfaces + Capacity;
        Lengths = (ushort*)(Vrfs + Capacity);
        Flags = (byte*)(Lengths + Capacity);
    }
}

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

    /// <summary>The <see cref="Dpdk.Mbuf"/> of the packet.</summary>
    internal fixed ulong Buffers[Capacity];

    /// <summary>Address of the tenant's IP header.</summary>
    internal fixed ulong Headers[Capacity];

    /// <summary>The <see cref="InterfaceRow"/> of origin, or <see cref="DatapathRoot.NoInterface"/>.</summary>
    internal fixed ulong Rows[Capacity];

    /// <summary>IPv4: key of the destination in the access view of the exact table, written by the input stages.</summary>
    internal fixed ulong Keys[Capacity];

    /// <summary>The <see cref="Leaf"/> found.</summary>
    internal fixed ulong Leaves[Capacity];

    /// <summary>VRF row.</summary>
    internal fixed uint Vrfs[Capacity];

    /// <summary>Symmetric flow hash of the packet (FWD-20), where something asks for one.</summary>
    internal fixed uint Hashes[Capacity];

    /// <summary>Bytes of the IP packet.</summary>
    internal fixed ushort Lengths[Capacity];

    /// <summary><see cref="PacketFlags"/>.</summary>
    internal fixed byte Flags[Capacity];

    /// <summary>Packets in the columns.</summary>
    internal int Count;
}

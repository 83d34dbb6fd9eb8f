using System.Runtime.InteropServices;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;

namespace Dataplane.Forwarding.Layout;

/// <summary>
/// Where everything the workers read begins; the only address that crosses from the host's runtime into the workers'.
/// "Wire" values are network-order bytes as a little-endian load sees them. Written by the control thread: the fields
/// before workers start, afterwards only through the tables they point to and the table pointers themselves, one aligned
/// word at a time.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DatapathRoot
{
    /// <summary>Changes whenever a shared layout does; both runtimes compare it before a worker starts.</summary>
    internal const uint LayoutVersion = 8;

    /// <summary>DPDK calls of the fast path.</summary>
    internal FastCalls* Calls;

    /// <summary>Ring to the slow path; many producers (workers), one consumer.</summary>
    internal void* PuntRing;

    /// <summary>Epoch that the writer advances; workers copy it into their slot.</summary>
    internal ulong GlobalEpoch;

    /// <summary>One slot per worker.</summary>
    internal EpochSlot* Epochs;

    /// <summary>Port rows.</summary>
    internal PortRow* Ports;

    /// <summary>Interface rows; null where unassigned.</summary>
    internal InterfaceRow** Interfaces;

    /// <summary>Stands for no interface, so that a row of origin is never null: no frame matches it, its index is
    /// <see cref="uint.MaxValue"/>, its class the default one.</summary>
    internal InterfaceRow* NoInterface;

    /// <summary>VRF rows.</summary>
    internal VrfRow* Vrfs;

    /// <summary>Tunnel rows; null where unassigned.</summary>
    internal TunnelRow** Tunnels;

    /// <summary>Next-hop groups; null where unassigned.</summary>
    internal GroupRow** Groups;

    /// <summary>Incoming label map, one <see cref="LabelEntry"/> per 20-bit label.</summary>
    internal ulong* Labels;

    /// <summary>IPv4 host routes: (space, wire address) to <see cref="Leaf"/>.</summary>
    internal ExactTable64* Hosts4;

    /// <summary>IPv6 host routes.</summary>
    internal ExactTable128* Hosts6;

    /// <summary>Legitimate outer IPv4 sources: (VRF row + 1, wire address) to 1 (SEC-09).</summary>
    internal ExactTable64* Ingress4;

    /// <summary>Legitimate outer IPv6 sources.</summary>
    internal ExactTable128* Ingress6;

    /// <summary>Resolved IPv4 neighbours of interfaces without a MAC: (interface row + 1, wire address) to wire MAC with
    /// bit 48 set.</summary>
    internal ExactTable64* Neighbors4;

    /// <summary>Resolved IPv6 neighbours.</summary>
    internal ExactTable128* Neighbors6;

    /// <summary>Classification of frames, all interfaces: (port row + 1, wire MAC or 0, outer tag
    /// in bits 31–16 and inner tag or 0xFFFF in bits 15–0) to interface row + 1.</summary>
    internal ExactTable128* Classes;

    /// <summary>Virtual router MAC for ARP and IPv4 (FWD-13).</summary>
    internal ulong VirtualMac4Wire;

    /// <summary>Virtual router MAC for ND and IPv6 (AMB-26).</summary>
    internal ulong VirtualMac6Wire;

    /// <summary>First octets of the IPv6 tunnel end, wire; all zero when there is none.</summary>
    internal ulong TunnelEnd6Wire0;

    /// <summary>Last octets of the IPv6 tunnel end.</summary>
    internal ulong TunnelEnd6Wire1;

    /// <summary>IPv4 tunnel end, wire; zero when there is none.</summary>
    internal uint TunnelEnd4Wire;

    /// <summary>Addresses of core ports, wire.</summary>
    internal int CoreAddress4Count;

    /// <summary>See <see cref="CoreAddress4Count"/>.</summary>
    internal uint* CoreAddresses4;

    /// <summary>IPv6 addresses of core ports: pairs of wire words.</summary>
    internal ulong* CoreAddresses6;

    /// <summary>Pairs at <see cref="CoreAddresses6"/>.</summary>
    internal int CoreAddress6Count;

    /// <summary>Rows of <see cref="Ports"/> that are or were in use; grows when a port is added.</summary>
    internal int PortCount;

    /// <summary>Rows of <see cref="Ports"/>.</summary>
    internal int PortCapacity;

    /// <summary>Rows of <see cref="Interfaces"/>; the punt budget of core port p is row InterfaceCapacity + p,
    /// and that of tenants' packets from the core is the one after all rows of ports.</summary>
    internal int InterfaceCapacity;

    /// <summary>1 accepts a zero UDP checksum over IPv6 (RFC 6935).</summary>
    internal byte AcceptZeroUdp6;

    /// <summary>Not 0 once something asks for <see cref="Batch.Hashes"/>: a UDP tunnel or a group.</summary>
    internal byte HashWanted;

    /// <summary>Not 0 once there is a group: leaves of <see cref="LeafKind.Group"/> may be met.</summary>
    internal byte GroupsInUse;

    /// <summary>Not 0 while a VRF has filters.</summary>
    internal byte FiltersInUse;

    /// <summary>Punts per second of an interface, and its burst.</summary>
    internal uint PuntRate;

    /// <summary>Clock ticks per second of <see cref="WorkerBlock.Now"/>.</summary>
    internal ulong ClockHz;

    /// <summary>Vectors that lookups use; fixed before workers start.</summary>
    internal VectorLevel Vectors;
}

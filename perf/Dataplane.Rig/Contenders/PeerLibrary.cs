using System.Runtime.InteropServices;

namespace Dataplane.Rig.Contenders;

/// <summary>The C peers, built by <c>scripts/bench</c>; the other side is <c>perf/peers/peers.h</c>.</summary>
internal static unsafe partial class PeerLibrary
{
    internal const string Path = "artifacts/perf/librigpeers.so";
    private const string Name = "rigpeers";
    private const int AbiVersion = 1;

    static PeerLibrary() => NativeLibrary.SetDllImportResolver(typeof(PeerLibrary).Assembly, static (name, _, _) =>
        name == Name ? NativeLibrary.Load(System.IO.Path.GetFullPath(Path)) : 0);

    /// <summary>Loads the library.</summary>
    /// <exception cref="InvalidOperationException">It is missing or was built from another header.</exception>
    internal static void EnsureLoaded()
    {
        if (!File.Exists(Path))
            throw new InvalidOperationException($"{Path} is missing; run scripts/bench, which builds it");
        if (Version() != AbiVersion || sizeof(Config) != 76 || sizeof(Interface) != 40 || sizeof(Tunnel) != 36 || sizeof(Order) != 40 || sizeof(Result) != 72)
            throw new InvalidOperationException($"{Path} does not fit this program; build both anew (scripts/bench)");
    }

    [LibraryImport(Name, EntryPoint = "rig_abi_version")]
    private static partial int Version();

    [LibraryImport(Name, EntryPoint = "rig_create")]
    internal static partial nint Create(Config* config);

    [LibraryImport(Name, EntryPoint = "rig_destroy")]
    internal static partial void Destroy(nint peer);

    [LibraryImport(Name, EntryPoint = "rig_description")]
    internal static partial byte* Description(nint peer);

    /// <summary>Row, or a negative errno.</summary>
    [LibraryImport(Name, EntryPoint = "rig_add_interface")]
    internal static partial int AddInterface(nint peer, Interface* settings);

    /// <summary>Row, or a negative errno.</summary>
    [LibraryImport(Name, EntryPoint = "rig_add_tunnel")]
    internal static partial int AddTunnel(nint peer, Tunnel* settings);

    /// <summary>Row, or a negative errno.</summary>
    [LibraryImport(Name, EntryPoint = "rig_add_group")]
    internal static partial int AddGroup(nint peer, Member* members, uint memberCount, ushort* buckets, uint bucketCount);

    [LibraryImport(Name, EntryPoint = "rig_set_label")]
    internal static partial int SetLabel(nint peer, uint label, LabelKind kind, uint vrf, uint @interface);

    [LibraryImport(Name, EntryPoint = "rig_allow_ingress")]
    internal static partial int AllowIngress(nint peer, uint vrf, uint family, byte* source);

    [LibraryImport(Name, EntryPoint = "rig_set_route")]
    internal static partial int SetRoute(nint peer, View view, uint vrf, uint family, byte* address, uint length, NextHop nextHop, uint row, uint label);

    /// <summary>Runs on the calling thread; 0 or a negative errno.</summary>
    [LibraryImport(Name, EntryPoint = "rig_run")]
    internal static partial int Run(nint peer, Order* order, Result* result);

    /// <summary>How many rows there are.</summary>
    [LibraryImport(Name, EntryPoint = "rig_read_counters")]
    internal static partial int ReadCounters(nint peer, Column column, Count* rows, uint capacity);

    [LibraryImport(Name, EntryPoint = "rig_reset_counters")]
    internal static partial void ResetCounters(nint peer);

    [LibraryImport(Name, EntryPoint = "rig_drop_name")]
    internal static partial byte* DropName(uint reason);

    /// <summary>One rte_fib (DIR-24-8) with the given routes: 0 or a negative errno.</summary>
    [LibraryImport(Name, EntryPoint = "rig_time_fib4")]
    internal static partial int TimeFib4(uint* addresses, byte* lengths, uint routes, uint* probes, uint probeCount, uint rounds, LookupTime* time);

    /// <summary>One rte_hash with keys of VRF and address: 0 or a negative errno.</summary>
    [LibraryImport(Name, EntryPoint = "rig_time_hash")]
    internal static partial int TimeHash(ulong* keys, uint count, ulong* probes, uint probeCount, uint rounds, LookupTime* time);

    internal enum LookupKind : uint
    {
        Best,
        Hash,
        Fib,
        Exact,
    }

    internal enum Mode : uint
    {
        Bare,
        Encapsulate,
        Decapsulate,
    }

    internal enum NextHop : uint
    {
        Tunnel = 1,
        Interface = 2,
        Group = 3,
    }

    internal enum View : uint
    {
        Access,
        Local,
    }

    internal enum LabelKind : uint
    {
        Interface = 1,
        Aggregate = 2,
    }

    internal enum Column : uint
    {
        PortRx,
        PortTx,
        InterfaceRx,
        InterfaceTx,
        InterfaceDrops,
        VrfEncapsulated,
        VrfDecapsulated,
        VrfLocal,
        Tunnel,
        InterfaceLabel,
        AggregateLabel,
        Drops,
    }

    internal struct Config
    {
        internal uint Vrfs;
        internal uint Interfaces;
        internal uint Tunnels;
        internal uint Groups;
        internal uint Routes4;
        internal uint Routes6;
        internal uint Ingresses;
        internal uint Lookup;
        internal fixed byte VirtualMac4[6];
        internal fixed byte VirtualMac6[6];
        internal fixed byte CoreMac[6];
        internal fixed byte TunnelEnd4[4];
        internal fixed byte TunnelEnd6[16];
        internal byte AcceptZeroUdp6;
        internal byte DefaultTos;
        internal byte DefaultTc;
        internal fixed byte Reserved[3];
    }

    internal struct Interface
    {
        internal uint Vrf;
        internal ushort Vlan;
        internal ushort InnerVlan;
        internal ushort Mtu;
        internal fixed byte Mac[6];
        internal fixed byte Source4[4];
        internal byte Source4Length;
        internal fixed byte Source6[16];
        internal byte Source6Length;
        internal byte Tos;
        internal byte Tc;
    }

    internal struct Tunnel
    {
        internal byte Family;
        internal byte Encapsulation;
        internal byte Ttl;
        internal byte ZeroUdp6;
        internal ushort PathMtu;
        internal fixed byte SourceMac[6];
        internal fixed byte DestinationMac[6];
        internal fixed byte Remote[16];
        internal fixed byte Reserved[2];
    }

    internal record struct Member(uint Tunnel, uint Label);

    internal struct Order
    {
        internal Mode Mode;
        internal ushort RxPort;
        internal ushort RxQueue;
        internal ushort TxPort;
        internal ushort TxQueue;
        internal int Cpu;
        internal uint Burst;
        internal uint Reserved;
        internal double Seconds;
        internal ulong Packets;
    }

    internal struct Result
    {
        internal ulong Rx;
        internal ulong Tx;
        internal ulong Dropped;
        internal ulong Polls;
        internal ulong EmptyPolls;
        internal ulong TscElapsed;
        internal ulong RunDelayNanoseconds;
        internal ulong VoluntarySwitches;
        internal ulong InvoluntarySwitches;
    }

    /// <summary>Nanoseconds per lookup, the fastest round and the median of the rounds; routes found in a round; bytes of the
    /// table; vector width of the lookup function.</summary>
    internal record struct LookupTime(double Nanoseconds, double Median, ulong Hits, ulong Bytes, uint VectorBits, uint Reserved);

    internal record struct Count(ulong Packets, ulong Bytes);

}

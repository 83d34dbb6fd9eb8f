using System.Runtime.InteropServices;

namespace Dataplane.Dpdk;

/// <summary>
/// Every import of libdataplane_shim.so, as native/include/dataplane_shim.h declares it. An <c>int</c> result is 0 or
/// a count on success and a negative errno on failure, unless said otherwise. Call
/// <see cref="ShimLibrary.EnsureLoaded"/> before the first of them.
/// </summary>
internal static unsafe partial class Shim
{
    internal const string Library = "dataplane_shim";

    /// <summary>DP_ABI_VERSION of the header this file was written for.</summary>
    internal const int AbiVersion = 1;

    [LibraryImport(Library, EntryPoint = "dp_abi_version")]
    internal static partial int NativeAbiVersion();

    [LibraryImport(Library, EntryPoint = "dp_dpdk_version")]
    internal static partial byte* DpdkVersion();

    [LibraryImport(Library, EntryPoint = "dp_compiled_dpdk_version")]
    internal static partial byte* CompiledDpdkVersion();

    [LibraryImport(Library, EntryPoint = "dp_fast_calls")]
    internal static partial FastCalls* FastCalls();

    [LibraryImport(Library, EntryPoint = "dp_fast_calls_size")]
    internal static partial int FastCallsSize();

    /// <summary>0, or -ENOMEM.</summary>
    [LibraryImport(Library, EntryPoint = "dp_log_open")]
    internal static partial int LogOpen();

    /// <summary>How many bytes were taken.</summary>
    [LibraryImport(Library, EntryPoint = "dp_log_take")]
    internal static partial int LogTake(byte* text, int capacity);

    /// <summary>0, or what rte_eal_init left in rte_errno. Help options and some broken machines end the process:
    /// <see cref="EalArguments"/> refuses those first. Pins the calling thread.</summary>
    [LibraryImport(Library, EntryPoint = "dp_eal_init")]
    internal static partial int EalInit(int argc, byte** argv);

    /// <summary>0, or -EALREADY.</summary>
    [LibraryImport(Library, EntryPoint = "dp_eal_cleanup")]
    internal static partial int EalCleanup();

    [LibraryImport(Library, EntryPoint = "dp_eal_runtime_dir")]
    internal static partial byte* EalRuntimeDirectory();

    [LibraryImport(Library, EntryPoint = "dp_tsc_hz")]
    internal static partial ulong TscHz();

    /// <summary>The id, or -1 for a thread that is not registered.</summary>
    [LibraryImport(Library, EntryPoint = "dp_lcore_id")]
    internal static partial int LcoreId();

    [LibraryImport(Library, EntryPoint = "dp_mbuf_size")]
    internal static partial int MbufSize();

    /// <summary>The offset, or -EINVAL for an unknown field id.</summary>
    [LibraryImport(Library, EntryPoint = "dp_mbuf_offset")]
    internal static partial int MbufOffset(int field);

    /// <summary>The offset, or -ENOENT when no driver registered the field.</summary>
    [LibraryImport(Library, EntryPoint = "dp_mbuf_timestamp_offset")]
    internal static partial int MbufTimestampOffset();

    /// <summary>The bit, or 0 when no driver registered it.</summary>
    [LibraryImport(Library, EntryPoint = "dp_mbuf_timestamp_flag")]
    internal static partial ulong MbufTimestampFlag();

    /// <summary>-ENOMEM, -EEXIST (name), -EINVAL (cache too large, private size not a multiple of 8),
    /// -ENAMETOOLONG.</summary>
    [LibraryImport(Library, EntryPoint = "dp_mempool_create", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MempoolCreate(
        string name, uint count, uint cache, ushort privateBytes, ushort dataRoom, int socket, out void* pool);

    [LibraryImport(Library, EntryPoint = "dp_mempool_free")]
    internal static partial void MempoolFree(void* pool);

    [LibraryImport(Library, EntryPoint = "dp_mempool_available")]
    internal static partial uint MempoolAvailable(void* pool);

    [LibraryImport(Library, EntryPoint = "dp_mempool_capacity")]
    internal static partial uint MempoolCapacity(void* pool);

    /// <summary>-ENOMEM, -EEXIST (name), -EINVAL (not a power of two without exactSize), -ENAMETOOLONG.</summary>
    [LibraryImport(Library, EntryPoint = "dp_ring_create", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int RingCreate(
        string name, uint count, int socket, int singleProducer, int singleConsumer, int exactSize, out void* ring);

    [LibraryImport(Library, EntryPoint = "dp_ring_free")]
    internal static partial void RingFree(void* ring);

    [LibraryImport(Library, EntryPoint = "dp_ring_count")]
    internal static partial uint RingCount(void* ring);

    [LibraryImport(Library, EntryPoint = "dp_ring_capacity")]
    internal static partial uint RingCapacity(void* ring);

    /// <summary>-ENOMEM, -EEXIST (name), -EINVAL (alignment not a power of two), -ENAMETOOLONG.</summary>
    [LibraryImport(Library, EntryPoint = "dp_memzone_reserve", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MemzoneReserve(string name, nuint bytes, uint alignment, int socket, out void* zone);

    /// <summary>-ENOENT.</summary>
    [LibraryImport(Library, EntryPoint = "dp_memzone_lookup", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MemzoneLookup(string name, out void* zone);

    /// <summary>-EINVAL when it was freed before.</summary>
    [LibraryImport(Library, EntryPoint = "dp_memzone_free")]
    internal static partial int MemzoneFree(void* zone);

    [LibraryImport(Library, EntryPoint = "dp_memzone_address")]
    internal static partial void* MemzoneAddress(void* zone);

    [LibraryImport(Library, EntryPoint = "dp_memzone_bytes")]
    internal static partial ulong MemzoneBytes(void* zone);

    /// <summary>The port id, or -EINVAL (too many rings, name too long), -ENOMEM, -ENODEV.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_from_rings", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PortFromRings(string name, void** rx, uint rxCount, void** tx, uint txCount, int socket);

    /// <summary>-EEXIST, -ENODEV, -EINVAL, or what the driver's probe returned, often -1 (EPERM) for want of better.</summary>
    [LibraryImport(Library, EntryPoint = "dp_device_attach", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DeviceAttach(string bus, string name, string arguments);

    /// <summary>-ENODEV, -ENOENT, -EBUSY.</summary>
    [LibraryImport(Library, EntryPoint = "dp_device_detach", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DeviceDetach(string bus, string name);

    /// <summary>The port id, or -ENODEV.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_by_name", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PortByName(string name);

    /// <summary>The first port id at or after <paramref name="port"/>, or -ENODEV.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_next")]
    internal static partial int PortNext(int port);

    /// <summary>-ENODEV, -ENOTSUP.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_info")]
    internal static partial int PortInfo(ushort port, PortInformation.Native* information);

    /// <summary>-EINVAL (more queues than the device has), -EBUSY (started).</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_configure")]
    internal static partial int PortConfigure(
        ushort port, ushort rxQueues, ushort txQueues, ulong rssRequested, out ulong rss);

    /// <summary>-ENODEV, -ENOTSUP.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_clamp_descriptors")]
    internal static partial int PortClampDescriptors(ushort port, ref ushort rx, ref ushort tx);

    /// <summary>-EINVAL (pool's data room too small, queue), -ENOMEM, -EBUSY.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_rx_queue")]
    internal static partial int PortRxQueue(ushort port, ushort queue, ushort descriptors, void* pool);

    /// <summary>-EINVAL (queue), -ENOMEM, -EBUSY.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_tx_queue")]
    internal static partial int PortTxQueue(ushort port, ushort queue, ushort descriptors);

    /// <summary>What the driver returned, for instance when its file or interface is gone.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_start")]
    internal static partial int PortStart(ushort port);

    /// <summary>-ENODEV, -EBUSY.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_stop")]
    internal static partial int PortStop(ushort port);

    /// <summary>-EINVAL when it is started.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_close")]
    internal static partial int PortClose(ushort port);

    /// <summary>Bytes, or -ENODEV.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_get_mtu")]
    internal static partial int PortGetMtu(ushort port);

    /// <summary>-ENOTSUP (the driver has no such call), -EINVAL, -EBUSY.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_set_mtu")]
    internal static partial int PortSetMtu(ushort port, ushort mtu);

    /// <summary>-ENOTSUP.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_set_promiscuous")]
    internal static partial int PortSetPromiscuous(ushort port, int on);

    /// <summary>-ENOTSUP.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_set_allmulticast")]
    internal static partial int PortSetAllMulticast(ushort port, int on);

    [LibraryImport(Library, EntryPoint = "dp_port_get_mac")]
    internal static partial int PortGetMac(ushort port, byte* mac);

    /// <summary>-ENOTSUP, -EINVAL (multicast or zero).</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_set_mac")]
    internal static partial int PortSetMac(ushort port, byte* mac);

    /// <summary>1 up, 0 down.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_link")]
    internal static partial int PortLink(ushort port, out uint speedMbps, out int fullDuplex);

    [LibraryImport(Library, EntryPoint = "dp_port_stats")]
    internal static partial int PortStats(ushort port, out PortStatistics statistics);

    /// <summary>-ENOTSUP.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_stats_reset")]
    internal static partial int PortStatsReset(ushort port);

    [LibraryImport(Library, EntryPoint = "dp_port_xstats_count")]
    internal static partial int PortXstatsCount(ushort port);

    /// <summary>How many names there are; filled in only when <paramref name="count"/> suffices.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_xstats_names")]
    internal static partial int PortXstatsNames(ushort port, byte* names, int count);

    /// <summary>How many values there are; filled in only when <paramref name="count"/> suffices.</summary>
    [LibraryImport(Library, EntryPoint = "dp_port_xstats_values")]
    internal static partial int PortXstatsValues(ushort port, ulong* values, int count);

    [LibraryImport(Library, EntryPoint = "dp_rss_ip")]
    internal static partial ulong RssIp();

    [LibraryImport(Library, EntryPoint = "dp_rss_tcp_udp")]
    internal static partial ulong RssTcpUdp();
}

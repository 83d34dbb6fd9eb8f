namespace Dataplane.Dpdk;

// Configuration: queues, receive-side scaling, MTU, filters.
public sealed unsafe partial class EthernetPort
{
    /// <summary>Descriptors of each receive queue after <see cref="Configure"/>.</summary>
    public int RxDescriptors { get; private set; }

    /// <summary>Descriptors of each transmit queue after <see cref="Configure"/>.</summary>
    public int TxDescriptors { get; private set; }

    /// <summary>Packet types that are spread over the receive queues (RTE_ETH_RSS_*); 0 when the device does not hash,
    /// and then the driver's own way of filling its queues holds.</summary>
    public ulong ActiveRss { get; private set; }

    /// <summary>Largest L3 packet in bytes, as far as the driver knows.</summary>
    public int Mtu => Check(Shim.PortGetMtu(Id), "cannot be asked for its MTU", "");

    /// <summary>Sets queues, receive-side scaling, MTU and filters. The port must be stopped.</summary>
    /// <param name="options">What to set.</param>
    /// <param name="pool">Where received packets are put; it must outlive the port.</param>
    /// <exception cref="DpdkException">More queues than the device has, an MTU it cannot do, or buffers too small for
    /// it.</exception>
    public void Configure(PortOptions options, Mempool pool)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(pool);
        RequireQueues(options);
        RequireDataRoom(pool);
        Check(
            Shim.PortConfigure(Id, options.RxQueues, options.TxQueues, Requested(options.Rss), out ulong rss),
            $"cannot have {options.RxQueues} receive and {options.TxQueues} transmit queues",
            "Stop the port before configuring it.");
        ActiveRss = rss;
        SetMtu(options.Mtu);
        ushort rx = options.RxDescriptors, tx = options.TxDescriptors;
        Check(Shim.PortClampDescriptors(Id, ref rx, ref tx), "cannot say how many descriptors it has", "");
        RxDescriptors = rx;
        TxDescriptors = tx;
        for (ushort queue = 0; queue < options.RxQueues; queue++)
            Check(
                Shim.PortRxQueue(Id, queue, rx, pool.Handle),
                $"cannot set up receive queue {queue} with {rx} descriptors",
                $"Enlarge {nameof(MempoolOptions.DataRoom)} of mempool '{pool.Name}' ({pool.Options.DataRoom}) if it is too small, or raise {nameof(EalOptions)}.{nameof(EalOptions.MemoryMib)}.");
        for (ushort queue = 0; queue < options.TxQueues; queue++)
            Check(
                Shim.PortTxQueue(Id, queue, tx),
                $"cannot set up transmit queue {queue} with {tx} descriptors",
                $"Raise {nameof(EalOptions)}.{nameof(EalOptions.MemoryMib)}.");
        AllowUnsupported(Shim.PortSetPromiscuous(Id, options.Promiscuous ? 1 : 0), "cannot set promiscuous mode");
        AllowUnsupported(Shim.PortSetAllMulticast(Id, options.AllMulticast ? 1 : 0), "cannot set the multicast filter");
    }

    private void RequireQueues(PortOptions options)
    {
        if (options.RxQueues == 0 || options.TxQueues == 0)
            throw new DpdkException($"Port '{Name}' needs at least one receive and one transmit queue.", Errno.Invalid);
        if (options.RxQueues > Information.MaxRxQueues || options.TxQueues > Information.MaxTxQueues)
            throw new DpdkException(
                $"Port '{Name}' cannot have {options.RxQueues} receive and {options.TxQueues} transmit queues: {Information.Driver} offers {Information.MaxRxQueues} and {Information.MaxTxQueues}. Use fewer, or give the device more ({DeviceString.QueueArgument(Information.Driver)}).",
                Errno.Invalid);
    }

    /// <summary>net_af_packet copies whole ring frames without looking at the size of the buffer.</summary>
    private void RequireDataRoom(Mempool pool)
    {
        const int DefaultFrame = 2048;
        if (Information.Driver != "net_af_packet")
            return;
        int frame = DeviceString.Number(_arguments, "framesz") ?? DefaultFrame;
        if (pool.Options.DataRoom - Mbuf.DefaultHeadroom < frame)
            throw new DpdkException(
                $"Port '{Name}' has frames of {frame} bytes and mempool '{pool.Name}' has room for {pool.Options.DataRoom - Mbuf.DefaultHeadroom}: net_af_packet would write past its buffers. Raise {nameof(MempoolOptions.DataRoom)} to {frame + Mbuf.DefaultHeadroom} or lower framesz.",
                Errno.Invalid);
    }

    private void SetMtu(ushort? wanted)
    {
        if (wanted is { } mtu)
            AllowUnsupported(Shim.PortSetMtu(Id, mtu), $"cannot have an MTU of {mtu} bytes", DeviceString.MtuAdvice(Information));
    }

    private void AllowUnsupported(int result, string what, string advice = "")
    {
        if (result != -Errno.NotSupported)
            Check(result, what, advice);
    }

    private static ulong Requested(RssFields fields) =>
        (fields.HasFlag(RssFields.Addresses) ? Shim.RssIp() : 0) |
        (fields.HasFlag(RssFields.Ports) ? Shim.RssTcpUdp() : 0);
}

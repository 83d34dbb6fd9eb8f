namespace Dataplane.Dpdk;

/// <summary>What a device hashes on to spread packets over its receive queues.</summary>
[Flags]
public enum RssFields
{
    /// <summary>Nothing: all packets arrive on queue 0.</summary>
    None = 0,

    /// <summary>IPv4 and IPv6 addresses.</summary>
    Addresses = 1,

    /// <summary>TCP and UDP ports.</summary>
    Ports = 2,
}

/// <summary>How to configure a port.</summary>
public sealed record PortOptions
{
    /// <summary>Receive queues; each belongs to one thread.</summary>
    public ushort RxQueues { get; init; } = 1;

    /// <summary>Transmit queues; each belongs to one thread.</summary>
    public ushort TxQueues { get; init; } = 1;

    /// <summary>Descriptors per receive queue, clamped to what the device can do.</summary>
    public ushort RxDescriptors { get; init; } = 1024;

    /// <summary>Descriptors per transmit queue, clamped to what the device can do.</summary>
    public ushort TxDescriptors { get; init; } = 1024;

    /// <summary>Largest L3 packet, in bytes; null leaves the device as it is. Drivers that know no MTU (net_pcap,
    /// net_ring) carry any size. net_af_packet sets it on the kernel's interface too.</summary>
    public ushort? Mtu { get; init; }

    /// <summary>Receive frames for other MAC addresses too; drivers that cannot choose receive everything.</summary>
    public bool Promiscuous { get; init; } = true;

    /// <summary>Receive all multicast frames; drivers that cannot choose receive everything.</summary>
    public bool AllMulticast { get; init; } = true;

    /// <summary>What to hash on when there are several receive queues, as far as the device can.</summary>
    public RssFields Rss { get; init; } = RssFields.Addresses | RssFields.Ports;
}

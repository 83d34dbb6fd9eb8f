using System.Runtime.InteropServices;

namespace Dataplane.Dpdk;

/// <summary>What a device says about itself.</summary>
/// <param name="Driver">Driver, for instance "net_pcap".</param>
/// <param name="Device">Name of the device, for instance "net_pcap0" or a PCI address.</param>
/// <param name="MaxRxQueues">Most receive queues.</param>
/// <param name="MaxTxQueues">Most transmit queues.</param>
/// <param name="MinMtu">Smallest MTU, bytes.</param>
/// <param name="MaxMtu">Largest MTU, bytes; 65535 when the driver does not say.</param>
/// <param name="Socket">NUMA node, -1 when it has none.</param>
/// <param name="RssOffloads">Packet types it can hash on (RTE_ETH_RSS_*).</param>
public sealed record PortInformation(
    string Driver, string Device, int MaxRxQueues, int MaxTxQueues, int MinMtu, int MaxMtu, int Socket, ulong RssOffloads)
{
    /// <summary>Mirror of <c>struct dp_port_info</c>; its size is asserted in native/src/port.c and in a test.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct Native
    {
        internal fixed byte Driver[32];
        internal fixed byte Device[64];
        internal ulong RssOffloads;
        internal uint MinMtu;
        internal uint MaxMtu;
        internal ushort MaxRxQueues;
        internal ushort MaxTxQueues;
        internal short Socket;
        internal ushort Reserved;
    }

    internal static unsafe PortInformation From(Native* native) => new(
        NativeText.Read(new ReadOnlySpan<byte>(native->Driver, 32)),
        NativeText.Read(new ReadOnlySpan<byte>(native->Device, 64)),
        native->MaxRxQueues,
        native->MaxTxQueues,
        (int)native->MinMtu,
        (int)native->MaxMtu,
        native->Socket,
        native->RssOffloads);
}

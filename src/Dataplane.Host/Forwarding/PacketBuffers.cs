using System.Globalization;
using Dataplane.Dpdk;
using Dataplane.Host.Configuration;
using Dataplane.Net;

namespace Dataplane.Host.Forwarding;

/// <summary>The shape of the packet buffers that a configuration needs.</summary>
internal static class PacketBuffers
{
    /// <summary>Bytes of header, private area and the pool's own book-keeping of each buffer.</summary>
    private const int BookKeeping = 320;

    private const int LeastPayload = 2048;
    private const int Alignment = 64;

    /// <summary>Bytes of a buffer, headroom included: one holds the longest frame of every port, with two VLAN tags.</summary>
    public static ushort DataRoom(DataplaneConfiguration configuration)
    {
        int payload = LeastPayload;
        foreach (PortConfiguration port in configuration.Ports)
        {
            payload = Math.Max(payload, port.Mtu + HeaderSize.Ethernet + 2 * HeaderSize.Vlan);
            // net_af_packet copies whole ring frames, however short the packet.
            string? frame = port.Device?.Arguments.LastOrDefault(static argument => argument.Key == "framesz").Value;
            if (int.TryParse(frame, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes))
                payload = Math.Max(payload, bytes);
        }
        int room = Mbuf.DefaultHeadroom + (payload + Alignment - 1) / Alignment * Alignment;
        return (ushort)Math.Min(room, ushort.MaxValue);
    }

    /// <summary>Memory that a pool takes, in MiB, rounded up.</summary>
    public static int MemoryMib(MempoolOptions options) => (int)((long)options.Count * (options.DataRoom + BookKeeping) >> 20) + 1;
}

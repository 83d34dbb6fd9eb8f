using System.Runtime.CompilerServices;

namespace Dataplane.Dpdk;

/// <summary>
/// Where drivers put the time at which a packet was received: a dynamic field of the mbuf that exists once a driver
/// that fills it is attached. net_pcap of DPDK 22.11 fills it with the capture's time in microseconds since 1970-01-01
/// UTC (captures in nanoseconds are cut to microseconds), except with infinite_rx. Blittable; offset -1 is none.
/// </summary>
/// <param name="Offset">Bytes from the start of the mbuf, -1 when no driver has such times.</param>
/// <param name="Flag">Bit of <see cref="Mbuf.OlFlags"/> that says the field is filled in.</param>
public readonly record struct ReceiveTimestamp(int Offset, ulong Flag)
{
    /// <summary>Looks the field up; do so after attaching ports.</summary>
    public static ReceiveTimestamp Lookup()
    {
        Eal.RequireRunning("The receive time stamp");
        int offset = Shim.MbufTimestampOffset();
        return offset < 0 ? new ReceiveTimestamp(-1, 0) : new ReceiveTimestamp(offset, Shim.MbufTimestampFlag());
    }

    /// <summary>The time of a received packet, in the driver's unit (net_pcap: microseconds since 1970).</summary>
    /// <returns>False when the packet has none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe bool TryRead(Mbuf* packet, out ulong time)
    {
        bool present = Offset >= 0 && (packet->OlFlags & Flag) != 0;
        time = present ? *(ulong*)((byte*)packet + Offset) : 0;
        return present;
    }
}

using System.Runtime.InteropServices;

namespace Dataplane.Dpdk;

/// <summary>What a port counted since its start or the last reset (mirror of <c>struct dp_port_stats</c>). Bytes are
/// those of frames without frame check sequence. Software drivers count without ordering: a snapshot may be a burst
/// behind.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct PortStatistics
{
    /// <summary>Packets received.</summary>
    public ulong RxPackets { get; init; }

    /// <summary>Packets sent.</summary>
    public ulong TxPackets { get; init; }

    /// <summary>Bytes received.</summary>
    public ulong RxBytes { get; init; }

    /// <summary>Bytes sent.</summary>
    public ulong TxBytes { get; init; }

    /// <summary>Packets that the device lost because its receive queue was full.</summary>
    public ulong RxMissed { get; init; }

    /// <summary>Packets received in error.</summary>
    public ulong RxErrors { get; init; }

    /// <summary>Packets that could not be sent.</summary>
    public ulong TxErrors { get; init; }

    /// <summary>Packets lost because the mempool was exhausted.</summary>
    public ulong RxNoMbuf { get; init; }
}

/// <summary>A counter of the driver's own.</summary>
/// <param name="Name">The driver's name for it.</param>
/// <param name="Value">Its value.</param>
public readonly record struct ExtendedStatistic(string Name, ulong Value);

/// <summary>The state of a link.</summary>
/// <param name="IsUp">Whether frames can pass.</param>
/// <param name="SpeedMbps">Speed in Mbit/s, 4294967295 when unknown.</param>
/// <param name="IsFullDuplex">Whether both directions work at once.</param>
public readonly record struct LinkStatus(bool IsUp, uint SpeedMbps, bool IsFullDuplex);

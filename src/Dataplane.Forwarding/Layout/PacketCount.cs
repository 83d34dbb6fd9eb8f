using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>A pair of counters. One writer (the worker that owns the column), plain increments; readers take snapshots.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PacketCount
{
    /// <summary>Packets.</summary>
    public ulong Packets;

    /// <summary>Bytes; of what, the column says.</summary>
    public ulong Bytes;

    /// <summary>Counts one packet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(uint bytes)
    {
        Packets++;
        Bytes += bytes;
    }
}

/// <summary>Where packets of one origin went; <see cref="Rx"/> = <see cref="Tx"/> + <see cref="Punted"/> +
/// <see cref="Dropped"/> whenever the worker is between bursts.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Ledger
{
    /// <summary>Taken in.</summary>
    public ulong Rx;

    /// <summary>Taken by a transmit queue.</summary>
    public ulong Tx;

    /// <summary>Handed to the slow path.</summary>
    public ulong Punted;

    /// <summary>Dropped, each under one <see cref="DropReason"/>.</summary>
    public ulong Dropped;
}

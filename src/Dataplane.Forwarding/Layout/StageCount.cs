using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>What a stage took. Writer: the worker; readers take snapshots.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StageCount
{
    /// <summary>Stages of <see cref="Stage"/>.</summary>
    internal const int Stages = (int)Stage.Clock + 1;

    /// <summary>Clock ticks, one reading of the clock per burst included.</summary>
    public ulong Ticks;

    /// <summary>Packets that entered the stage.</summary>
    public ulong Packets;

    /// <summary>Bursts that entered the stage.</summary>
    public ulong Bursts;
}

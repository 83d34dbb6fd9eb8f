using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Memory;

/// <summary>
/// One reader's announcement, alone on two cache lines (the second keeps the adjacent-line prefetcher away).
/// Writer: the reader itself, with a plain store at the top of its loop (x86 keeps it ordered after the loads before it).
/// Reader: the control thread.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 2 * NativeBlock.CacheLine)]
public struct EpochSlot
{
    /// <summary>Value of a reader that holds no reference at all: stopped, or asleep.</summary>
    public const ulong Quiescent = ulong.MaxValue;

    /// <summary>The epoch the reader saw last, or <see cref="Quiescent"/>.</summary>
    [FieldOffset(0)]
    public ulong Announced;
}

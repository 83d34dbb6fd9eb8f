using System.Runtime.CompilerServices;

namespace Dataplane.Dpdk;

/// <summary>The CPU's time stamp counter for code without pointers, in ticks of <see cref="Eal.TscHz"/>.</summary>
public static unsafe class TimeStampCounter
{
    private static readonly FastCalls* Calls = FastCalls.Native;

    /// <summary>Reads it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read() => Calls->Tsc();
}

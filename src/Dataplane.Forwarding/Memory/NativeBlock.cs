using System.Runtime.InteropServices;
using Dataplane.Dpdk;

namespace Dataplane.Forwarding.Memory;

/// <summary>
/// Zeroed, cache-line aligned native memory. Everything the two runtimes share lives in such blocks: neither collector
/// knows them.
/// </summary>
internal static unsafe class NativeBlock
{
    /// <summary>Bytes of a cache line, and the alignment of every block.</summary>
    internal const int CacheLine = 64;

    /// <summary>Allocates <paramref name="bytes"/> bytes, zeroed.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory left; never raised on the fast path.</exception>
    internal static void* Allocate(nuint bytes)
    {
        nuint rounded = (bytes + (CacheLine - 1)) & ~(nuint)(CacheLine - 1);
        void* block = NativeMemory.AlignedAlloc(rounded, CacheLine);
        NativeMemory.Clear(block, rounded);
        return block;
    }

    /// <summary>Allocates an array of <paramref name="count"/> zeroed elements.</summary>
    internal static T* AllocateArray<T>(nuint count)
        where T : unmanaged => (T*)Allocate(count * (nuint)sizeof(T));

    /// <summary>Allocates a block that may be big: from <see cref="LargeMemory.HugePageBytes"/> up on huge pages.
    /// Give it back with <see cref="FreeTable"/>.</summary>
    internal static void* AllocateTable(nuint bytes) => bytes < LargeMemory.HugePageBytes ? Allocate(bytes) : LargeMemory.Allocate(bytes);

    /// <summary>Returns a block from <see cref="AllocateTable"/> to the system.</summary>
    internal static void FreeTable(void* block, nuint bytes)
    {
        if (bytes < LargeMemory.HugePageBytes)
            Free(block);
        else
            LargeMemory.Free(block, bytes);
    }

    /// <summary>Returns a block to the system; null is ignored.</summary>
    internal static void Free(void* block) => NativeMemory.AlignedFree(block);
}

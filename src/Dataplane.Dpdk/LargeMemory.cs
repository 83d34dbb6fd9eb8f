using System.Runtime.InteropServices;

namespace Dataplane.Dpdk;

/// <summary>
/// Big blocks of anonymous memory, on transparent huge pages where the kernel has them: a table of tens of MiB that is read
/// at random would otherwise miss the TLB with every access. Zeroed, and touched before it is handed out, so that no
/// reader takes a page fault.
/// </summary>
public static unsafe partial class LargeMemory
{
    /// <summary>Bytes of a huge page on x86-64, and the alignment of every block.</summary>
    public const int HugePageBytes = 2 * 1024 * 1024;

    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int AdviseHugePage = 14;
    private const int AdvisePopulateWrite = 23;

    /// <summary>Maps <paramref name="bytes"/> bytes, zeroed, aligned to <see cref="HugePageBytes"/>.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory left.</exception>
    public static void* Allocate(nuint bytes)
    {
        nuint rounded = Pages(bytes);
        nuint reserved = rounded + HugePageBytes;
        var start = (byte*)Map(null, reserved, ReadWrite, PrivateAnonymous, -1, 0);
        if (start == (byte*)-1)
            throw new OutOfMemoryException($"no memory for a table of {bytes} bytes");
        nuint before = (nuint)(-(nint)start) & (HugePageBytes - 1);
        if (before != 0)
            _ = Unmap(start, before);
        byte* block = start + before;
        _ = Unmap(block + rounded, HugePageBytes - before);
        // Where the kernel knows neither, the block is merely slower.
        _ = Advise(block, rounded, AdviseHugePage);
        _ = Advise(block, rounded, AdvisePopulateWrite);
        return block;
    }

    /// <summary>Unmaps a block of <paramref name="bytes"/> bytes.</summary>
    public static void Free(void* block, nuint bytes) => _ = Unmap(block, Pages(bytes));

    private static nuint Pages(nuint bytes) => (bytes + 4095) & ~(nuint)4095;

    /// <summary>mmap(2): the address, or -1.</summary>
    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* address, nuint bytes, int protection, int flags, int file, nint offset);

    /// <summary>munmap(2): 0, or -1 for a range that is none.</summary>
    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint bytes);

    /// <summary>madvise(2): 0, or -1 where the kernel does not know the advice.</summary>
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint bytes, int advice);
}

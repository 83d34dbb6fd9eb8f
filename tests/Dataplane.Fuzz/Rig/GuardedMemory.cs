using System.Runtime.InteropServices;

namespace Dataplane.Fuzz.Rig;

/// <summary>
/// A mapping whose pages are out of reach until they are opened: a read or write of a closed page ends the process, so an
/// access beyond a frame cannot go unseen.
/// </summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    internal const int PageBytes = 4096;

    private const int ProtNone = 0;
    private const int ProtReadWrite = 3;
    private const int ProtReadExecute = 5;
    private const int MapPrivateAnonymous = 0x22;

    private readonly nuint _bytes;

    /// <summary>Maps pages, all closed.</summary>
    internal GuardedMemory(int pages)
    {
        _bytes = (nuint)pages * PageBytes;
        nint start = Mmap(0, _bytes, ProtNone, MapPrivateAnonymous, -1, 0);
        if (start == -1)
            throw new OutOfMemoryException($"mmap of {pages} pages: errno {Marshal.GetLastPInvokeError()}");
        Start = (byte*)start;
    }

    /// <summary>The first page.</summary>
    internal byte* Start { get; }

    /// <summary>The given page.</summary>
    internal byte* Page(int page) => Start + (nint)page * PageBytes;

    /// <summary>Opens pages for reading and writing.</summary>
    internal void Open(int page, int count) => Protect(page, count, ProtReadWrite);

    /// <summary>Makes pages executable and no longer writable.</summary>
    internal void MakeExecutable(int page, int count) => Protect(page, count, ProtReadExecute);

    public void Dispose() => _ = Munmap((nint)Start, _bytes);

    private void Protect(int page, int count, int protection)
    {
        if (Mprotect((nint)Page(page), (nuint)count * PageBytes, protection) != 0)
            throw new InvalidOperationException($"mprotect: errno {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Mmap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Munmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Mprotect(nint address, nuint length, int protection);
}

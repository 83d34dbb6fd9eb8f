using System.Runtime.InteropServices;
using Dataplane.Dpdk;

namespace Dataplane.Benchmarks;

/// <summary>
/// A <see cref="FastCalls"/> table that costs next to nothing: ports take everything and keep nothing, rings are empty, the
/// clock stands still. The fast path calls without telling the collector, so that these must be native functions: a few
/// bytes of x86-64 each.
/// </summary>
internal sealed unsafe partial class SilentDpdk : IDisposable
{
    private const int PageBytes = 4096;
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;
    private const int FunctionBytes = 16;

    private readonly byte* _code;
    private int _used;

    internal SilentDpdk()
    {
        _code = (byte*)Map(0, PageBytes, ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)_code == -1)
            throw new InvalidOperationException("no memory for code");
        Calls = (FastCalls*)NativeMemory.AllocZeroed((nuint)sizeof(FastCalls));
        // ret; xor eax,eax + ret; movzx eax,cx + ret; mov eax,edx + ret
        Calls->FreeBulk = (delegate* unmanaged[SuppressGCTransition]<Mbuf**, uint, void>)Emit([0xC3]);
        Calls->RxBurst = (delegate* unmanaged[SuppressGCTransition]<ushort, ushort, Mbuf**, ushort, ushort>)Emit([0x31, 0xC0, 0xC3]);
        Calls->RingDequeue = (delegate* unmanaged[SuppressGCTransition]<void*, void**, uint, uint>)Emit([0x31, 0xC0, 0xC3]);
        Calls->Tsc = (delegate* unmanaged[SuppressGCTransition]<ulong>)Emit([0x31, 0xC0, 0xC3]);
        Calls->TxBurst = (delegate* unmanaged[SuppressGCTransition]<ushort, ushort, Mbuf**, ushort, ushort>)Emit([0x0F, 0xB7, 0xC1, 0xC3]);
        Calls->RingEnqueue = (delegate* unmanaged[SuppressGCTransition]<void*, void**, uint, uint>)Emit([0x89, 0xD0, 0xC3]);
        if (Protect((nint)_code, PageBytes, ReadExecute) != 0)
            throw new InvalidOperationException("code cannot be made executable");
    }

    internal FastCalls* Calls { get; }

    public void Dispose()
    {
        NativeMemory.Free(Calls);
        _ = Unmap((nint)_code, PageBytes);
    }

    private void* Emit(ReadOnlySpan<byte> code)
    {
        byte* start = _code + _used;
        code.CopyTo(new Span<byte>(start, FunctionBytes));
        _used += FunctionBytes;
        return start;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);
}

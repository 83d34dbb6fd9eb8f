using System.Runtime.InteropServices;

namespace Dataplane.Benchmarks;

/// <summary>Native memory of a suite, aligned to a cache line.</summary>
internal sealed unsafe class NativeBytes : IDisposable
{
    private const int Alignment = 64;

    internal NativeBytes(nuint count)
    {
        Start = (byte*)NativeMemory.AlignedAlloc(count, Alignment);
        NativeMemory.Clear(Start, count);
    }

    internal byte* Start { get; private set; }

    internal static NativeBytes Random(int count, int seed)
    {
        var bytes = new NativeBytes((nuint)count);
        new Random(seed).NextBytes(new Span<byte>(bytes.Start, count));
        return bytes;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Start);
        Start = null;
    }
}

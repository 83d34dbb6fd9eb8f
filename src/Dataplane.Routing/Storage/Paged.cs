using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dataplane.Routing.Storage;

/// <summary>
/// A column of rows that grows by pages: rows never move and growing copies nothing. Rows hold no references, so the collector never looks
/// into them (SCL-03). One thread.
/// </summary>
/// <typeparam name="T">A row.</typeparam>
public sealed class Paged<T>
    where T : unmanaged
{
    private const int PageBytes = 64 * 1024;


    private T[][] _pages = [];
    private int _pageCount;

    /// <summary>How many rows there is room for.</summary>
    public int Capacity => _pageCount << Shift;

    /// <summary>Octets of the pages.</summary>
    public long Bytes => (long)Capacity * Unsafe.SizeOf<T>();

    // Constants to the compiler of machine code, which fields of a generic class are not.
    private static int Shift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BitOperations.Log2((uint)Math.Max(PageBytes / Unsafe.SizeOf<T>(), 1));
    }

    private static int Mask
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (1 << Shift) - 1;
    }

    /// <summary>A row; its index is below <see cref="Capacity"/>.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _pages[(uint)index >> Shift][index & Mask];
    }

    /// <summary>Makes room for so many rows.</summary>
    public void EnsureCapacity(int rows)
    {
        while (Capacity < rows)
        {
            if (_pageCount == _pages.Length)
            {
                Array.Resize(ref _pages, Math.Max(_pageCount * 2, 4));
            }

            // Pinned: such arrays are allocated where the collector never copies them.
            _pages[_pageCount++] = GC.AllocateArray<T>(Mask + 1, pinned: true);
        }
    }

    /// <summary>Gives back every page but the first. What rows held is undefined afterwards.</summary>
    public void Clear()
    {
        if (_pageCount > 1)
        {
            Array.Resize(ref _pages, 1);
            _pageCount = 1;
        }
    }

    /// <summary>The rows from an index up to the end of its page or of the rows asked for, to be scanned as a span.</summary>
    public Span<T> Run(int from, int end) =>
        _pages[(uint)from >> Shift].AsSpan(from & Mask, Math.Min(end - from, Mask + 1 - (from & Mask)));
}

namespace Dataplane.Dpdk;

/// <summary>The shape of a pool of packet buffers.</summary>
public sealed record MempoolOptions
{
    /// <summary>Buffers in the pool; 2^n - 1 wastes least memory.</summary>
    public uint Count { get; init; } = 16383;

    /// <summary>Buffers that each registered thread keeps for itself: at most 512 and two thirds of
    /// <see cref="Count"/>.</summary>
    public uint CacheSize { get; init; } = 256;

    /// <summary>Bytes of the private area behind the mbuf's header, a multiple of 8.</summary>
    public ushort PrivateBytes { get; init; } = 64;

    /// <summary>Bytes of each buffer, headroom (<see cref="Mbuf.DefaultHeadroom"/>) included.</summary>
    public ushort DataRoom { get; init; } = 2048 + Mbuf.DefaultHeadroom;

    /// <summary>NUMA node of the memory, -1 for any.</summary>
    public int Socket { get; init; } = -1;
}

/// <summary>
/// A pool of packet buffers. Any thread may allocate and free; threads that registered (<see cref="FastCalls.ThreadRegister"/>)
/// do so from a cache of their own. Dispose it after every buffer is back and every port that uses it is closed.
/// </summary>
public sealed unsafe class Mempool : IDisposable
{
    private void* _handle;

    private Mempool(string name, void* handle, MempoolOptions options)
    {
        Name = name;
        _handle = handle;
        Options = options;
    }

    /// <summary>Name, unique in the process.</summary>
    public string Name { get; }

    /// <summary>The shape it was made with.</summary>
    public MempoolOptions Options { get; }

    /// <summary>The <c>struct rte_mempool*</c> for <see cref="FastCalls.AllocBulk"/>.</summary>
    public void* Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == null, this);
            return _handle;
        }
    }

    /// <summary>Buffers in the pool altogether.</summary>
    public uint Capacity => Shim.MempoolCapacity(Handle);

    /// <summary>Buffers that are free, those in threads' caches included. Walks the caches: not for the fast path.</summary>
    public uint Available => Shim.MempoolAvailable(Handle);

    /// <summary>Makes a pool.</summary>
    /// <param name="name">At most 25 characters, unique in the process.</param>
    /// <param name="options">Its shape.</param>
    /// <exception cref="DpdkException">Not enough memory, a name in use, or an impossible shape.</exception>
    public static Mempool Create(string name, MempoolOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        Eal.RequireRunning($"Mempool '{name}'");
        int result = Shim.MempoolCreate(
            name, options.Count, options.CacheSize, options.PrivateBytes, options.DataRoom, options.Socket, out void* handle);
        if (result < 0)
            throw DpdkException.From(
                $"Mempool '{name}' of {options.Count} buffers with {options.DataRoom} bytes each cannot be made",
                result,
                $"It takes about {EstimateMib(options)} MiB: raise {nameof(EalOptions)}.{nameof(EalOptions.MemoryMib)} or lower {nameof(MempoolOptions.Count)}; names must be unique, caches at most 512.");
        return new Mempool(name, handle, options);
    }

    /// <summary>Takes buffers, all of <paramref name="packets"/> or none.</summary>
    /// <exception cref="DpdkException">The pool is exhausted.</exception>
    public void Allocate(Span<nint> packets)
    {
        int result;
        fixed (nint* start = packets)
            result = Shim.FastCalls()->AllocBulk(Handle, (Mbuf**)start, (uint)packets.Length);
        if (result < 0)
            throw DpdkException.From(
                $"Mempool '{Name}' cannot give {packets.Length} of its {Capacity} buffers, {Available} are free",
                result,
                $"Raise {nameof(MempoolOptions.Count)}, or find who keeps buffers (receive and transmit rings hold their descriptors' worth).");
    }

    /// <summary>Takes buffers, all of <paramref name="packets"/>, or none and false when there are too few.</summary>
    public bool TryAllocate(Span<nint> packets)
    {
        fixed (nint* start = packets)
            return FastCalls.Native->AllocBulk(Handle, (Mbuf**)start, (uint)packets.Length) == 0;
    }

    /// <summary>Takes one buffer.</summary>
    /// <exception cref="DpdkException">The pool is exhausted.</exception>
    public Mbuf* Allocate()
    {
        nint packet = 0;
        Allocate(new Span<nint>(ref packet));
        return (Mbuf*)packet;
    }

    /// <summary>Returns packets, with all their segments, to the pools they came from.</summary>
    /// <param name="packets">Addresses of <see cref="Mbuf"/>.</param>
    public static void Free(ReadOnlySpan<nint> packets)
    {
        fixed (nint* start = packets)
            FastCalls.Native->FreeBulk((Mbuf**)start, (uint)packets.Length);
    }

    /// <summary>Returns a packet, with all its segments.</summary>
    public static void Free(Mbuf* packet) => FastCalls.Native->FreeBulk(&packet, 1);

    /// <summary>Gives the pool's memory back.</summary>
    public void Dispose()
    {
        if (_handle != null && Eal.Current != null)
            Shim.MempoolFree(_handle);
        _handle = null;
    }

    private static ulong EstimateMib(MempoolOptions options)
    {
        const uint ObjectHeader = 64;
        ulong each = ObjectHeader + Mbuf.HeaderBytes + (ulong)options.PrivateBytes + options.DataRoom;
        return ((each + 63) / 64 * 64 * options.Count >> 20) + 1;
    }
}

namespace Dataplane.Dpdk;

/// <summary>The shape of a ring.</summary>
public sealed record RingOptions
{
    /// <summary>Objects the ring holds; any number.</summary>
    public uint Capacity { get; init; } = 1024;

    /// <summary>Only one thread puts in: cheaper, and unchecked.</summary>
    public bool SingleProducer { get; init; }

    /// <summary>Only one thread takes out: cheaper, and unchecked.</summary>
    public bool SingleConsumer { get; init; }

    /// <summary>NUMA node of the memory, -1 for any.</summary>
    public int Socket { get; init; } = -1;
}

/// <summary>
/// A lock-free queue of pointers, in the order they were put in. Producers and consumers may be in different runtimes
/// of the process. What a producer wrote before enqueueing, the consumer sees after dequeueing.
/// </summary>
public sealed unsafe class Ring : IDisposable
{
    private void* _handle;

    private Ring(string name, void* handle)
    {
        Name = name;
        _handle = handle;
    }

    /// <summary>Name, unique in the process.</summary>
    public string Name { get; }

    /// <summary>The <c>struct rte_ring*</c> for <see cref="FastCalls.RingEnqueue"/> and <see cref="FastCalls.RingDequeue"/>.</summary>
    public void* Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == null, this);
            return _handle;
        }
    }

    /// <summary>Objects the ring can hold.</summary>
    public uint Capacity => Shim.RingCapacity(Handle);

    /// <summary>Objects in the ring; a snapshot while others use it.</summary>
    public uint Count => Shim.RingCount(Handle);

    /// <summary>Makes a ring.</summary>
    /// <param name="name">At most 28 characters, unique in the process.</param>
    /// <param name="options">Its shape.</param>
    /// <exception cref="DpdkException">Not enough memory, a name in use, or an impossible size.</exception>
    public static Ring Create(string name, RingOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        Eal.RequireRunning($"Ring '{name}'");
        int result = Shim.RingCreate(
            name, options.Capacity, options.Socket, options.SingleProducer ? 1 : 0, options.SingleConsumer ? 1 : 0, 1, out void* handle);
        if (result < 0)
            throw DpdkException.From(
                $"Ring '{name}' for {options.Capacity} objects cannot be made",
                result,
                $"Names must be unique and at most 28 characters long; each object takes 8 bytes of {nameof(EalOptions)}.{nameof(EalOptions.MemoryMib)}.");
        return new Ring(name, handle);
    }

    /// <summary>Puts objects in, from the first on, as many as fit.</summary>
    /// <returns>How many went in.</returns>
    public int Enqueue(ReadOnlySpan<nint> objects)
    {
        fixed (nint* start = objects)
            return (int)Shim.FastCalls()->RingEnqueue(Handle, (void**)start, (uint)objects.Length);
    }

    /// <summary>Takes objects out, at most as many as <paramref name="objects"/> holds.</summary>
    /// <returns>How many came out.</returns>
    public int Dequeue(Span<nint> objects)
    {
        fixed (nint* start = objects)
            return (int)Shim.FastCalls()->RingDequeue(Handle, (void**)start, (uint)objects.Length);
    }

    /// <summary>Gives the ring's memory back; objects still in it are forgotten.</summary>
    public void Dispose()
    {
        if (_handle != null && Eal.Current != null)
            Shim.RingFree(_handle);
        _handle = null;
    }
}

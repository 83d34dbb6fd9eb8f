namespace Dataplane.Dpdk;

/// <summary>
/// A named piece of DPDK's memory: on huge pages when EAL is, at an address that stays until it is disposed, zeroed.
/// </summary>
public sealed unsafe class Memzone : IDisposable
{
    private void* _zone;

    private Memzone(string name, void* zone)
    {
        Name = name;
        _zone = zone;
    }

    /// <summary>Name, unique in the process.</summary>
    public string Name { get; }

    /// <summary>First byte.</summary>
    public void* Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_zone == null, this);
            return Shim.MemzoneAddress(_zone);
        }
    }

    /// <summary>Bytes, at least as many as were asked for.</summary>
    public ulong Length
    {
        get
        {
            ObjectDisposedException.ThrowIf(_zone == null, this);
            return Shim.MemzoneBytes(_zone);
        }
    }

    /// <summary>Takes a piece of memory.</summary>
    /// <param name="name">At most 31 characters, unique in the process.</param>
    /// <param name="bytes">At least 1.</param>
    /// <param name="alignment">A power of two, at least 64.</param>
    /// <param name="socket">NUMA node, -1 for any.</param>
    /// <exception cref="DpdkException">Not enough memory in one piece, a name in use, or a bad alignment.</exception>
    public static Memzone Reserve(string name, ulong bytes, uint alignment = 64, int socket = -1)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        // DPDK takes 0 for "the largest piece there is".
        ArgumentOutOfRangeException.ThrowIfZero(bytes);
        Eal.RequireRunning($"Memzone '{name}'");
        int result = Shim.MemzoneReserve(name, (nuint)bytes, alignment, socket, out void* zone);
        if (result < 0)
            throw DpdkException.From(
                $"Memzone '{name}' of {bytes} bytes cannot be reserved",
                result,
                $"Raise {nameof(EalOptions)}.{nameof(EalOptions.MemoryMib)}; names must be unique and at most 31 characters long, alignments powers of two.");
        return new Memzone(name, zone);
    }

    /// <summary>Finds a piece of memory by name.</summary>
    /// <exception cref="DpdkException">There is none of this name.</exception>
    public static Memzone Lookup(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Eal.RequireRunning($"Memzone '{name}'");
        int result = Shim.MemzoneLookup(name, out void* zone);
        if (result < 0)
            throw DpdkException.From($"Memzone '{name}' is not there", result, "Reserve it first.");
        return new Memzone(name, zone);
    }

    /// <summary>Gives the memory back, for whoever else looked it up as well.</summary>
    public void Dispose()
    {
        if (_zone != null && Eal.Current != null)
            _ = Shim.MemzoneFree(_zone);
        _zone = null;
    }
}

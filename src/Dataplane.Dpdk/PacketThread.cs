namespace Dataplane.Dpdk;

/// <summary>
/// The calling thread as one that handles packets: on a CPU of its own, and with caches of the mempools. Dispose it on the
/// same thread.
/// </summary>
public sealed unsafe class PacketThread : IDisposable
{
    private PacketThread()
    {
    }

    /// <summary>Pins the calling thread and registers it.</summary>
    /// <param name="cpu">CPU to pin to; null leaves it where the system puts it.</param>
    /// <exception cref="DpdkException">No such CPU, or DPDK has no thread number left.</exception>
    public static PacketThread Enter(int? cpu)
    {
        Eal.RequireRunning("A packet thread");
        if (cpu is { } wanted && FastCalls.Native->PinToCpu(wanted) != 0)
            throw new DpdkException($"A thread cannot be pinned to CPU {wanted}: it does not exist, or this process may not use it.", Errno.Invalid);
        int result = FastCalls.Native->ThreadRegister();
        if (result != 0)
            throw DpdkException.From("A thread cannot be registered with DPDK", result, "Use fewer threads.");
        return new PacketThread();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Eal.Current != null)
            FastCalls.Native->ThreadUnregister();
    }
}

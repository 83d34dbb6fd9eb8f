using System.Runtime.InteropServices;

namespace Dataplane.Dpdk;

/// <summary>
/// The only functions a packet worker calls: one crossing into C per burst. A plain table of addresses (mirror of
/// <c>struct dp_fast_calls</c>), so that a worker in another runtime of the process can be handed its address.
/// <para>Those marked SuppressGCTransition run without telling the collector: they must not block, and they cannot
/// lead back into managed code. A table filled by hand must hold addresses of native functions there, for instance
/// some taken from <see cref="Native"/>; the address of a method with <c>UnmanagedCallersOnly</c> ends the
/// process.</para>
/// <para>Ports and queues are not checked: a queue belongs to one thread, and its port must be started.</para>
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct FastCalls
{
    /// <summary>(port, queue, packets, count): how many packets were received. The caller owns them.</summary>
    public delegate* unmanaged[SuppressGCTransition]<ushort, ushort, Mbuf**, ushort, ushort> RxBurst;

    /// <summary>(port, queue, packets, count): how many packets the device took, from the first on. The caller keeps
    /// the others.</summary>
    public delegate* unmanaged[SuppressGCTransition]<ushort, ushort, Mbuf**, ushort, ushort> TxBurst;

    /// <summary>(packets, count): returns packets with all their segments to their pools.</summary>
    public delegate* unmanaged[SuppressGCTransition]<Mbuf**, uint, void> FreeBulk;

    /// <summary>(mempool, packets, count): 0 and all of them, or a negative errno and none. Fresh mbufs are empty,
    /// with <see cref="Mbuf.DefaultHeadroom"/>.</summary>
    public delegate* unmanaged[SuppressGCTransition]<void*, Mbuf**, uint, int> AllocBulk;

    /// <summary>(ring, objects, count): how many went in, from the first on.</summary>
    public delegate* unmanaged[SuppressGCTransition]<void*, void**, uint, uint> RingEnqueue;

    /// <summary>(ring, objects, count): how many came out.</summary>
    public delegate* unmanaged[SuppressGCTransition]<void*, void**, uint, uint> RingDequeue;

    /// <summary>The time stamp counter, in ticks of <see cref="Eal.TscHz"/>.</summary>
    public delegate* unmanaged[SuppressGCTransition]<ulong> Tsc;

    /// <summary>(microseconds): sleeps; 0 returns at once.</summary>
    public delegate* unmanaged<uint, void> SleepMicroseconds;

    /// <summary>Gives the calling thread an lcore id, and with it mempool caches: 0, -EINVAL before EAL has started or
    /// -ENOMEM when no id is left. Pin first: the id remembers the CPU.</summary>
    public delegate* unmanaged<int> ThreadRegister;

    /// <summary>Gives the lcore id of the calling thread back.</summary>
    public delegate* unmanaged<void> ThreadUnregister;

    /// <summary>(cpu): binds the calling thread to one CPU: 0 or -EINVAL.</summary>
    public delegate* unmanaged<int, int> PinToCpu;

    /// <summary>DPDK's own table; the address is valid for the life of the process.</summary>
    /// <exception cref="DpdkException">The shim is missing or does not fit.</exception>
    public static FastCalls* Native
    {
        get
        {
            ShimLibrary.EnsureLoaded();
            return Shim.FastCalls();
        }
    }
}

using System.Runtime.InteropServices;
using Dataplane.Dpdk;

namespace Dataplane.Fuzz.Rig;

/// <summary>How a buffer left the pipeline.</summary>
internal enum Exit : ushort
{
    None = 0,
    Transmitted = 1,
    Freed = 2,
    Punted = 3,
}

/// <summary>What <see cref="FakeDpdk"/> saw of a buffer when it was handed over.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ExitRecord
{
    internal Mbuf* Buffer;
    internal uint PktLen;
    internal ushort DataOff;
    internal ushort DataLen;
    internal Exit Kind;
    internal ushort Port;
    internal ushort Queue;
    internal ushort NbSegs;
}

/// <summary>
/// A <see cref="FastCalls"/> table without DPDK behind it: ports that take as many frames as they are told to, rings, a
/// clock that stands still, and a record of every buffer sent or freed. A buffer that was handed over has its lengths
/// spoilt, so that a later look at it shows.
/// </summary>
internal sealed unsafe class FakeDpdk : IDisposable
{
    internal const int Ports = 32;
    internal const uint Unlimited = uint.MaxValue;
    private const int LogEntries = 4096;
    private const int CodePages = 1;

    private readonly GuardedMemory _code = new(CodePages);
    private readonly Context* _context;
    private readonly List<nint> _blocks = [];
    private int _codeBytes;

    internal FakeDpdk()
    {
        _context = (Context*)Allocate(sizeof(Context));
        _context->Log = (ExitRecord*)Allocate(LogEntries * sizeof(ExitRecord));
        new Span<uint>(_context->Room, Ports).Fill(Unlimited);
        Calls = (FastCalls*)Allocate(sizeof(FastCalls));
        _code.Open(0, CodePages);
        Calls->RxBurst = (delegate* unmanaged[SuppressGCTransition]<ushort, ushort, Mbuf**, ushort, ushort>)Emit(FakeCode.MovR8, FakeCode.RxBurst);
        Calls->TxBurst = (delegate* unmanaged[SuppressGCTransition]<ushort, ushort, Mbuf**, ushort, ushort>)Emit(FakeCode.MovR8, FakeCode.TxBurst);
        Calls->FreeBulk = (delegate* unmanaged[SuppressGCTransition]<Mbuf**, uint, void>)Emit(FakeCode.MovRdx, FakeCode.FreeBulk);
        Calls->RingEnqueue = (delegate* unmanaged[SuppressGCTransition]<void*, void**, uint, uint>)Emit([], FakeCode.RingEnqueue);
        Calls->RingDequeue = (delegate* unmanaged[SuppressGCTransition]<void*, void**, uint, uint>)Emit([], FakeCode.RingDequeue);
        Calls->Tsc = (delegate* unmanaged[SuppressGCTransition]<ulong>)Emit(FakeCode.MovRdi, FakeCode.Tsc);
        _code.MakeExecutable(0, CodePages);
        Calls->SleepMicroseconds = &Sleep;
        Calls->ThreadRegister = &Register;
        Calls->ThreadUnregister = &Unregister;
        Calls->PinToCpu = &Pin;
    }

    /// <summary>The table to give to a datapath.</summary>
    internal FastCalls* Calls { get; }

    /// <summary>What <see cref="FastCalls.Tsc"/> returns.</summary>
    internal ulong Clock
    {
        get => _context->Tsc;
        set => _context->Tsc = value;
    }

    /// <summary>Buffers sent and freed since the last <see cref="ClearLog"/>, in order.</summary>
    internal ReadOnlySpan<ExitRecord> Log => new(_context->Log, checked((int)_context->Count));

    internal void ClearLog() => _context->Count = 0;

    /// <summary>How many frames more a port takes; <see cref="Unlimited"/> is as good as forever.</summary>
    internal void SetRoom(ushort dpdkPort, uint frames) => _context->Room[dpdkPort] = frames;

    /// <summary>Frames that a port's queues will yield; the array must stay until they are taken.</summary>
    internal void SetReceived(ushort dpdkPort, Mbuf** frames, int count)
    {
        _context->Rx[dpdkPort] = (nint)frames;
        _context->Waiting[dpdkPort] = (uint)count;
    }

    /// <summary>Makes a ring; freed with this object.</summary>
    internal FakeRing* CreateRing(uint capacity)
    {
        var ring = (FakeRing*)Allocate(sizeof(FakeRing) + (int)capacity * sizeof(void*));
        ring->Capacity = capacity;
        return ring;
    }

    public void Dispose()
    {
        foreach (nint block in _blocks)
            NativeMemory.Free((void*)block);
        _blocks.Clear();
        _code.Dispose();
    }

    private void* Allocate(int bytes)
    {
        void* block = NativeMemory.AllocZeroed((nuint)bytes);
        _blocks.Add((nint)block);
        return block;
    }

    private void* Emit(ReadOnlySpan<byte> loadContext, string body)
    {
        byte* start = _code.Start + _codeBytes;
        byte* at = start;
        if (!loadContext.IsEmpty)
        {
            loadContext.CopyTo(new Span<byte>(at, loadContext.Length));
            at += loadContext.Length;
            *(ulong*)at = (ulong)_context;
            at += sizeof(ulong);
        }
        byte[] code = Convert.FromHexString(body);
        code.CopyTo(new Span<byte>(at, code.Length));
        _codeBytes = (int)(at + code.Length - _code.Start + 15) & ~15;
        return start;
    }

    [UnmanagedCallersOnly]
    private static void Sleep(uint microseconds) => Thread.Sleep((int)(microseconds / 1000));

    [UnmanagedCallersOnly]
    private static int Register() => 0;

    [UnmanagedCallersOnly]
    private static void Unregister()
    {
    }

    [UnmanagedCallersOnly]
    private static int Pin(int cpu) => 0;

    /// <summary>Mirror of <c>struct context</c> in <see cref="FakeCode"/>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Context
    {
        internal ulong Tsc;
        internal ExitRecord* Log;
        internal ulong Count;
        internal fixed uint Room[Ports];
        internal fixed long Rx[Ports];
        internal fixed uint Waiting[Ports];
    }
}

/// <summary>Mirror of <c>struct ring</c> in <see cref="FakeCode"/>; its objects follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FakeRing
{
    internal uint Capacity;
    internal uint Head;
    internal uint Count;
    internal uint Unused;

    /// <summary>The object that lies <paramref name="index"/> places behind the oldest one.</summary>
    internal static void* Item(FakeRing* ring, uint index) =>
        ((void**)(ring + 1))[(ring->Head + index) % ring->Capacity];

    /// <summary>Puts one in; false when it is full.</summary>
    internal static bool Enqueue(FakeRing* ring, void* item)
    {
        if (ring->Count == ring->Capacity)
            return false;
        ((void**)(ring + 1))[(ring->Head + ring->Count++) % ring->Capacity] = item;
        return true;
    }

    /// <summary>Forgets everything in it.</summary>
    internal static void Clear(FakeRing* ring) => ring->Head = ring->Count = 0;
}

using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Tests.Memory;

/// <summary>An epoch word and slots of its own.</summary>
internal sealed unsafe class EpochFixture : IDisposable
{
    private readonly ulong* _global = NativeBlock.AllocateArray<ulong>(1);
    private readonly EpochSlot* _slots;

    internal EpochFixture(int readers)
    {
        _slots = NativeBlock.AllocateArray<EpochSlot>((nuint)readers);
        Reclaimer = new EpochReclaimer(_global, _slots, readers);
    }

    internal EpochReclaimer Reclaimer { get; }

    internal ulong Global => Volatile.Read(ref *_global);

    internal ulong* GlobalWord => _global;

    internal EpochSlot* Slot(int reader) => _slots + reader;

    /// <summary>What a worker does at the top of its loop.</summary>
    internal void Announce(int reader) => Volatile.Write(ref _slots[reader].Announced, Global);

    /// <summary>What a worker does before it sleeps.</summary>
    internal void Leave(int reader) => Volatile.Write(ref _slots[reader].Announced, EpochSlot.Quiescent);

    public void Dispose()
    {
        NativeBlock.Free(_global);
        NativeBlock.Free(_slots);
    }
}

/// <summary>Writes down what it is given back.</summary>
internal sealed unsafe class RecordingOwner : IBlockOwner
{
    internal List<(nint Block, int Size)> Released { get; } = [];

    public void Release(void* block, int size) => Released.Add(((nint)block, size));
}

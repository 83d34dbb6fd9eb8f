namespace Dataplane.Forwarding.Memory;

/// <summary>
/// Quiescence-based reclamation (QSBR). The single writer unlinks a block, calls <see cref="Retire"/>, and the block is
/// freed once every reader has announced a later epoch. The epoch advances when blocks are reclaimed rather than with every
/// retirement: each advance costs every worker a cache miss. Owner thread: the control thread; readers touch only their
/// <see cref="EpochSlot"/> and the global word.
/// </summary>
internal sealed unsafe class EpochReclaimer
{
    private const int ReclaimEvery = 64;
    private readonly ulong* _global;
    private readonly EpochSlot* _slots;
    private readonly int _slotCount;
    private readonly Queue<Retired> _retired = new();

    /// <summary>Uses the epoch word and slots of a datapath; both outlive this object.</summary>
    internal EpochReclaimer(ulong* global, EpochSlot* slots, int slotCount)
    {
        _global = global;
        _slots = slots;
        _slotCount = slotCount;
        *global = 1;
        for (int i = 0; i < slotCount; i++)
            slots[i].Announced = EpochSlot.Quiescent;
    }

    /// <summary>Blocks that wait for their readers.</summary>
    internal int Pending => _retired.Count;

    /// <summary>Gives back <paramref name="block"/> once no reader can still hold it.</summary>
    internal void Retire(void* block, IBlockOwner owner, int size)
    {
        if (block == null)
            return;
        _retired.Enqueue(new Retired((nint)block, owner, size, *_global));
        if (_retired.Count % ReclaimEvery == 0)
            Reclaim();
    }

    /// <summary>Frees what no reader can hold any more; returns how many blocks.</summary>
    internal int Reclaim()
    {
        if (_retired.Count == 0)
            return 0;
        // The retiring stores must be visible before the new epoch is, and that before the announcements are read.
        Volatile.Write(ref *_global, *_global + 1);
        Interlocked.MemoryBarrier();
        ulong oldest = ulong.MaxValue;
        for (int i = 0; i < _slotCount; i++)
            oldest = Math.Min(oldest, Volatile.Read(ref _slots[i].Announced));
        int freed = 0;
        while (_retired.TryPeek(out Retired head) && head.Epoch < oldest)
        {
            _retired.Dequeue();
            head.Owner.Release((void*)head.Block, head.Size);
            freed++;
        }
        return freed;
    }

    private readonly record struct Retired(nint Block, IBlockOwner Owner, int Size, ulong Epoch);
}

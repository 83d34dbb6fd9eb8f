using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Control;

/// <summary>
/// Row numbers up to a capacity. A number that was given back is lent again, but one that workers have seen only after
/// a block retired for it has left its last reader.
/// </summary>
/// <param name="capacity">How many there are.</param>
/// <param name="epochs">Where those blocks are retired.</param>
internal unsafe class ReusedRows(int capacity, EpochReclaimer epochs) : IBlockOwner
{
    private readonly Stack<uint> _free = new();
    private uint _next;

    /// <summary>Numbers that are lent, or not yet free.</summary>
    protected int Lent => (int)_next - _free.Count;

    /// <summary>Takes a number; false when all are taken, or not yet free although what readers have left is given back first.</summary>
    internal bool TryTake(out uint row)
    {
        if (_free.TryPop(out row))
            return true;
        if (_next == capacity)
        {
            epochs.Reclaim();
            return _free.TryPop(out row);
        }
        row = _next++;
        return true;
    }

    /// <summary>Gives back a number that no worker has seen.</summary>
    internal void Give(uint row) => _free.Push(row);

    /// <inheritdoc/>
    public virtual void Release(void* block, int row)
    {
        NativeBlock.Free(block);
        Give((uint)row);
    }
}

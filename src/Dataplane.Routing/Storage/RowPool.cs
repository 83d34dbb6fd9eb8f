using System.Runtime.CompilerServices;

namespace Dataplane.Routing.Storage;

/// <summary>A row with a place for the number of another row: of the next free one while it is free itself.</summary>
public interface IChainedRow
{
    /// <summary>The next row in a chain, -1 at its end.</summary>
    int Next { get; set; }
}

/// <summary>Rows that are taken and given back; the row given back last is taken first, so ids stay dense. One thread.</summary>
/// <typeparam name="T">A row.</typeparam>
public sealed class RowPool<T>
    where T : unmanaged, IChainedRow
{
    private readonly Paged<T> _rows = new();
    private int _free = -1;

    /// <summary>Rows that are taken.</summary>
    public int Count { get; private set; }

    /// <summary>One more than the highest row ever taken since the pool was last trimmed.</summary>
    public int End { get; private set; }

    /// <summary>Octets of the rows, free ones included.</summary>
    public long Bytes => _rows.Bytes;

    /// <summary>A row.</summary>
    public ref T this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _rows[row];
    }

    /// <summary>Takes a row; what it holds is whatever was left in it.</summary>
    public int Take()
    {
        Count++;
        if (_free >= 0)
        {
            var row = _free;
            _free = _rows[row].Next;
            return row;
        }

        if (End == _rows.Capacity)
        {
            _rows.EnsureCapacity(End + 1);
        }

        return End++;
    }

    /// <summary>Gives a row back.</summary>
    public void Give(int row)
    {
        _rows[row].Next = _free;
        _free = row;
        Count--;
    }

    /// <summary>Gives all the room back if no row is taken. Numbers of rows that anybody still has must not be looked at afterwards.</summary>
    /// <returns>Whether that was so.</returns>
    public bool TrimIfEmpty()
    {
        if (Count != 0)
        {
            return false;
        }

        _rows.Clear();
        _free = -1;
        End = 0;
        return true;
    }

    /// <summary>The rows from one on that lie together in memory, free ones among them.</summary>
    public Span<T> Run(int from) => _rows.Run(from, End);
}

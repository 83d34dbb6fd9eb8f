using System.Numerics;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>
/// Destinations that wait to be looked at, as a bitmap with a summary bit per word, so that finding the next of them in a table of millions
/// takes a few reads. Marking twice is marking once: changes coalesce while a peer lags, and memory has a bound. Routing thread.
/// </summary>
internal sealed class DirtySet
{
    private readonly DestinationBitmap _bits = new();
    private ulong[] _summary = [];

    /// <summary>How many words of 64 destinations have marks.</summary>
    public int Words { get; private set; }

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => Words == 0;

    /// <summary>The marks of a word.</summary>
    public ulong this[int word] => _bits[word];

    /// <summary>Marks one destination.</summary>
    public void Mark(int destination) => Mark(destination / DestinationBitmap.WordBits, 1UL << (destination % DestinationBitmap.WordBits));

    /// <summary>Marks destinations of a word.</summary>
    public void Mark(int word, ulong marks)
    {
        if (marks == 0)
        {
            return;
        }

        var old = _bits[word];
        if ((old | marks) == old)
        {
            return;
        }

        _bits[word] = old | marks;
        if (old == 0)
        {
            Summarise(word);
        }
    }

    /// <summary>Takes the marks of a word off and returns them.</summary>
    public ulong Take(int word)
    {
        var old = _bits[word];
        if (old != 0)
        {
            _bits[word] = 0;
            _summary[word / 64] &= ~(1UL << (word % 64));
            Words--;
        }

        return old;
    }

    /// <summary>The first word with marks at or after one; −1 when there is none.</summary>
    public int NextWord(int from)
    {
        var index = from / 64;
        if (Words == 0 || index >= _summary.Length)
        {
            return -1;
        }

        var rest = _summary[index] & (ulong.MaxValue << (from % 64));
        while (rest == 0)
        {
            if (++index >= _summary.Length)
            {
                return -1;
            }

            rest = _summary[index];
        }

        return index * 64 + BitOperations.TrailingZeroCount(rest);
    }

    /// <summary>One bit for each word that has marks.</summary>
    public ulong[] CopySummary() => [.. _summary];

    /// <summary>Takes all marks off.</summary>
    public void Clear()
    {
        _bits.Clear();
        Array.Clear(_summary);
        Words = 0;
    }

    private void Summarise(int word)
    {
        var index = word / 64;
        if (index >= _summary.Length)
        {
            Array.Resize(ref _summary, Math.Max(index + 1, _summary.Length * 2));
        }

        _summary[index] |= 1UL << (word % 64);
        Words++;
    }
}

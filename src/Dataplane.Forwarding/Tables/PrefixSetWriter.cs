using System.Buffers.Binary;
using System.Numerics;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// The single writer of the prefixes that are not host routes: a <see cref="PrefixList"/> per space while they are few, a
/// tree bitmap from then on until they are all gone. Readers start from a word per space and family; new parts are built
/// first and become visible with the store of that word. Owner thread: the control thread.
/// </summary>
internal sealed unsafe class PrefixSetWriter : IDisposable
{
    private const int LargestList = PrefixList.MostGroups * (2 * PrefixList.GroupBytes6 + PrefixList.GroupSize * sizeof(ulong));
    private readonly SlabAllocator _nodes = new(TrieNode.LargestBytes);

    // All sizes are multiples of a cache line, so that all blocks are aligned to one.
    private readonly SlabAllocator _lists = new(LargestList);
    private readonly TreeBitmapWriter _tries;
    private readonly EpochReclaimer _epochs;

    /// <summary>Has no prefixes; words are the caller's.</summary>
    internal PrefixSetWriter(EpochReclaimer epochs)
    {
        _epochs = epochs;
        _tries = new TreeBitmapWriter(_nodes, epochs);
    }

    /// <summary>Bytes of lists and nodes in use.</summary>
    internal long UsedBytes => _nodes.UsedBytes + _lists.UsedBytes;

    /// <summary>Adds, replaces or (with <see cref="Leaf.None"/>) removes the entry of a prefix.</summary>
    /// <param name="word">Where readers start.</param>
    /// <param name="v6">Family; all entries of a word have the same.</param>
    /// <param name="high">Upper 64 bits of the prefix, left-justified.</param>
    /// <param name="low">Lower 64 bits; 0 for IPv4.</param>
    /// <param name="length">Prefix length in bits.</param>
    /// <param name="leaf">The entry.</param>
    /// <returns>The entry before.</returns>
    internal Leaf Set(ulong* word, bool v6, ulong high, ulong low, int length, Leaf leaf)
    {
        ulong old = *word;
        if (old != 0 && !PrefixList.IsList(old))
        {
            Leaf before = TreeBitmap.Find((TrieNode*)old, high, low, length);
            if (leaf != Leaf.None)
                _tries.Set((TrieNode**)word, high, low, length, leaf);
            else if (before != Leaf.None)
                _tries.Remove((TrieNode**)word, high, low, length);
            return before;
        }
        Entry* entries = stackalloc Entry[PrefixList.MostPrefixes + 1];
        int count = Read(old, v6, entries);
        int at = 0;
        while (at < count && (entries[at].Length > length || (entries[at].Length == length && (entries[at].High != high || entries[at].Low != low))))
            at++;
        bool there = at < count && entries[at].Length == length;
        if (there)
        {
            var before = new Leaf(*entries[at].Slot);
            if (leaf != Leaf.None)
            {
                Volatile.Write(ref *entries[at].Slot, leaf.Bits);
                return before;
            }
            for (int i = at; i + 1 < count; i++)
                entries[i] = entries[i + 1];
            Publish(word, v6, entries, count - 1);
            return before;
        }
        if (leaf == Leaf.None)
            return Leaf.None;
        for (int i = count; i > at; i--)
            entries[i] = entries[i - 1];
        entries[at] = new Entry { High = high, Low = low, Length = length, Bits = leaf.Bits };
        Publish(word, v6, entries, count + 1);
        return Leaf.None;
    }

    /// <summary>The entry of exactly this prefix.</summary>
    internal static Leaf Find(ulong word, bool v6, ulong high, ulong low, int length)
    {
        if (!PrefixList.IsList(word))
            return TreeBitmap.Find((TrieNode*)word, high, low, length);
        Entry* entries = stackalloc Entry[PrefixList.MostPrefixes];
        int count = Read(word, v6, entries);
        for (int i = 0; i < count; i++)
        {
            if (entries[i].Length == length && entries[i].High == high && entries[i].Low == low)
                return new Leaf(entries[i].Bits);
        }
        return Leaf.None;
    }

    /// <summary>Frees everything; no reader may be left.</summary>
    public void Dispose()
    {
        _nodes.Dispose();
        _lists.Dispose();
    }

    private static int Read(ulong word, bool v6, Entry* entries)
    {
        int groups = PrefixList.Groups(word);
        int stride = v6 ? PrefixList.Stride6(word) : PrefixList.GroupBytes4;
        byte* block = PrefixList.Block(word);
        int count = 0;
        for (int i = 0; i < groups * PrefixList.GroupSize; i++)
        {
            byte* columns = block + i / PrefixList.GroupSize * stride;
            int lane = i % PrefixList.GroupSize;
            var entry = new Entry { Slot = (ulong*)(block + groups * stride) + i };
            if (*entry.Slot == 0)
                break;
            entry.Bits = *entry.Slot;
            if (v6)
            {
                var words = (ulong*)columns;
                entry.High = words[lane];
                entry.Length = BitOperations.PopCount(words[PrefixList.GroupSize + lane]);
                if (stride != PrefixList.GroupBytes6)
                {
                    entry.Low = words[2 * PrefixList.GroupSize + lane];
                    entry.Length += BitOperations.PopCount(words[3 * PrefixList.GroupSize + lane]);
                }
            }
            else
            {
                var words = (uint*)columns;
                entry.High = (ulong)BinaryPrimitives.ReverseEndianness(words[lane]) << 32;
                entry.Length = BitOperations.PopCount(words[PrefixList.GroupSize + lane]);
            }
            entries[count++] = entry;
        }
        return count;
    }

    private void Publish(ulong* word, bool v6, Entry* entries, int count)
    {
        ulong old = *word;
        ulong fresh = count == 0 ? 0 : count > PrefixList.MostPrefixes ? Trie(entries, count) : List(v6, entries, count);
        // Release: a reader that sees the word sees what it points to.
        Volatile.Write(ref *word, fresh);
        if (old != 0)
            _epochs.Retire(PrefixList.Block(old), _lists, Bytes(v6, PrefixList.Groups(old), (old & PrefixList.WideBit) != 0));
    }

    private ulong Trie(Entry* entries, int count)
    {
        TrieNode* root = null;
        for (int i = 0; i < count; i++)
            _tries.Set(&root, entries[i].High, entries[i].Low, entries[i].Length, new Leaf(entries[i].Bits));
        return (ulong)root;
    }

    private ulong List(bool v6, Entry* entries, int count)
    {
        int groups = (count + PrefixList.GroupSize - 1) / PrefixList.GroupSize;
        bool wide = v6 && entries[0].Length > 64;
        int bytes = Bytes(v6, groups, wide);
        var block = (byte*)_lists.Allocate(bytes);
        new Span<byte>(block, bytes).Clear();
        int stride = !v6 ? PrefixList.GroupBytes4 : wide ? 2 * PrefixList.GroupBytes6 : PrefixList.GroupBytes6;
        for (int i = 0; i < groups * PrefixList.GroupSize; i++)
        {
            byte* columns = block + i / PrefixList.GroupSize * stride;
            int lane = i % PrefixList.GroupSize;
            bool free = i >= count;
            int length = free ? 0 : entries[i].Length;
            if (v6)
            {
                var words = (ulong*)columns;
                words[lane] = free ? 1 : entries[i].High;
                words[PrefixList.GroupSize + lane] = Mask(Math.Min(length, 64));
                if (wide)
                {
                    words[2 * PrefixList.GroupSize + lane] = free ? 1 : entries[i].Low;
                    words[3 * PrefixList.GroupSize + lane] = Mask(Math.Max(length - 64, 0));
                }
            }
            else
            {
                var words = (uint*)columns;
                words[lane] = free ? 1 : BinaryPrimitives.ReverseEndianness((uint)(entries[i].High >> 32));
                words[PrefixList.GroupSize + lane] = BinaryPrimitives.ReverseEndianness((uint)(Mask(length) >> 32));
            }
            ((ulong*)(block + groups * stride))[i] = free ? 0 : entries[i].Bits;
        }
        return (ulong)block | (uint)groups | (wide ? PrefixList.WideBit : 0);
    }

    private static int Bytes(bool v6, int groups, bool wide) => groups
        * ((!v6 ? PrefixList.GroupBytes4 : wide ? 2 * PrefixList.GroupBytes6 : PrefixList.GroupBytes6) + PrefixList.GroupSize * sizeof(ulong));

    private static ulong Mask(int length) => length == 0 ? 0 : ulong.MaxValue << (64 - length);

    private struct Entry
    {
        internal ulong High;
        internal ulong Low;
        internal ulong Bits;
        internal ulong* Slot;
        internal int Length;
    }
}

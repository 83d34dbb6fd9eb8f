using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Longest-prefix match in the routes of all VRFs, a batch at a time (FWD-01, FWD-02): host routes in the shared exact
/// tables first, then, for the addresses that have none, the list or trie of their own space. The reader's side: any thread inside
/// an epoch, no locks, no allocation.
/// <para>
/// A space is one view of one VRF: <see cref="VrfRow.AccessSpace"/> (odd) or <see cref="VrfRow.LocalSpace"/> (even). An
/// answer holds per route: the route found was there at some moment of the lookup, and each longer one that covers the
/// address was absent at some moment of it. Two changes during one lookup may be seen in either order.
/// </para>
/// </summary>
internal static unsafe class RouteTable
{
    /// <summary>Most addresses of a batch.</summary>
    internal const int LargestBatch = TreeBitmap.LargestBatch;

    /// <summary>The key of an IPv4 address in a space.</summary>
    /// <param name="space">View of a VRF.</param>
    /// <param name="addressWire">The address in network order, as a little-endian load sees it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Key4(uint space, uint addressWire) => (ulong)space << 32 | addressWire;

    /// <summary>Looks IPv4 addresses up.</summary>
    /// <param name="root">The tables.</param>
    /// <param name="keys">A <see cref="Key4"/> each.</param>
    /// <param name="leaves">Out: a <see cref="Leaf"/> each, 0 where there is no route.</param>
    /// <param name="count">Addresses, at most <see cref="LargestBatch"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Lookup4(DatapathRoot* root, ulong* keys, ulong* leaves, int count) =>
        Lookup4(root, root->Vectors, keys, leaves, count);

    /// <summary>The same with vectors of a given width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Lookup4(DatapathRoot* root, VectorLevel vectors, ulong* keys, ulong* leaves, int count)
    {
        byte* missed = stackalloc byte[LargestBatch];
        int misses = ExactTable64.FindBatch(vectors, root->Hosts4, keys, leaves, count, missed);
        if (misses != 0)
            LookupShorter4(root, vectors, keys, leaves, missed, misses);
    }

    /// <summary>Looks IPv6 addresses up.</summary>
    /// <param name="root">The tables.</param>
    /// <param name="spaces">View of a VRF each.</param>
    /// <param name="firsts">The first eight octets of each address, wire order.</param>
    /// <param name="seconds">The last eight octets.</param>
    /// <param name="leaves">Out: a <see cref="Leaf"/> each, 0 where there is no route.</param>
    /// <param name="count">Addresses, at most <see cref="LargestBatch"/>.</param>
    internal static void Lookup6(DatapathRoot* root, uint* spaces, ulong* firsts, ulong* seconds, ulong* leaves, int count) =>
        Lookup6(root, root->Vectors, spaces, firsts, seconds, leaves, count);

    /// <summary>The same with vectors of a given width.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Lookup6(DatapathRoot* root, VectorLevel vectors, uint* spaces, ulong* firsts, ulong* seconds, ulong* leaves, int count)
    {
        byte* missed = stackalloc byte[LargestBatch];
        int misses = ExactTable128.FindBatch(root->Hosts6, spaces, firsts, seconds, leaves, count, missed);
        if (misses != 0)
            LookupShorter6(root, vectors, spaces, firsts, seconds, leaves, missed, misses);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LookupShorter4(DatapathRoot* root, VectorLevel vectors, ulong* keys, ulong* leaves, byte* missed, int misses)
    {
        ulong* words = stackalloc ulong[LargestBatch];
        TrieWalk* walks = stackalloc TrieWalk[LargestBatch];
        for (int i = 0; i < misses; i++)
            Sse.Prefetch0(Shorter4(root->Vrfs, (uint)(keys[missed[i]] >> 32)));
        for (int i = 0; i < misses; i++)
        {
            ulong word = Volatile.Read(ref *Shorter4(root->Vrfs, (uint)(keys[missed[i]] >> 32)));
            words[i] = word;
            Ask(word, PrefixList.GroupBytes4);
        }
        int left = 0;
        for (int i = 0; i < misses; i++)
        {
            uint index = missed[i];
            var address = (uint)keys[index];
            ulong word = words[i];
            words[i] = 0;
            if (PrefixList.IsList(word))
            {
                words[i] = (ulong)PrefixList.Match4(word, address, vectors != VectorLevel.Scalar);
                Sse.Prefetch0((void*)words[i]);
            }
            else if (word != 0)
            {
                walks[left++] = new TrieWalk
                {
                    Node = (TrieNode*)word,
                    High = (ulong)BinaryPrimitives.ReverseEndianness(address) << 32,
                    Index = index,
                };
            }
        }
        Collect(words, leaves, missed, misses);
        if (left != 0)
            TreeBitmap.LookupBatch(walks, leaves, left);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LookupShorter6(DatapathRoot* root, VectorLevel vectors, uint* spaces, ulong* firsts, ulong* seconds, ulong* leaves,
        byte* missed, int misses)
    {
        ulong* words = stackalloc ulong[LargestBatch];
        TrieWalk* walks = stackalloc TrieWalk[LargestBatch];
        for (int i = 0; i < misses; i++)
            Sse.Prefetch0(Shorter6(root->Vrfs, spaces[missed[i]]));
        for (int i = 0; i < misses; i++)
        {
            ulong word = Volatile.Read(ref *Shorter6(root->Vrfs, spaces[missed[i]]));
            words[i] = word;
            Ask(word, PrefixList.Stride6(word));
        }
        int left = 0;
        for (int i = 0; i < misses; i++)
        {
            uint index = missed[i];
            ulong high = BinaryPrimitives.ReverseEndianness(firsts[index]);
            ulong low = BinaryPrimitives.ReverseEndianness(seconds[index]);
            ulong word = words[i];
            words[i] = 0;
            if (PrefixList.IsList(word))
            {
                words[i] = (ulong)PrefixList.Match6(word, high, low, vectors);
                Sse.Prefetch0((void*)words[i]);
            }
            else if (word != 0)
            {
                walks[left++] = new TrieWalk { Node = (TrieNode*)word, High = high, Low = low, Index = index };
            }
        }
        Collect(words, leaves, missed, misses);
        if (left != 0)
            TreeBitmap.LookupBatch(walks, leaves, left);
    }

    // Asks for the first lines of a list. Of a trie the walk asks itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask(ulong word, int groupBytes)
    {
        byte* block = PrefixList.Block(word);
        byte* end = block + PrefixList.Groups(word) * groupBytes;
        for (; block < end; block += 64)
            Sse.Prefetch0(block);
    }

    // From the addresses of leaves, 0 for none, to leaves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Collect(ulong* found, ulong* leaves, byte* missed, int misses)
    {
        for (int i = 0; i < misses; i++)
            leaves[missed[i]] = found[i] == 0 ? 0 : Volatile.Read(ref *(ulong*)found[i]);
    }

    // The word of a space in its VRF's row, which begins with the two of the access view and the two of local routes. By address: the
    // compiler would read the row to check the address of a field for null, and nothing is there yet.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong* Shorter4(VrfRow* vrfs, uint space) => (ulong*)(vrfs + (space - 1) / 2) + ((space - 1) & 1) * 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong* Shorter6(VrfRow* vrfs, uint space) => Shorter4(vrfs, space) + 1;
}

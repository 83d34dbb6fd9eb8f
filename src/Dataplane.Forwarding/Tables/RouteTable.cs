using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Longest-prefix match in the routes of all VRFs, a batch at a time (FWD-01, FWD-02): host routes in the shared exact
/// tables first, then, for the addresses that have none, the trie of their own space. The reader's side: any thread inside
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
    internal static void Lookup4(DatapathRoot* root, ulong* keys, ulong* leaves, int count)
    {
        byte* missed = stackalloc byte[LargestBatch];
        ExactTable64* hosts = root->Hosts4;
        int misses = root->Vectors switch
        {
            VectorLevel.Avx2 => ExactTable64.FindBatch<Avx2Match>(hosts, keys, leaves, count, missed),
            VectorLevel.Avx512 => ExactTable64.FindBatch<Avx512Match>(hosts, keys, leaves, count, missed),
            _ => ExactTable64.FindBatch<ScalarMatch>(hosts, keys, leaves, count, missed),
        };
        if (misses != 0)
            LookupShorter4(root->Vrfs, keys, leaves, missed, misses);
    }

    /// <summary>Looks IPv6 addresses up.</summary>
    /// <param name="root">The tables.</param>
    /// <param name="spaces">View of a VRF each.</param>
    /// <param name="firsts">The first eight octets of each address, wire order.</param>
    /// <param name="seconds">The last eight octets.</param>
    /// <param name="leaves">Out: a <see cref="Leaf"/> each, 0 where there is no route.</param>
    /// <param name="count">Addresses, at most <see cref="LargestBatch"/>.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Lookup6(DatapathRoot* root, uint* spaces, ulong* firsts, ulong* seconds, ulong* leaves, int count)
    {
        ExactTable128* hosts = root->Hosts6;
        byte* missed = stackalloc byte[LargestBatch];
        int misses = root->Vectors switch
        {
            VectorLevel.Avx2 => ExactTable128.FindBatch<Avx2Match>(hosts, spaces, firsts, seconds, leaves, count, missed),
            VectorLevel.Avx512 => ExactTable128.FindBatch<Avx512Match>(hosts, spaces, firsts, seconds, leaves, count, missed),
            _ => ExactTable128.FindBatch<ScalarMatch>(hosts, spaces, firsts, seconds, leaves, count, missed),
        };
        if (misses == 0)
            return;
        TrieWalk* walks = stackalloc TrieWalk[LargestBatch];
        for (int i = 0; i < misses; i++)
            Sse.Prefetch0(Trie6(root->Vrfs, spaces[missed[i]]));
        for (int i = 0; i < misses; i++)
        {
            uint index = missed[i];
            walks[i] = new TrieWalk
            {
                Node = (TrieNode*)Volatile.Read(ref *(nint*)Trie6(root->Vrfs, spaces[index])),
                High = BinaryPrimitives.ReverseEndianness(firsts[index]),
                Low = BinaryPrimitives.ReverseEndianness(seconds[index]),
                Index = index,
            };
        }
        TreeBitmap.LookupBatch(walks, leaves, misses);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LookupShorter4(VrfRow* vrfs, ulong* keys, ulong* leaves, byte* missed, int misses)
    {
        TrieWalk* walks = stackalloc TrieWalk[LargestBatch];
        for (int i = 0; i < misses; i++)
            Sse.Prefetch0(Trie4(vrfs, (uint)(keys[missed[i]] >> 32)));
        for (int i = 0; i < misses; i++)
        {
            uint index = missed[i];
            ulong key = keys[index];
            walks[i] = new TrieWalk
            {
                Node = (TrieNode*)Volatile.Read(ref *(nint*)Trie4(vrfs, (uint)(key >> 32))),
                High = (ulong)BinaryPrimitives.ReverseEndianness((uint)key) << 32,
                Index = index,
            };
        }
        TreeBitmap.LookupBatch(walks, leaves, misses);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TrieNode** Trie4(VrfRow* vrfs, uint space)
    {
        VrfRow* row = vrfs + (space - 1) / 2;
        return (space & 1) != 0 ? &row->Access4 : &row->Local4;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TrieNode** Trie6(VrfRow* vrfs, uint space)
    {
        VrfRow* row = vrfs + (space - 1) / 2;
        return (space & 1) != 0 ? &row->Access6 : &row->Local6;
    }
}

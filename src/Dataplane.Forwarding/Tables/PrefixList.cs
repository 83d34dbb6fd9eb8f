using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// The prefixes of one space while they are few, up to <see cref="MostPrefixes"/>: the longest first, compared one after
/// the other, eight at a time with vectors. Few cache lines one behind the other, where a trie would be a chain of them.
/// A list is known by one word: the address of its block, aligned to a cache line, with the number of groups in bits 2–0 and
/// <see cref="WideBit"/>. Without any of these bits the word is the address of a <see cref="TrieNode"/>; 0 means no prefix.
/// <code>
/// IPv4, per group of eight    values[8] uint, masks[8] uint                     wire order        64 bytes
/// IPv6                        values[8] ulong, masks[8] ulong of octets 0–7     host order       128 bytes
///   where longer than /64     the same of octets 8–15                                           +128 bytes
/// after all groups            leaves[8] per group                                                 64 bytes
/// </code>
/// An address matches where <c>(address &amp; mask) == value</c>; a free place has mask 0 and value 1. A leaf is replaced in
/// place, a change of prefixes is a new block.
/// </summary>
internal static unsafe class PrefixList
{
    /// <summary>Prefixes of a group.</summary>
    internal const int GroupSize = 8;

    /// <summary>Most groups of a list.</summary>
    internal const int MostGroups = 4;

    /// <summary>Most prefixes of a list.</summary>
    internal const int MostPrefixes = GroupSize * MostGroups;

    /// <summary>Bits of a word that are not part of the address.</summary>
    internal const ulong TagBits = 15;

    /// <summary>IPv6: some prefix is longer than 64 bits.</summary>
    internal const ulong WideBit = 8;

    /// <summary>Bytes of a group's columns, IPv4.</summary>
    internal const int GroupBytes4 = 64;

    /// <summary>Bytes of a group's columns, IPv6.</summary>
    internal const int GroupBytes6 = 128;

    /// <summary>True when the word is that of a list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsList(ulong word) => (word & TagBits) != 0;

    /// <summary>Groups of a list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Groups(ulong word) => (int)(word & 7);

    /// <summary>The block of a list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static byte* Block(ulong word) => (byte*)(word & ~TagBits);

    /// <summary>Bytes of the columns of an IPv6 group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Stride6(ulong word) => (word & WideBit) != 0 ? 2 * GroupBytes6 : GroupBytes6;

    /// <summary>The leaf of the longest prefix that covers an IPv4 address, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong* Match4(ulong word, uint addressWire, bool vectors)
    {
        byte* block = Block(word);
        int groups = Groups(word);
        for (int group = 0; group < groups; group++)
        {
            var values = (uint*)(block + group * GroupBytes4);
            uint hits = 0;
            if (vectors)
            {
                hits = Vector256.Equals(Vector256.LoadAligned(values + GroupSize) & Vector256.Create(addressWire), Vector256.LoadAligned(values))
                    .ExtractMostSignificantBits();
            }
            else
            {
                for (int i = GroupSize - 1; i >= 0; i--)
                    hits = hits << 1 | ((addressWire & values[GroupSize + i]) == values[i] ? 1u : 0);
            }
            if (hits != 0)
                return (ulong*)(block + groups * GroupBytes4) + group * GroupSize + BitOperations.TrailingZeroCount(hits);
        }
        return null;
    }

    /// <summary>The leaf of the longest prefix that covers an IPv6 address, or null.</summary>
    /// <param name="word">A list.</param>
    /// <param name="high">Upper half of the address, host order.</param>
    /// <param name="low">Lower half.</param>
    /// <param name="vectors">Width of vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong* Match6(ulong word, ulong high, ulong low, VectorLevel vectors)
    {
        byte* block = Block(word);
        int groups = Groups(word);
        int stride = Stride6(word);
        for (int group = 0; group < groups; group++)
        {
            var columns = (ulong*)(block + group * stride);
            uint hits = Hits6(columns, high, vectors);
            if (stride != GroupBytes6 && hits != 0)
                hits &= Hits6(columns + 2 * GroupSize, low, vectors);
            if (hits != 0)
                return (ulong*)(block + groups * stride) + group * GroupSize + BitOperations.TrailingZeroCount(hits);
        }
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hits6(ulong* values, ulong half, VectorLevel vectors)
    {
        if (vectors == VectorLevel.Avx512)
        {
            return (uint)Vector512.Equals(Vector512.LoadAligned(values + GroupSize) & Vector512.Create(half), Vector512.LoadAligned(values))
                .ExtractMostSignificantBits();
        }
        if (vectors == VectorLevel.Avx2)
        {
            Vector256<ulong> wanted = Vector256.Create(half);
            return Vector256.Equals(Vector256.LoadAligned(values + GroupSize) & wanted, Vector256.LoadAligned(values)).ExtractMostSignificantBits()
                | Vector256.Equals(Vector256.LoadAligned(values + GroupSize + 4) & wanted, Vector256.LoadAligned(values + 4))
                    .ExtractMostSignificantBits() << 4;
        }
        uint hits = 0;
        for (int i = GroupSize - 1; i >= 0; i--)
            hits = hits << 1 | ((half & values[GroupSize + i]) == values[i] ? 1u : 0);
        return hits;
    }
}

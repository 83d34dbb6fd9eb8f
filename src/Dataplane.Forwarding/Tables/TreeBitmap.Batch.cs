using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Dataplane.Forwarding.Tables;

/// <content>Many addresses at a time, level by level, so that the misses of a level overlap.</content>
internal static unsafe partial class TreeBitmap
{
    /// <summary>Most addresses of a batch.</summary>
    internal const int LargestBatch = 64;

    /// <summary>Looks <paramref name="count"/> addresses up, each in a trie of its own.</summary>
    /// <param name="walks">In: trie and address of each; destroyed.</param>
    /// <param name="leaves">Out: the leaf of the longest prefix, at <see cref="TrieWalk.Index"/>; 0 where there is none.</param>
    /// <param name="count">Addresses, at most <see cref="LargestBatch"/>.</param>
    internal static void LookupBatch(TrieWalk* walks, ulong* leaves, int count)
    {
        byte* found = stackalloc byte[LargestBatch];
        int left = 0;
        for (int i = 0; i < count; i++)
        {
            TrieWalk walk = walks[i];
            found[i] = (byte)walk.Index;
            // Until the end, the address of the leaf.
            leaves[walk.Index] = 0;
            if (walk.Node == null)
                continue;
            Sse.Prefetch0(walk.Node);
            walks[left++] = walk;
        }
        while (left != 0)
        {
            int active = left;
            left = 0;
            for (int i = 0; i < active; i++)
            {
                TrieWalk walk = walks[i];
                TrieNode* node = walk.Node;
                int value = (int)(walk.High >> (64 - TrieNode.Stride));
                ulong covering = node->Internal & TrieNode.Covering(value);
                if (covering != 0)
                {
                    ulong* leaf = TrieNode.Leaf(node, 63 - BitOperations.LeadingZeroCount(covering));
                    Sse.Prefetch0(leaf);
                    leaves[walk.Index] = (ulong)leaf;
                }
                if ((node->External >> value & 1) == 0)
                    continue;
                node = (TrieNode*)Volatile.Read(ref *(nint*)TrieNode.Child(node, value));
                Sse.Prefetch0(node);
                walk.Node = node;
                walk.High = walk.High << TrieNode.Stride | walk.Low >> (64 - TrieNode.Stride);
                walk.Low <<= TrieNode.Stride;
                walks[left++] = walk;
            }
        }
        for (int i = 0; i < count; i++)
        {
            ulong leaf = leaves[found[i]];
            if (leaf != 0)
                leaves[found[i]] = Volatile.Read(ref *(ulong*)leaf);
        }
    }
}

/// <summary>One address on its way down a trie.</summary>
internal unsafe struct TrieWalk
{
    /// <summary>The next node to look at; null for an empty trie.</summary>
    internal TrieNode* Node;

    /// <summary>What is left of the address, left-justified: upper half.</summary>
    internal ulong High;

    /// <summary>Lower half.</summary>
    internal ulong Low;

    /// <summary>Where the answer goes.</summary>
    internal uint Index;
}

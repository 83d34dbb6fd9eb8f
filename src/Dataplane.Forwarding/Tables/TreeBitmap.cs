using System.Numerics;
using System.Runtime.CompilerServices;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Longest-prefix match in a tree bitmap. The reader's side: any thread inside an epoch, no locks, no allocation.
/// Addresses are left-justified in 128 bits (<c>high</c>, <c>low</c>, most significant bit first), IPv4 in the upper 32.
/// </summary>
internal static unsafe partial class TreeBitmap
{
    /// <summary>The leaf of the longest prefix that covers the address, or <see cref="Leaf.None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Leaf Lookup(TrieNode* root, ulong high, ulong low)
    {
        TrieNode* node = root;
        ulong* best = null;
        while (node != null)
        {
            int value = (int)(high >> (64 - TrieNode.Stride));
            ulong covering = node->Internal & TrieNode.Covering(value);
            if (covering != 0)
                best = TrieNode.Leaf(node, 63 - BitOperations.LeadingZeroCount(covering));
            if ((node->External >> value & 1) == 0)
                break;
            node = (TrieNode*)Volatile.Read(ref *(nint*)TrieNode.Child(node, value));
            high = high << TrieNode.Stride | low >> (64 - TrieNode.Stride);
            low <<= TrieNode.Stride;
        }
        return best == null ? Leaf.None : new Leaf(Volatile.Read(ref *best));
    }

    /// <summary>The leaf of exactly this prefix, or <see cref="Leaf.None"/>.</summary>
    internal static Leaf Find(TrieNode* root, ulong high, ulong low, int length)
    {
        TrieNode* node = root;
        for (; node != null && length >= TrieNode.Stride; length -= TrieNode.Stride)
        {
            int value = (int)(high >> (64 - TrieNode.Stride));
            node = (node->External >> value & 1) == 0 ? null : *TrieNode.Child(node, value);
            high = high << TrieNode.Stride | low >> (64 - TrieNode.Stride);
            low <<= TrieNode.Stride;
        }
        int position = 1 << length | (int)(high >> (64 - TrieNode.Stride)) >> (TrieNode.Stride - length);
        return node == null || (node->Internal >> position & 1) == 0 ? Leaf.None : new Leaf(*TrieNode.Leaf(node, position));
    }
}

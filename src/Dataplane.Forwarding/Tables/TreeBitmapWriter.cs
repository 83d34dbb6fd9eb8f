using System.Numerics;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// The single writer of tree bitmaps. New parts are built bottom-up and become visible with the store of one aligned
/// word; replaced nodes go through the <see cref="EpochReclaimer"/>. Owner thread: the control thread.
/// </summary>
internal sealed unsafe class TreeBitmapWriter(SlabAllocator nodes, EpochReclaimer epochs)
{
    private const int LongestPath = 128 / TrieNode.Stride + 1;

    /// <summary>Adds or replaces the entry of a prefix; <paramref name="root"/> is the slot readers start from.</summary>
    /// <param name="root">Slot of the root node; null inside means an empty table.</param>
    /// <param name="high">Upper 64 bits of the prefix, left-justified.</param>
    /// <param name="low">Lower 64 bits.</param>
    /// <param name="length">Prefix length in bits, 0 to 128.</param>
    /// <param name="leaf">The entry; not <see cref="Leaf.None"/>.</param>
    internal void Set(TrieNode** root, ulong high, ulong low, int length, Leaf leaf)
    {
        TrieNode** slot = root;
        int remaining = length;
        while (*slot != null && remaining >= TrieNode.Stride)
        {
            int value = Take(ref high, ref low);
            remaining -= TrieNode.Stride;
            if (((*slot)->External >> value & 1) == 0)
            {
                Replace(slot, WithChild(*slot, value, Chain(high, low, remaining, leaf)));
                return;
            }
            slot = TrieNode.Child(*slot, value);
        }
        if (*slot == null)
        {
            Publish(slot, Chain(high, low, remaining, leaf));
            return;
        }
        int position = Position(high, remaining);
        if (((*slot)->Internal >> position & 1) != 0)
            Volatile.Write(ref *TrieNode.Leaf(*slot, position), leaf.Bits);
        else
            Replace(slot, WithLeaf(*slot, position, leaf));
    }

    /// <summary>Removes the entry of a prefix and the nodes that it alone kept; false when there was none.</summary>
    internal bool Remove(TrieNode** root, ulong high, ulong low, int length)
    {
        TrieNode*** path = stackalloc TrieNode**[LongestPath + 1];
        int* values = stackalloc int[LongestPath + 1];
        int depth = 0;
        TrieNode** slot = root;
        int remaining = length;
        for (; remaining >= TrieNode.Stride; remaining -= TrieNode.Stride)
        {
            int value = Take(ref high, ref low);
            if (*slot == null || ((*slot)->External >> value & 1) == 0)
                return false;
            path[depth] = slot;
            values[depth++] = value;
            slot = TrieNode.Child(*slot, value);
        }
        int position = Position(high, remaining);
        if (*slot == null || ((*slot)->Internal >> position & 1) == 0)
            return false;

        // Find the highest node that would be left empty, and cut there: one store hides the whole dead chain.
        TrieNode* node = *slot;
        bool emptied = node->External == 0 && BitOperations.PopCount(node->Internal) == 1;
        if (!emptied)
        {
            Replace(slot, WithoutLeaf(node, position));
            return true;
        }
        int cut = depth;
        while (cut > 0 && (*path[cut - 1])->Internal == 0 && BitOperations.PopCount((*path[cut - 1])->External) == 1)
            cut--;
        TrieNode* dead = cut == depth ? node : *path[cut];
        if (cut == 0)
            Publish(root, null);
        else
            Replace(path[cut - 1], WithoutChild(*path[cut - 1], values[cut - 1]));
        for (int level = cut; level <= depth; level++)
        {
            TrieNode* next = level < depth ? *TrieNode.Child(dead, values[level]) : null;
            Retire(dead);
            dead = next;
        }
        return true;
    }

    /// <summary>Retires every node below a root that readers no longer reach.</summary>
    internal void RetireAll(TrieNode* node)
    {
        if (node == null)
            return;
        int children = BitOperations.PopCount(node->External);
        for (int i = 0; i < children; i++)
            RetireAll(((TrieNode**)(node + 1))[i]);
        Retire(node);
    }

    private static int Take(ref ulong high, ref ulong low)
    {
        int value = (int)(high >> (64 - TrieNode.Stride));
        high = high << TrieNode.Stride | low >> (64 - TrieNode.Stride);
        low <<= TrieNode.Stride;
        return value;
    }

    private static int Position(ulong high, int remaining) =>
        1 << remaining | (int)(high >> (64 - TrieNode.Stride)) >> (TrieNode.Stride - remaining);

    private TrieNode* Chain(ulong high, ulong low, int remaining, Leaf leaf)
    {
        if (remaining < TrieNode.Stride)
        {
            TrieNode* last = Create(1ul << Position(high, remaining), 0);
            *TrieNode.Leaf(last, Position(high, remaining)) = leaf.Bits;
            return last;
        }
        int value = Take(ref high, ref low);
        TrieNode* below = Chain(high, low, remaining - TrieNode.Stride, leaf);
        TrieNode* node = Create(0, 1ul << value);
        *TrieNode.Child(node, value) = below;
        return node;
    }

    private TrieNode* Create(ulong internalBits, ulong externalBits)
    {
        var node = (TrieNode*)nodes.Allocate(TrieNode.SizeOf(internalBits, externalBits));
        node->Internal = internalBits;
        node->External = externalBits;
        return node;
    }

    private TrieNode* WithChild(TrieNode* old, int value, TrieNode* child)
    {
        TrieNode* node = Reshape(old, old->Internal, old->External | 1ul << value);
        *TrieNode.Child(node, value) = child;
        return node;
    }

    private TrieNode* WithoutChild(TrieNode* old, int value) => Reshape(old, old->Internal, old->External & ~(1ul << value));

    private TrieNode* WithLeaf(TrieNode* old, int position, Leaf leaf)
    {
        TrieNode* node = Reshape(old, old->Internal | 1ul << position, old->External);
        *TrieNode.Leaf(node, position) = leaf.Bits;
        return node;
    }

    private TrieNode* WithoutLeaf(TrieNode* old, int position) => Reshape(old, old->Internal & ~(1ul << position), old->External);

    // Copies the children and leaves that both shapes have.
    private TrieNode* Reshape(TrieNode* old, ulong internalBits, ulong externalBits)
    {
        TrieNode* node = Create(internalBits, externalBits);
        for (ulong rest = externalBits & old->External; rest != 0; rest &= rest - 1)
        {
            int value = BitOperations.TrailingZeroCount(rest);
            *TrieNode.Child(node, value) = *TrieNode.Child(old, value);
        }
        for (ulong rest = internalBits & old->Internal; rest != 0; rest &= rest - 1)
        {
            int position = BitOperations.TrailingZeroCount(rest);
            *TrieNode.Leaf(node, position) = *TrieNode.Leaf(old, position);
        }
        return node;
    }

    private void Replace(TrieNode** slot, TrieNode* node)
    {
        TrieNode* old = *slot;
        Publish(slot, node);
        Retire(old);
    }

    private void Retire(TrieNode* node) => epochs.Retire(node, nodes, TrieNode.SizeOf(node->Internal, node->External));

    // Release: a reader that sees the pointer sees what it points to.
    private static void Publish(TrieNode** slot, TrieNode* node) => Volatile.Write(ref *(nint*)slot, (nint)node);
}

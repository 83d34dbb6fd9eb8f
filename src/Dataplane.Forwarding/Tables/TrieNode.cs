using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// A node of a tree bitmap (Eatherton, Varghese, Dittia, "Tree Bitmap", 2004) with a stride of 6 bits. Followed in memory
/// by its child pointers (one per bit of <see cref="External"/>, in bit order), then by its leaves (one 64-bit
/// <see cref="Layout.Leaf"/> per bit of <see cref="Internal"/>, in bit order).
/// <para>
/// The two bitmaps never change once the node is published: a change of shape builds a new node and swaps the pointer to
/// it. Child pointers and leaves are single aligned words, replaced in place. Prefixes of 0 to 5 bits inside the stride
/// have position <c>(1 &lt;&lt; length) | bits</c>, so a longer one has a higher position.
/// </para>
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TrieNode
{
    /// <summary>Address bits consumed per level.</summary>
    internal const int Stride = 6;

    /// <summary>Bytes of the largest node: both bitmaps full.</summary>
    internal const int LargestBytes = 16 + 64 * 8 + 64 * 8;

    /// <summary>Positions 1 to 63: prefixes that end in this node.</summary>
    internal ulong Internal;

    /// <summary>Bit v: there is a child for the next six address bits v.</summary>
    internal ulong External;

    /// <summary>Bytes of a node with these bitmaps.</summary>
    internal static int SizeOf(ulong internalBits, ulong externalBits) =>
        16 + 8 * (BitOperations.PopCount(internalBits) + BitOperations.PopCount(externalBits));

    /// <summary>The slot of the child for stride value <paramref name="value"/>, whose bit must be set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TrieNode** Child(TrieNode* node, int value) =>
        (TrieNode**)(node + 1) + BitOperations.PopCount(node->External & ((1ul << value) - 1));

    /// <summary>The slot of the leaf at <paramref name="position"/>, whose bit must be set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong* Leaf(TrieNode* node, int position) =>
        (ulong*)(node + 1) + BitOperations.PopCount(node->External)
        + BitOperations.PopCount(node->Internal & ((1ul << position) - 1));

    /// <summary>Positions of all prefixes inside a stride that cover <paramref name="value"/> (0 to 63).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Covering(int value) =>
        1ul << 1 | 1ul << (2 | value >> 5) | 1ul << (4 | value >> 4) | 1ul << (8 | value >> 3)
        | 1ul << (16 | value >> 2) | 1ul << (32 | value >> 1);
}

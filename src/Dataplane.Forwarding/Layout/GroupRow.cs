using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>What packets of a route with several next hops have in common that take the same one (FWD-20).</summary>
public enum LoadBalance : byte
{
    /// <summary>The flow, both directions alike.</summary>
    PerFlow = 0,

    /// <summary>Nothing: each packet takes the next turn.</summary>
    PerPacket = 1,

    /// <summary>The destination prefix.</summary>
    PerPrefix = 2,
}

/// <summary>
/// Next hops to choose from: members, and a table from bucket to member in as many bits as member numbers need, 16 KiB for
/// two members and 160 KiB for 1,024. One block: this row, the members, the table. Immutable once published, but that a member
/// that is looked up in a VRF becomes none with it; any other change builds a new row and swaps the pointer in
/// <see cref="DatapathRoot.Groups"/>. Writer: control thread. Readers: workers.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct GroupRow
{
    /// <summary>Bits of a bucket number. The same for every group and for ever: whoever has another number of buckets
    /// chooses otherwise.</summary>
    internal const int BucketBits = 17;

    /// <summary>Buckets of a group.</summary>
    internal const int BucketCount = 1 << BucketBits;

    /// <summary>Most members.</summary>
    internal const int MaxMembers = 1024;

    /// <summary>By bucket: member number, <see cref="Width"/> bits each, the lowest first.</summary>
    internal byte* Buckets;

    /// <summary>By member number: a <see cref="Leaf"/>, not a group; 0 where there is no member.</summary>
    internal ulong* Members;

    /// <summary>Bits of a member number, 0 to 10.</summary>
    internal uint Width;

    /// <summary>As many ones as <see cref="Width"/>.</summary>
    internal uint NumberMask;

    /// <summary>Bytes of the whole block.</summary>
    internal int BlockBytes;

    /// <summary>How a packet finds its bucket.</summary>
    internal LoadBalance LoadBalance;

    /// <summary>Bucket of a 32-bit hash: its upper bits, since the lower ones choose the UDP source port.</summary>
    internal static uint BucketOf(uint hash) => hash >> (32 - BucketBits);

    /// <summary>Member number of a bucket.</summary>
    internal static uint NumberOf(GroupRow* row, uint bucket)
    {
        uint bit = bucket * row->Width;
        return *(uint*)(row->Buckets + (bit >> 3)) >> (int)(bit & 7) & row->NumberMask;
    }
}

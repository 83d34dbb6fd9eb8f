using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Pipeline;

/// <content>Flow hashes, and the choice among the members of a group (FWD-20, CHN-24, CHN-25).</content>
internal static unsafe partial class FastPath
{
    /// <summary>Fills <see cref="Batch.Hashes"/> where anything asks for them, and puts in the place of each group's leaf
    /// that of the member chosen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void SelectStage(WorkerBlock* worker, Batch* batch)
    {
        DatapathRoot* root = worker->Root;
        if (root->HashWanted == 0)
            return;
        if (batch->Hashed == 0)
            FlowHash.OfBurst(batch);
        if (root->GroupsInUse != 0)
            SelectMembers(worker, batch);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SelectMembers(WorkerBlock* worker, Batch* batch)
    {
        int count = batch->Count;
        if (!HasGroup(batch->Leaves, count))
            return;
        // Packets of a burst mostly share a group: its row is read when it changes, and else little more than a load from
        // the table remains per packet, so that those of many packets overlap.
        GroupRow* group = null;
        byte* buckets = null;
        ulong* members = null;
        uint width = 0;
        uint numberMask = 0;
        uint index = uint.MaxValue;
        for (int i = 0; i < count; i++)
        {
            var leaf = new Leaf(batch->Leaves[i]);
            if (leaf.Kind != LeafKind.Group)
                continue;
            if (leaf.Index != index)
            {
                index = leaf.Index;
                group = worker->Root->Groups[index];
                buckets = group->Buckets;
                members = group->Members;
                width = group->Width;
                numberMask = group->NumberMask;
            }
            if (group->LoadBalance != LoadBalance.PerFlow)
            {
                batch->Leaves[i] = MemberOtherwise(worker, group, leaf, (byte*)batch->Headers[i], batch->Flags[i]);
                continue;
            }
            uint bit = GroupRow.BucketOf(batch->Hashes[i]) * width;
            batch->Leaves[i] = members[*(uint*)(buckets + (bit >> 3)) >> (int)(bit & 7) & numberMask];
        }
    }

    // What lies behind the last packet is old, but inside the column.
    private static bool HasGroup(ulong* leaves, int count)
    {
        Vector256<ulong> found = Vector256<ulong>.Zero;
        for (int i = 0; i < count; i += Vector256<ulong>.Count)
            found |= Vector256.Equals(Vector256.Load(leaves + i) >>> Leaf.KindShift, Vector256.Create((ulong)LeafKind.Group));
        return found != Vector256<ulong>.Zero;
    }

    // For a leaf found after the stage: the route has become one with several next hops between the two lookups.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Leaf SelectOne(WorkerBlock* worker, Leaf leaf, byte* ip, uint length, byte flags)
    {
        GroupRow* group = worker->Root->Groups[leaf.Index];
        if (group->LoadBalance != LoadBalance.PerFlow)
            return new Leaf(MemberOtherwise(worker, group, leaf, ip, flags));
        return new Leaf(Member(group, (flags & PacketFlags.V6) != 0 ? FlowHash.Of6(ip, length) : FlowHash.Of4(ip, length)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Member(GroupRow* group, uint hash) =>
        group->Members[GroupRow.NumberOf(group, GroupRow.BucketOf(hash))];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong MemberOtherwise(WorkerBlock* worker, GroupRow* group, Leaf leaf, byte* ip, byte flags)
    {
        if (group->LoadBalance == LoadBalance.PerPacket)
            return group->Members[GroupRow.NumberOf(group, worker->Turn++ & (GroupRow.BucketCount - 1))];
        return Member(group, FlowHash.OfPrefix(ip, (flags & PacketFlags.V6) != 0, (uint)leaf.PrefixLength));
    }
}

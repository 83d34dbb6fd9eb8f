using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Pipeline;

/// <content>Flow hashes, and the choice among the members of a group (FWD-20, CHN-24, CHN-25).</content>
internal static unsafe partial class FastPath
{
    private const int LeafKindShift = 60;

    /// <summary>Fills <see cref="Batch.Hashes"/> where anything asks for them, and puts in the place of each group's leaf
    /// that of the member chosen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SelectStage(WorkerBlock* worker, Batch* batch)
    {
        DatapathRoot* root = worker->Root;
        if (root->HashWanted == 0)
            return;
        FlowHash.OfBurst(batch);
        if (root->GroupsInUse != 0)
            SelectMembers(worker, batch);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SelectMembers(WorkerBlock* worker, Batch* batch)
    {
        GroupRow** groups = worker->Root->Groups;
        ulong* leaves = batch->Leaves;
        int count = batch->Count;
        for (int i = 0; i < count; i += Vector256<ulong>.Count)
        {
            // What lies behind the last packet is old, but inside the column.
            Vector256<ulong> kinds = Vector256.Load(leaves + i) >>> LeafKindShift;
            uint found = Vector256.Equals(kinds, Vector256.Create((ulong)LeafKind.Group)).ExtractMostSignificantBits();
            if (found == 0)
                continue;
            int end = Math.Min(i + Vector256<ulong>.Count, count);
            for (int k = i; k < end; k++)
            {
                var leaf = new Leaf(leaves[k]);
                if (leaf.Kind != LeafKind.Group)
                    continue;
                GroupRow* group = groups[leaf.Index];
                leaves[k] = group->LoadBalance == LoadBalance.PerFlow ? Member(group, batch->Hashes[k])
                    : MemberOtherwise(worker, group, leaf, (byte*)batch->Headers[k], batch->Flags[k]);
            }
        }
    }

    // For a leaf that was found after the stage.
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

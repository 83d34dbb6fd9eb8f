using System.Runtime.CompilerServices;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;

namespace Dataplane.Forwarding.Pipeline;

/// <content>
/// Filters of VRFs on packets that enter from interfaces, after source validation and before lookup (SIG-20, ARC-20): what is denied never reaches the
/// fabric. Actions of the rules that match are carried out in their order, up to one without the continue bit; of two that mark or redirect,
/// the first counts. All rules see the packet as it came. Without filters anywhere the stage is not entered.
/// </content>
internal static unsafe partial class FastPath
{
    // A bucket holds what its rate gives in a tenth of a second.
    private const ulong BucketsPerSecond = 10;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FilterStage(WorkerBlock* worker, Batch* batch)
    {
        DatapathRoot* root = worker->Root;
        nint count = batch->Count;
        nint kept = 0;
        for (nint i = 0; i < count; i++)
        {
            VrfRow* vrf = root->Vrfs + batch->Vrfs[i];
            bool v6 = (batch->Flags[i] & PacketFlags.V6) != 0;
            var table = (FilterTable*)Volatile.Read(ref v6 ? ref vrf->Filters6 : ref vrf->Filters4);
            if (table != null)
            {
                DropReason reason = Filter(worker, batch, i, table, v6);
                if (reason != DropReason.None)
                {
                    DropAt(worker, (Mbuf*)batch->Buffers[i], reason, ((InterfaceRow*)batch->Rows[i])->Index);
                    continue;
                }
            }
            if (kept != i)
                MovePacket(batch, i, kept);
            kept++;
        }
        batch->Count = (int)kept;
    }

    // Carries out what the rules say; why the packet is dropped, or None.
    private static DropReason Filter(WorkerBlock* worker, Batch* batch, nint i, FilterTable* table, bool v6)
    {
        DatapathRoot* root = worker->Root;
        var ip = (byte*)batch->Headers[i];
        uint length = batch->Lengths[i];
        PacketFields fields = PacketFields.Read(ip, length, v6);
        bool vectors = root->Vectors != VectorLevel.Scalar;
        FilterActions done = FilterActions.None;
        for (int index = 0; (index = FilterMatch.Next(table, fields, index, vectors)) < table->Count; index++)
        {
            FilterRow* row = table->Rows + index;
            FilterCount* counted = worker->Counters.Filters + row->Counter;
            counted->Packets++;
            counted->Bytes += length;
            FilterActions actions = row->Actions;
            if ((actions & FilterActions.Discard) != 0)
            {
                counted->Dropped++;
                return DropReason.Filtered;
            }
            if (((actions & FilterActions.LimitBytes) != 0
                    && !TakeTokens(worker, worker->FilterBuckets + 2 * row->Counter, row->BytesPerSecond, length))
                || ((actions & FilterActions.LimitPackets) != 0
                    && !TakeTokens(worker, worker->FilterBuckets + 2 * row->Counter + 1, row->PacketsPerSecond, 1)))
            {
                counted->Dropped++;
                return DropReason.FilterRateLimited;
            }
            FilterActions open = actions & ~done;
            if ((open & FilterActions.Mark) != 0)
                MarkPacket(batch, i, ip, row->Dscp, v6);
            if ((open & FilterActions.Redirect) != 0)
                RedirectPacket(root, batch, i, ip, row->Vrf);
            done |= actions;
            if ((actions & FilterActions.Continue) == 0)
                break;
        }
        return DropReason.None;
    }

    private static bool TakeTokens(WorkerBlock* worker, FilterBucket* bucket, ulong rate, uint units)
    {
        ulong hertz = worker->Root->ClockHz;
        var depth = (long)(rate * (hertz / BucketsPerSecond));
        ulong elapsed = worker->Now < bucket->RefilledAt ? 0 : worker->Now - bucket->RefilledAt;
        var missing = (ulong)(depth - Math.Min(bucket->Tokens, depth));
        if (bucket->RefilledAt == 0 || elapsed > missing / rate)
            bucket->Tokens = depth;
        else
            bucket->Tokens += (long)(elapsed * rate);
        bucket->RefilledAt = Math.Max(worker->Now, 1);
        if (bucket->Tokens <= 0)
            return false;
        bucket->Tokens -= (long)(units * hertz);
        return true;
    }

    // The tenant's DSCP (RFC 8955 section 7.5); ECN stays.
    private static void MarkPacket(Batch* batch, nint i, byte* ip, byte dscp, bool v6)
    {
        if (v6)
        {
            ip[0] = (byte)(ip[0] & 0xF0 | dscp >> 2);
            ip[1] = (byte)(ip[1] & 0x3F | dscp << 6);
            return;
        }
        uint before = *(ushort*)ip;
        ip[1] = (byte)(ip[1] & 3 | dscp << 2);
        // RFC 1624, in the order of the wire.
        uint sum = (uint)(ushort)~*(ushort*)(ip + 10) + (ushort)~before + *(ushort*)ip;
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        *(ushort*)(ip + 10) = (ushort)~sum;
        if ((batch->Flags[i] & PacketFlags.Plain) != 0)
            batch->TtlWords[i] = TenantHeader.DecrementedTtlWord(ip);
    }

    // A VRF that has gone meanwhile: the packet stays in its own.
    private static void RedirectPacket(DatapathRoot* root, Batch* batch, nint i, byte* ip, uint vrf)
    {
        uint row = RowLife.RowOf(vrf);
        if (Volatile.Read(ref root->Vrfs[row].Id) != vrf)
            return;
        batch->Vrfs[i] = row;
        batch->Keys[i] = RouteTable.Key4(VrfRow.AccessSpace(row), *(uint*)(ip + 16));
    }

    private static void MovePacket(Batch* batch, nint from, nint to)
    {
        batch->Buffers[to] = batch->Buffers[from];
        batch->Headers[to] = batch->Headers[from];
        batch->Rows[to] = batch->Rows[from];
        batch->Keys[to] = batch->Keys[from];
        batch->Vrfs[to] = batch->Vrfs[from];
        batch->Hashes[to] = batch->Hashes[from];
        batch->TtlWords[to] = batch->TtlWords[from];
        batch->Lengths[to] = batch->Lengths[from];
        batch->Flags[to] = batch->Flags[from];
    }
}

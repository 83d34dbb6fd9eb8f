using System.Runtime.CompilerServices;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// The packet pipeline, run to completion: input (access or core) → lookup → select → forward → transmit. A packet leaves it in
/// exactly one way: a transmit queue, the punt ring, or a counted drop, so that rx = tx + punted + dropped after every
/// burst. Nothing here allocates, throws, locks or logs; DPDK is called once per burst and direction.
/// <list type="bullet">
/// <item><c>AccessInput</c>: layer 2 and the tenant's header, port + MAC + VLAN → interface → VRF.</item>
/// <item><c>FilterStage</c>: flow specifications of VRFs, on what comes from end-systems, where there are any.</item>
/// <item><c>CoreInput</c>: outer header, label → interface or VRF.</item>
/// <item><c>LookupStage</c>: longest-prefix match of the whole burst.</item>
/// <item><c>SelectStage</c>: flow hashes and the choice among several next hops, where there are any.</item>
/// <item><c>ForwardStage</c>: TTL, MTU, label imposition or delivery.</item>
/// <item><c>Exits</c>: drop, punt, transmit.</item>
/// </list>
/// Owner thread: the worker whose block is passed.
/// </summary>
internal static unsafe partial class FastPath
{
    /// <summary>Takes a burst of at most <see cref="Batch.Capacity"/> frames that <paramref name="port"/> received.</summary>
    internal static void Process(WorkerBlock* worker, uint port, Mbuf** frames, int count)
    {
        if (worker->StageMark == 0)
            Process<StagesUntimed>(worker, port, frames, count);
        else
            Process<StagesTimed>(worker, port, frames, count);
    }

    private static void Process<TClock>(WorkerBlock* worker, uint port, Mbuf** frames, int count)
        where TClock : struct, IStageClock
    {
        TClock.Lap(worker, Stage.Receive, count);
        worker->CurrentLedger = &worker->Counters.Received;
        worker->Counters.Received.Rx += (uint)count;
        Batch* batch = worker->Columns;
        batch->Clear(worker->Root->HashWanted);
        PortRow* row = worker->Root->Ports + port;
        if (row->Role == PortRole.Core)
            CoreInput(worker, port, frames, count);
        else if (row->Standby == StandbyFamilies.None)
            AccessInput(worker, port, frames, count);
        else
            StandbyInput(worker, port, frames, count);
        if (worker->Root->FiltersInUse != 0 && row->Role != PortRole.Core)
            FilterStage(worker, batch);
        TClock.Lap(worker, Stage.Input, count);
        if (batch->Count != 0)
        {
            LookupStage(worker->Root, batch);
            TClock.Lap(worker, Stage.Lookup, batch->Count);
            SelectStage(worker, batch);
            TClock.Lap(worker, Stage.Select, batch->Count);
            ForwardStage(worker, batch);
            TClock.Lap(worker, Stage.Forward, batch->Count);
        }
        Flush(worker);
        TClock.Lap(worker, Stage.Transmit, count);
        TClock.Lap(worker, Stage.Clock, 0);
    }

    /// <summary>Takes a burst of buffers that the slow path injected, each with an <see cref="InjectTag"/>.</summary>
    internal static void ProcessInjected(WorkerBlock* worker, Mbuf** buffers, int count)
    {
        worker->CurrentLedger = &worker->Counters.Injected;
        worker->Counters.Injected.Rx += (uint)count;
        Batch* batch = worker->Columns;
        batch->Clear(worker->Root->HashWanted);
        InjectInput(worker, buffers, count);
        if (batch->Count != 0)
        {
            LookupStage(worker->Root, batch);
            SelectStage(worker, batch);
            ForwardStage(worker, batch);
        }
        Flush(worker);
    }

    private static void InjectInput(WorkerBlock* worker, Mbuf** buffers, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Mbuf* buffer = buffers[i];
            var tag = (InjectTag*)buffer->Private;
            byte* ip = buffer->Data;
            uint length = buffer->DataLen;
            InterfaceRow* row = worker->Root->NoInterface;
            if ((tag->Interface != uint.MaxValue && !TryFindRow(worker->Root, tag->Interface, out row))
                || (tag->Kind != InjectKind.Frame && Volatile.Read(ref worker->Root->Vrfs[RowLife.RowOf(tag->Vrf)].Id) != tag->Vrf))
            {
                // Gone while the packet was on its way, or held: nobody else may get it.
                Drop(worker, buffer, DropReason.NoRoute);
                continue;
            }
            if (tag->Kind == InjectKind.Frame)
            {
                if (tag->Interface != uint.MaxValue)
                    CountFrame(worker, buffer, row);
                Transmit(worker, buffer, tag->Port, buffer->PktLen);
                continue;
            }
            byte flags = (byte)(PacketFlags.Injected | (tag->KeepTtl != 0 ? PacketFlags.KeepTtl : 0));
            if (buffer->NbSegs != 1)
            {
                Drop(worker, buffer, DropReason.UnsupportedBuffer);
                continue;
            }
            bool v6 = length != 0 && ip[0] >> 4 == 6;
            DropReason reason = v6 ? TenantHeader.Check6(ip, length, out uint packetLength, ref flags)
                : TenantHeader.Check4(ip, length, out packetLength, ref flags);
            if (reason != DropReason.None)
            {
                Drop(worker, buffer, reason);
                continue;
            }
            if (v6)
                flags |= PacketFlags.V6;
            uint vrf = RowLife.RowOf(tag->Vrf);
            switch (tag->Kind)
            {
                case InjectKind.Delivery when tag->KeepTtl == 0 && Ttl(ip, flags) <= 1:
                    PuntPacket(worker, buffer, PuntReason.TtlExpired, ip, (byte)(flags | PacketFlags.FromCore), vrf, uint.MaxValue,
                        outInterface: row->Index);
                    break;
                case InjectKind.Delivery:
                    // Only what came with an interface's label is delivered without lookup, or is the forwarder's own.
                    Deliver(worker, buffer, ip, packetLength, (byte)(flags | PacketFlags.FromCore), vrf, row->Index);
                    break;
                case InjectKind.CoreView:
                    Append(worker->Columns, worker->Columns->Count++, buffer, ip, packetLength, row, vrf,
                        (byte)(flags | PacketFlags.CoreView | PacketFlags.FromCore));
                    break;
                default:
                    Append(worker->Columns, worker->Columns->Count++, buffer, ip, packetLength, row, vrf, flags);
                    break;
            }
        }
    }

    // The slow path's own frames to a guest count as delivered; what is not IP counts no bytes.
    private static void CountFrame(WorkerBlock* worker, Mbuf* buffer, InterfaceRow* row)
    {
        if (buffer->PktLen < row->HeaderLength)
            return;
        ushort etherType = *(ushort*)(buffer->Data + row->HeaderLength - 2);
        uint length = etherType is WireIpv4 or WireIpv6 ? buffer->PktLen - row->HeaderLength : 0;
        worker->Counters.InterfaceTx[row->Index].Add(length);
    }

    private static bool TryFindRow(DatapathRoot* root, uint id, out InterfaceRow* row)
    {
        row = RowLife.RowOf(id) < (uint)root->InterfaceCapacity ? root->Interfaces[RowLife.RowOf(id)] : null;
        return row != null && Volatile.Read(ref row->Id) == id;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Append(Batch* batch, nint at, Mbuf* buffer, byte* ip, uint length, InterfaceRow* row, uint vrf, byte flags)
    {
        batch->Buffers[at] = (ulong)buffer;
        batch->Headers[at] = (ulong)ip;
        batch->Rows[at] = (ulong)row;
        batch->Keys[at] = RouteTable.Key4(VrfRow.AccessSpace(vrf), *(uint*)(ip + 16));
        batch->Vrfs[at] = vrf;
        batch->Lengths[at] = (ushort)length;
        batch->Flags[at] = flags;
        batch->Seen |= flags;
        batch->Common &= flags;
        batch->Hashed = 0;
    }
}

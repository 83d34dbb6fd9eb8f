using System.Runtime.CompilerServices;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Pipeline;

/// <content>The three ways out: drop, punt, transmit. Each is counted once, in the ledger of the burst.</content>
internal static unsafe partial class FastPath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Drop(WorkerBlock* worker, Mbuf* buffer, DropReason reason)
    {
        worker->Counters.Drops[(int)reason]++;
        worker->CurrentLedger->Dropped++;
        worker->FreeList[worker->FreeCount++] = (ulong)buffer;
    }

    // A drop that an interface answers for.
    private static void DropAt(WorkerBlock* worker, Mbuf* buffer, DropReason reason, uint interfaceRow)
    {
        if (interfaceRow != uint.MaxValue)
            worker->Counters.InterfaceDrops[interfaceRow]++;
        Drop(worker, buffer, reason);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transmit(WorkerBlock* worker, Mbuf* buffer, uint port, uint frameBytes)
    {
        TxBuffer* tx = worker->Tx + port;
        tx->Buffers[tx->Count++] = (ulong)buffer;
        tx->Bytes += frameBytes;
    }

    private static void PuntFromInterface(WorkerBlock* worker, Mbuf* buffer, PuntReason reason, uint port, uint interfaceRow,
        uint vrf, uint l3Offset)
    {
        if (!TakeBudget(worker, interfaceRow))
        {
            DropAt(worker, buffer, DropReason.PuntRateLimited, interfaceRow);
            return;
        }
        Punt(worker, buffer, new PuntTag
        {
            Reason = reason,
            Port = (ushort)port,
            Interface = NameOf(worker->Root, interfaceRow),
            OutInterface = uint.MaxValue,
            Vrf = Volatile.Read(ref worker->Root->Vrfs[vrf].Id),
            Tunnel = uint.MaxValue,
            L3Offset = (ushort)l3Offset,
        });
    }

    private static void PuntUnderlay(WorkerBlock* worker, Mbuf* buffer, PuntReason reason, uint port)
    {
        if (!TakeBudget(worker, (uint)worker->Root->InterfaceCapacity + port))
        {
            Drop(worker, buffer, DropReason.PuntRateLimited);
            return;
        }
        Punt(worker, buffer, new PuntTag
        {
            Reason = reason,
            FromCore = 1,
            Port = (ushort)port,
            Interface = uint.MaxValue,
            OutInterface = uint.MaxValue,
            Vrf = uint.MaxValue,
            Tunnel = uint.MaxValue,
            L3Offset = TunnelRow.EthernetBytes,
        });
    }

    // A tenant packet that got as far as its VRF. The budget is that of the interface it came
    // from or goes to; packets from the core with neither share one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PuntPacket(WorkerBlock* worker, Mbuf* buffer, PuntReason reason, byte* ip, byte flags, uint vrf,
        uint interfaceRow, uint mtu = 0, uint outInterface = uint.MaxValue, uint tunnelRow = uint.MaxValue)
    {
        uint budget = interfaceRow != uint.MaxValue ? interfaceRow
            : outInterface != uint.MaxValue ? outInterface
            : (uint)(worker->Root->InterfaceCapacity + worker->Root->PortCapacity);
        if ((flags & PacketFlags.Injected) == 0 && !TakeBudget(worker, budget))
        {
            DropAt(worker, buffer, DropReason.PuntRateLimited, interfaceRow);
            return;
        }
        Punt(worker, buffer, new PuntTag
        {
            Reason = reason,
            FromCore = (byte)((flags & PacketFlags.FromCore) != 0 ? 1 : 0),
            Decapsulated = (byte)((flags & (PacketFlags.FromCore | PacketFlags.Injected)) != 0 ? 1 : 0),
            KeepTtl = (byte)((flags & PacketFlags.KeepTtl) != 0 ? 1 : 0),
            CoreView = (byte)((flags & PacketFlags.CoreView) != 0 ? 1 : 0),
            Port = interfaceRow != uint.MaxValue ? worker->Root->Interfaces[interfaceRow]->Port : ushort.MaxValue,
            Interface = NameOf(worker->Root, interfaceRow),
            OutInterface = NameOf(worker->Root, outInterface),
            Vrf = Volatile.Read(ref worker->Root->Vrfs[vrf].Id),
            Tunnel = tunnelRow,
            L3Offset = (ushort)(ip - buffer->Data),
            Mtu = (ushort)mtu,
        });
    }

    // The row is the one that this packet met: it is not another's before the next turn. Null where a leaf names a removed one.
    private static uint NameOf(DatapathRoot* root, uint interfaceRow)
    {
        if (interfaceRow == uint.MaxValue)
            return uint.MaxValue;
        InterfaceRow* row = root->Interfaces[interfaceRow];
        return row == null ? RowLife.Gone : Volatile.Read(ref row->Id);
    }

    private static void Punt(WorkerBlock* worker, Mbuf* buffer, in PuntTag tag)
    {
        *(PuntTag*)buffer->Private = tag;
        worker->PuntList[worker->PuntCount++] = (ulong)buffer;
    }

    // A token bucket of one second's punts (SEC-14).
    private static bool TakeBudget(WorkerBlock* worker, uint row)
    {
        DatapathRoot* root = worker->Root;
        PuntBudget* budget = worker->PuntBudgets + row;
        ulong elapsed = worker->Now < budget->RefilledAt ? 0 : worker->Now - budget->RefilledAt;
        if (budget->RefilledAt == 0 || elapsed >= root->ClockHz)
        {
            budget->Tokens = root->PuntRate;
            budget->RefilledAt = Math.Max(worker->Now, 1);
        }
        else
        {
            ulong refill = elapsed * root->PuntRate / root->ClockHz;
            if (refill != 0)
            {
                budget->Tokens = (uint)Math.Min(budget->Tokens + refill, root->PuntRate);
                budget->RefilledAt += refill * root->ClockHz / root->PuntRate;
            }
        }
        if (budget->Tokens == 0)
            return false;
        budget->Tokens--;
        return true;
    }

    /// <summary>Ends a burst: punts, transmits, and gives back what was dropped.</summary>
    private static void Flush(WorkerBlock* worker)
    {
        if (worker->PuntCount != 0)
            FlushPunts(worker);
        DatapathRoot* root = worker->Root;
        for (int port = 0; port < root->PortCount; port++)
        {
            TxBuffer* tx = worker->Tx + port;
            if (tx->Count != 0)
                FlushPort(worker, port, tx);
        }
        if (worker->FreeCount != 0)
        {
            root->Calls->FreeBulk((Mbuf**)worker->FreeList, (uint)worker->FreeCount);
            worker->FreeCount = 0;
        }
    }

    private static void FlushPort(WorkerBlock* worker, int port, TxBuffer* tx)
    {
        ulong bytes = tx->Bytes;
        int sent = worker->Root->Calls->TxBurst(tx->DpdkPort, worker->TxQueue, (Mbuf**)tx->Buffers, (ushort)tx->Count);
        // What the driver did not take is still ours.
        for (int i = sent; i < tx->Count; i++)
        {
            var frame = (Mbuf*)tx->Buffers[i];
            bytes -= frame->PktLen;
            Drop(worker, frame, DropReason.TxFull);
        }
        worker->CurrentLedger->Tx += (uint)sent;
        worker->Counters.PortTx[port].Packets += (uint)sent;
        worker->Counters.PortTx[port].Bytes += bytes;
        tx->Count = 0;
        tx->Bytes = 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FlushPunts(WorkerBlock* worker)
    {
        DatapathRoot* root = worker->Root;
        var list = (void**)worker->PuntList;
        int count = worker->PuntCount;
        byte* reasons = stackalloc byte[Batch.Capacity];
        for (int i = 0; i < count; i++)
            reasons[i] = (byte)((PuntTag*)((Mbuf*)list[i])->Private)->Reason;
        int taken = (int)root->Calls->RingEnqueue(root->PuntRing, list, (uint)count);
        for (int i = 0; i < taken; i++)
            worker->Counters.Punts[reasons[i]]++;
        worker->CurrentLedger->Punted += (uint)taken;
        for (int i = taken; i < count; i++)
            Drop(worker, (Mbuf*)list[i], DropReason.PuntFull);
        worker->PuntCount = 0;
    }
}

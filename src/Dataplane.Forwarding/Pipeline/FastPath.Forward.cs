using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>What the leaf says: impose a label, deliver, or hand over to the slow path.</content>
internal static unsafe partial class FastPath
{
    private const int LabelEntryShift = 12;
    private const ushort EntropyPortBase = 0xC000;

    private static void ForwardStage(WorkerBlock* worker, Batch* batch)
    {
        AdjacencyPass(worker->Root, batch);
        RewritePass(worker, batch);
    }

    // Leaf → tunnel, where the packet can be sent as it is: the loads of many packets overlap.
    private static void AdjacencyPass(DatapathRoot* root, Batch* batch)
    {
        TunnelRow** tunnels = root->Tunnels;
        nint count = batch->Count;
        for (nint i = 0; i < count; i++)
        {
            ulong leaf = batch->Leaves[i];
            TunnelRow* tunnel = null;
            if (leaf >> Leaf.KindShift == (ulong)LeafKind.Tunnel && (sbyte)batch->Flags[i] < 0)
            {
                tunnel = tunnels[(uint)leaf];
                if (batch->Lengths[i] > tunnel->ReadyMtu)
                    tunnel = null;
            }
            batch->Keys[i] = (ulong)tunnel;
        }
    }

    private static void RewritePass(WorkerBlock* worker, Batch* batch)
    {
        PacketCount* encapsulated = worker->Counters.VrfEncapsulated;
        PacketCount* tunnelCounts = worker->Counters.Tunnel;
        TxBuffer* queues = worker->Tx;
        nint count = batch->Count;
        for (nint i = 0; i < count; i++)
        {
            var tunnel = (TunnelRow*)batch->Keys[i];
            if (tunnel == null)
            {
                ForwardOther(worker, batch, i);
                continue;
            }
            var ip = (byte*)batch->Headers[i];
            if ((batch->Flags[i] & PacketFlags.V6) != 0)
                ip[7]--;
            else
                DecrementTtl4(ip);
            ulong leaf = batch->Leaves[i];
            uint length = batch->Lengths[i];
            uint frameBytes = Encapsulate(batch, i, tunnel, leaf, ip, length);
            encapsulated[batch->Vrfs[i]].Add(length);
            tunnelCounts[(uint)leaf].Add(length);
            TxBuffer* queue = queues + tunnel->Port;
            queue->Buffers[queue->Count++] = batch->Buffers[i];
            queue->Bytes += frameBytes;
        }
    }

    // The outer header in front of the packet, and the buffer's new bounds. The frame's length.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Encapsulate(Batch* batch, nint i, TunnelRow* tunnel, ulong leaf, byte* ip, uint length)
    {
        var buffer = (Mbuf*)batch->Buffers[i];
        var row = (InterfaceRow*)batch->Rows[i];
        uint tos = row->OuterTos;
        uint headerLength = tunnel->HeaderLength;
        uint frameBytes = length + headerLength;

        // The template is aligned to its end, so these stores need no length; what they write too much is headroom.
        Vector256.Load((byte*)tunnel + 16).Store(ip - 64);
        Vector256.Load((byte*)tunnel + 48).Store(ip - 32);
        *(uint*)(ip - 4) = BinaryPrimitives.ReverseEndianness(
            (uint)(leaf >> Leaf.LabelShift << LabelEntryShift) | row->LabelTcBits | tunnel->LabelTail);
        byte* start = ip - headerLength;
        byte* outer = start + TunnelRow.EthernetBytes;
        if (tunnel->OuterIsV6 == 0)
        {
            uint totalLengthWire = BinaryPrimitives.ReverseEndianness((ushort)(frameBytes - TunnelRow.EthernetBytes));
            *(uint*)outer = 0x45 | tos << 8 | totalLengthWire << 16;
            uint sum = tunnel->ChecksumBase + totalLengthWire + (tos << 8);
            sum = (sum & 0xFFFF) + (sum >> 16);
            sum += sum >> 16;
            *(ushort*)(outer + 10) = (ushort)~sum;
            if (tunnel->Encapsulation == Encapsulation.MplsInUdp)
                WriteUdp(outer + HeaderSize.Ipv4, HashOf(batch, i), length);
        }
        else
        {
            Encapsulate6(batch, i, tunnel, ip, length, tos);
        }
        buffer->DataOff = (ushort)(start - buffer->BufAddr);
        buffer->SetLength(frameBytes);
        return frameBytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint HashOf(Batch* batch, nint i) => (batch->Flags[i] & PacketFlags.V6) != 0
        ? FlowHash.Of6((byte*)batch->Headers[i], batch->Lengths[i]) : FlowHash.Of4((byte*)batch->Headers[i], batch->Lengths[i]);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Encapsulate6(Batch* batch, nint i, TunnelRow* tunnel, byte* ip, uint length, uint tos)
    {
        uint headerLength = tunnel->HeaderLength;
        if (headerLength > 64)
            Vector128.Load((byte*)tunnel).Store(ip - TunnelRow.TemplateBytes);
        byte* outer = ip - headerLength + TunnelRow.EthernetBytes;
        uint payload = length + headerLength - TunnelRow.EthernetBytes - HeaderSize.Ipv6;
        *(uint*)outer = BinaryPrimitives.ReverseEndianness(6u << 28 | tos << 20);
        *(ushort*)(outer + 4) = BinaryPrimitives.ReverseEndianness((ushort)payload);
        if (tunnel->Encapsulation != Encapsulation.MplsInUdp)
            return;
        WriteUdp(outer + HeaderSize.Ipv6, HashOf(batch, i), length);
        if (tunnel->ZeroUdpChecksum == 0)
            WriteUdpChecksum6(outer + HeaderSize.Ipv6, payload, tunnel->PseudoHeaderSum);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForwardOther(WorkerBlock* worker, Batch* batch, nint i)
    {
        var buffer = (Mbuf*)batch->Buffers[i];
        var ip = (byte*)batch->Headers[i];
        var leaf = new Leaf(batch->Leaves[i]);
        uint length = batch->Lengths[i];
        uint interfaceRow = ((InterfaceRow*)batch->Rows[i])->Index;
        uint vrf = batch->Vrfs[i];
        byte flags = batch->Flags[i];
        if (leaf.Kind == LeafKind.CoreLookup)
        {
            leaf = (flags & PacketFlags.CoreView) != 0 ? leaf
                : LookupCore(worker->Root, vrf, ip, (flags & PacketFlags.V6) != 0);
            if (leaf.Kind == LeafKind.Group)
                leaf = SelectOne(worker, leaf, ip, length, flags);
            if (leaf.Kind == LeafKind.CoreLookup)
            {
                DropAt(worker, buffer, DropReason.LookupLoop, interfaceRow);
                return;
            }
        }
        // A tunnel is not the link: a link-local address that came by one is nobody's, not even the first hop's.
        const byte OffLink = PacketFlags.LinkLocal | PacketFlags.CoreView;
        if (leaf.Kind == LeafKind.Router && (flags & OffLink) != OffLink)
        {
            PuntPacket(worker, buffer, PuntReason.RouterAddress, ip, flags, vrf, interfaceRow);
            return;
        }
        if ((flags & PacketFlags.LinkLocal) != 0)
        {
            DropAt(worker, buffer, DropReason.LinkLocal, interfaceRow);
            return;
        }
        switch (leaf.Kind)
        {
            case LeafKind.Tunnel:
                Impose(worker, batch, i, leaf);
                break;
            case LeafKind.Interface:
                if ((flags & PacketFlags.KeepTtl) == 0 && Ttl(ip, flags) <= 1)
                {
                    PuntPacket(worker, buffer, PuntReason.TtlExpired, ip, flags, vrf, interfaceRow);
                    break;
                }
                Deliver(worker, buffer, ip, length, flags, vrf, leaf.Index, interfaceRow);
                break;
            default:
                DropAt(worker, buffer, DropReason.NoRoute, interfaceRow);
                break;
        }
    }

    /// <summary>Label imposition and encapsulation (FWD-04, FWD-06, FWD-07) of a packet that is not plain, or whose tunnel
    /// is not ready for it.</summary>
    private static void Impose(WorkerBlock* worker, Batch* batch, nint i, Leaf leaf)
    {
        var buffer = (Mbuf*)batch->Buffers[i];
        var ip = (byte*)batch->Headers[i];
        uint length = batch->Lengths[i];
        uint interfaceRow = ((InterfaceRow*)batch->Rows[i])->Index;
        uint vrf = batch->Vrfs[i];
        byte flags = batch->Flags[i];
        TunnelRow* tunnel = worker->Root->Tunnels[leaf.Index];
        if ((flags & PacketFlags.KeepTtl) == 0 && Ttl(ip, flags) <= 1)
        {
            PuntPacket(worker, buffer, PuntReason.TtlExpired, ip, flags, vrf, interfaceRow);
            return;
        }
        if (length > tunnel->InnerMtu)
        {
            PuntPacket(worker, buffer, PuntReason.MtuExceeded, ip, flags, vrf, interfaceRow, tunnel->InnerMtu,
                tunnelRow: leaf.Index);
            return;
        }
        if (tunnel->Resolved == 0)
        {
            PuntPacket(worker, buffer, PuntReason.UnderlayUnresolved, ip, flags, vrf, interfaceRow, tunnelRow: leaf.Index);
            return;
        }
        if (ip - TunnelRow.TemplateBytes < buffer->BufAddr)
        {
            DropAt(worker, buffer, DropReason.UnsupportedBuffer, interfaceRow);
            return;
        }
        if ((flags & PacketFlags.KeepTtl) == 0)
            DecrementTtl(ip, flags);
        uint frameBytes = Encapsulate(batch, i, tunnel, leaf.Bits, ip, length);
        worker->Counters.VrfEncapsulated[vrf].Add(length);
        worker->Counters.Tunnel[leaf.Index].Add(length);
        Transmit(worker, buffer, tunnel->Port, frameBytes);
    }

    private static void WriteUdp(byte* udp, uint hash, uint innerLength)
    {
        *(ushort*)udp = BinaryPrimitives.ReverseEndianness((ushort)(EntropyPortBase | hash & 0x3FFF));
        *(ushort*)(udp + 4) = BinaryPrimitives.ReverseEndianness(
            (ushort)(innerLength + HeaderSize.Udp + OuterParser.LabelEntryBytes));
    }

    private static void WriteUdpChecksum6(byte* udp, uint udpBytes, uint pseudoHeaderSum)
    {
        ulong sum = pseudoHeaderSum + (ulong)BinaryPrimitives.ReverseEndianness((ushort)udpBytes) + WordSum.Of(udp, udpBytes);
        var checksum = (ushort)~WordSum.Fold(sum);
        // Zero means "none": its other representation is sent (RFC 768).
        *(ushort*)(udp + 6) = checksum == 0 ? ushort.MaxValue : checksum;
    }

    /// <summary>
    /// Delivery to a virtual interface with the virtual router MAC as source (FWD-14). The TTL goes down unless the flags
    /// say otherwise; the caller has checked it.
    /// </summary>
    private static void Deliver(WorkerBlock* worker, Mbuf* buffer, byte* ip, uint length, byte flags, uint vrf,
        uint outInterface, uint inInterface = uint.MaxValue)
    {
        DatapathRoot* root = worker->Root;
        InterfaceRow* row = root->Interfaces[outInterface];
        if (row == null)
        {
            DropAt(worker, buffer, DropReason.NoRoute, inInterface);
            return;
        }
        if ((flags & PacketFlags.LinkLocal) != 0 && (flags & (PacketFlags.KeepTtl | PacketFlags.Injected)) != (PacketFlags.KeepTtl | PacketFlags.Injected))
        {
            DropAt(worker, buffer, DropReason.LinkLocal, outInterface);
            return;
        }
        if (length > row->Mtu)
        {
            PuntPacket(worker, buffer, PuntReason.MtuExceeded, ip, flags, vrf, inInterface, row->Mtu, outInterface);
            return;
        }
        bool v6 = (flags & PacketFlags.V6) != 0;
        ulong neighbor = 0;
        if (row->MacWire == 0)
        {
            neighbor = v6
                ? ExactTable128.Find(root->Neighbors6, outInterface + 1, Wire(ip + 24), Wire(ip + 32))
                : ExactTable64.Find(root->Neighbors4, (ulong)(outInterface + 1) << 32 | *(uint*)(ip + 16));
            if (neighbor == 0)
            {
                PuntPacket(worker, buffer, PuntReason.NeighborUnresolved, ip, flags, vrf, inInterface,
                    outInterface: outInterface);
                return;
            }
        }
        if (ip - InterfaceRow.HeaderBytes < buffer->BufAddr)
        {
            DropAt(worker, buffer, DropReason.UnsupportedBuffer, outInterface);
            return;
        }
        if ((flags & PacketFlags.KeepTtl) == 0)
            DecrementTtl(ip, flags);
        Vector256.Load(v6 ? row->Header6 : row->Header4).Store(ip - InterfaceRow.HeaderBytes);
        byte* start = ip - row->HeaderLength;
        if (neighbor != 0)
        {
            *(uint*)start = (uint)neighbor;
            *(ushort*)(start + 4) = (ushort)(neighbor >> 32);
        }
        buffer->DataOff = (ushort)(start - buffer->BufAddr);
        uint frameBytes = length + row->HeaderLength;
        buffer->SetLength(frameBytes);
        worker->Counters.InterfaceTx[outInterface].Add(length);
        if ((flags & PacketFlags.FromCore) == 0)
            worker->Counters.VrfLocal[vrf].Add(length);
        Transmit(worker, buffer, row->Port, frameBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Ttl(byte* ip, byte flags) => (flags & PacketFlags.V6) != 0 ? ip[7] : ip[8];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecrementTtl(byte* ip, byte flags)
    {
        if ((flags & PacketFlags.V6) != 0)
            ip[7]--;
        else
            DecrementTtl4(ip);
    }

    // TTL, protocol and checksum in one word: the checksum, its upper half, goes up by what the TTL, its lowest octet, goes
    // down (RFC 1141), with a carry around its end; 0xFFFF is written as 0 (RFC 1624).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecrementTtl4(byte* ip)
    {
        const uint Step = (1u << 16) - 1;
        const uint LastTwoChecksums = 0xFFFE_0000;
        uint word = *(uint*)(ip + 8);
        uint next = word + Step;
        if (word >= LastTwoChecksums)
            next += 1u << 16;
        *(uint*)(ip + 8) = next;
    }
}

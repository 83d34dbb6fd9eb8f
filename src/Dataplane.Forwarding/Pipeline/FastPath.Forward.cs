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
    private const int LeafToEntryShift = 20;
    private const uint LabelMask = 0xFFFF_F000;
    private const ushort EntropyPortBase = 0xC000;

    private static void ForwardStage(WorkerBlock* worker, Batch* batch)
    {
        AdjacencyPass(worker->Root, batch);
        RewritePass(batch);
        AccountPass(worker, batch);
    }

    // Leaf → adjacency, where the packet can be sent as it is: few instructions, so that the loads of many packets overlap.
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

    // TTL, and the outer header in front of the packet.
    private static void RewritePass(Batch* batch)
    {
        nint count = batch->Count;
        for (nint i = 0; i < count; i++)
        {
            var tunnel = (TunnelRow*)batch->Keys[i];
            if (tunnel == null)
                continue;
            var ip = (byte*)batch->Headers[i];
            if ((batch->Flags[i] & PacketFlags.V6) != 0)
                ip[7]--;
            else
                *(uint*)(ip + 8) = batch->TtlWords[i];
            WriteOuter(batch, i, tunnel, ip);
        }
    }

    // The buffers' new bounds, the counters, the transmit queue. Packets without an adjacency get all of their treatment
    // here, in their turn, so that no packet overtakes another.
    private static void AccountPass(WorkerBlock* worker, Batch* batch)
    {
        PacketCount* encapsulated = worker->Counters.VrfEncapsulated;
        PacketCount* tunnelCounts = worker->Counters.Tunnel;
        TxBuffer* queues = worker->Tx;
        TxBuffer* queue = queues;
        ulong* next = queue->Buffers + queue->Count;
        ulong bytes = 0;
        nint count = batch->Count;
        for (nint i = 0; i < count; i++)
        {
            var tunnel = (TunnelRow*)batch->Keys[i];
            if (tunnel == null)
            {
                queue->Count = (int)(next - queue->Buffers);
                ForwardOther(worker, batch, i);
                next = queue->Buffers + queue->Count;
                continue;
            }
            uint length = batch->Lengths[i];
            var buffer = (Mbuf*)batch->Buffers[i];
            uint frameBytes = MoveStart(buffer, (byte*)batch->Headers[i], tunnel->HeaderLength, length);
            encapsulated[batch->Vrfs[i]].Add(length);
            tunnelCounts[(uint)batch->Leaves[i]].Add(length);
            if (queues + tunnel->Port != queue)
            {
                queue->Count = (int)(next - queue->Buffers);
                queue->Bytes += bytes;
                queue = queues + tunnel->Port;
                next = queue->Buffers + queue->Count;
                bytes = 0;
            }
            *next++ = (ulong)buffer;
            bytes += frameBytes;
        }
        queue->Count = (int)(next - queue->Buffers);
        queue->Bytes += bytes;
    }

    // The frame begins headerLength bytes in front of the packet now. The frame's length.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint MoveStart(Mbuf* buffer, byte* ip, uint headerLength, uint length)
    {
        uint frameBytes = length + headerLength;
        buffer->DataOff = (ushort)(ip - headerLength - buffer->BufAddr);
        // PktLen and DataLen side by side, and a VlanTci that means nothing to a sender.
        *(ulong*)((byte*)buffer + Mbuf.LengthsOffset) = frameBytes | (ulong)frameBytes << 32;
        return frameBytes;
    }

    // Everything in front of the tenant's packet, from the underlay's Ethernet header to the label entry (FWD-06, FWD-07).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteOuter(Batch* batch, nint i, TunnelRow* tunnel, byte* ip)
    {
        // The template is aligned to its end, so these stores need no length; what they write too much is headroom.
        // The row begins with it; as a field, the compiler would check it for null.
        byte* template = (byte*)tunnel;
        Vector128.Load(template + 16).Store(ip - 48);
        Vector256.Load(template + 32).Store(ip - 32);
        var row = (InterfaceRow*)batch->Rows[i];
        *(uint*)(ip - 4) = BinaryPrimitives.ReverseEndianness(
            (uint)(batch->Leaves[i] >> LeafToEntryShift) & LabelMask | row->LabelTcBits | tunnel->LabelTail);
        uint outerBytes = batch->Lengths[i] + (uint)tunnel->OuterOverhead;
        if (tunnel->Shape > TunnelShape.UdpOverV4)
        {
            WriteOuter6(batch, i, tunnel, ip, outerBytes, row->OuterTos);
            return;
        }
        // Version, header length, TOS and total length are one word; the checksum is that of the template and this word.
        byte* outer = ip - tunnel->OuterOverhead;
        uint lengthWire = BinaryPrimitives.ReverseEndianness(outerBytes);
        uint versionTos = row->OuterVersionTosWire;
        *(uint*)outer = lengthWire | versionTos;
        uint sum = tunnel->ChecksumBase + versionTos + (lengthWire >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum += sum >> 16;
        *(ushort*)(outer + 10) = (ushort)~sum;
        if (tunnel->Shape == TunnelShape.UdpOverV4)
            WriteUdp(outer + HeaderSize.Ipv4, batch->Hashes[i], outerBytes - HeaderSize.Ipv4);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteOuter6(Batch* batch, nint i, TunnelRow* tunnel, byte* ip, uint outerBytes, uint tos)
    {
        Vector128.Load(tunnel->TemplateHead).Store(ip - TunnelRow.TemplateBytes);
        Vector128.Load(tunnel->Template).Store(ip - TunnelRow.TemplateTailBytes);
        byte* outer = ip - tunnel->OuterOverhead;
        uint payload = outerBytes - HeaderSize.Ipv6;
        *(uint*)outer = BinaryPrimitives.ReverseEndianness(6u << 28 | tos << 20);
        *(ushort*)(outer + 4) = BinaryPrimitives.ReverseEndianness((ushort)payload);
        if (tunnel->Shape != TunnelShape.UdpOverV6)
            return;
        WriteUdp(outer + HeaderSize.Ipv6, batch->Hashes[i], payload);
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
            if ((flags & PacketFlags.CoreView) == 0)
            {
                batch->Vrfs[i] = vrf = leaf.Index;
                leaf = LookupCore(worker->Root, vrf, ip, (flags & PacketFlags.V6) != 0);
            }
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
        batch->Leaves[i] = leaf.Bits;
        WriteOuter(batch, i, tunnel, ip);
        uint frameBytes = MoveStart(buffer, ip, tunnel->HeaderLength, length);
        worker->Counters.VrfEncapsulated[vrf].Add(length);
        worker->Counters.Tunnel[leaf.Index].Add(length);
        Transmit(worker, buffer, tunnel->Port, frameBytes);
    }

    // Source port (entropy), destination port and length; the checksum stays the template's zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteUdp(byte* udp, uint hash, uint udpBytes)
    {
        *(ushort*)udp = BinaryPrimitives.ReverseEndianness((ushort)(EntropyPortBase | hash & 0x3FFF));
        *(ushort*)(udp + 4) = BinaryPrimitives.ReverseEndianness((ushort)udpBytes);
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
        uint frameBytes = MoveStart(buffer, ip, row->HeaderLength, length);
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
            *(uint*)(ip + 8) = TenantHeader.DecrementedTtlWord(ip);
    }
}

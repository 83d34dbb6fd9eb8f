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
    private const uint BottomOfStack = 0x100;
    private const ushort EntropyPortBase = 0xC000;

    private static void ForwardStage(WorkerBlock* worker, Batch* batch)
    {
        int count = batch->Count;
        ulong* buffers = batch->Buffers;
        ulong* headers = batch->Headers;
        ulong* leaves = batch->Leaves;
        ulong* rows = batch->Rows;
        for (int i = 0; i < count; i++)
        {
            var buffer = (Mbuf*)buffers[i];
            var ip = (byte*)headers[i];
            var leaf = new Leaf(leaves[i]);
            var row = (InterfaceRow*)rows[i];
            uint length = batch->Lengths[i];
            uint interfaceRow = batch->Interfaces[i];
            uint vrf = batch->Vrfs[i];
            byte flags = batch->Flags[i];
            if (leaf.Kind == LeafKind.Tunnel && (flags & PacketFlags.LinkLocal) == 0)
            {
                Impose(worker, buffer, ip, length, flags, vrf, row, interfaceRow, leaf);
                continue;
            }
            ForwardOther(worker, buffer, ip, length, flags, vrf, row, interfaceRow, leaf);
        }
    }

    private static void ForwardOther(WorkerBlock* worker, Mbuf* buffer, byte* ip, uint length, byte flags, uint vrf,
        InterfaceRow* row, uint interfaceRow, Leaf leaf)
    {
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
                Impose(worker, buffer, ip, length, flags, vrf, row, interfaceRow, leaf);
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

    /// <summary>Label imposition and encapsulation (FWD-04, FWD-06, FWD-07).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Impose(WorkerBlock* worker, Mbuf* buffer, byte* ip, uint length, byte flags, uint vrf,
        InterfaceRow* row, uint interfaceRow, Leaf leaf)
    {
        DatapathRoot* root = worker->Root;
        TunnelRow* tunnel = root->Tunnels[leaf.Index];
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

        // The flow hash reads the packet before the header is written in front of it.
        uint hash = tunnel->Encapsulation != Encapsulation.MplsInUdp ? 0
            : (flags & PacketFlags.V6) != 0 ? FlowHash.Of6(ip, length) : FlowHash.Of4(ip, length);

        // The template is aligned to its end, so these stores need no length; what they write too much is headroom.
        if (tunnel->HeaderLength > 64)
            Vector128.Load((byte*)tunnel).Store(ip - TunnelRow.TemplateBytes);
        Vector256.Load((byte*)tunnel + 16).Store(ip - 64);
        Vector256.Load((byte*)tunnel + 48).Store(ip - 32);

        uint tos = root->DefaultTos;
        uint tcBits = root->DefaultTcBits;
        if (row != null)
        {
            tos = row->OuterTos;
            tcBits = row->LabelTcBits;
        }
        *(uint*)(ip - 4) = BinaryPrimitives.ReverseEndianness(leaf.Label << 12 | tcBits | BottomOfStack | tunnel->LabelTtl);

        uint headerLength = tunnel->HeaderLength;
        byte* start = ip - headerLength;
        byte* outer = start + TunnelRow.EthernetBytes;
        if (tunnel->OuterIsV6 == 0)
        {
            uint totalLength = length + headerLength - TunnelRow.EthernetBytes;
            uint totalLengthWire = BinaryPrimitives.ReverseEndianness((ushort)totalLength);
            outer[1] = (byte)tos;
            *(ushort*)(outer + 2) = (ushort)totalLengthWire;
            uint sum = tunnel->ChecksumBase + totalLengthWire + (tos << 8);
            sum = (sum & 0xFFFF) + (sum >> 16);
            sum = (sum & 0xFFFF) + (sum >> 16);
            *(ushort*)(outer + 10) = (ushort)~sum;
            if (tunnel->Encapsulation == Encapsulation.MplsInUdp)
                WriteUdp(outer + HeaderSize.Ipv4, hash, length);
        }
        else
        {
            uint payload = length + headerLength - TunnelRow.EthernetBytes - HeaderSize.Ipv6;
            *(uint*)outer = BinaryPrimitives.ReverseEndianness(6u << 28 | tos << 20);
            *(ushort*)(outer + 4) = BinaryPrimitives.ReverseEndianness((ushort)payload);
            if (tunnel->Encapsulation == Encapsulation.MplsInUdp)
            {
                WriteUdp(outer + HeaderSize.Ipv6, hash, length);
                if (tunnel->ZeroUdpChecksum == 0)
                    WriteUdpChecksum6(outer + HeaderSize.Ipv6, payload, tunnel->PseudoHeaderSum);
            }
        }
        buffer->DataOff = (ushort)(start - buffer->BufAddr);
        uint frameBytes = length + headerLength;
        buffer->DataLen = (ushort)frameBytes;
        buffer->PktLen = frameBytes;
        worker->Counters.VrfEncapsulated[vrf].Add(length);
        worker->Counters.Tunnel[leaf.Index].Add(length);
        Transmit(worker, buffer, tunnel->Port);
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
        buffer->DataLen = (ushort)frameBytes;
        buffer->PktLen = frameBytes;
        worker->Counters.InterfaceTx[outInterface].Add(length);
        if ((flags & PacketFlags.FromCore) == 0)
            worker->Counters.VrfLocal[vrf].Add(length);
        Transmit(worker, buffer, row->Port);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Ttl(byte* ip, byte flags) => (flags & PacketFlags.V6) != 0 ? ip[7] : ip[8];

    // IPv4: the checksum goes up by what the TTL goes down (RFC 1141), and 0xFFFF is written as 0 (RFC 1624).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecrementTtl(byte* ip, byte flags)
    {
        if ((flags & PacketFlags.V6) != 0)
        {
            ip[7]--;
            return;
        }
        ip[8]--;
        uint checksum = *(ushort*)(ip + 10) + 1u;
        *(ushort*)(ip + 10) = (ushort)(checksum >= 0xFFFF ? checksum - 0xFFFF : checksum);
    }
}

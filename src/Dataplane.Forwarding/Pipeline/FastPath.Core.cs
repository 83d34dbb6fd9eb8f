using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>
/// Input from the infrastructure: outer header → label → interface or VRF (FWD-05, SEC-04, SEC-09), in passes over the burst.
/// Recognises plain packets in the usual encapsulations over IPv4; everything else takes the way of <c>CoreException</c>,
/// which gives the same answer for plain packets too.
/// </content>
internal static unsafe partial class FastPath
{
    // The longest header with a pattern and the shortest packet behind it.
    private const uint PlainCoreBytes = PortRow.UdpHeaderBytes + HeaderSize.Ipv4;
    private const int LabelShift = 12;
    private const ulong NoIngressKey = ulong.MaxValue << 32;

    private static void CoreInput(WorkerBlock* worker, uint port, Mbuf** frames, int count)
    {
        Batch* batch = worker->Columns;
        PacketCount* received = worker->Counters.PortRx + port;
        received->Packets += (uint)count;
        PortRow* row = worker->Root->Ports + port;
        bool regular = FramePass(frames, count, batch, out ulong bytes);
        received->Bytes += bytes;
        nint at = 0;
        if (regular && Avx2.IsSupported)
        {
            for (; at + HeaderLanes.Count <= count; at += HeaderLanes.Count)
            {
                if (!OpenLanes(batch, at, &row->Gre4, PortRow.GreHeaderBytes) && !OpenLanes(batch, at, &row->Udp4, PortRow.UdpHeaderBytes))
                    OpenPass(row, batch, at, at + HeaderLanes.Count);
            }
        }
        OpenPass(row, batch, at, count);
        LabelPass(worker, batch, count);
        ulong* ingress = stackalloc ulong[Batch.Capacity];
        FindIngress(worker->Root, batch->Keys, ingress, count);
        batch->Count = (int)EnterPass(worker, port, count, batch, ingress);
    }

    // Frames into the columns. Leaves null in the row of one that is not fit for the checks; true when there is none.
    private static bool FramePass(Mbuf** frames, nint count, Batch* batch, out ulong bytes)
    {
        uint unfit = 0;
        bytes = 0;
        for (nint i = 0; i < count; i++)
        {
            if (i + PrefetchAhead < count)
                Sse.Prefetch0(frames[i + PrefetchAhead]->Data);
            Mbuf* buffer = frames[i];
            uint dataOffset = buffer->DataOff;
            uint frameBytes = buffer->DataLen;
            bytes += buffer->PktLen;
            batch->Buffers[i] = (ulong)buffer;
            batch->Headers[i] = (ulong)(buffer->BufAddr + dataOffset);
            batch->Lengths[i] = (ushort)frameBytes;
            bool fit = buffer->NbSegs == 1 && dataOffset >= PlainHeadroom && frameBytes >= PlainCoreBytes;
            batch->Rows[i] = fit ? 1u : 0u;
            unfit |= fit ? 0u : 1u;
        }
        return unfit == 0;
    }

    // A frame at a time: outer header and tenant's header. A plain packet gets its columns of header, length, TTL word and
    // flags; any other null for its row.
    private static void OpenPass(PortRow* port, Batch* batch, nint start, nint end)
    {
        byte* octets = TenantHeader.UnusualOctets;
        for (nint i = start; i < end; i++)
        {
            if (batch->Rows[i] == 0)
                continue;
            var frame = (byte*)batch->Headers[i];
            batch->Rows[i] = 0;
            uint headerBytes;
            if (TunnelPattern.Matches(&port->Gre4, frame))
                headerBytes = PortRow.GreHeaderBytes;
            else if (TunnelPattern.Matches(&port->Udp4, frame))
                headerBytes = PortRow.UdpHeaderBytes;
            else
                continue;
            byte* ip = frame + headerBytes;
            uint outerBytes = BinaryPrimitives.ReverseEndianness(*(ushort*)(frame + 16));
            uint available = outerBytes + HeaderSize.Ethernet - headerBytes;
            if (outerBytes + HeaderSize.Ethernet > batch->Lengths[i] || (int)available < HeaderSize.Ipv4 || ip[-1] == 0
                || !TenantHeader.HasGoodChecksum(frame + HeaderSize.Ethernet)
                || (headerBytes == PortRow.UdpHeaderBytes && !IsWholeUdp(frame, outerBytes)))
            {
                continue;
            }
            uint length;
            byte flags = PacketFlags.Plain | PacketFlags.FromCore | PacketFlags.CoreView;
            if (*ip == 0x45)
            {
                if (!TenantHeader.IsPlain4(ip, available, octets, out length))
                    continue;
                batch->TtlWords[i] = TenantHeader.DecrementedTtlWord(ip);
            }
            else
            {
                if (*ip >> 4 != 6 || available < HeaderSize.Ipv6 || !TenantHeader.IsPlain6(ip, available, octets, out length))
                    continue;
                flags |= PacketFlags.V6;
            }
            batch->Rows[i] = 1;
            batch->Headers[i] = (ulong)ip;
            batch->Lengths[i] = (ushort)length;
            batch->Flags[i] = flags;
            batch->Keys[i] = *(uint*)(frame + 26);
        }
    }

    // The UDP datagram fills its IP packet.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsWholeUdp(byte* frame, uint outerBytes) =>
        BinaryPrimitives.ReverseEndianness(*(ushort*)(frame + 38)) + HeaderSize.Ipv4 == outerBytes;

    // The same for eight frames of one encapsulation, all with plain IPv4 inside; false, with nothing done, otherwise.
    private static bool OpenLanes(Batch* batch, nint at, TunnelPattern* pattern, uint headerBytes)
    {
        const ulong EightFlags = (PacketFlags.Plain | PacketFlags.FromCore | PacketFlags.CoreView) * 0x0101_0101_0101_0101ul;
        ulong* frames = batch->Headers + at;
        Vector256<byte> unlike = TunnelPattern.Difference(pattern, (byte*)frames[0]) | TunnelPattern.Difference(pattern, (byte*)frames[1])
            | TunnelPattern.Difference(pattern, (byte*)frames[2]) | TunnelPattern.Difference(pattern, (byte*)frames[3])
            | TunnelPattern.Difference(pattern, (byte*)frames[4]) | TunnelPattern.Difference(pattern, (byte*)frames[5])
            | TunnelPattern.Difference(pattern, (byte*)frames[6]) | TunnelPattern.Difference(pattern, (byte*)frames[7]);
        if (unlike != Vector256<byte>.Zero)
            return false;
        var outer = new HeaderLanes(frames, HeaderSize.Ethernet);
        Vector256<int> outerLengths = outer.Lengths.AsInt32();
        Vector256<int> available = outerLengths - Vector256.Create((int)headerBytes - HeaderSize.Ethernet);
        Vector256<int> frameBytes = Avx2.ConvertToVector256Int32(batch->Lengths + at);
        var inner = new HeaderLanes(frames, headerBytes);
        Vector256<uint> lengths = inner.Lengths;
        Vector256<uint> odd = Vector256.GreaterThan(outerLengths + Vector256.Create((int)HeaderSize.Ethernet), frameBytes).AsUInt32()
            | outer.BadChecksums | inner.Unusual(lengths, available) | inner.OtherThanPlainVersion;
        if (odd != Vector256<uint>.Zero)
            return false;
        for (nint i = 0; i < HeaderLanes.Count; i++)
        {
            var frame = (byte*)frames[i];
            if (frame[headerBytes - 1] == 0 || (headerBytes == PortRow.UdpHeaderBytes
                && !IsWholeUdp(frame, BinaryPrimitives.ReverseEndianness(*(ushort*)(frame + 16)))))
            {
                return false;
            }
        }
        inner.DecrementedTtlWords.Store(batch->TtlWords + at);
        Vector128.Narrow(lengths.GetLower(), lengths.GetUpper()).Store(batch->Lengths + at);
        *(ulong*)(batch->Flags + at) = EightFlags;
        for (nint i = at; i < at + HeaderLanes.Count; i++)
        {
            var frame = (byte*)batch->Headers[i];
            batch->Keys[i] = *(uint*)(frame + 26);
            batch->Headers[i] = (ulong)(frame + headerBytes);
        }
        return true;
    }

    // Label → entry, and with its VRF the key of the sender in the table of legitimate ones; the interface and its counters are
    // on their way into the cache.
    private static void LabelPass(WorkerBlock* worker, Batch* batch, nint count)
    {
        ulong* labels = worker->Root->Labels;
        InterfaceRow** interfaces = worker->Root->Interfaces;
        PacketCount* labelCounts = worker->Counters.InterfaceLabel;
        PacketCount* delivered = worker->Counters.InterfaceTx;
        for (nint i = 0; i < count; i++)
        {
            ulong entry = 0;
            if (batch->Rows[i] != 0)
                entry = labels[BinaryPrimitives.ReverseEndianness(*(uint*)(batch->Headers[i] - 4)) >> LabelShift];
            batch->Leaves[i] = entry;
            if (entry == 0)
            {
                batch->Keys[i] = NoIngressKey;
                continue;
            }
            batch->Keys[i] = (ulong)(new LabelEntry(entry).Vrf + 1) << 32 | (uint)batch->Keys[i];
            InterfaceRow* row = null;
            if (new LabelEntry(entry).Kind == LabelKind.Interface)
            {
                uint index = new LabelEntry(entry).Interface;
                row = interfaces[index];
                Sse.Prefetch0(&row->Vrf);
                Sse.Prefetch0(row->Header4);
                Sse.Prefetch0(labelCounts + index);
                Sse.Prefetch0(delivered + index);
            }
            batch->Rows[i] = (ulong)row;
        }
    }

    // Legitimate senders (SEC-09): not zero for those that are.
    private static void FindIngress(DatapathRoot* root, ulong* keys, ulong* found, int count)
    {
        byte* missed = stackalloc byte[Batch.Capacity];
        switch (root->Vectors)
        {
            case VectorLevel.Avx2:
                ExactTable64.FindBatch<Avx2Match>(root->Ingress4, keys, found, count, missed);
                break;
            case VectorLevel.Avx512:
                ExactTable64.FindBatch<Avx512Match>(root->Ingress4, keys, found, count, missed);
                break;
            default:
                ExactTable64.FindBatch<ScalarMatch>(root->Ingress4, keys, found, count, missed);
                break;
        }
    }

    // Lets in what has a label and comes from where it may: delivers it, or appends it for the lookup in its VRF. All others take
    // the long way here, in their turn, so that no packet overtakes another. The number of packets in the columns.
    private static nint EnterPass(WorkerBlock* worker, uint port, nint count, Batch* batch, ulong* ingress)
    {
        PacketCount* decapsulated = worker->Counters.VrfDecapsulated;
        PacketCount* labelCounts = worker->Counters.InterfaceLabel;
        PacketCount* delivered = worker->Counters.InterfaceTx;
        TxBuffer* queue = worker->Tx;
        ulong* next = queue->Buffers + queue->Count;
        nint passed = 0;
        for (nint i = 0; i < count; i++)
        {
            var buffer = (Mbuf*)batch->Buffers[i];
            var entry = new LabelEntry(batch->Leaves[i]);
            var ip = (byte*)batch->Headers[i];
            uint length = batch->Lengths[i];
            byte flags = batch->Flags[i];
            if (entry.Bits == 0 || ingress[i] == 0)
                goto Exception;
            if (entry.Kind == LabelKind.Interface)
            {
                var row = (InterfaceRow*)batch->Rows[i];
                if (row == null || length > row->Mtu || row->MacWire == 0)
                    goto Exception;
                Vector256.Load((flags & PacketFlags.V6) != 0 ? row->Header6 : row->Header4).Store(ip - InterfaceRow.HeaderBytes);
                uint frameBytes = MoveStart(buffer, ip, row->HeaderLength, length);
                decapsulated[entry.Vrf].Add(length);
                labelCounts[entry.Interface].Add(length);
                delivered[entry.Interface].Add(length);
                if (worker->Tx + row->Port != queue)
                {
                    queue->Count = (int)(next - queue->Buffers);
                    queue = worker->Tx + row->Port;
                    next = queue->Buffers + queue->Count;
                }
                *next++ = (ulong)buffer;
                queue->Bytes += frameBytes;
                continue;
            }
            decapsulated[entry.Vrf].Add(length);
            worker->Counters.AggregateLabel[entry.Vrf].Add(length);
            batch->TtlWords[passed] = batch->TtlWords[i];
            Append(batch, passed, buffer, ip, length, worker->Root->NoInterface, entry.Vrf, flags);
            passed++;
            continue;

        Exception:
            queue->Count = (int)(next - queue->Buffers);
            passed = CoreException(worker, port, buffer, passed);
            next = queue->Buffers + queue->Count;
        }
        queue->Count = (int)(next - queue->Buffers);
        return passed;
    }
}

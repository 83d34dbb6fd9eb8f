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
    private const int OuterProtocolAt = HeaderSize.Ethernet + 9;
    private const int OuterSourceAt = HeaderSize.Ethernet + 12;
    private const int UdpLengthAt = HeaderSize.Ethernet + HeaderSize.Ipv4 + 4;
    private const int LabelShift = 12;
    private const uint ReservedLabel = 0;

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
                bool gre = *((byte*)batch->Headers[at] + OuterProtocolAt) == IpProtocol.Gre;
                if (!OpenLanes(batch, at, gre ? &row->Gre4 : &row->Udp4, (uint)(gre ? PortRow.GreHeaderBytes : PortRow.UdpHeaderBytes)))
                    OpenPass(row, batch, at, at + HeaderLanes.Count);
            }
        }
        OpenPass(row, batch, at, count);
        LabelPass(worker, batch, count);
        // Legitimate senders (SEC-09): not zero for those that are.
        ulong* ingress = stackalloc ulong[Batch.Capacity];
        byte* missed = stackalloc byte[Batch.Capacity];
        ExactTable64.FindBatch(worker->Root->Vectors, worker->Root->Ingress4, batch->Keys, ingress, count, missed);
        batch->Count = (int)EnterPass(worker, port, count, batch, ingress);
    }

    // Frames into the columns; true when all are fit for the checks.
    private static bool FramePass(Mbuf** frames, nint count, Batch* batch, out ulong bytes)
    {
        uint unfit = 0;
        ulong sum = 0;
        for (nint i = 0; i < count; i++)
        {
            if (i + PrefetchAhead < count)
                Sse.Prefetch0(frames[i + PrefetchAhead]->Data);
            Mbuf* buffer = frames[i];
            unfit |= Unfit(buffer);
            sum += buffer->PktLen;
            batch->Buffers[i] = (ulong)buffer;
            batch->Headers[i] = (ulong)buffer->Data;
            batch->Lengths[i] = buffer->DataLen;
        }
        bytes = sum;
        return unfit == 0;
    }

    // 0 for one segment with room for a header in front, and long enough.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Unfit(Mbuf* buffer) => buffer->NbSegs ^ 1u | (buffer->DataOff - PlainHeadroom | buffer->DataLen - PlainCoreBytes) >> 31;

    // A frame at a time: outer header and tenant's header. A plain packet gets its columns of header, length, TTL word and
    // flags, for the next pass its label in the column of VRFs and the outer source in that of hashes; any other a label that nothing has.
    private static void OpenPass(PortRow* port, Batch* batch, nint start, nint end)
    {
        byte* octets = TenantHeader.UnusualOctets;
        for (nint i = start; i < end; i++)
        {
            batch->Vrfs[i] = ReservedLabel;
            if (Unfit((Mbuf*)batch->Buffers[i]) != 0)
                continue;
            var frame = (byte*)batch->Headers[i];
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
            batch->Headers[i] = (ulong)ip;
            batch->Lengths[i] = (ushort)length;
            batch->Flags[i] = flags;
            batch->Vrfs[i] = BinaryPrimitives.ReverseEndianness(*(uint*)(ip - 4)) >> LabelShift;
            batch->Hashes[i] = *(uint*)(frame + OuterSourceAt);
        }
    }

    // The UDP datagram fills its IP packet.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsWholeUdp(byte* frame, uint outerBytes) =>
        BinaryPrimitives.ReverseEndianness(*(ushort*)(frame + UdpLengthAt)) + HeaderSize.Ipv4 == outerBytes;

    // The same for eight frames of one encapsulation, all with plain packets of one family inside; false, with nothing done, otherwise.
    private static bool OpenLanes(Batch* batch, nint at, TunnelPattern* pattern, uint headerBytes)
    {
        const ulong EightFlags = (PacketFlags.Plain | PacketFlags.FromCore | PacketFlags.CoreView) * 0x0101_0101_0101_0101ul;
        ulong* frames = batch->Headers + at;
        if (!TunnelPattern.MatchesEight(pattern, frames))
            return false;
        var outer = new HeaderLanes(frames, HeaderSize.Ethernet);
        Vector256<int> outerLengths = outer.Lengths.AsInt32();
        Vector256<int> available = outerLengths - Vector256.Create((int)headerBytes - HeaderSize.Ethernet);
        Vector256<int> frameBytes = Avx2.ConvertToVector256Int32(batch->Lengths + at);
        Vector256<uint> odd = Vector256.GreaterThan(outerLengths + Vector256.Create((int)HeaderSize.Ethernet), frameBytes).AsUInt32() | outer.BadChecksums;
        Vector256<uint> lengths;
        Vector256<uint> ttlWords = default;
        bool v6 = *((byte*)frames[0] + headerBytes) >> 4 == 6;
        if (v6)
        {
            Vector256<int> inFrame = frameBytes - Vector256.Create((int)headerBytes);
            if (Vector256.LessThanAny(Vector256.Min(available, inFrame), Vector256.Create(HeaderSize.Ipv6)))
                return false;
            var inner = new HeaderLanes6(frames, headerBytes);
            lengths = inner.Lengths;
            odd |= inner.Unusual(lengths, available) | inner.OtherVersion;
        }
        else
        {
            var inner = new HeaderLanes(frames, headerBytes);
            lengths = inner.Lengths;
            odd |= inner.Unusual(lengths, available) | inner.OtherThanPlainVersion;
            ttlWords = inner.DecrementedTtlWords;
        }
        Vector256<uint> entries = HeaderLanes.Words(frames, headerBytes - HeaderSize.Mpls);
        odd |= Vector256.Equals(entries >>> 24, Vector256<uint>.Zero);
        if (headerBytes == PortRow.UdpHeaderBytes)
        {
            Vector256<uint> udpBytes = HeaderLanes.FirstNumbers(HeaderLanes.Words(frames, UdpLengthAt));
            odd |= (udpBytes + Vector256.Create((uint)HeaderSize.Ipv4)) ^ outerLengths.AsUInt32();
        }
        if (odd != Vector256<uint>.Zero)
            return false;
        ttlWords.Store(batch->TtlWords + at);
        Vector128.Narrow(lengths.GetLower(), lengths.GetUpper()).Store(batch->Lengths + at);
        *(ulong*)(batch->Flags + at) = v6 ? EightFlags | PacketFlags.V6 * 0x0101_0101_0101_0101ul : EightFlags;
        (HeaderLanes.Numbers(entries) >>> LabelShift).Store(batch->Vrfs + at);
        outer.Source.Store(batch->Hashes + at);
        Vector256<ulong> step = Vector256.Create((ulong)headerBytes);
        (Vector256.Load(frames) + step).Store(frames);
        (Vector256.Load(frames + 4) + step).Store(frames + 4);
        return true;
    }

    // Label → entry, and with its VRF the key of the sender in the table of legitimate ones; the interface and its counters are
    // on their way into the cache.
    private static void LabelPass(WorkerBlock* worker, Batch* batch, nint count)
    {
        ulong* labels = worker->Root->Labels;
        InterfaceRow** interfaces = worker->Root->Interfaces;
        PacketCount* delivered = worker->Counters.InterfaceDelivered;
        for (nint i = 0; i < count; i++)
        {
            var entry = new LabelEntry(labels[batch->Vrfs[i]]);
            batch->Leaves[i] = entry.Bits;
            batch->Keys[i] = (ulong)(entry.Vrf + 1) << 32 | batch->Hashes[i];
            if (entry.Kind != LabelKind.Interface)
                continue;
            InterfaceRow* row = interfaces[entry.Interface];
            batch->Rows[i] = (ulong)row;
            Sse.Prefetch0((byte*)row + InterfaceRow.DeliveryOffset);
            Sse.Prefetch0(delivered + entry.Interface);
        }
    }

    // Lets in what has a label and comes from where it may: delivers it, or appends it for the lookup in its VRF. All others take
    // the long way here, in their turn, so that no packet overtakes another. The number of packets in the columns.
    private static nint EnterPass(WorkerBlock* worker, uint port, nint count, Batch* batch, ulong* ingress)
    {
        PacketCount* decapsulated = worker->Counters.VrfDecapsulated;
        PacketCount* delivered = worker->Counters.InterfaceDelivered;
        TxBuffer* queues = worker->Tx;
        TxBuffer* queue = queues;
        ulong* next = queue->Buffers + queue->Count;
        ulong bytes = 0;
        nint passed = 0;
        for (nint i = 0; i < count; i++)
        {
            var entry = new LabelEntry(batch->Leaves[i]);
            if (ingress[i] == 0)
                goto Exception;
            uint length = batch->Lengths[i];
            if (entry.Kind == LabelKind.Interface)
            {
                var row = (InterfaceRow*)batch->Rows[i];
                if (row == null || length > row->ReadyMtu)
                    goto Exception;
                var buffer = (Mbuf*)batch->Buffers[i];
                var ip = (byte*)batch->Headers[i];
                Vector256.Load(InterfaceRow.Header(row, batch->Flags[i] & PacketFlags.V6)).Store(ip - InterfaceRow.HeaderBytes);
                bytes += MoveStart(buffer, ip, row->DeliveredHeaderLength, length);
                decapsulated[entry.Vrf].Add(length);
                delivered[entry.Interface].Add(length);
                if (queues + row->Port != queue)
                {
                    queue->Count = (int)(next - queue->Buffers);
                    queue->Bytes += bytes - (length + row->DeliveredHeaderLength);
                    queue = queues + row->Port;
                    next = queue->Buffers + queue->Count;
                    bytes = length + row->DeliveredHeaderLength;
                }
                *next++ = (ulong)buffer;
                continue;
            }
            if (entry.Kind == LabelKind.None)
                goto Exception;
            decapsulated[entry.Vrf].Add(length);
            worker->Counters.AggregateLabel[entry.Vrf].Add(length);
            batch->TtlWords[passed] = batch->TtlWords[i];
            Append(batch, passed, (Mbuf*)batch->Buffers[i], (byte*)batch->Headers[i], length, worker->Root->NoInterface, entry.Vrf, batch->Flags[i]);
            passed++;
            continue;

        Exception:
            queue->Count = (int)(next - queue->Buffers);
            passed = CoreException(worker, port, (Mbuf*)batch->Buffers[i], passed);
            next = queue->Buffers + queue->Count;
        }
        queue->Count = (int)(next - queue->Buffers);
        queue->Bytes += bytes;
        return passed;
    }
}

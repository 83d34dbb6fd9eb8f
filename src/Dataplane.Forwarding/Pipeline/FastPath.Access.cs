using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>
/// Input from end-systems: (port, MAC, VLAN) → virtual interface → VRF (FWD-03, EXT-02, AMB-28), header checks and source
/// validation. This loop recognises the plain packet with as few instructions as we could find; everything else takes the
/// way of <c>AccessException</c>, which gives the same answer for plain packets too.
/// </content>
internal static unsafe partial class FastPath
{
    private const ulong MacMask = 0x0000_FFFF_FFFF_FFFF;
    private const int PrefetchAhead = 4;

    // EtherTypes as a little-endian load sees them.
    private const ushort WireIpv4 = 0x0008;
    private const ushort WireIpv6 = 0xDD86;
    private const ushort WireArp = 0x0608;
    private const ushort WireVlan = 0x0081;
    private const ushort WireQinQ = 0xA888;

    // Two tags, the shortest IPv4 header, two ports: fixed loads stay inside the frame.
    private const uint PlainFrameBytes4 = HeaderSize.Ethernet + 2 * HeaderSize.Vlan + HeaderSize.Ipv4 + 4;

    // With the shortest Ethernet header behind it, room for any header in front of the IP packet.
    private const uint PlainHeadroom = TunnelRow.TemplateBytes - HeaderSize.Ethernet;

    // Which of the virtual router's MACs, perhaps both the same, all frames of a burst have for their destination.
    [Flags]
    private enum AddressedTo
    {
        Several = 0,
        VirtualMac4 = 1,
        VirtualMac6 = 2,
    }

    private static void AccessInput(WorkerBlock* worker, uint port, Mbuf** frames, int count)
    {
        Batch* batch = worker->Columns;
        PacketCount* received = worker->Counters.PortRx + port;
        received->Packets += (uint)count;
        AddressedTo lanes = ClassifyPass(worker->Root, port, frames, count, batch, out ulong bytes);
        received->Bytes += bytes;
        PacketCount* interfaceRx = worker->Counters.InterfaceRx;
        nint passed = 0;
        nint at = 0;
        if (lanes != AddressedTo.Several && Avx2.IsSupported)
        {
            for (; at + HeaderLanes.Count <= count; at += HeaderLanes.Count)
            {
                bool v6 = *(ushort*)(batch->Headers[at] - 2) == WireIpv6;
                if (v6 ? (lanes & AddressedTo.VirtualMac6) != 0 && CheckLanes6(batch, at, passed, interfaceRx)
                    : (lanes & AddressedTo.VirtualMac4) != 0 && CheckLanes(batch, at, passed, interfaceRx))
                    passed += HeaderLanes.Count;
                else
                    passed = CheckPass(worker, port, at, at + HeaderLanes.Count, passed);
            }
        }
        batch->Count = (int)CheckPass(worker, port, at, count, passed);
    }

    // Frame → interface by its outer tag, and where its IP header would begin: few instructions, so that the loads of many
    // packets overlap. Leaves null in the row of a frame that is not fit for the checks. To whom all frames are addressed; to several
    // when one is not fit.
    private static AddressedTo ClassifyPass(DatapathRoot* root, uint port, Mbuf** frames, nint count, Batch* batch, out ulong bytes)
    {
        InterfaceRow** vlanRows = root->Ports[port].VlanRows;
        InterfaceRow* none = root->NoInterface;
        byte* shared = stackalloc byte[Batch.Capacity];
        nint sharedCount = 0;
        ulong firstMac = frames[0]->DataLen < PlainFrameBytes4 ? 0 : *(ulong*)frames[0]->Data;
        ulong otherMac = 0;
        uint unfit = 0;
        ulong sum = 0;
        for (nint i = 0; i < count; i++)
        {
            if (i + PrefetchAhead < count)
                Sse.Prefetch0(frames[i + PrefetchAhead]->Data);
            Mbuf* buffer = frames[i];
            uint dataOffset = buffer->DataOff;
            byte* frame = buffer->BufAddr + dataOffset;
            uint frameBytes = buffer->DataLen;
            sum += buffer->PktLen;
            batch->Buffers[i] = (ulong)buffer;
            if (buffer->NbSegs != 1 || dataOffset < PlainHeadroom || frameBytes < PlainFrameBytes4)
            {
                batch->Rows[i] = 0;
                unfit = 1;
                continue;
            }
            uint tags = *(uint*)(frame + 12);
            uint vlan = (ushort)tags is WireVlan or WireQinQ ? BinaryPrimitives.ReverseEndianness(tags) & 0xFFF : 0;
            InterfaceRow* row = vlanRows[vlan];
            otherMac |= *(ulong*)frame ^ firstMac;
            batch->Rows[i] = (ulong)row;
            if (row == none)
            {
                batch->Headers[i] = (ulong)frame;
                shared[sharedCount++] = (byte)i;
                continue;
            }
            // The header of an interface that has its tag for itself is as long as the frame says: the row need not be waited for.
            uint headerLength = vlan == 0 ? HeaderSize.Ethernet : (uint)(HeaderSize.Ethernet + HeaderSize.Vlan);
            Sse.Prefetch0(frame + headerLength - TunnelRow.TemplateTailBytes);
            batch->Headers[i] = (ulong)(frame + headerLength);
            batch->Lengths[i] = (ushort)(frameBytes - headerLength);
        }
        bytes = sum;
        if (sharedCount != 0)
            ClassifyShared(root, port, batch, shared, sharedCount);
        if ((unfit | otherMac << 16) != 0)
            return AddressedTo.Several;
        return ((firstMac ^ root->VirtualMac4Wire) << 16 == 0 ? AddressedTo.VirtualMac4 : 0)
            | ((firstMac ^ root->VirtualMac6Wire) << 16 == 0 ? AddressedTo.VirtualMac6 : 0);
    }

    // Frames whose outer tag several interfaces share, or none has: by MAC and tags, all buckets of the table asked for first.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ClassifyShared(DatapathRoot* root, uint port, Batch* batch, byte* shared, nint count)
    {
        uint* spaces = stackalloc uint[Batch.Capacity];
        ulong* macs = stackalloc ulong[Batch.Capacity];
        ulong* tags = stackalloc ulong[Batch.Capacity];
        ulong* found = stackalloc ulong[Batch.Capacity];
        byte* missed = stackalloc byte[Batch.Capacity];
        for (nint i = 0; i < count; i++)
        {
            var frame = (byte*)batch->Headers[shared[i]];
            ReadTags(frame, PlainFrameBytes4, out uint headerLength, out _, out uint outerTag, out uint innerTag);
            Sse.Prefetch0(frame + headerLength - TunnelRow.TemplateTailBytes);
            batch->Headers[shared[i]] = (ulong)(frame + headerLength);
            batch->Lengths[shared[i]] = (ushort)(((Mbuf*)batch->Buffers[shared[i]])->DataLen - headerLength);
            spaces[i] = port + 1;
            macs[i] = *(ulong*)(frame + 6) & MacMask;
            tags[i] = outerTag << 16 | innerTag;
        }
        ExactTable128.FindBatch(root->Classes, spaces, macs, tags, found, count, missed);
        for (nint i = 0; i < count; i++)
        {
            InterfaceRow* row = found[i] == 0 ? root->NoInterface : root->Interfaces[(uint)found[i] - 1];
            Sse.Prefetch0(row);
            // By address: the compiler would read the row to check the address of a field for null, and wait for it.
            Sse.Prefetch0((byte*)row + NativeBlock.CacheLine);
            batch->Rows[shared[i]] = (ulong)row;
        }
    }

    // A packet at a time: pattern, IP header, source. What passes moves up in the columns; the number of packets in them.
    private static nint CheckPass(WorkerBlock* worker, uint port, nint start, nint end, nint passed)
    {
        Batch* batch = worker->Columns;
        DatapathRoot* root = worker->Root;
        byte* octets = TenantHeader.UnusualOctets;
        if (start != end)
            batch->Hashed = 0;
        for (nint i = start; i < end; i++)
        {
            var row = (InterfaceRow*)batch->Rows[i];
            var ip = (byte*)batch->Headers[i];
            if (row == null)
                goto Exception;
            uint available = batch->Lengths[i];
            uint length;
            byte flags;
            if (*(ushort*)(ip - 2) == WireIpv4)
            {
                if (((*(ulong*)(ip - row->HeaderLength) ^ root->VirtualMac4Wire) & MacMask) != 0
                    || !Matches(ip, row->Pattern4, row->Mask4))
                {
                    goto Exception;
                }
                if (!TenantHeader.IsPlain4(ip, available, octets, out length))
                    goto Exception;
                batch->TtlWords[passed] = TenantHeader.DecrementedTtlWord(ip);
                flags = PacketFlags.Plain;
            }
            else
            {
                if (((*(ulong*)(ip - row->HeaderLength) ^ root->VirtualMac6Wire) & MacMask) != 0
                    || !Matches(ip, row->Pattern6, row->Mask6))
                {
                    goto Exception;
                }
                if (available < HeaderSize.Ipv6 || !TenantHeader.IsPlain6(ip, available, octets, out length)
                    || (*(ulong*)(ip + 16) & row->SourceTailMask6) != row->SourceTailWire6)
                {
                    goto Exception;
                }
                flags = PacketFlags.Plain | PacketFlags.V6;
            }
            worker->Counters.InterfaceRx[row->Index].Add(length);
            batch->Buffers[passed] = batch->Buffers[i];
            batch->Headers[passed] = (ulong)ip;
            batch->Rows[passed] = (ulong)row;
            batch->Keys[passed] = row->AccessKey | *(uint*)(ip + 16);
            batch->Vrfs[passed] = row->Vrf;
            batch->Lengths[passed] = (ushort)length;
            batch->Flags[passed] = flags;
            batch->Seen |= flags;
            batch->Common &= flags;
            passed++;
            continue;

        Exception:
            passed = AccessException(worker, port, (Mbuf*)batch->Buffers[i], passed);
        }
        return passed;
    }

    // Does the frame around this IP header look like one with a plain packet?
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Matches(byte* ip, byte* pattern, byte* mask) =>
        (Vector256.Load(ip - InterfaceRow.PatternFront) & Vector256.Load(mask)) == Vector256.Load(pattern);
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
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

    // EtherType, then version and header length: what a little-endian load two bytes before the IP header sees.
    private const uint ShapeMask4 = 0x00FF_FFFF;
    private const uint Shape4 = 0x0045_0008;
    private const uint ShapeMask6 = 0x00F0_FFFF;
    private const uint Shape6 = 0x0060_DD86;

    // Two tags and the shortest IPv4 or the IPv6 header: fixed loads stay inside the frame.
    private const uint PlainFrameBytes4 = HeaderSize.Ethernet + 2 * HeaderSize.Vlan + HeaderSize.Ipv4;
    private const uint PlainFrameBytes6 = HeaderSize.Ethernet + 2 * HeaderSize.Vlan + HeaderSize.Ipv6;

    // With the shortest Ethernet header behind it, room for any header in front of the IP packet.
    private const uint PlainHeadroom = TunnelRow.TemplateBytes - HeaderSize.Ethernet;

    private static void AccessInput(WorkerBlock* worker, uint port, Mbuf** frames, int count)
    {
        Batch* batch = worker->Columns;
        PacketCount* received = worker->Counters.PortRx + port;
        received->Packets += (uint)count;
        received->Bytes += ClassifyPass(worker->Root, port, frames, count, batch);
        batch->Count = CheckPass(worker, port, count, batch);
    }

    // Frame → interface by its outer tag, no more: few instructions, so that the loads of many packets overlap. Leaves null
    // in the row of what is not fit for the checks. Bytes received.
    private static ulong ClassifyPass(DatapathRoot* root, uint port, Mbuf** frames, nint count, Batch* batch)
    {
        InterfaceRow** vlanRows = root->Ports[port].VlanRows;
        ulong received = 0;
        for (nint i = 0; i < count; i++)
        {
            Mbuf* buffer = frames[i];
            uint dataOffset = buffer->DataOff;
            byte* frame = buffer->BufAddr + dataOffset;
            uint frameBytes = buffer->DataLen;
            received += buffer->PktLen;
            InterfaceRow* row = null;
            if (buffer->NbSegs == 1 && dataOffset >= PlainHeadroom && frameBytes >= PlainFrameBytes4)
            {
                uint tags = *(uint*)(frame + 12);
                row = (ushort)tags is WireVlan or WireQinQ
                    ? vlanRows[BinaryPrimitives.ReverseEndianness(tags) & 0xFFF] : vlanRows[0];
            }
            batch->Buffers[i] = (ulong)buffer;
            batch->Headers[i] = (ulong)frame;
            batch->Rows[i] = (ulong)row;
            batch->Lengths[i] = (ushort)frameBytes;
        }
        return received;
    }

    // Pattern, IP header, source. What passes moves up in the columns; the number of packets in them.
    private static int CheckPass(WorkerBlock* worker, uint port, nint count, Batch* batch)
    {
        PacketCount* interfaceRx = worker->Counters.InterfaceRx;
        byte* octets = TenantHeader.UnusualOctets;
        uint seen = 0;
        nint passed = 0;
        for (nint i = 0; i < count; i++)
        {
            var row = (InterfaceRow*)batch->Rows[i];
            var frame = (byte*)batch->Headers[i];
            uint frameBytes = batch->Lengths[i];
            if (row == null)
                goto Exception;
        Classified:
            uint headerLength = row->HeaderLength;
            byte* ip = frame + headerLength;
            uint shape = *(uint*)(ip - 2);
            uint length;
            uint destination;
            byte flags;
            if ((shape & ShapeMask4) == Shape4)
            {
                if ((Vector128.Load(frame) & Vector128.Load(row->FrameMask)) != Vector128.Load(row->FrameValue4))
                    goto Reclassify;
                if (!TenantHeader.IsPlain4(ip, frameBytes - headerLength, octets, out length, out uint source, out destination)
                    || (source & row->FirstSource4.MaskWire) != row->FirstSource4.AddressWire)
                {
                    goto Exception;
                }
                flags = PacketFlags.Plain;
            }
            else if ((shape & ShapeMask6) == Shape6)
            {
                if ((Vector128.Load(frame) & Vector128.Load(row->FrameMask)) != Vector128.Load(row->FrameValue6))
                    goto Reclassify;
                if (frameBytes < PlainFrameBytes6 || !TenantHeader.IsPlain6(ip, frameBytes - headerLength, octets, out length)
                    || !TenantHeader.Matches(row->FirstSource6, ip))
                {
                    goto Exception;
                }
                destination = 0;
                flags = PacketFlags.Plain | PacketFlags.V6;
            }
            else
            {
                goto Reclassify;
            }
            uint vrf = row->Vrf;
            interfaceRx[row->Index].Add(length);
            batch->Buffers[passed] = batch->Buffers[i];
            batch->Headers[passed] = (ulong)ip;
            batch->Rows[passed] = (ulong)row;
            batch->Keys[passed] = RouteTable.Key4(VrfRow.AccessSpace(vrf), destination);
            batch->Vrfs[passed] = vrf;
            batch->Lengths[passed] = (ushort)length;
            batch->Flags[passed] = flags;
            seen |= flags;
            passed++;
            continue;

        Reclassify:
            row = Reclassify(worker->Root, port, frame, row);
            if (row != null)
                goto Classified;
        Exception:
            passed = AccessException(worker, port, (Mbuf*)batch->Buffers[i], passed);
        }
        batch->Seen |= (byte)seen;
        return (int)passed;
    }

    // Where the outer tag alone does not decide: the interface, if its pattern fits the frame; null otherwise, and the
    // second time round. The frame is long enough for two tags.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InterfaceRow* Reclassify(DatapathRoot* root, uint port, byte* frame, InterfaceRow* tried)
    {
        if (tried != root->NoInterface)
            return null;
        ReadTags(frame, PlainFrameBytes4, out _, out ushort etherType, out uint outerTag, out uint innerTag);
        InterfaceRow* row = Classify(root, port, *(ulong*)(frame + 6) & MacMask, outerTag, innerTag);
        return row != tried && etherType is WireIpv4 or WireIpv6 ? row : null;
    }
}

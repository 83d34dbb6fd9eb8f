using System.Runtime.CompilerServices;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>
/// Input from end-systems, every case: what <c>AccessInput</c> does not recognise as plain comes here, one packet at a
/// time. Says why a packet is dropped, and lets through what is unusual and right.
/// </content>
internal static unsafe partial class FastPath
{
    private const uint NoInnerTag = 0xFFFF;

    // Drops, punts, or appends the packet to the columns; the number of packets in them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint AccessException(WorkerBlock* worker, uint port, Mbuf* buffer, nint passed)
    {
        DatapathRoot* root = worker->Root;
        byte* frame = buffer->Data;
        uint frameBytes = buffer->DataLen;
        if (buffer->NbSegs != 1 || frameBytes < HeaderSize.Ethernet)
        {
            Drop(worker, buffer, buffer->NbSegs != 1 ? DropReason.UnsupportedBuffer : DropReason.RuntFrame);
            return passed;
        }
        if (!ReadTags(frame, frameBytes, out uint l3Offset, out ushort etherType, out uint outerTag, out uint innerTag))
        {
            Drop(worker, buffer, DropReason.RuntFrame);
            return passed;
        }
        PortRow* facing = root->Ports + port;
        if (outerTag == facing->ElectionVlan && innerTag == NoInnerTag && IsElection(frame + l3Offset, frameBytes - l3Offset, etherType))
        {
            PuntElection(worker, buffer, port, l3Offset);
            return passed;
        }
        InterfaceRow* row = Classify(root, port, *(ulong*)(frame + 6) & MacMask, outerTag, innerTag);
        if (row == root->NoInterface)
        {
            Drop(worker, buffer, DropReason.Unclassified);
            return passed;
        }
        PacketCount* received = worker->Counters.InterfaceRx + row->Index;

        // The forwarder is the first-hop router: it takes what is addressed to the virtual MAC (FWD-14), or to many.
        ulong destinationMac = *(ulong*)frame & MacMask;
        bool toMany = (frame[0] & 1) != 0;
        if (destinationMac != root->VirtualMac4Wire && destinationMac != root->VirtualMac6Wire && !toMany)
        {
            received->Packets++;
            DropAt(worker, buffer, DropReason.NotForRouter, row->Index);
            return passed;
        }
        StandbyFamilies family = etherType == WireIpv6 ? StandbyFamilies.Ipv6 : StandbyFamilies.Ipv4;
        if ((facing->Standby & family) != 0 && etherType is WireArp or WireIpv4 or WireIpv6)
        {
            received->Packets++;
            DropAt(worker, buffer, DropReason.Standby, row->Index);
            return passed;
        }
        if (etherType is not (WireIpv4 or WireIpv6))
        {
            received->Packets++;
            if (etherType == WireArp)
                PuntFromInterface(worker, buffer, PuntReason.Arp, port, row->Index, row->Vrf, l3Offset);
            else
                DropAt(worker, buffer, DropReason.NonIp, row->Index);
            return passed;
        }

        byte* ip = frame + l3Offset;
        uint available = frameBytes - l3Offset;
        bool v6 = etherType == WireIpv6;
        byte flags = v6 ? PacketFlags.V6 : (byte)0;
        uint length;
        if (v6 && TenantHeader.CheckShape6(ip, available, out length) == DropReason.None && TenantHeader.IsNeighborDiscovery(ip, length))
        {
            received->Add(length);
            PuntFromInterface(worker, buffer, PuntReason.Nd, port, row->Index, row->Vrf, l3Offset);
            return passed;
        }
        DropReason reason = v6 ? Validate6(row, ip, available, out length, ref flags) : Validate4(row, ip, available, out length, ref flags);
        // A packet for one destination in a frame for many stations is not routed (RFC 1812 section 5.3.4).
        if (reason == DropReason.None && toMany)
            reason = DropReason.NotForRouter;
        received->Add(reason == DropReason.BadIpHeader ? 0 : length);
        if (reason != DropReason.None)
        {
            DropAt(worker, buffer, reason, row->Index);
            return passed;
        }
        Append(worker->Columns, passed, buffer, ip, length, row, row->Vrf, flags);
        return passed + 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static DropReason Validate4(InterfaceRow* row, byte* ip, uint available, out uint length, ref byte flags)
    {
        DropReason reason = TenantHeader.CheckShape4(ip, available, out length);
        if (reason == DropReason.None)
            reason = TenantHeader.CheckAddresses4(ip, ref flags);
        if (reason == DropReason.None && !TenantHeader.IsLegitimateSource4(row, ip))
            reason = DropReason.SourceValidation;
        return reason == DropReason.None ? TenantHeader.CheckReach4(ip) : reason;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static DropReason Validate6(InterfaceRow* row, byte* ip, uint available, out uint length, ref byte flags)
    {
        DropReason reason = TenantHeader.CheckShape6(ip, available, out length);
        if (reason == DropReason.None)
            reason = TenantHeader.CheckAddresses6(ip, ref flags);
        if (reason != DropReason.None)
            return reason;
        if (!IsLinkLocal6(ip + 8))
        {
            if (!TenantHeader.IsLegitimateSource6(row, ip))
                return DropReason.SourceValidation;
        }
        else if (!IsLinkLocal6(ip + 24) && ip[24] != 0xFF)
        {
            // From the link to a host beyond it. Which link-local destination is ours, the lookup knows.
            return DropReason.LinkLocal;
        }
        return TenantHeader.CheckReach6(ip, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLinkLocal6(byte* address) => (*(ushort*)address & 0xC0FF) == 0x80FE;

    // False when the frame ends inside its tags. A priority tag (VID 0) counts as untagged.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool ReadTags(byte* frame, uint frameBytes, out uint l3Offset, out ushort etherType,
        out uint outerTag, out uint innerTag)
    {
        outerTag = 0;
        innerTag = NoInnerTag;
        l3Offset = HeaderSize.Ethernet;
        etherType = *(ushort*)(frame + 12);
        if (etherType is not (WireVlan or WireQinQ))
            return true;
        if (frameBytes < HeaderSize.Ethernet + HeaderSize.Vlan)
            return false;
        outerTag = (uint)(frame[14] << 8 | frame[15]) & 0xFFF;
        etherType = *(ushort*)(frame + 16);
        l3Offset = HeaderSize.Ethernet + HeaderSize.Vlan;
        if (etherType is not (WireVlan or WireQinQ))
            return true;
        if (frameBytes < HeaderSize.Ethernet + 2 * HeaderSize.Vlan)
            return false;
        innerTag = (uint)(frame[18] << 8 | frame[19]) & 0xFFF;
        etherType = *(ushort*)(frame + 20);
        l3Offset = HeaderSize.Ethernet + 2 * HeaderSize.Vlan;
        return true;
    }

    // The interface of a frame, or the row for none. An entry with the MAC wins over one without.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InterfaceRow* Classify(DatapathRoot* root, uint port, ulong sourceMac, uint outerTag, uint innerTag)
    {
        ulong tags = outerTag << 16 | innerTag;
        ulong found = ExactTable128.Find(root->Classes, port + 1, sourceMac, tags);
        if (found == 0)
            found = ExactTable128.Find(root->Classes, port + 1, 0, tags);
        return found == 0 ? root->NoInterface : root->Interfaces[(uint)found - 1];
    }
}

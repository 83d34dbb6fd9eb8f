using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>Input from end-systems: (port, MAC, VLAN) → virtual interface → VRF (FWD-03, EXT-02, AMB-28).</content>
internal static unsafe partial class FastPath
{
    private const ulong MacMask = 0x0000_FFFF_FFFF_FFFF;
    private const uint NoInnerTag = 0xFFFF;
    private const int PrefetchAhead = 4;

    // EtherTypes as a little-endian load sees them.
    private const ushort WireIpv4 = 0x0008;
    private const ushort WireIpv6 = 0xDD86;
    private const ushort WireArp = 0x0608;
    private const ushort WireVlan = 0x0081;
    private const ushort WireQinQ = 0xA888;

    private static void AccessInput(WorkerBlock* worker, uint port, Mbuf** frames, int count)
    {
        ClassifyStage(worker, port, frames, count);
        if (worker->Columns->Count != 0)
            ValidateStage(worker, port);
    }

    // Layer 2: frame → interface. IP packets for the router go into the columns, the rest leaves here.
    private static void ClassifyStage(WorkerBlock* worker, uint port, Mbuf** frames, int count)
    {
        DatapathRoot* root = worker->Root;
        PortRow* portRow = root->Ports + port;
        uint* vlanTable = portRow->VlanTable;
        Batch* batch = worker->Columns;
        ulong virtualMac4 = root->VirtualMac4Wire;
        ulong received = 0;
        int passed = 0;
        for (int i = 0; i < count; i++)
        {
            if (i + PrefetchAhead < count)
                Sse.Prefetch0(frames[i + PrefetchAhead]->Data);
            Mbuf* buffer = frames[i];
            byte* frame = buffer->Data;
            uint frameBytes = buffer->DataLen;
            received += buffer->PktLen;
            if (buffer->NbSegs != 1 || frameBytes < HeaderSize.Ethernet)
            {
                Drop(worker, buffer, buffer->NbSegs != 1 ? DropReason.UnsupportedBuffer : DropReason.RuntFrame);
                continue;
            }

            // Tags: none, one, or two.
            uint l3Offset = HeaderSize.Ethernet;
            ushort etherType = *(ushort*)(frame + 12);
            uint outerTag = 0;
            uint innerTag = NoInnerTag;
            if (etherType is WireVlan or WireQinQ)
            {
                if (!ReadTags(frame, frameBytes, ref l3Offset, ref etherType, out outerTag, out innerTag))
                {
                    Drop(worker, buffer, DropReason.RuntFrame);
                    continue;
                }
            }

            ulong sourceMac = *(ulong*)(frame + 6) & MacMask;
            uint interfaceRow = vlanTable[outerTag] - 1;
            if (interfaceRow + 1 == PortRow.ManyInterfaces || innerTag != NoInnerTag)
                interfaceRow = Classify(root, port, sourceMac, outerTag, innerTag);
            InterfaceRow* row = interfaceRow == uint.MaxValue ? null : root->Interfaces[interfaceRow];
            if (row == null || (row->MacWire != sourceMac && row->MacWire != 0 && portRow->Role == PortRole.Access))
            {
                Drop(worker, buffer, DropReason.Unclassified);
                continue;
            }

            // The forwarder is the first-hop router: it takes what is addressed to the virtual MAC (FWD-14), or to many.
            ulong destinationMac = *(ulong*)frame & MacMask;
            if (destinationMac != virtualMac4 && destinationMac != root->VirtualMac6Wire && (frame[0] & 1) == 0)
            {
                worker->Counters.InterfaceRx[interfaceRow].Packets++;
                DropAt(worker, buffer, DropReason.NotForRouter, interfaceRow);
                continue;
            }
            if (etherType is not (WireIpv4 or WireIpv6))
            {
                worker->Counters.InterfaceRx[interfaceRow].Packets++;
                if (etherType == WireArp)
                    PuntFromInterface(worker, buffer, PuntReason.Arp, port, interfaceRow, row->Vrf, l3Offset);
                else
                    DropAt(worker, buffer, DropReason.NonIp, interfaceRow);
                continue;
            }
            batch->Buffers[passed] = (ulong)buffer;
            batch->Headers[passed] = (ulong)(frame + l3Offset);
            batch->Rows[passed] = (ulong)row;
            batch->Interfaces[passed] = interfaceRow;
            batch->Vrfs[passed] = row->Vrf;
            batch->Lengths[passed] = (ushort)(frameBytes - l3Offset);
            byte flags = etherType == WireIpv6 ? PacketFlags.V6 : (byte)0;
            batch->Flags[passed] = (frame[0] & 1) == 0 ? flags : (byte)(flags | PacketFlags.ToManyStations);
            passed++;
        }
        batch->Count = passed;
        worker->Counters.PortRx[port].Packets += (uint)count;
        worker->Counters.PortRx[port].Bytes += received;
    }

    // Layer 3: header checks and source validation. What passes moves up in the columns.
    private static void ValidateStage(WorkerBlock* worker, uint port)
    {
        Batch* batch = worker->Columns;
        PacketCount* interfaceRx = worker->Counters.InterfaceRx;
        int count = batch->Count;
        int passed = 0;
        for (int i = 0; i < count; i++)
        {
            var ip = (byte*)batch->Headers[i];
            var row = (InterfaceRow*)batch->Rows[i];
            uint interfaceRow = batch->Interfaces[i];
            uint available = batch->Lengths[i];
            byte flags = batch->Flags[i];
            DropReason reason = DropReason.None;
            uint length = 0;
            bool plain = flags == 0 ? TenantHeader.IsPlain4(ip, available, row, out length)
                : flags == PacketFlags.V6 && TenantHeader.IsPlain6(ip, available, row, out length);
            if (!plain)
            {
                bool v6 = (flags & PacketFlags.V6) != 0;
                if (v6 && TenantHeader.CheckShape6(ip, available, out length) == DropReason.None
                    && TenantHeader.IsNeighborDiscovery(ip, length))
                {
                    interfaceRx[interfaceRow].Add(length);
                    var discovery = (Mbuf*)batch->Buffers[i];
                    PuntFromInterface(worker, discovery, PuntReason.Nd, port, interfaceRow, row->Vrf, (uint)(ip - discovery->Data));
                    continue;
                }
                reason = v6 ? Validate6(row, ip, available, out length, ref flags)
                    : Validate4(row, ip, available, out length, ref flags);
                // A packet for one destination in a frame for many stations is not routed (RFC 1812 section 5.3.4).
                if (reason == DropReason.None && (flags & PacketFlags.ToManyStations) != 0)
                    reason = DropReason.NotForRouter;
            }
            interfaceRx[interfaceRow].Add(reason == DropReason.BadIpHeader ? 0 : length);
            if (reason != DropReason.None)
            {
                DropAt(worker, (Mbuf*)batch->Buffers[i], reason, interfaceRow);
                continue;
            }
            if (passed != i)
            {
                batch->Buffers[passed] = batch->Buffers[i];
                batch->Headers[passed] = (ulong)ip;
                batch->Rows[passed] = (ulong)row;
                batch->Interfaces[passed] = interfaceRow;
                batch->Vrfs[passed] = batch->Vrfs[i];
            }
            batch->Lengths[passed] = (ushort)length;
            batch->Flags[passed] = flags;
            passed++;
        }
        batch->Count = passed;
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
    private static bool ReadTags(byte* frame, uint frameBytes, ref uint l3Offset, ref ushort etherType,
        out uint outerTag, out uint innerTag)
    {
        outerTag = 0;
        innerTag = NoInnerTag;
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

    // Row of the interface, or uint.MaxValue. An entry with the MAC wins over one without.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Classify(DatapathRoot* root, uint port, ulong sourceMac, uint outerTag, uint innerTag)
    {
        ulong tags = outerTag << 16 | innerTag;
        ulong found = ExactTable128.Find(root->Classes, port + 1, sourceMac, tags);
        if (found == 0)
            found = ExactTable128.Find(root->Classes, port + 1, 0, tags);
        return (uint)found - 1;
    }
}

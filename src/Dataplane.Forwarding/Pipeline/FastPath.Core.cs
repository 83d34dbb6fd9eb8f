using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>Input from the infrastructure: outer header → label → interface or VRF (FWD-05, SEC-04, SEC-09).</content>
internal static unsafe partial class FastPath
{
    private static void CoreInput(WorkerBlock* worker, uint port, Mbuf** frames, int count)
    {
        DatapathRoot* root = worker->Root;
        PortRow* portRow = root->Ports + port;
        ulong received = 0;
        for (int i = 0; i < count; i++)
        {
            if (i + PrefetchAhead < count)
                Sse.Prefetch0(frames[i + PrefetchAhead]->Data);
            Mbuf* buffer = frames[i];
            byte* frame = buffer->Data;
            uint frameBytes = buffer->DataLen;
            received += buffer->PktLen;
            if (buffer->NbSegs != 1)
            {
                Drop(worker, buffer, DropReason.UnsupportedBuffer);
                continue;
            }
            if (frameBytes < HeaderSize.Ethernet)
            {
                Drop(worker, buffer, DropReason.RuntFrame);
                continue;
            }
            if ((*(ulong*)frame & MacMask) != portRow->MacWire && (frame[0] & 1) == 0)
            {
                Drop(worker, buffer, DropReason.NotForRouter);
                continue;
            }

            ushort etherType = *(ushort*)(frame + 12);
            byte* ip = frame + HeaderSize.Ethernet;
            uint available = frameBytes - HeaderSize.Ethernet;
            OuterHeader outer;
            DropReason reason;
            if (etherType == WireIpv4)
            {
                reason = OuterParser.Parse4(ip, available, out outer);
            }
            else if (etherType == WireIpv6)
            {
                reason = OuterParser.Parse6(ip, available, out outer);
                if (reason == DropReason.None && TenantHeader.IsNeighborDiscovery(ip, HeaderSize.Ipv6 + outer.PayloadBytes))
                {
                    PuntUnderlay(worker, buffer, PuntReason.UnderlayNd, port);
                    continue;
                }
            }
            else if (etherType == WireArp)
            {
                PuntUnderlay(worker, buffer, PuntReason.UnderlayArp, port);
                continue;
            }
            else
            {
                outer = default;
                reason = DropReason.NonIp;
            }
            if (reason != DropReason.None)
            {
                Drop(worker, buffer, reason);
                continue;
            }
            if (!IsTunnelEnd(root, in outer))
            {
                OtherCoreInput(worker, buffer, port, in outer);
                continue;
            }
            TunnelInput(worker, buffer, port, ref outer);
        }
        worker->Counters.PortRx[port].Packets += (uint)count;
        worker->Counters.PortRx[port].Bytes += received;
    }

    // Not to the tunnel end: our other addresses answer ICMP and nothing else (SEC-04).
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OtherCoreInput(WorkerBlock* worker, Mbuf* buffer, uint port, in OuterHeader outer)
    {
        if (!IsCoreAddress(worker->Root, in outer))
            Drop(worker, buffer, DropReason.NotLocal);
        else if (IsFragment(in outer))
            Drop(worker, buffer, DropReason.OuterFragment);
        else if (IsIcmp(in outer))
            PuntUnderlay(worker, buffer, PuntReason.UnderlayLocal, port);
        else
            Drop(worker, buffer, DropReason.NotLocal);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TunnelInput(WorkerBlock* worker, Mbuf* buffer, uint port, ref OuterHeader outer)
    {
        DatapathRoot* root = worker->Root;
        DropReason reason = IsFragment(in outer) ? DropReason.OuterFragment : DropReason.None;
        if (reason == DropReason.None)
        {
            if (IsIcmp(in outer))
            {
                PuntUnderlay(worker, buffer, PuntReason.UnderlayLocal, port);
                return;
            }
            reason = outer.Protocol switch
            {
                IpProtocol.Gre => OuterParser.StripGre(ref outer),
                IpProtocol.Udp => OuterParser.StripUdp(ref outer, root->AcceptZeroUdp6 != 0),
                IpProtocol.MplsInIp => DropReason.None,
                _ => DropReason.UnsupportedProtocol,
            };
        }
        uint label = 0;
        if (reason == DropReason.None)
            reason = OuterParser.StripLabels(ref outer, out label);
        if (reason != DropReason.None)
        {
            Drop(worker, buffer, reason);
            return;
        }
        var entry = new LabelEntry(root->Labels[label]);
        if (entry.Kind == LabelKind.None)
        {
            Drop(worker, buffer, DropReason.UnknownLabel);
            return;
        }
        uint vrf = entry.Vrf;
        if (!IsLegitimateIngress(root, vrf, in outer))
        {
            Drop(worker, buffer, DropReason.OuterSource);
            return;
        }

        byte* ip = outer.Payload;
        byte flags = PacketFlags.FromCore | PacketFlags.CoreView;
        uint available = outer.PayloadBytes;
        bool v6 = available != 0 && ip[0] >> 4 == 6;
        uint length;
        if (v6)
        {
            flags |= PacketFlags.V6;
            reason = TenantHeader.Check6(ip, available, out length, ref flags);
        }
        else
        {
            reason = TenantHeader.Check4(ip, available, out length, ref flags);
        }
        if (reason != DropReason.None)
        {
            if (entry.Kind == LabelKind.Interface)
                DropAt(worker, buffer, reason, entry.Interface);
            else
                Drop(worker, buffer, reason);
            return;
        }
        worker->Counters.VrfDecapsulated[vrf].Add(length);
        if (entry.Kind == LabelKind.Interface)
        {
            worker->Counters.InterfaceLabel[entry.Interface].Add(length);
            Deliver(worker, buffer, ip, length, (byte)(flags | PacketFlags.KeepTtl), vrf, entry.Interface);
            return;
        }
        worker->Counters.AggregateLabel[vrf].Add(length);
        Append(worker->Columns, worker->Columns->Count++, buffer, ip, length, root->NoInterface, vrf, flags);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsTunnelEnd(DatapathRoot* root, in OuterHeader outer)
    {
        if (!outer.V6)
            return root->TunnelEnd4Wire != 0 && *(uint*)(outer.Ip + 16) == root->TunnelEnd4Wire;
        return root->TunnelEnd6Wire0 != 0 && *(ulong*)(outer.Ip + 24) == root->TunnelEnd6Wire0
            && *(ulong*)(outer.Ip + 32) == root->TunnelEnd6Wire1;
    }

    private static bool IsCoreAddress(DatapathRoot* root, in OuterHeader outer)
    {
        if (!outer.V6)
        {
            uint destination = *(uint*)(outer.Ip + 16);
            for (int i = 0; i < root->CoreAddress4Count; i++)
            {
                if (root->CoreAddresses4[i] == destination)
                    return true;
            }
            return false;
        }
        for (int i = 0; i < root->CoreAddress6Count; i++)
        {
            ulong* address = root->CoreAddresses6 + 2 * i;
            if (address[0] == *(ulong*)(outer.Ip + 24) && address[1] == *(ulong*)(outer.Ip + 32))
                return true;
        }
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsFragment(in OuterHeader outer) =>
        outer.V6 ? outer.Protocol == IpProtocol.Fragment : OuterParser.IsFragment4(outer.Ip);

    private static bool IsIcmp(in OuterHeader outer) =>
        outer.Protocol == (outer.V6 ? IpProtocol.Icmpv6 : IpProtocol.Icmp);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLegitimateIngress(DatapathRoot* root, uint vrf, in OuterHeader outer)
    {
        if (!outer.V6)
            return ExactTable64.Find(root->Ingress4, (ulong)(vrf + 1) << 32 | *(uint*)(outer.Ip + 12)) != 0;
        return ExactTable128.Find(root->Ingress6, vrf + 1, *(ulong*)(outer.Ip + 8), *(ulong*)(outer.Ip + 16)) != 0;
    }
}

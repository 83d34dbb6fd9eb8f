using System.Runtime.CompilerServices;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>
/// Input from the infrastructure, every case: what <c>CoreInput</c> does not recognise as plain comes here, one packet at a
/// time. Says why a packet is dropped, and lets through what is unusual and right.
/// </content>
internal static unsafe partial class FastPath
{
    // Drops, punts, delivers, or appends the packet to the columns; the number of packets in them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint CoreException(WorkerBlock* worker, uint port, Mbuf* buffer, nint passed)
    {
        DatapathRoot* root = worker->Root;
        byte* frame = buffer->Data;
        uint frameBytes = buffer->DataLen;
        if (buffer->NbSegs != 1 || frameBytes < HeaderSize.Ethernet)
        {
            Drop(worker, buffer, buffer->NbSegs != 1 ? DropReason.UnsupportedBuffer : DropReason.RuntFrame);
            return passed;
        }
        if ((*(ulong*)frame & MacMask) != root->Ports[port].MacWire && (frame[0] & 1) == 0)
        {
            Drop(worker, buffer, DropReason.NotForRouter);
            return passed;
        }

        ushort etherType = *(ushort*)(frame + 12);
        byte* ip = frame + HeaderSize.Ethernet;
        uint available = frameBytes - HeaderSize.Ethernet;
        OuterHeader outer = default;
        DropReason reason = DropReason.NonIp;
        switch (etherType)
        {
            case WireIpv4:
                reason = OuterParser.Parse4(ip, available, out outer);
                break;
            case WireIpv6:
                reason = OuterParser.Parse6(ip, available, out outer);
                if (reason == DropReason.None && TenantHeader.IsNeighborDiscovery(ip, HeaderSize.Ipv6 + outer.PayloadBytes))
                {
                    PuntUnderlay(worker, buffer, PuntReason.UnderlayNd, port);
                    return passed;
                }
                break;
            case WireArp:
                PuntUnderlay(worker, buffer, PuntReason.UnderlayArp, port);
                return passed;
        }
        if (reason != DropReason.None)
        {
            Drop(worker, buffer, reason);
            return passed;
        }
        if (!IsTunnelEnd(root, in outer))
        {
            OtherCoreInput(worker, buffer, port, in outer);
            return passed;
        }
        return TunnelException(worker, buffer, port, ref outer, passed);
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

    private static nint TunnelException(WorkerBlock* worker, Mbuf* buffer, uint port, ref OuterHeader outer, nint passed)
    {
        DatapathRoot* root = worker->Root;
        DropReason reason = IsFragment(in outer) ? DropReason.OuterFragment : DropReason.None;
        if (reason == DropReason.None)
        {
            if (IsIcmp(in outer))
            {
                PuntUnderlay(worker, buffer, PuntReason.UnderlayLocal, port);
                return passed;
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
            return passed;
        }
        var entry = new LabelEntry(root->Labels[label]);
        if (entry.Kind == LabelKind.None)
        {
            Drop(worker, buffer, DropReason.UnknownLabel);
            return passed;
        }
        uint vrf = entry.Vrf;
        if (!IsLegitimateIngress(root, vrf, in outer))
        {
            Drop(worker, buffer, DropReason.OuterSource);
            return passed;
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
            return passed;
        }
        worker->Counters.VrfDecapsulated[vrf].Add(length);
        if (entry.Kind == LabelKind.Interface)
        {
            worker->Counters.InterfaceLabel[entry.Interface].Add(length);
            Deliver(worker, buffer, ip, length, (byte)(flags | PacketFlags.KeepTtl), vrf, entry.Interface);
            return passed;
        }
        worker->Counters.AggregateLabel[vrf].Add(length);
        Append(worker->Columns, passed, buffer, ip, length, root->NoInterface, vrf, flags);
        return passed + 1;
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

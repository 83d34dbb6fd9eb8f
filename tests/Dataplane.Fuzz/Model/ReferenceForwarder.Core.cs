using Dataplane.Forwarding;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Fuzz.Model;

/// <content>From the infrastructure, in the order of the specification.</content>
internal sealed partial class ReferenceForwarder
{
    private Prediction FromCore(PortId port, ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 14)
            return Prediction.Dropped(DropReason.RuntFrame);
        // A frame for another station is nobody's business here, ARP or not.
        if (MacAddress.Read(frame[..6]) != _ports[port.Value].Mac && (frame[0] & 1) == 0)
            return Prediction.Dropped(DropReason.NotForRouter);
        ushort etherType = Word(frame, 12);
        ReadOnlySpan<byte> data = frame[14..];
        if (etherType == 0x0806)
            return Underlay(PuntReason.UnderlayArp, data);
        if (etherType is not (0x0800 or 0x86DD))
            return Prediction.Dropped(DropReason.NonIp);
        bool v6 = etherType == 0x86DD;
        DropReason reason = TenantRules.Header(data, v6 ? 6 : 4, out int length);
        if (reason != DropReason.None)
            return Prediction.Dropped(reason == DropReason.BadChecksum ? DropReason.OuterBadChecksum : DropReason.OuterBadHeader);
        ReadOnlySpan<byte> packet = data[..length];
        if (v6 && TenantRules.IsNeighborDiscovery(packet))
            return Underlay(PuntReason.UnderlayNd, data);
        IpAddress destination = Destination(packet);
        if (!options.CoreAddresses.Contains(destination))
            return Prediction.Dropped(DropReason.NotLocal);
        byte protocol = v6 ? packet[6] : packet[9];
        if (v6 ? protocol == 44 : (Word(packet, 6) & 0x3FFF) != 0)
            return Prediction.Dropped(DropReason.OuterFragment);
        if (protocol == (v6 ? 58 : 1))
            return Underlay(PuntReason.UnderlayLocal, data);
        if (destination != (v6 ? options.TunnelEnd6 : (IpAddress?)options.TunnelEnd4))
            return Prediction.Dropped(DropReason.NotLocal);
        ReadOnlySpan<byte> payload = packet[(v6 ? 40 : (packet[0] & 15) * 4)..];
        switch (protocol)
        {
            case 47:
                reason = StripGre(ref payload);
                break;
            case 17:
                reason = StripUdp(ref payload, packet, v6);
                break;
            case 137:
                break;
            default:
                reason = DropReason.UnsupportedProtocol;
                break;
        }
        return reason != DropReason.None ? Prediction.Dropped(reason) : Labelled(payload, Source(packet));
    }

    private static DropReason StripGre(ref ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 4)
            return DropReason.OuterBadHeader;
        ushort flags = Word(payload, 0);
        if ((flags & 0x7FFF) != 0 || Word(payload, 2) != 0x8847)
            return DropReason.GreUnsupported;
        if (flags != 0)
        {
            if (payload.Length < 8)
                return DropReason.OuterBadHeader;
            if (Checksum.Sum(payload) != 0xFFFF)
                return DropReason.GreChecksum;
        }
        payload = payload[(flags != 0 ? 8 : 4)..];
        return DropReason.None;
    }

    private DropReason StripUdp(ref ReadOnlySpan<byte> payload, ReadOnlySpan<byte> packet, bool v6)
    {
        if (payload.Length < 8)
            return DropReason.OuterBadHeader;
        if (Word(payload, 2) != 6635)
            return DropReason.UnsupportedProtocol;
        int length = Word(payload, 4);
        if (length < 8 || length > payload.Length)
            return DropReason.OuterBadHeader;
        payload = payload[..length];
        bool valid = Word(payload, 6) == 0
            ? !v6 || options.AcceptZeroUdp6Checksum
            : Checksum.Sum(payload, Checksum.Pseudo(v6 ? packet[8..40] : packet[12..20], 17, length)) == 0xFFFF;
        payload = payload[8..];
        return valid ? DropReason.None : DropReason.UdpChecksum;
    }

    private Prediction Labelled(ReadOnlySpan<byte> stack, IpAddress ingress)
    {
        uint label = 0;
        for (int entries = 1; ; entries++)
        {
            if (stack.Length < 4)
                return Prediction.Dropped(DropReason.LabelStack);
            uint entry = (uint)Word(stack, 0) << 16 | Word(stack, 2);
            stack = stack[4..];
            if ((entry & 0xFF) == 0)
                return Prediction.Dropped(DropReason.LabelTtl);
            label = entry >> 12;
            if ((entry & 0x100) != 0)
                break;
            if (label is not (0 or 2) || entries == 3)
                return Prediction.Dropped(DropReason.LabelStack);
        }
        int index = _interfaces.FindIndex(settings => settings.Label?.Value == label);
        int vrf = index >= 0 ? (int)_interfaces[index].Vrf.Value : _vrfs.FindIndex(candidate => candidate.Aggregate?.Value == label);
        if (vrf < 0)
            return Prediction.Dropped(DropReason.UnknownLabel);
        if (!_vrfs[vrf].Ingress.Contains(ingress))
            return Prediction.Dropped(DropReason.OuterSource);

        DropReason reason = stack.IsEmpty ? DropReason.BadIpHeader : TenantRules.Header(stack, stack[0] >> 4 == 6 ? 6 : 4, out _);
        if (reason == DropReason.None)
            reason = InnerAddresses(stack);
        if (reason != DropReason.None)
            return index >= 0 ? DropAt(reason, (uint)index) : Prediction.Dropped(reason);
        _ = TenantRules.Header(stack, stack[0] >> 4, out int length);
        ReadOnlySpan<byte> packet = stack[..length];
        Counters.Add("decapsulated", (uint)vrf, length);
        if (index < 0)
        {
            Counters.Add("aggregate label", (uint)vrf, length);
            return Forward(new VrfId((uint)vrf), packet, uint.MaxValue, fromCore: true);
        }
        Counters.Add("interface label", (uint)index, length);
        if (IsToOrFromLink(packet))
            return DropAt(DropReason.LinkLocal, (uint)index);
        return Deliver(new VrfId((uint)vrf), packet, uint.MaxValue, (uint)index, fromCore: true, keepTtl: true, coreView: true);
    }

    private static DropReason InnerAddresses(ReadOnlySpan<byte> data)
    {
        _ = TenantRules.Header(data, data[0] >> 4, out int length);
        ReadOnlySpan<byte> packet = data[..length];
        return TenantRules.IsMartianSource(Source(packet)) ? DropReason.MartianSource
            : TenantRules.IsMartianDestination(Destination(packet)) ? DropReason.MartianDestination
            : TenantRules.IsMulticast(Destination(packet)) ? DropReason.Multicast
            : TenantRules.IsSourceRouted(packet) ? DropReason.SourceRoute
            : DropReason.None;
    }

    private static Prediction Underlay(PuntReason reason, ReadOnlySpan<byte> data) =>
        new() { Exit = Exit.Punted, Punt = reason, Bytes = data.ToArray(), FromCore = true };
}

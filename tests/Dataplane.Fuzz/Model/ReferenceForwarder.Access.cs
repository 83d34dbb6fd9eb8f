using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Fuzz.Model;

/// <content>From end-systems, in the order of the specification.</content>
internal sealed partial class ReferenceForwarder
{
    private Prediction FromInterface(PortId port, ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 14)
            return Prediction.Dropped(DropReason.RuntFrame);
        int l3 = 14;
        ushort? outer = null;
        ushort? inner = null;
        if (IsTag(Word(frame, 12)))
        {
            if (frame.Length < 18)
                return Prediction.Dropped(DropReason.RuntFrame);
            outer = (ushort)(Word(frame, 14) & 0xFFF);
            l3 = 18;
            if (IsTag(Word(frame, 16)))
            {
                if (frame.Length < 22)
                    return Prediction.Dropped(DropReason.RuntFrame);
                inner = (ushort)(Word(frame, 18) & 0xFFF);
                l3 = 22;
            }
        }
        ushort etherType = Word(frame, l3 - 2);
        ReadOnlySpan<byte> data = frame[l3..];

        int index = Classify(port, MacAddress.Read(frame[6..12]), outer, inner);
        if (index < 0)
            return Prediction.Dropped(DropReason.Unclassified);
        uint row = (uint)index;
        InterfaceSettings settings = _interfaces[index];
        MacAddress destinationMac = MacAddress.Read(frame[..6]);
        if (destinationMac != options.VirtualMac4 && destinationMac != options.VirtualMac6 && (frame[0] & 1) == 0)
        {
            Counters.Add("interface rx", row, 0);
            return DropAt(DropReason.NotForRouter, row);
        }
        if (etherType == 0x0806)
        {
            Counters.Add("interface rx", row, 0);
            return new Prediction { Exit = Exit.Punted, Punt = PuntReason.Arp, Bytes = data.ToArray(), Interface = row, Vrf = settings.Vrf.Value };
        }
        if (etherType is not (0x0800 or 0x86DD))
        {
            Counters.Add("interface rx", row, 0);
            return DropAt(DropReason.NonIp, row);
        }
        DropReason reason = TenantRules.Header(data, etherType == 0x86DD ? 6 : 4, out int length);
        if (reason == DropReason.BadIpHeader)
        {
            Counters.Add("interface rx", row, 0);
            return DropAt(reason, row);
        }
        Counters.Add("interface rx", row, length);
        if (reason != DropReason.None)
            return DropAt(reason, row);
        ReadOnlySpan<byte> packet = data[..length];
        if (etherType == 0x86DD && TenantRules.IsNeighborDiscovery(packet))
            return new Prediction { Exit = Exit.Punted, Punt = PuntReason.Nd, Bytes = data.ToArray(), Interface = row, Vrf = settings.Vrf.Value };

        IpAddress source = Source(packet);
        IpAddress destination = Destination(packet);
        if (TenantRules.IsMartianSource(source))
            return DropAt(DropReason.MartianSource, row);
        if (TenantRules.IsMartianDestination(destination))
            return DropAt(DropReason.MartianDestination, row);
        if (source.Family == AddressFamily.Ipv6 && TenantRules.IsLinkLocal(source))
        {
            // Towards the first hop only. Multicast has its own reason (MLD comes from link-local addresses), and another
            // link-local destination is refused after the checks below.
            if (!TenantRules.IsLinkLocal(destination) && !TenantRules.IsMulticast(destination))
                return DropAt(DropReason.LinkLocal, row);
        }
        else if (!settings.Addresses.Any(prefix => prefix.Contains(source)))
        {
            return DropAt(DropReason.SourceValidation, row);
        }
        if (TenantRules.IsMulticast(destination))
            return DropAt(DropReason.Multicast, row);
        if (TenantRules.IsSourceRouted(packet))
            return DropAt(DropReason.SourceRoute, row);
        // A packet for one destination in a frame for many stations (RFC 1812, 5.3.4).
        if ((frame[0] & 1) != 0)
            return DropAt(DropReason.NotForRouter, row);
        return Filter(settings.Vrf, packet.ToArray(), row);
    }

    // In order up to the first rule that matches and does not say to go on; each sees the packet as it came.
    private Prediction Filter(VrfId vrf, byte[] packet, uint row)
    {
        byte? dscp = null;
        VrfId? elsewhere = null;
        AddressFamily family = packet[0] >> 4 == 6 ? AddressFamily.Ipv6 : AddressFamily.Ipv4;
        foreach (FilterRule rule in _vrfs[(int)vrf.Value].Filters.GetValueOrDefault(family, []).Where(rule => ReferenceFilter.Matches(rule, packet)))
        {
            if (rule.BytesPerSecond == 0 || rule.PacketsPerSecond == 0)
                return DropAt(DropReason.Filtered, row);
            dscp ??= rule.Dscp;
            elsewhere ??= rule.Redirect;
            if (!rule.Continue)
                break;
        }
        if (dscp is { } mark)
            Build.SetDscp(packet, mark);
        return Forward(elsewhere ?? vrf, packet, row, fromCore: false);
    }

    private int Classify(PortId port, MacAddress source, ushort? outer, ushort? inner)
    {
        for (int i = 0; i < _interfaces.Count; i++)
        {
            InterfaceSettings settings = _interfaces[i];
            // A priority tag is no VLAN.
            bool sameVlan = settings.OuterVlan == (outer is 0 && inner is null ? null : outer) && settings.InnerVlan == inner;
            bool sameMac = _ports[port.Value].Role == PortRole.Local || settings.Mac is null || settings.Mac == source;
            if (settings.Port == port && sameVlan && sameMac)
                return i;
        }
        return -1;
    }

    private static bool IsTag(ushort etherType) => etherType is 0x8100 or 0x88A8;

    private Prediction DropAt(DropReason reason, uint row)
    {
        Counters.Add("interface drops", row, 0);
        return Prediction.Dropped(reason);
    }
}

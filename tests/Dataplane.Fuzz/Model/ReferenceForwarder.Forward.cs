using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Fuzz.Model;

/// <content>Lookup and what follows from it.</content>
internal sealed partial class ReferenceForwarder
{
    private Leaf Choose(Leaf leaf, ReadOnlySpan<byte> packet) =>
        leaf.Kind == LeafKind.Group ? _groups[(int)leaf.Index].Choose(packet, leaf.PrefixLength) : leaf;

    private Prediction Forward(VrfId vrf, ReadOnlySpan<byte> packet, uint from, bool fromCore)
    {
        IpAddress destination = Destination(packet);
        Leaf leaf = Choose(Lookup(vrf, destination, coreView: fromCore), packet);
        if (leaf.Kind == LeafKind.CoreLookup)
        {
            if (!fromCore)
            {
                vrf = new VrfId(leaf.Index);
                leaf = Choose(Lookup(vrf, destination, coreView: true), packet);
            }
            if (leaf.Kind == LeafKind.CoreLookup)
                return Drop(DropReason.LookupLoop, from);
        }
        // A tunnel is not the link: what is link-local behind one is nobody's.
        if (leaf.Kind == LeafKind.Router && !(fromCore && IsToOrFromLink(packet)))
            return Punt(PuntReason.RouterAddress, vrf, packet, from, fromCore);
        if (IsToOrFromLink(packet))
            return Drop(DropReason.LinkLocal, from);
        if (leaf.Kind == LeafKind.None)
            return Drop(DropReason.NoRoute, from);
        if ((packet[0] >> 4 == 6 ? packet[7] : packet[8]) <= 1)
            return Punt(PuntReason.TtlExpired, vrf, packet, from, fromCore);
        if (leaf.Kind == LeafKind.Interface)
            return Deliver(vrf, packet, from, leaf.Index, fromCore, keepTtl: false, coreView: fromCore);

        TunnelSettings tunnel = _tunnels[(int)leaf.Index];
        bool outer6 = tunnel.Remote.Family == AddressFamily.Ipv6;
        int innerMtu = tunnel.PathMtu - (outer6 ? 40 : 20) - 4 - tunnel.Encapsulation switch
        {
            Encapsulation.MplsInGre => 4,
            Encapsulation.MplsInUdp => 8,
            _ => 0,
        };
        if (packet.Length > innerMtu)
            return Punt(PuntReason.MtuExceeded, vrf, packet, from, fromCore) with { Tunnel = leaf.Index, Mtu = innerMtu };
        if (!_resolved.TryGetValue(leaf.Index, out MacAddress nextHop))
            return Punt(PuntReason.UnderlayUnresolved, vrf, packet, from, fromCore) with { Tunnel = leaf.Index };
        int length = packet.Length;
        Counters.Add("encapsulated", vrf.Value, length);
        Counters.Add("tunnel", leaf.Index, length);
        return new Prediction
        {
            Exit = Exit.Transmitted,
            Port = _ports[tunnel.Port.Value].DpdkPort,
            Bytes = Encapsulate(tunnel, leaf.Label, Build.AfterHop(packet), from, nextHop),
            EntropyPort = tunnel.Encapsulation == Encapsulation.MplsInUdp,
            Flow = FlowOf(packet, from, $"vrf {vrf.Value}"),
            Tenant = packet.ToArray(),
            Tunnelled = true,
            Hop = true,
        };
    }

    private byte[] Encapsulate(TunnelSettings tunnel, uint label, byte[] inner, uint from, MacAddress nextHop)
    {
        ForwardingClass marking = from == uint.MaxValue ? options.DefaultClass : _interfaces[(int)from].Class ?? options.DefaultClass;
        bool v6 = tunnel.Remote.Family == AddressFamily.Ipv6;
        string us = v6 ? options.TunnelEnd6!.Value.ToString() : options.TunnelEnd4!.Value.ToString();
        string remote = tunnel.Remote.ToString();
        byte[] stack = Build.Label(label, inner, ttl: tunnel.Ttl, trafficClass: marking.TrafficClass);
        byte[] payload = stack;
        byte protocol = 137;
        if (tunnel.Encapsulation == Encapsulation.MplsInGre)
        {
            (protocol, payload) = (47, Build.Gre(stack));
        }
        else if (tunnel.Encapsulation == Encapsulation.MplsInUdp)
        {
            (protocol, payload) = (17, Build.UdpDatagram(0xC000, 6635, stack, [.. Build.Address(us), .. Build.Address(remote)]));
            if (!v6 || tunnel.ZeroUdp6Checksum)
                payload[6] = payload[7] = 0;
        }
        byte tos = (byte)(marking.Dscp << 2);
        byte[] outer = v6 ? Build.Ipv6(us, remote, protocol, payload, tunnel.Ttl, tos)
            : Build.Ipv4(us, remote, protocol, payload, tunnel.Ttl, tos, flagsAndOffset: 0x4000);
        return Build.Ethernet(nextHop.ToString(), _ports[tunnel.Port.Value].Mac.ToString(), v6 ? (ushort)0x86DD : (ushort)0x0800, outer);
    }

    private Prediction Deliver(VrfId vrf, ReadOnlySpan<byte> packet, uint from, uint to, bool fromCore, bool keepTtl, bool coreView)
    {
        InterfaceSettings settings = _interfaces[(int)to];
        Prediction punt = Punt(PuntReason.None, vrf, packet, from, fromCore) with { OutInterface = to, KeepTtl = keepTtl, CoreView = coreView };
        if (packet.Length > settings.Mtu)
            return punt with { Punt = PuntReason.MtuExceeded, Mtu = settings.Mtu };
        if ((settings.Mac ?? Neighbor(to, packet)) is not { } mac)
            return punt with { Punt = PuntReason.NeighborUnresolved };
        int length = packet.Length;
        Counters.Add("interface tx", to, length);
        if (!fromCore)
            Counters.Add("local", vrf.Value, length);
        bool v6 = packet[0] >> 4 == 6;
        (ushort, ushort)[] tags = settings.OuterVlan is not { } outer ? []
            : settings.InnerVlan is not { } inner ? [(0x8100, outer)]
            : [(0x88A8, outer), (0x8100, inner)];
        return new Prediction
        {
            Exit = Exit.Transmitted,
            Port = _ports[settings.Port.Value].DpdkPort,
            Bytes = Build.Ethernet(mac.ToString(), (v6 ? options.VirtualMac6 : options.VirtualMac4).ToString(),
                v6 ? (ushort)0x86DD : (ushort)0x0800, keepTtl ? packet.ToArray() : Build.AfterHop(packet), tags),
            Flow = FlowOf(packet, from, keepTtl ? $"interface {to}" : $"vrf {vrf.Value}"),
            Tenant = packet.ToArray(),
            Hop = !keepTtl,
        };
    }

    // Addresses are enough: who keeps all packets between two hosts in order keeps those of each flow.
    private static string FlowOf(ReadOnlySpan<byte> packet, uint from, string way) =>
        $"{from} {way} {Source(packet)} {Destination(packet)}";

    private MacAddress? Neighbor(uint to, ReadOnlySpan<byte> packet) =>
        _neighbors.TryGetValue((to, Destination(packet)), out MacAddress mac) ? mac : null;

    private Prediction Drop(DropReason reason, uint from) => from == uint.MaxValue ? Prediction.Dropped(reason) : DropAt(reason, from);

    private static Prediction Punt(PuntReason reason, VrfId vrf, ReadOnlySpan<byte> packet, uint from, bool fromCore) => new()
    {
        Exit = Exit.Punted,
        Punt = reason,
        Bytes = packet.ToArray(),
        Interface = from,
        Vrf = vrf.Value,
        FromCore = fromCore,
        CoreView = fromCore,
    };

    // A router forwards nothing from or to a link-local address (RFC 4291 section 2.5.6, RFC 3927 section 2.6.2).
    private static bool IsToOrFromLink(ReadOnlySpan<byte> packet) => TenantRules.IsLinkLocal(Destination(packet))
        || (packet[0] >> 4 == 6 && TenantRules.IsLinkLocal(Source(packet)));
}

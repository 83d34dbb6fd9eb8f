using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Model;
using Dataplane.Net;

namespace Dataplane.Fuzz.Rig;

/// <summary>
/// A forwarder with two access ports, two core ports and a local one; tenants blue and red with the same addresses, green
/// with an aggregate label. Every encapsulation over both families leads to a remote forwarder of its own.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    internal const string Us4 = "203.0.113.17";
    internal const string Us6 = "2001:db8:f::17";
    internal const string Other4 = "198.18.0.17";
    internal const string Other6 = "2001:db8:e::17";
    internal const string CoreMac = "02:00:00:00:00:11";
    internal const string Core2Mac = "02:00:00:00:00:12";
    internal const string NeighborMac = "02:00:00:00:00:01";
    internal const string Host1 = "02:aa:10:c0:ff:ee";
    internal const string Host2 = "02:aa:10:c0:ff:ef";
    internal const string Vm1 = "198.51.100.25";
    internal const string Vm1V6 = "2001:db8:1::25";
    internal const string Vm2 = "198.51.100.26";
    internal const string Vm2V6 = "2001:db8:1::26";
    internal const string Remote4 = "198.51.100.40";
    internal const string Remote6 = "2001:db8:1::40";
    internal const uint BlueLabel = 3000;
    internal const uint GreenLabel = 3002;
    internal const uint Vm1Label = 52013;
    internal const uint Vm2Label = 52014;
    internal const uint Vm3Label = 52015;
    internal const uint LocalLabel = 52016;
    internal const uint GuestLabel = 52017;
    internal const uint QinQLabel = 52018;

    internal TestNetwork(uint puntRate = uint.MaxValue, uint puntCapacity = Batch.Capacity, int dataPages = 4,
        bool acceptZeroUdp6 = false, ForwardingClass defaultClass = default)
    {
        var options = new DatapathOptions
        {
            Ports = 8,
            Interfaces = 64,
            Vrfs = 16,
            Tunnels = 64,
            Workers = 1,
            ClockHz = 1_000_000,
            PuntRate = puntRate,
            TunnelEnd4 = Ipv4Address.Parse(Us4),
            TunnelEnd6 = Ipv6Address.Parse(Us6),
            CoreAddresses = [IpAddress.Parse(Us4), IpAddress.Parse(Us6), IpAddress.Parse(Other4), IpAddress.Parse(Other6)],
            AcceptZeroUdp6Checksum = acceptZeroUdp6,
            DefaultClass = defaultClass,
        };
        Rig = new ForwardingRig(options, puntCapacity, dataPages);
        Model = new ReferenceForwarder(options);
        Core = AddPort(PortRole.Core, 0, CoreMac);
        Access = AddPort(PortRole.Access, 1, "02:00:00:00:00:21");
        Access2 = AddPort(PortRole.Access, 2, "02:00:00:00:00:22");
        Local = AddPort(PortRole.Local, 3, "02:00:00:00:00:23");
        Core2 = AddPort(PortRole.Core, 4, Core2Mac);

        Blue = AddVrf(BlueLabel, "198.51.100.1", "2001:db8:1::1");
        Red = AddVrf(null);
        Green = AddVrf(GreenLabel);

        VmOne = AddInterface(Access, Blue, Host1, 317, null, Vm1Label, [Vm1 + "/32", Vm1V6 + "/128"], new ForwardingClass(10, 1));
        VmTwo = AddInterface(Access, Blue, Host2, 318, null, Vm2Label, [Vm2 + "/32", Vm2V6 + "/128"]);
        VmThree = AddInterface(Access, Red, Host2, 317, null, Vm3Label, [Vm1 + "/32", Vm1V6 + "/128"]);
        LocalVm = AddInterface(Local, Green, null, null, null, LocalLabel, ["192.0.2.10/32", "2001:db8:3::10/128", "10.9.0.0/16"]);
        Guests = AddInterface(Access2, Green, null, 100, null, GuestLabel, ["192.0.2.64/26", "2001:db8:3:1::/64"], mtu: 1400);
        QinQ = AddInterface(Access2, Green, Host1, 200, 7, QinQLabel, ["192.0.2.200/32", "2001:db8:3::200/128"]);

        foreach (Encapsulation encapsulation in Enum.GetValues<Encapsulation>())
        {
            AddTunnel(encapsulation, $"203.0.113.{40 + (int)encapsulation}");
            AddTunnel(encapsulation, $"2001:db8:f::4{(int)encapsulation}");
        }
        foreach (VrfId vrf in new[] { Blue, Red, Green })
        {
            foreach (TunnelSettings tunnel in Datapath.Tunnels)
                AllowIngress(vrf, tunnel.Remote);
        }
        // One remote host per tunnel, 198.51.100.40 and on, 2001:db8:1::40 and on; a default route in red.
        for (int i = 0; i < Datapath.Tunnels.Count; i++)
        {
            var tunnel = new TunnelId((uint)i);
            Route(Blue, $"198.51.100.{40 + i}/32", tunnel, 61200 + (uint)i);
            Route(Blue, $"2001:db8:1::{40 + i}/128", tunnel, 61200 + (uint)i);
            Route(Green, $"192.0.2.{40 + i}/32", tunnel, 61400 + (uint)i);
            Route(Green, $"2001:db8:3::{40 + i}/128", tunnel, 61400 + (uint)i);
        }
        Route(Red, "0.0.0.0/0", new TunnelId(0), 61300);
        Route(Red, "::/0", new TunnelId(0), 61300);
        Route(Green, "10.0.0.0/8", new TunnelId(2), 61500);
        Resolve();
    }

    internal ForwardingRig Rig { get; }

    /// <summary>The specification's view of the same forwarder.</summary>
    internal ReferenceForwarder Model { get; }

    internal Datapath Datapath => Rig.Datapath;

    internal PortId Core { get; }

    internal PortId Core2 { get; }

    internal PortId Access { get; }

    internal PortId Access2 { get; }

    internal PortId Local { get; }

    internal VrfId Blue { get; }

    internal VrfId Red { get; }

    internal VrfId Green { get; }

    internal InterfaceId VmOne { get; }

    internal InterfaceId VmTwo { get; }

    internal InterfaceId VmThree { get; }

    internal InterfaceId LocalVm { get; }

    internal InterfaceId Guests { get; }

    internal InterfaceId QinQ { get; }

    internal int PortCount => 5;

    internal int VrfCount => 3;

    internal int InterfaceCount => 6;

    /// <summary>True for a port that faces the infrastructure.</summary>
    internal bool IsCore(PortId port) => port == Core || port == Core2;

    /// <summary>The same by DPDK's port id.</summary>
    internal bool IsCoreDevice(ushort dpdkPort) => dpdkPort is 10 or 14;

    /// <summary>A frame of the guest behind <see cref="VmOne"/>.</summary>
    internal static byte[] FromVm1(byte[] packet, string? destination = null) => Build.Ethernet(
        destination ?? (packet[0] >> 4 == 6 ? Build.Virtual6 : Build.Virtual4), Host1, EtherTypeOf(packet), packet, (0x8100, 317));

    /// <summary>A frame on the first core port.</summary>
    internal static byte[] OnCore(byte[] outer) => Build.Ethernet(CoreMac, NeighborMac, EtherTypeOf(outer), outer);

    /// <summary>An outer packet from the forwarder at the far end of a tunnel to us.</summary>
    internal static byte[] Tunnelled(Encapsulation encapsulation, bool outerV6, uint label, byte[] inner) =>
        Outer(encapsulation, outerV6 ? $"2001:db8:f::4{(int)encapsulation}" : $"203.0.113.{40 + (int)encapsulation}",
            outerV6 ? Us6 : Us4, Build.Label(label, inner));

    /// <summary>An outer packet around a label stack.</summary>
    internal static byte[] Outer(Encapsulation encapsulation, string source, string destination, byte[] stack)
    {
        byte[] addresses = [.. Build.Address(source), .. Build.Address(destination)];
        (byte protocol, byte[] payload) = encapsulation switch
        {
            Encapsulation.MplsInGre => ((byte)47, Build.Gre(stack)),
            Encapsulation.MplsInUdp => ((byte)17, Build.UdpDatagram(0xC123, 6635, stack, addresses)),
            _ => ((byte)137, stack),
        };
        return source.Contains(':') ? Build.Ipv6(source, destination, protocol, payload) : Build.Ipv4(source, destination, protocol, payload);
    }

    /// <summary>Runs a burst through the pipeline and the model; both must agree.</summary>
    internal BurstResult Receive(PortId port, params byte[][] frames)
    {
        Prediction[] predictions = [.. frames.Select(frame => Model.Receive(port, frame))];
        BurstResult result = Rig.Receive(port, frames);
        Agreement.Require(predictions, result, Limits.None);
        return result;
    }

    /// <summary>Compares all counters with the model's.</summary>
    internal void RequireCounters() => Model.Counters.Compare(Datapath.ReadCounters());

    /// <summary>Gives every tunnel its underlay neighbour, or takes it away.</summary>
    internal void Resolve(bool resolved = true)
    {
        MacAddress? mac = resolved ? MacAddress.Parse(NeighborMac) : null;
        foreach (TunnelSettings tunnel in Datapath.Tunnels)
        {
            Datapath.SetUnderlayNeighbor(tunnel.Port, tunnel.UnderlayNextHop, mac);
            Model.SetUnderlayNeighbor(tunnel.Port, tunnel.UnderlayNextHop, mac);
        }
    }

    internal bool Route(VrfId vrf, string prefix, TunnelId? tunnel, uint label)
    {
        var route = new SuppliedRoute(tunnel, new Label20(label));
        Model.SetRoute(vrf, IpPrefix.Parse(prefix), route);
        return Datapath.SetRoute(vrf, IpPrefix.Parse(prefix), route);
    }

    internal void Route(VrfId vrf, string prefix, GroupId group)
    {
        Model.SetRoute(vrf, IpPrefix.Parse(prefix), SuppliedRoute.To(group));
        Datapath.SetRoute(vrf, IpPrefix.Parse(prefix), SuppliedRoute.To(group));
    }

    /// <summary>Groups are added one after the other and stay, so that both sides number them alike.</summary>
    internal GroupId AddGroup(LoadBalance loadBalance, params GroupMember[] members)
    {
        var settings = new GroupSettings { LoadBalance = loadBalance, Members = members };
        Model.AddGroup(settings);
        return Datapath.AddGroup(settings);
    }

    internal bool RemoveRoute(VrfId vrf, string prefix)
    {
        Model.RemoveRoute(vrf, IpPrefix.Parse(prefix));
        return Datapath.RemoveRoute(vrf, IpPrefix.Parse(prefix));
    }

    internal void SetFilters(VrfId vrf, AddressFamily family, params FilterRule[] rules)
    {
        Model.SetFilters(vrf, family, rules);
        Datapath.SetFilters(vrf, family, rules);
    }

    internal void AllowIngress(VrfId vrf, IpAddress source)
    {
        Model.AllowIngress(vrf, source);
        Datapath.AllowIngress(vrf, source);
    }

    internal void SetNeighbor(InterfaceId id, string address, string? mac)
    {
        IpAddress of = IpAddress.Parse(address);
        Model.SetInterfaceNeighbor(id, of, mac is null ? null : MacAddress.Parse(mac));
        if (mac is null)
            Datapath.RemoveInterfaceNeighbor(id, of);
        else
            Datapath.SetInterfaceNeighbor(id, of, MacAddress.Parse(mac));
    }

    internal VrfId AddVrf(uint? aggregateLabel, params string[] routerAddresses)
    {
        Label20? label = aggregateLabel is { } value ? new Label20(value) : null;
        IpAddress[] addresses = [.. routerAddresses.Select(IpAddress.Parse)];
        Model.AddVrf(label, addresses);
        return Datapath.AddVrf(label, addresses);
    }

    internal PortId AddPort(PortRole role, ushort dpdkPort, string mac, int mtu = 1500)
    {
        var settings = new PortSettings { Role = role, DpdkPort = (ushort)(dpdkPort + 10), Mac = MacAddress.Parse(mac), Mtu = mtu };
        Model.AddPort(settings);
        return Datapath.AddPort(settings);
    }

    internal InterfaceId AddInterface(PortId port, VrfId vrf, string? mac, ushort? vlan, ushort? inner, uint? label, string[] addresses,
        ForwardingClass? marking = null, int mtu = 1500)
    {
        var settings = new InterfaceSettings
        {
            Port = port,
            Vrf = vrf,
            Mac = mac is null ? null : MacAddress.Parse(mac),
            OuterVlan = vlan,
            InnerVlan = inner,
            Label = label is { } value ? new Label20(value) : null,
            Addresses = [.. addresses.Select(IpPrefix.Parse)],
            Class = marking,
            Mtu = mtu,
        };
        Model.AddInterface(settings);
        return Datapath.AddInterface(settings);
    }

    internal TunnelId AddTunnel(Encapsulation encapsulation, string remote, int pathMtu = 1500, byte ttl = 64, bool zeroUdp6 = false)
    {
        var settings = new TunnelSettings
        {
            Encapsulation = encapsulation,
            Remote = IpAddress.Parse(remote),
            Port = Core,
            UnderlayNextHop = IpAddress.Parse(remote),
            PathMtu = pathMtu,
            Ttl = ttl,
            ZeroUdp6Checksum = zeroUdp6,
        };
        Model.AddTunnel(settings);
        return Datapath.AddTunnel(settings);
    }

    public void Dispose() => Rig.Dispose();

    internal static ushort EtherTypeOf(byte[] packet) => packet[0] >> 4 == 6 ? (ushort)0x86DD : (ushort)0x0800;
}

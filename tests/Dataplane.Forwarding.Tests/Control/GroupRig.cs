using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>A forwarder with an access port, one interface per VRF, and many tunnels to choose from.</summary>
internal sealed class GroupRig : IDisposable
{
    internal const string Us = "203.0.113.17";
    private const string HostMac = "02:aa:10:c0:ff:ee";
    private readonly Dictionary<string, TunnelId> _tunnels = [];
    private readonly string _self;

    /// <param name="groups">Most groups.</param>
    /// <param name="localLabel">Label of the interface, which others know as that of a member.</param>
    /// <param name="us">Its infrastructure address.</param>
    internal GroupRig(int groups = 16, uint localLabel = 777, string us = Us)
    {
        _self = $"{us} {localLabel}";
        Rig = new ForwardingRig(new DatapathOptions
        {
            ClockHz = 1_000_000,
            Ports = 4,
            Vrfs = 4,
            Interfaces = 4,
            Tunnels = 2048,
            Groups = groups,
            Workers = 2,
            TunnelEnd4 = Ipv4Address.Parse(us),
            TunnelEnd6 = Ipv6Address.Parse("2001:db8:f::17"),
        });
        Core = Datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 10, Mac = MacAddress.Parse("02:00:00:00:00:11") });
        Access = Datapath.AddPort(new PortSettings { Role = PortRole.Access, DpdkPort = 11, Mac = MacAddress.Parse("02:00:00:00:00:21") });
        Vrf = Datapath.AddVrf(new Label20(3000), []);
        Interface = Datapath.AddInterface(new InterfaceSettings
        {
            Port = Access,
            Vrf = Vrf,
            Mac = MacAddress.Parse(HostMac),
            Label = new Label20(localLabel),
            Addresses = [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")],
        });
    }

    internal ForwardingRig Rig { get; }

    internal Datapath Datapath => Rig.Datapath;

    internal PortId Core { get; }

    internal PortId Access { get; }

    internal VrfId Vrf { get; }

    internal InterfaceId Interface { get; }

    /// <summary>A member behind a forwarder, whose tunnel is made when it is met first.</summary>
    internal GroupMember Member(string owner, uint label = 16, int weight = 1, Encapsulation encapsulation = Encapsulation.MplsInGre)
    {
        if (!_tunnels.TryGetValue(owner, out TunnelId tunnel))
        {
            IpAddress remote = IpAddress.Parse(owner);
            _tunnels[owner] = tunnel = Datapath.AddTunnel(new TunnelSettings
            {
                Remote = remote,
                Port = Core,
                UnderlayNextHop = remote,
                Encapsulation = encapsulation,
            });
            Datapath.SetUnderlayNeighbor(Core, remote, MacAddress.Parse("02:00:00:00:00:01"));
        }
        return GroupMember.Remote(tunnel, new Label20(label), weight);
    }

    /// <summary>Members 0 to count−1, each behind a forwarder of its own, of both families.</summary>
    internal GroupMember[] Members(int count, Func<int, int>? weight = null) =>
        [.. Enumerable.Range(0, count).Select(i => Member(OwnerOf(i), 16 + (uint)i % 5, weight?.Invoke(i) ?? 1))];

    internal static string OwnerOf(int i) => i % 2 == 0 ? $"10.255.{i / 256}.{i % 256}" : $"2001:db8:f:1::{i:x}";

    internal GroupId Add(IEnumerable<GroupMember> members, LoadBalance loadBalance = LoadBalance.PerFlow) =>
        Datapath.AddGroup(Settings(members, loadBalance));

    internal static GroupSettings Settings(IEnumerable<GroupMember> members, LoadBalance loadBalance = LoadBalance.PerFlow) =>
        new() { Members = [.. members], LoadBalance = loadBalance };

    internal void Route(string prefix, GroupId group) => Datapath.SetRoute(Vrf, IpPrefix.Parse(prefix), SuppliedRoute.To(group));

    /// <summary>By bucket: who the member is, in words that mean the same on every forwarder.</summary>
    internal string[] Choices(GroupId group)
    {
        var choices = new string[GroupRow.BucketCount];
        var names = new Dictionary<Leaf, string>();
        for (uint bucket = 0; bucket < choices.Length; bucket++)
        {
            Leaf leaf = Datapath.MemberAt(group, bucket);
            if (!names.TryGetValue(leaf, out string? name))
                names[leaf] = name = NameOf(leaf);
            choices[bucket] = name;
        }
        return choices;
    }

    internal string NameOf(Leaf leaf) => leaf.Kind switch
    {
        LeafKind.Tunnel => $"{Datapath.Tunnels[(int)leaf.Index].Remote} {leaf.Label}",
        LeafKind.Interface => _self,
        _ => leaf.Kind.ToString(),
    };

    /// <summary>Sends packets from the guest; by packet, who got it: owner and label, or how else it left.</summary>
    internal string[] Send(params IReadOnlyList<byte[]> packets)
    {
        var got = new List<string>();
        foreach (byte[][] burst in packets.Chunk(Batch.Capacity))
        {
            byte[][] frames = [.. burst.Select(packet => Build.Ethernet(packet[0] >> 4 == 6 ? Build.Virtual6 : Build.Virtual4, HostMac,
                TestNetwork.EtherTypeOf(packet), packet))];
            got.AddRange(Rig.Receive(Access, frames).Outcomes.Select(NameOf));
        }
        return [.. got];
    }

    public void Dispose() => Rig.Dispose();

    /// <summary>Who got a packet: owner and label, or how else it left.</summary>
    internal string NameOf(Outcome outcome)
    {
        if (outcome.Exit != Exit.Transmitted)
            return outcome.Exit == Exit.Punted ? outcome.Tag.Reason.ToString() : outcome.Exit.ToString();
        if (outcome.Port == 11)
            return _self;
        ParsedFrame frame = ParsedFrame.Tunnelled(outcome.Frame);
        IpAddress owner = frame.Packet[0] >> 4 == 6 ? Ipv6Address.Read(frame.Packet.AsSpan(24, 16)) : Ipv4Address.Read(frame.Packet.AsSpan(16, 4));
        return $"{owner} {frame.Label}";
    }
}

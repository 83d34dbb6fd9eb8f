using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath.Tests;

/// <summary>One frame that the slow path sent.</summary>
internal sealed record SentFrame(PortId Port, InterfaceId Destination, byte[] Frame);

/// <summary>
/// One packet that the slow path injected: into a view with its source interface, or, without a view, to an interface.
/// </summary>
internal sealed record Injection(VrfId Vrf, PacketOrigin? View, InterfaceId Interface, bool KeepTtl, byte[] Packet);

/// <summary>The datapath of the tests, the same as described in vectors/make_vectors.py; records what is asked of it.</summary>
internal sealed class TestTopology : ISlowPathPorts
{
    internal static readonly PortId CorePort = new(0);
    internal static readonly VrfId Blue = new(0);
    internal static readonly VrfId Red = new(1);
    internal static readonly InterfaceId Guest = new(0);
    internal static readonly InterfaceId QinQ = new(1);
    internal static readonly InterfaceId Tap = new(2);

    private readonly Dictionary<uint, InterfaceInfo> _interfaces = new InterfaceInfo[]
    {
        new(Guest, new PortId(1), new VlanTags(317), MacAddress.Parse("02:aa:10:c0:ff:ee"), Blue, 1500,
            [IpPrefix.Parse("198.51.100.25/32"), IpPrefix.Parse("2001:db8:1::25/128")]),
        new(QinQ, new PortId(1), new VlanTags(100, 200), null, Red, 1400,
            [IpPrefix.Parse("10.1.0.0/24"), IpPrefix.Parse("2001:db8:2::/64")]),
        new(Tap, new PortId(2), VlanTags.None, null, Blue, 1500,
            [IpPrefix.Parse("198.51.100.0/27"), IpPrefix.Parse("2001:db8:1::26/128")]),
    }.ToDictionary(row => row.Id.Value);

    private readonly PortInfo[] _ports =
    [
        new(CorePort, MacAddress.Parse("02:00:00:00:00:11"), 1500,
            [new(IpAddress.Parse("203.0.113.17"), 24), new(IpAddress.Parse("2001:db8:f::17"), 64)]),
        new(new PortId(1), MacAddress.Parse("02:00:00:00:00:21"), 1500, []),
        new(new PortId(2), MacAddress.Parse("02:00:00:00:00:22"), 1500, []),
    ];

    private readonly VrfInfo[] _vrfs =
    [
        new(Blue, [IpAddress.Parse("198.51.100.1"), IpAddress.Parse("2001:db8:1::1")]),
        new(Red, []),
    ];

    private readonly TunnelInfo[] _tunnels =
    [
        new(new TunnelId(0), CorePort, IpAddress.Parse("203.0.113.44")),
        new(new TunnelId(1), CorePort, IpAddress.Parse("2001:db8:f::1")),
    ];

    internal List<SentFrame> Frames { get; } = [];

    internal List<Injection> Injections { get; } = [];

    /// <summary>Neighbours as the datapath knows them, by interface or core port.</summary>
    internal Dictionary<(string Link, IpAddress Address), MacAddress> Neighbors { get; } = [];

    /// <summary>False makes the datapath refuse everything.</summary>
    internal bool HasRoom { get; set; } = true;

    public FirstHop FirstHop { get; } = new(
        MacAddress.Parse("00:00:5e:00:01:01"),
        MacAddress.Parse("00:00:5e:00:02:01"),
        Ipv4Address.Parse("169.254.0.1"),
        Ipv6Address.Parse("fe80::1"));

    public InterfaceInfo? FindInterface(InterfaceId id) => _interfaces.GetValueOrDefault(id.Value);

    public PortInfo? FindPort(PortId id) => id.Value < _ports.Length ? _ports[id.Value] : null;

    public VrfInfo? FindVrf(VrfId id) => id.Value < _vrfs.Length ? _vrfs[id.Value] : null;

    public TunnelInfo? FindTunnel(TunnelId id) => id.Value < _tunnels.Length ? _tunnels[id.Value] : null;

    /// <summary>Standby as the datapath was told.</summary>
    internal Dictionary<PortId, StandbyFamilies> Standby { get; } = [];

    public IEnumerable<VlanTags> TagsOf(PortId port) =>
        _interfaces.Values.Where(row => row.Port == port).Select(row => row.Tags).Distinct();

    public void SetStandby(PortId port, StandbyFamilies families)
    {
        Standby[port] = families;
        _ports[port.Value] = _ports[port.Value] with { Standby = families };
    }

    public bool TransmitFrame(PortId port, InterfaceId destination, ReadOnlySpan<byte> frame)
    {
        if (HasRoom)
            Frames.Add(new SentFrame(port, destination, frame.ToArray()));
        return HasRoom;
    }

    public bool InjectPacket(
        VrfId vrf, PacketOrigin view, InterfaceId source, bool keepTtl, ReadOnlySpan<byte> packet) =>
        Inject(new Injection(vrf, view, source, keepTtl, packet.ToArray()));

    public bool DeliverPacket(VrfId vrf, InterfaceId target, ReadOnlySpan<byte> packet) =>
        Inject(new Injection(vrf, null, target, true, packet.ToArray()));

    public void SetInterfaceNeighbor(InterfaceId id, IpAddress address, MacAddress mac) =>
        Neighbors[($"interface {id.Value}", address)] = mac;

    public void RemoveInterfaceNeighbor(InterfaceId id, IpAddress address) =>
        Neighbors.Remove(($"interface {id.Value}", address));

    public void SetUnderlayNeighbor(PortId port, IpAddress address, MacAddress mac) =>
        Neighbors[($"port {port.Value}", address)] = mac;

    public void RemoveUnderlayNeighbor(PortId port, IpAddress address) =>
        Neighbors.Remove(($"port {port.Value}", address));

    private bool Inject(Injection injection)
    {
        if (HasRoom)
            Injections.Add(injection);
        return HasRoom;
    }

    internal void RemoveInterface(InterfaceId id) => _interfaces.Remove(id.Value);
}

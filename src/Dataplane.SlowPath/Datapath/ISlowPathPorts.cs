using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// All that the slow path sees of the datapath. Called on the slow-path thread only. No method may call back into
/// <see cref="SlowPathProcessor"/>: what an injection causes comes as a later punt.
/// </summary>
public interface ISlowPathPorts
{
    /// <summary>The virtual router as guests see it.</summary>
    FirstHop FirstHop { get; }

    /// <summary>A virtual interface, or null when there is none of that index.</summary>
    InterfaceInfo? FindInterface(InterfaceId id);

    /// <summary>A port, or null when there is none of that index.</summary>
    PortInfo? FindPort(PortId id);

    /// <summary>A VRF, or null when there is none of that index.</summary>
    VrfInfo? FindVrf(VrfId id);

    /// <summary>A tunnel, or null when there is none of that index.</summary>
    TunnelInfo? FindTunnel(TunnelId id);

    /// <summary>The tags under which a port has virtual interfaces, each once.</summary>
    IEnumerable<VlanTags> TagsOf(PortId port);

    /// <summary>Says for which families another forwarder serves the hosts behind an access port (EXT-10).</summary>
    void SetStandby(PortId port, StandbyFamilies families);

    /// <summary>Sends a complete Ethernet frame, without FCS and possibly shorter than 60 octets, by a port.</summary>
    /// <param name="port">Port to send by.</param>
    /// <param name="destination">
    /// Interface whose counters it belongs to; <see cref="InterfaceId.None"/> on a core port.
    /// </param>
    /// <param name="frame">The frame; borrowed for the call.</param>
    /// <returns>False when the datapath has no room for it.</returns>
    bool TransmitFrame(PortId port, InterfaceId destination, ReadOnlySpan<byte> frame);

    /// <summary>Gives an IP packet to a VRF, to be looked up and sent on as if it had just arrived.</summary>
    /// <param name="vrf">VRF to look it up in.</param>
    /// <param name="view">View of the VRF that applies.</param>
    /// <param name="source">Interface it came from; none when it came from the core or from the forwarder itself.</param>
    /// <param name="keepTtl">True leaves TTL or hop limit as it is: the forwarder made the packet itself.</param>
    /// <param name="packet">The packet from its IP header on; borrowed for the call.</param>
    /// <returns>False when the datapath has no room for it.</returns>
    bool InjectPacket(VrfId vrf, PacketOrigin view, InterfaceId source, bool keepTtl, ReadOnlySpan<byte> packet);

    /// <summary>Gives an IP packet to a virtual interface, without lookup and with its TTL as it is.</summary>
    /// <param name="vrf">VRF it belongs to.</param>
    /// <param name="target">Interface to deliver it to.</param>
    /// <param name="packet">The packet from its IP header on; borrowed for the call.</param>
    /// <returns>False when the datapath has no room for it.</returns>
    bool DeliverPacket(VrfId vrf, InterfaceId target, ReadOnlySpan<byte> packet);

    /// <summary>Sets the MAC of a neighbour on a virtual interface.</summary>
    void SetInterfaceNeighbor(InterfaceId id, IpAddress address, MacAddress mac);

    /// <summary>Makes a neighbour on a virtual interface unresolved again.</summary>
    void RemoveInterfaceNeighbor(InterfaceId id, IpAddress address);

    /// <summary>Sets the MAC of an underlay neighbour for all tunnels that use it as next hop.</summary>
    void SetUnderlayNeighbor(PortId port, IpAddress address, MacAddress mac);

    /// <summary>Makes an underlay neighbour unresolved again.</summary>
    void RemoveUnderlayNeighbor(PortId port, IpAddress address);
}

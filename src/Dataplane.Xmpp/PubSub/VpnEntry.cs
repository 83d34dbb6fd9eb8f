using Dataplane.Net;

namespace Dataplane.Xmpp.PubSub;

/// <summary>The payload of an item: a route of a VPN (XMP-10).</summary>
public sealed record VpnEntry
{
    /// <summary>Where it leads.</summary>
    public required IpPrefix Prefix { get; init; }

    /// <summary>The forwarders behind which it is, the best first; a host behind an external forwarder may name none (AMB-17).</summary>
    public IReadOnlyList<EntryNextHop> NextHops { get; init; } = [];

    /// <summary>Instance number of the publication; the highest wins (SIG-09).</summary>
    public uint Version { get; init; }

    /// <summary>LOCAL_PREF, only in the profile <see cref="WireProfile.EndSystem06"/>.</summary>
    public uint? LocalPreference { get; init; }

    /// <summary>VLAN of the interface, towards an external forwarder with several interfaces of a VPN (AMB-18).</summary>
    public ushort? Vlan { get; init; }
}

/// <summary>A next hop of an entry.</summary>
/// <param name="Address">Infrastructure address of the forwarder.</param>
/// <param name="Label">The label it gave; null where there is none (AMB-17).</param>
/// <param name="Encapsulations">How it wants packets.</param>
public readonly record struct EntryNextHop(IpAddress Address, Label20? Label, TunnelEncapsulations Encapsulations = TunnelEncapsulations.None);

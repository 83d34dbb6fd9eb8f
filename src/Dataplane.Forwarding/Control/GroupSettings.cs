using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <summary>A group of next hops (FWD-20, CHN-24). The order of the members means nothing.</summary>
public sealed record GroupSettings
{
    /// <summary>Most members.</summary>
    public const int MaxMembers = GroupRow.MaxMembers;

    /// <summary>What takes the same member.</summary>
    public LoadBalance LoadBalance { get; init; }

    /// <summary>The members, each owner and label once; with none, packets find no route.</summary>
    public required IReadOnlyList<GroupMember> Members { get; init; }
}

/// <summary>
/// One next hop of a group. Forwarders recognize a member by the infrastructure address of the forwarder that owns it
/// and the label that this one gave it, so that all choose alike, the owner too.
/// </summary>
public readonly record struct GroupMember
{
    /// <summary>Largest weight.</summary>
    public const int MaxWeight = 65535;

    /// <summary>Tunnel to the owner, or null when we are the owner ourselves.</summary>
    public TunnelId? Tunnel { get; private init; }

    /// <summary>The owner's label.</summary>
    public Label20 Label { get; private init; }

    /// <summary>Ours: the interface to deliver to; none where the label is that of a VRF.</summary>
    public InterfaceId Interface { get; private init; }

    /// <summary>Ours, with the aggregate label of a VRF: the VRF to look up in.</summary>
    public VrfId? LookUpIn { get; private init; }

    /// <summary>Ours: our address as other forwarders know the member.</summary>
    public IpAddress Owner { get; private init; }

    /// <summary>Share of the traffic in proportion to those of the others, 1 to <see cref="MaxWeight"/>.</summary>
    public int Weight { get; private init; }

    /// <summary>A member behind a tunnel.</summary>
    /// <param name="tunnel">Tunnel to its owner.</param>
    /// <param name="label">The owner's label.</param>
    /// <param name="weight">Its weight.</param>
    public static GroupMember Remote(TunnelId tunnel, Label20 label, int weight = 1) =>
        new() { Tunnel = tunnel, Label = label, Interface = InterfaceId.None, Weight = weight };

    /// <summary>An interface of our own. The caller answers for FWD-10: the gateway supplied this route with our address and
    /// the interface's label.</summary>
    /// <param name="id">The interface, which has a label.</param>
    /// <param name="owner">Our infrastructure address that the route has as next hop.</param>
    /// <param name="label">The interface's label.</param>
    /// <param name="weight">Its weight.</param>
    public static GroupMember Local(InterfaceId id, IpAddress owner, Label20 label, int weight = 1) =>
        new() { Interface = id, Owner = owner, Label = label, Weight = weight };

    /// <summary>A VRF of our own, whose core view says where packets go that choose this member: one that covers more than an interface has.</summary>
    /// <param name="vrf">The VRF.</param>
    /// <param name="owner">Our infrastructure address that the route has as next hop.</param>
    /// <param name="label">The VRF's aggregate label.</param>
    /// <param name="weight">Its weight.</param>
    public static GroupMember Lookup(VrfId vrf, IpAddress owner, Label20 label, int weight = 1) =>
        new() { LookUpIn = vrf, Interface = InterfaceId.None, Owner = owner, Label = label, Weight = weight };
}

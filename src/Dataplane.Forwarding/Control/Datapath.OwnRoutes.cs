using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <content>
/// Supplied routes of one VRF that name this forwarder with a label of another: a service that many VPNs share, or a hub, with one of its users on the
/// same forwarder (ARC-09, ARC-13). What such a label means changes with interfaces and VRFs, so that held routes are found by label.
/// </content>
public sealed unsafe partial class Datapath
{
    private readonly Dictionary<Label20, HashSet<(VrfId Vrf, IpPrefix Prefix)>> _heldByLabel = [];

    /// <summary>The VRF that a label is the aggregate label of; not one of an interface, nor of one whose workload has moved.</summary>
    public bool TryFindVrf(Label20 label, out VrfId id)
    {
        var entry = new LabelEntry(label.Value <= Label20.Max ? _root->Labels[label.Value] : 0);
        VrfState? state = entry.Kind == LabelKind.Aggregate ? _vrfs[(int)entry.Vrf] : null;
        bool isOne = state is { IsRemoved: false } && state.AggregateLabel == label;
        id = isOne ? state!.Id : default;
        return isOne;
    }

    private void Hold(VrfId vrf, IpPrefix prefix, SuppliedRoute route)
    {
        VrfState state = VrfOf(vrf);
        _ = Unhold(vrf, prefix, out _);
        (state.Held ??= []).Add(prefix, route);
        if (!IsOwnLabel(route))
            return;
        if (!_heldByLabel.TryGetValue(route.Label, out HashSet<(VrfId, IpPrefix)>? places))
            _heldByLabel.Add(route.Label, places = []);
        places.Add((vrf, prefix));
    }

    private bool Unhold(VrfId vrf, IpPrefix prefix, out SuppliedRoute route)
    {
        VrfState state = VrfOf(vrf);
        route = default;
        if (state.Held is not { } held || !held.Remove(prefix, out route))
            return false;
        if (held.Count == 0)
            state.Held = null;
        if (IsOwnLabel(route) && _heldByLabel.TryGetValue(route.Label, out HashSet<(VrfId, IpPrefix)>? places))
        {
            places.Remove((vrf, prefix));
            if (places.Count == 0)
                _heldByLabel.Remove(route.Label);
        }
        return true;
    }

    // A label came to mean something, or ceased to: the routes of other VRFs with it are worked out again.
    private void LabelChanged(Label20 label, VrfId owner)
    {
        if (!_heldByLabel.TryGetValue(label, out HashSet<(VrfId Vrf, IpPrefix Prefix)>? places))
            return;
        foreach ((VrfId vrf, IpPrefix prefix) in places)
        {
            if (vrf != owner)
                Install(vrf, prefix);
        }
    }

    // What a supplied route with a label of ours means where the label is that of another VRF.
    private Leaf LeafElsewhere(VrfId vrf, IpPrefix prefix, SuppliedRoute route)
    {
        var entry = new LabelEntry(IsOwnLabel(route) && route.Label.Value <= Label20.Max ? _root->Labels[route.Label.Value] : 0);
        if (entry.Kind == LabelKind.None || entry.Vrf == vrf.Row)
            return Leaf.None;
        bool isLookedUp = _lookedUp.TryGetValue(route.Label, out InterfaceId owner);
        if (entry.Kind == LabelKind.Aggregate && !isLookedUp)
            return _vrfs[(int)entry.Vrf].AggregateLabel == route.Label ? Leaf.Create(LeafKind.CoreLookup, prefix.Length, entry.Vrf) : Leaf.None;
        uint row = isLookedUp ? owner.Row : entry.Interface;
        foreach (IpPrefix own in _interfaces[(int)row].Settings.Addresses)
        {
            if (own == prefix)
                return Leaf.Create(LeafKind.Interface, prefix.Length, row);
        }
        return Leaf.None;
    }

    private static bool IsOwnLabel(SuppliedRoute route) => route is { Tunnel: null, Group: null };
}

using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// The flow specifications that VRFs have of themselves, and their way into the VPN family tables (RFC 8955 §8): under the VRF's distinguisher, without next
/// hop, with the actions and, where the VRF exports its filters, with its export targets. Their AS_PATH is empty, so that receivers in this AS
/// need no unicast route to find them feasible (RFC 9117 §4.1). The VRF has them whatever it imports. The path identifier is the VRF's row
/// and one. Routing thread.
/// </summary>
internal sealed class LocalFilterTable
{
    private readonly RoutingBase _routing;
    private readonly VrfExport _export;
    private readonly SourceId _source;
    private readonly AttributeBlockBuilder _builder = new();
    private readonly Dictionary<VrfIndex, Dictionary<Place, IReadOnlyList<FlowSpecAction>>> _ofVrf = [];

    public LocalFilterTable(RoutingBase routing, VrfExport export, VrfTableOptions options)
    {
        _routing = routing;
        _export = export;
        _source = routing.Sources.Add(new SourceInfo { Kind = SourceKind.Local, RouterId = options.RouterId, As = options.As, Name = "filters" });
    }

    /// <summary>The VRF that has a path of its own; false for a path from elsewhere.</summary>
    public bool TryFindOwner(SourceId source, uint pathIdentifier, out VrfIndex vrf)
    {
        vrf = new((int)pathIdentifier - 1);
        return source == _source;
    }

    /// <summary>Makes the filters of a VRF these, by the differences.</summary>
    /// <param name="vrf">The VRF.</param>
    /// <param name="filters">Its filters, each rule once.</param>
    /// <param name="changed">Is told of each destination that has another path now.</param>
    public void Set(Vrf vrf, IEnumerable<VrfFilter> filters, Action<LocalExport> changed)
    {
        if (!_ofVrf.TryGetValue(vrf.Index, out Dictionary<Place, IReadOnlyList<FlowSpecAction>>? held))
        {
            _ofVrf.Add(vrf.Index, held = []);
        }

        var gone = held.Keys.ToHashSet();
        foreach (VrfFilter filter in filters)
        {
            RouteFamily family = filter.Family == AddressFamily.Ipv6 ? RouteFamily.VpnIpv6FlowSpec : RouteFamily.VpnIpv4FlowSpec;
            var place = new Place(family, new(vrf.Distinguisher, 0, _routing.FlowSpecs.Intern(filter.Octets), 0));
            gone.Remove(place);
            if (held.TryGetValue(place, out IReadOnlyList<FlowSpecAction>? before))
            {
                _routing.FlowSpecs.Release((uint)place.Nlri.Low);
                if (before.SequenceEqual(filter.Actions))
                {
                    continue;
                }
            }

            held[place] = filter.Actions;
            changed(Announce(vrf, place, filter.Actions));
        }

        foreach (Place place in gone)
        {
            held.Remove(place);
            changed(Withdraw(vrf.Index, place));
            _routing.FlowSpecs.Release((uint)place.Nlri.Low);
        }

        if (held.Count == 0)
        {
            _ofVrf.Remove(vrf.Index);
        }
    }

    /// <summary>Exports the filters of a VRF again, because what it adds has changed.</summary>
    public void Republish(Vrf vrf, Action<LocalExport> changed)
    {
        if (!_ofVrf.TryGetValue(vrf.Index, out Dictionary<Place, IReadOnlyList<FlowSpecAction>>? held))
        {
            return;
        }

        foreach ((Place place, IReadOnlyList<FlowSpecAction> actions) in held.ToArray())
        {
            Place now = place with { Nlri = place.Nlri with { Distinguisher = vrf.Distinguisher } };
            if (now != place)
            {
                held.Remove(place);
                held.Add(now, actions);
                changed(Withdraw(vrf.Index, place));
            }

            changed(Announce(vrf, now, actions));
        }
    }

    private LocalExport Announce(Vrf vrf, in Place place, IReadOnlyList<FlowSpecAction> actions)
    {
        AttributeSetId exported = (vrf.Settings.ExportFilters ? _export.Judge(vrf, Build(actions, vrf.ExportTargets), place.Nlri, place.Family, SourceKind.Local) : null)
            ?? _export.Withheld(Build(actions, []));
        _routing.Attributes.Acquire(exported);
        FamilyTable table = _routing[place.Family];
        table.Announce(place.Nlri, _source, PathIdentifier(vrf.Index), exported, exported, 0);
        table.TryFind(place.Nlri, out DestinationId destination);
        return new(place.Family, destination);
    }

    private AttributeBlock Build(IReadOnlyList<FlowSpecAction> actions, ExtendedCommunity[] targets)
    {
        ExtendedCommunity[] communities = [.. actions.Select(static action => action.Community).Concat(targets).Distinct()];
        Array.Sort(communities);
        _builder.Clear();
        _builder.SetOrigin(0);
        _builder.SetAsPath();
        _builder.SetExtendedCommunities(communities);
        return _builder.Block;
    }

    private LocalExport Withdraw(VrfIndex vrf, in Place place)
    {
        FamilyTable table = _routing[place.Family];
        table.TryFind(place.Nlri, out DestinationId destination);
        table.Withdraw(place.Nlri, _source, PathIdentifier(vrf));
        return new(place.Family, destination);
    }

    private static uint PathIdentifier(VrfIndex vrf) => (uint)vrf.Value + 1;

    // A rule of a family under a distinguisher; the store's reference to the rule goes with it.
    private readonly record struct Place(RouteFamily Family, Nlri Nlri);
}

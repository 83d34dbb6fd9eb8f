using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Vpn;

/// <content>Local routes, and what is asked of the routes.</content>
public sealed partial class VrfTable
{
    private readonly LocalFilterTable _filters;

    /// <summary>Local routes of all VRFs, aggregates included.</summary>
    public int LocalRouteCount => Locals.Count;

    /// <summary>VRF routes of a VPN family.</summary>
    public int RouteCount(RouteFamily family) => TableOf(family)?.RouteCount ?? 0;

    /// <summary>Import links of a VPN family: how often its destinations are in a VRF.</summary>
    public int LinkCount(RouteFamily family) => TableOf(family)?.LinkCount ?? 0;

    /// <summary>Octets of it all.</summary>
    public long Bytes => _tables.Sum(static table => table.Bytes) + Locals.Bytes;

    /// <summary>Adds or replaces the route of a publisher in a VRF; it is there and exported when the tables settle.</summary>
    public void SetLocal(VrfIndex index, in VrfLocalRoute route)
    {
        LocalExport export = Locals.Set(Existing(index), route, out LocalExport? before);
        QueueExport(before);
        QueueExport(export);
    }

    /// <summary>Removes the route of a publisher from a VRF.</summary>
    /// <returns>False when it was not there.</returns>
    public bool RemoveLocal(VrfIndex index, IpPrefix prefix, PublisherId publisher)
    {
        LocalExport? export = Locals.Remove(Existing(index), prefix, publisher);
        QueueExport(export);
        return export is not null;
    }

    /// <summary>
    /// Makes these the flow specifications that a VRF has of itself; they are in it, and exported where <see cref="VrfSettings.ExportFilters"/> says so, when
    /// the tables settle.
    /// </summary>
    /// <param name="index">The VRF.</param>
    /// <param name="filters">Each rule once.</param>
    public void SetFilters(VrfIndex index, IEnumerable<VrfFilter> filters) => _filters.Set(Existing(index), filters, QueueExport);

    /// <summary>The routes of a VRF that came by a VPN family: prefixes, or flow specifications.</summary>
    /// <exception cref="ArgumentException">It is not a VPN family.</exception>
    public VrfRoutes RoutesOf(VrfIndex index, RouteFamily family) =>
        new(TableOf(family) ?? throw new ArgumentException($"{family} has no VRFs"), this[index].Index);

    /// <summary>Finds the route of a VRF to just this prefix.</summary>
    public bool TryFindRoute(VrfIndex index, IpPrefix prefix, out VrfRouteView route) =>
        TryFindRoute(index, prefix.Family == AddressFamily.Ipv6 ? RouteFamily.VpnIpv6 : RouteFamily.VpnIpv4, Nlri.Of(prefix), out route);

    /// <summary>Finds the route of a VRF for an NLRI of a VPN family; its distinguisher does not matter.</summary>
    public bool TryFindRoute(VrfIndex index, RouteFamily family, in Nlri nlri, out VrfRouteView route)
    {
        ImportTable? table = TableOf(family);
        var row = table?.Find(this[index].Index, nlri) ?? -1;
        route = row < 0 ? default : new(table!, row);
        return row >= 0;
    }

    /// <summary>The VRF that a flow specification redirects to by a route target (RFC 8955 §7.4): of several that import it, the first by name.</summary>
    public Vrf? FindImporter(ExtendedCommunity target) =>
        All.Where(vrf => Array.BinarySearch(vrf.ImportTargets, target) >= 0).MinBy(static vrf => vrf.Name, StringComparer.Ordinal);

    /// <summary>The VRFs that a destination of a VPN family is in, as candidate or as next hop; ascending, as far as there is room.</summary>
    /// <returns>How many there are.</returns>
    public int VrfsOf(RouteFamily family, DestinationId destination, Span<VrfIndex> vrfs) => TableOf(family)?.LinksOf(destination, vrfs) ?? 0;

    /// <summary>
    /// Whether an active aggregate of a VRF that has a destination stands for it: peers that are to see aggregates only do not get it (INT-04,
    /// INT-05).
    /// </summary>
    public bool IsSuppressed(RouteFamily family, DestinationId destination) => TableOf(family)?.IsSuppressed(destination) ?? false;

    /// <summary>The local routes of a VRF as they were published, the latest first. For people: allocates.</summary>
    public IEnumerable<VrfLocalRoute> LocalsOf(VrfIndex index)
    {
        for (var row = this[index].FirstLocal; row >= 0; row = Locals[row].Next)
        {
            yield return Locals.Read(row);
        }
    }

    /// <summary>The local route that a candidate is, as it was published but for communities beside the version's; false when it is from elsewhere.</summary>
    public bool TryFindLocal(RouteFamily family, in VrfCandidate candidate, out VrfLocalRoute route)
    {
        route = default;
        if (candidate.Path.IsNone || TableOf(family) is not { } table)
        {
            return false;
        }

        Rib.PathRow path = table.Table.Row(candidate.Path);
        var isLocal = Locals.TryFindVrf(path.Source, path.PathIdentifier, out _);
        route = isLocal ? Locals.Read((int)path.PathIdentifier - 1) : default;
        return isLocal;
    }

    /// <summary>The VRF that has a path whatever it imports; false for one that it has by route target, or not at all.</summary>
    internal bool TryFindOwner(SourceId source, uint pathIdentifier, out VrfIndex vrf) =>
        Locals.TryFindOwner(source, pathIdentifier, out vrf) || _filters.TryFindOwner(source, pathIdentifier, out vrf);

    private void QueueExport(LocalExport? export)
    {
        if (export is { } place)
        {
            QueueExport(place);
        }
    }

    private void QueueExport(LocalExport place)
    {
        if (place.Destination.Value >= 0)
        {
            TableOf(place.Family)!.QueueExport(place.Destination);
        }
    }

    private void RepublishAll(Vrf vrf)
    {
        for (var row = vrf.FirstLocal; row >= 0; row = Locals[row].Next)
        {
            LocalExport export = Locals.Republish(vrf, row, out LocalExport? before);
            QueueExport(before);
            QueueExport(export);
        }
    }

    private void RepublishAggregates(Vrf vrf)
    {
        foreach (VrfAggregate aggregate in vrf.AggregateStates)
        {
            if (aggregate.IsActive)
            {
                SetAggregate(vrf, aggregate);
            }
        }
    }

    private void SetAggregate(Vrf vrf, VrfAggregate aggregate) => SetLocal(vrf.Index, new VrfLocalRoute
    {
        Prefix = aggregate.Prefix,
        Label = vrf.AggregateLabel!.Value,
        Publisher = PublisherId.Aggregate,
    });
}

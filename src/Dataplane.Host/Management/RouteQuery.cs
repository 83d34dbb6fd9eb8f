using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;
using Microsoft.AspNetCore.Http;

namespace Dataplane.Host.Management;

/// <summary>
/// A question for routes of a family, answered in pieces: each visit of the routing thread looks at destinations for at most two milliseconds,
/// then the loop goes on with its own work. Flow specifications are listed in the order in which they are applied.
/// </summary>
internal sealed class RouteQuery
{
    private static readonly TimeSpan Visit = TimeSpan.FromMilliseconds(1);

    // Destinations between two looks at the clock.
    private const int Stride = 64;

    private readonly GatewayAccess _gateway;
    private readonly RouteReader _reader;
    private readonly FamilyTable _table;
    private readonly List<RouteView> _found = [];
    private readonly VrfIndex[] _vrfs = new VrfIndex[64];
    private DestinationId[]? _order;
    private int _next;

    /// <summary>The question of a request.</summary>
    public RouteQuery(GatewayAccess gateway, RouteFamily family, HttpContext context)
    {
        _gateway = gateway;
        _reader = new(gateway);
        _table = gateway.Routes[family];
        var query = new RequestQuery(context, "vrf", "rd", "rt", "prefix", "neighbor", "advertised", "received", "limit", "cursor");
        Vrf = query.Text("vrf");
        Distinguisher = query.Distinguisher("rd");
        RouteTarget = query.RouteTarget("rt");
        Prefix = query.Prefix("prefix");
        Neighbor = query.Address("neighbor");
        Advertised = query.Flag("advertised");
        Received = query.Flag("received");
        Limit = query.Limit();
        _next = query.Cursor();
        Check(family);
    }

    /// <summary>Only routes that are in this VRF.</summary>
    public string? Vrf { get; }

    /// <summary>Only routes with this distinguisher.</summary>
    public RouteDistinguisher? Distinguisher { get; }

    /// <summary>Only paths with this route target.</summary>
    public ExtendedCommunity? RouteTarget { get; }

    /// <summary>Only routes to this prefix and inside it.</summary>
    public IpPrefix? Prefix { get; }

    /// <summary>Only paths from this neighbour, or with <see cref="Advertised"/> what it was sent.</summary>
    public IpAddress? Neighbor { get; }

    /// <summary>What the neighbour was sent: its Adj-RIB-Out.</summary>
    public bool Advertised { get; }

    /// <summary>Paths as they were received, those that policy rejected among them.</summary>
    public bool Received { get; }

    /// <summary>The most routes.</summary>
    public int Limit { get; }

    /// <summary>Looks until there are enough routes, or no more destinations.</summary>
    public async Task<RoutePage> RunAsync(CancellationToken cancellation)
    {
        if (_table.Family.IsFlowSpec)
        {
            _order = await FlowSpecListing.ReadAsync(_gateway, _table, cancellation);
        }

        while (await _gateway.Loop.InvokeAsync(Look))
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return new(_table.Family.Name, _found, _next >= 0 ? _next.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    private void Check(RouteFamily family)
    {
        if (Advertised && Neighbor is null)
        {
            throw Problem.BadRequest("'advertised' needs a 'neighbor'.");
        }

        if (Advertised && Received)
        {
            throw Problem.BadRequest("'advertised' and 'received' exclude each other.");
        }

        if (Distinguisher is not null && !family.HasRouteDistinguisher)
        {
            throw Problem.BadRequest($"'rd': {family.Name} routes have no route distinguisher.");
        }

        if (Vrf is not null && !family.IsVpn)
        {
            throw Problem.BadRequest($"'vrf': {family.Name} routes are in no VRF.");
        }

        if (Prefix is { } prefix && (family.IsFlowSpec || family == RouteFamily.RouteTargetConstraint || prefix.Family != family.AddressFamily))
        {
            throw Problem.BadRequest($"'prefix': {prefix} is no prefix of {family.Name}.");
        }
    }

    // True: there is more to look at.
    private bool Look()
    {
        VrfIndex vrf = VrfOf();
        if (Neighbor is { } neighbor && _gateway.Speaker.Snapshot(neighbor) is null)
        {
            throw Problem.NotFound($"There is no neighbor {neighbor}.");
        }

        TimeProvider time = _gateway.Loop.Time;
        var start = time.GetTimestamp();
        var end = _order?.Length ?? _table.DestinationCapacity;
        for (var looked = 1; _next < end; _next++, looked++)
        {
            if (_found.Count == Limit)
            {
                return false;
            }

            Add(_order is null ? new(_next) : _order[_next], vrf);
            if (looked % Stride == 0 && time.GetElapsedTime(start) > Visit)
            {
                _next++;
                return true;
            }
        }

        _next = -1;
        return false;
    }

    private VrfIndex VrfOf()
    {
        if (Vrf is null)
        {
            return new(-1);
        }

        return _gateway.Routes.Vrfs is { } vrfs && vrfs.TryFind(Vrf, out VrfIndex index) ? index : throw Problem.NotFound($"There is no VRF '{Vrf}'.");
    }

    private void Add(DestinationId destination, VrfIndex vrf)
    {
        if (!_table.Exists(destination))
        {
            return;
        }

        Nlri nlri = _table.NlriOf(destination);
        if ((Distinguisher is { } distinguisher && nlri.Distinguisher != distinguisher)
            || (Prefix is { } prefix && !prefix.Contains(nlri.Prefix(_table.Family)))
            || (vrf.Value >= 0 && !IsIn(destination, vrf)))
        {
            return;
        }

        List<PathView> paths = Advertised ? Sent(destination) : Held(destination);
        if (paths.Count > 0)
        {
            _found.Add(_reader.RouteOf(_table, destination, paths));
        }
    }

    private List<PathView> Held(DestinationId destination)
    {
        var paths = new List<PathView>();
        PathId best = _table.BestOf(destination);
        foreach (PathId path in _table.PathsOf(destination))
        {
            ref readonly PathRow row = ref _table.Row(path);
            if ((row.Accepted.IsNone && !Received)
                || (Neighbor is { } neighbor && !IsFrom(row.Source, neighbor))
                || (RouteTarget is { } target && !HasTarget(Received || row.Accepted.IsNone ? row.Received : row.Accepted, target)))
            {
                continue;
            }

            paths.Add(_reader.PathOf(_table, path, path == best, Received));
        }

        return paths;
    }

    private List<PathView> Sent(DestinationId destination)
    {
        var paths = new List<PathView>();
        if (!_gateway.Speaker.IsAdvertised(Neighbor!.Value, _table.Family, destination))
        {
            return paths;
        }

        _gateway.Speaker.ForEachSent(Neighbor.Value, _table.Family, destination, (in NlriEntry route, AttributeBlock attributes) =>
        {
            var view = AttributesView.Of(attributes);
            if (RouteTarget is { } target && view.RouteTargets?.Contains(target.ToString()["rt:".Length..]) != true)
            {
                return;
            }

            paths.Add(new()
            {
                Neighbor = Neighbor.Value.ToString(),
                Source = _gateway.Routes.Sources[_table.Row(_table.BestOf(destination)).Source].Name,
                LearnedBy = Words.Of(_gateway.Routes.Sources[_table.Row(_table.BestOf(destination)).Source].Kind),
                Best = true,
                Accepted = true,
                PathIdentifier = route.PathIdentifier == 0 ? null : route.PathIdentifier,
                Label = _table.Family.IsLabeled ? route.Label >> 4 : null,
                State = null,
                Since = _gateway.Routes.Clock.Epoch.AddSeconds(_table.Row(_table.BestOf(destination)).ReceivedAt),
                Attributes = view,
            });
        });
        return paths;
    }

    private bool IsIn(DestinationId destination, VrfIndex vrf)
    {
        var count = Math.Min(_gateway.Routes.Vrfs!.VrfsOf(_table.Family, destination, _vrfs), _vrfs.Length);
        return _vrfs.AsSpan(0, count).Contains(vrf);
    }

    private bool IsFrom(SourceId id, IpAddress neighbor) =>
        _gateway.Routes.Sources[id] is { Kind: SourceKind.Ibgp or SourceKind.Ebgp } source && source.Address == neighbor;

    private bool HasTarget(AttributeSetId set, ExtendedCommunity target) =>
        _gateway.Routes.RouteTargets[_gateway.Routes.Attributes.Summary(set).RouteTargets].Contains(target);
}

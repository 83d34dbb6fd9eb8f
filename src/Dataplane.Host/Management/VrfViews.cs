using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;
using Microsoft.AspNetCore.Http;

namespace Dataplane.Host.Management;

/// <summary>A VRF: <c>/v1/vrfs</c>.</summary>
internal sealed record VrfView
{
    public required string Name { get; init; }
    public required string Distinguisher { get; init; }
    public required IReadOnlyList<string> ImportTargets { get; init; }
    public required IReadOnlyList<string> ExportTargets { get; init; }
    public required int Members { get; init; }
    public required uint? AggregateLabel { get; init; }
    public required int LocalRoutes { get; init; }
    public required IReadOnlyDictionary<string, int> Routes { get; init; }

    public static VrfView Of(VrfTable table, Vrf vrf) => new()
    {
        Name = vrf.Name,
        Distinguisher = vrf.Distinguisher.ToString(),
        ImportTargets = [.. vrf.Settings.ImportTargets.Select(TextOf)],
        ExportTargets = [.. vrf.Settings.ExportTargets.Select(TextOf)],
        Members = vrf.Members,
        AggregateLabel = vrf.AggregateLabel?.Value,
        LocalRoutes = vrf.LocalRouteCount,
        Routes = RouteFamilies.All.Where(static family => family.IsVpn)
            .ToDictionary(static family => family.Name, family => table.RoutesOf(vrf.Index, family).Count),
    };

    private static string TextOf(ExtendedCommunity target) => target.ToString()["rt:".Length..];
}

/// <summary>A page of a VRF's routes (SIG-24, MGT-06).</summary>
internal sealed record VrfRoutePage(string Vrf, string Family, IReadOnlyList<VrfRouteEntryView> Routes, string? Cursor);

/// <summary>A route of a VRF: prefix, next hops with labels, how learned.</summary>
internal sealed record VrfRouteEntryView(string Prefix, IReadOnlyList<VrfNextHopView> NextHops);

/// <summary>A next hop of a VRF's route.</summary>
internal sealed record VrfNextHopView(string? Address, uint? Label, string KnownVia, string Source, string From, bool Best, bool Used);

/// <summary>
/// A question for the routes of a VRF, answered in pieces as <see cref="RouteQuery"/>: walks the destinations of the family in order; a route of
/// the VRF is told where its best candidate is.
/// </summary>
internal sealed class VrfRouteQuery
{
    private static readonly TimeSpan Visit = TimeSpan.FromMilliseconds(1);
    private const int Stride = 64;

    private readonly GatewayAccess _gateway;
    private readonly string _name;
    private readonly RouteFamily _family;
    private readonly IpPrefix? _prefix;
    private readonly int _limit;
    private readonly List<VrfRouteEntryView> _found = [];
    private int _next;

    /// <summary>The question of a request.</summary>
    public VrfRouteQuery(GatewayAccess gateway, string name, HttpContext context)
    {
        _gateway = gateway;
        _name = name;
        var query = new RequestQuery(context, "family", "prefix", "limit", "cursor");
        _family = RequestQuery.FamilyOf(query.Text("family") ?? RouteFamily.VpnIpv4.Name);
        if (!_family.IsVpn)
        {
            throw Problem.BadRequest($"'family': {_family.Name} is no VPN family.");
        }

        _prefix = query.Prefix("prefix");
        if (_prefix is { } prefix && (_family.IsFlowSpec || prefix.Family != _family.AddressFamily))
        {
            throw Problem.BadRequest($"'prefix': {prefix} is no prefix of {_family.Name}.");
        }

        _limit = query.Limit();
        _next = query.Cursor();
    }

    /// <summary>Looks until there are enough routes, or no more destinations.</summary>
    public async Task<VrfRoutePage> RunAsync(CancellationToken cancellation)
    {
        while (await _gateway.Loop.InvokeAsync(Look))
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return new(_name, _family.Name, _found, _next >= 0 ? _next.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    private bool Look()
    {
        if (_gateway.Routes.Vrfs is not { } vrfs || !vrfs.TryFind(_name, out VrfIndex vrf))
        {
            throw Problem.NotFound($"There is no VRF '{_name}'.");
        }

        FamilyTable table = _gateway.Routes[_family];
        var start = _gateway.Loop.Time.GetTimestamp();
        var end = table.DestinationCapacity;
        for (var looked = 1; _next < end; _next++, looked++)
        {
            if (_found.Count == _limit)
            {
                return false;
            }

            Add(vrfs, vrf, table, new(_next));
            if (looked % Stride == 0 && _gateway.Loop.Time.GetElapsedTime(start) > Visit)
            {
                _next++;
                return true;
            }
        }

        _next = -1;
        return false;
    }

    private void Add(VrfTable vrfs, VrfIndex vrf, FamilyTable table, DestinationId destination)
    {
        if (!table.Exists(destination))
        {
            return;
        }

        Nlri nlri = table.NlriOf(destination);
        if ((_prefix is { } prefix && !prefix.Contains(nlri.Prefix(_family)))
            || !vrfs.TryFindRoute(vrf, _family, nlri, out VrfRouteView route) || route.Best.Destination != destination)
        {
            return;
        }

        var text = NlriText.Format(_family, nlri with { Distinguisher = default }, _gateway.Routes.FlowSpecs);
        var nextHops = new List<VrfNextHopView>();
        foreach (VrfCandidate candidate in route.Candidates)
        {
            SourceInfo source = _gateway.Routes.Sources[candidate.Source];
            var name = source.Name;
            if (source.Kind == SourceKind.Xmpp && vrfs.TryFindLocal(_family, candidate, out VrfLocalRoute local)
                && _gateway.Signaling?.Gateway.TryFindPublisher(local.Publisher, out Xmpp.Jid publisher) == true)
            {
                name = publisher.ToString();
            }

            nextHops.Add(new(
                candidate.NextHop?.ToString(),
                _family.IsLabeled ? candidate.Label.Value : null,
                source.Kind is SourceKind.Ibgp or SourceKind.Ebgp ? "bgp" : Words.Of(source.Kind),
                name,
                NlriText.Format(_family, table.NlriOf(candidate.Destination), _gateway.Routes.FlowSpecs),
                candidate.IsBest,
                candidate.IsNextHop));
        }

        var start = _family.IsFlowSpec ? text.IndexOf(' ') + 1 : text.IndexOf(':', text.IndexOf(':') + 1) + 1;
        _found.Add(new(text[start..], nextHops));
    }
}

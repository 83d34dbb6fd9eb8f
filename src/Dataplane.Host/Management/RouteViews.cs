using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Host.Management;

/// <summary>A page of routes: <c>/v1/bgp/routes/{family}</c>.</summary>
/// <param name="Family">The family.</param>
/// <param name="Routes">The routes of this page.</param>
/// <param name="Cursor">Where the next page begins; null: there is none.</param>
internal sealed record RoutePage(string Family, IReadOnlyList<RouteView> Routes, string? Cursor);

/// <summary>A destination with paths to it.</summary>
/// <param name="Nlri">Its text.</param>
/// <param name="Distinguisher">Its route distinguisher, in families with.</param>
/// <param name="Paths">The paths that were asked for: the best one first.</param>
internal sealed record RouteView(string Nlri, string? Distinguisher, IReadOnlyList<PathView> Paths);

/// <summary>A path.</summary>
internal sealed record PathView
{
    public required string? Neighbor { get; init; }
    public required string Source { get; init; }
    public required string LearnedBy { get; init; }
    public required bool Best { get; init; }
    public required bool Accepted { get; init; }
    public required uint? PathIdentifier { get; init; }
    public required uint? Label { get; init; }
    public required string? State { get; init; }
    public required DateTimeOffset Since { get; init; }
    public required AttributesView Attributes { get; init; }

    /// <summary>Only when a decision is explained: 0 is the best; null: the path cannot be used.</summary>
    public int? Rank { get; init; }

    /// <summary>Only when a decision is explained: the step that decided against the path.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>Only when a decision is explained: a sentence.</summary>
    public string? Explanation { get; init; }

    /// <summary>Only when a decision is explained: whether traffic may use it beside the best.</summary>
    public bool? Multipath { get; init; }
}

/// <summary>A destination with its decision explained.</summary>
internal sealed record ExplainedRouteView(
    string Family, string Nlri, IReadOnlyList<PathView> Paths, IReadOnlyList<string> ImportedInto, IReadOnlyList<string> AdvertisedTo);

/// <summary>Builds the views of paths. Routing thread.</summary>
internal sealed class RouteReader(GatewayAccess gateway)
{
    /// <summary>A path as it was accepted, or as received when policy rejected it or that is asked for.</summary>
    public PathView PathOf(FamilyTable table, PathId path, bool isBest, bool asReceived)
    {
        RoutingBase routes = gateway.Routes;
        ref readonly PathRow row = ref table.Row(path);
        SourceInfo source = routes.Sources[row.Source];
        AttributeSetId set = asReceived || row.Accepted.IsNone ? row.Received : row.Accepted;
        return new()
        {
            Neighbor = source.Kind is SourceKind.Ibgp or SourceKind.Ebgp ? source.Address.ToString() : null,
            Source = source.Name,
            LearnedBy = Words.Of(source.Kind),
            Best = isBest,
            Accepted = !row.Accepted.IsNone,
            PathIdentifier = row.PathIdentifier == 0 ? null : row.PathIdentifier,
            Label = table.Family.IsLabeled ? row.Label >> 4 : null,
            State = row.State == PathState.None ? null : (row.State & PathState.LlgrStale) != 0 ? "long-lived-stale" : "stale",
            Since = routes.Clock.Epoch.AddSeconds(row.ReceivedAt),
            Attributes = AttributesView.Of(routes.Attributes[set]),
        };
    }

    /// <summary>The text of a destination.</summary>
    public string TextOf(FamilyTable table, DestinationId destination) =>
        NlriText.Format(table.Family, table.NlriOf(destination), gateway.Routes.FlowSpecs);

    /// <summary>A destination with the paths that a filter lets pass.</summary>
    public RouteView RouteOf(FamilyTable table, DestinationId destination, IReadOnlyList<PathView> paths) => new(
        TextOf(table, destination),
        table.Family.HasRouteDistinguisher ? table.NlriOf(destination).Distinguisher.ToString() : null,
        paths);
}

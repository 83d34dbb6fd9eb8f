using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>What the update groups of all families work with. Routing thread.</summary>
internal sealed class OutgoingContext(RoutingBase routes)
{
    /// <summary>The routes.</summary>
    public RoutingBase Routes { get; } = routes;

    /// <summary>The rules.</summary>
    public OutgoingRules Rules { get; } = new();

    /// <summary>Is told of each message that was queued for peers.</summary>
    public required RoundLatency Latency { get; init; }

    /// <summary>Where the rules write.</summary>
    public AttributeBlockBuilder Result { get; } = new();

    /// <summary>The routes of a flush.</summary>
    public FlushBatch Batch { get; } = new();

    /// <summary>The policies; none when null.</summary>
    public IPolicyCatalog? Policies { get; set; }

    /// <summary>Whether a destination is below an aggregate that suppresses it towards peers without specifics (INT-05); null: none is.</summary>
    public Func<FamilyTable, DestinationId, bool>? IsSuppressed { get; set; }

    /// <summary>What the rules ask about the source of a path.</summary>
    public PathOrigin OriginOf(in PathRow row, uint routerId)
    {
        SourceInfo source = Routes.Sources[row.Source];
        return new(
            source.Kind == SourceKind.Xmpp ? SourceKind.Local : source.Kind,
            source.IsRouteReflectorClient,
            source.Kind is SourceKind.Local or SourceKind.Xmpp ? routerId : source.RouterId,
            (row.State & PathState.LlgrStale) != 0)
        {
            Address = source.Address,
            As = source.As,
            NextHopMetric = Routes.NextHops.StateOf(Routes.Attributes.Summary(row.Accepted).NextHop).Metric,
        };
    }
}

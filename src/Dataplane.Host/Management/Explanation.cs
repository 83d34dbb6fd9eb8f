using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Host.Management;

/// <summary>Why a path won and why the others lost. Routing thread.</summary>
internal static class Explanation
{
    /// <summary>Explains a destination.</summary>
    public static ExplainedRouteView Of(GatewayAccess gateway, RouteFamily family, string text)
    {
        FamilyTable table = gateway.Routes[family];
        if (NlriText.TryParse(family, text, gateway.Routes.FlowSpecs, out Nlri nlri) is { } error)
        {
            throw Problem.BadRequest($"'{text}' is no NLRI of {family.Name}: {error}.");
        }

        if (!table.TryFind(nlri, out DestinationId destination))
        {
            throw Problem.NotFound($"There is no route to {text} in {family.Name}.");
        }

        var reader = new RouteReader(gateway);
        PathDecision[] decisions = table.Explain(destination);
        return new(
            family.Name,
            reader.TextOf(table, destination),
            [.. decisions.Select(decision => PathOf(gateway, reader, table, decision, decisions.Length))],
            VrfsOf(gateway, family, destination),
            [.. gateway.Speaker.Peers.Where(peer => gateway.Speaker.IsAdvertised(peer.Address, family, destination)).Select(peer => peer.Address.ToString())]);
    }

    private static PathView PathOf(GatewayAccess gateway, RouteReader reader, FamilyTable table, PathDecision decision, int count) =>
        reader.PathOf(table, decision.Path, decision.Rank == 0, asReceived: false) with
        {
            Rank = decision.Rank < 0 ? null : decision.Rank,
            DecidedBy = decision.Step == DecisionStep.None ? null : Words.Of(decision.Step),
            Explanation = Sentence(gateway, table, decision, count),
            Multipath = decision.IsMultipath,
        };

    private static string Sentence(GatewayAccess gateway, FamilyTable table, PathDecision decision, int count)
    {
        if (decision.Step == DecisionStep.None)
        {
            return count == 1 ? "the only path" : "the best path";
        }

        var reason = ReasonOf(decision.Step);
        if (decision.Against.IsNone)
        {
            return reason;
        }

        SourceInfo source = gateway.Routes.Sources[table.Row(decision.Against).Source];
        return $"{reason} than the path from {source.Name}";
    }

    private static string ReasonOf(DecisionStep step) => step switch
    {
        DecisionStep.Policy => "import policy rejected it",
        DecisionStep.NextHop => "its next hop cannot be reached",
        DecisionStep.Feasibility => "it does not go with the unicast routes to its destination (RFC 8955 section 6)",
        DecisionStep.LongLivedStale => "stale for longer",
        DecisionStep.LocalPreference => "lower LOCAL_PREF",
        DecisionStep.Version => "lower version",
        DecisionStep.LocallyOriginated => "not originated here: less preferred",
        DecisionStep.AccumulatedMetric => "higher accumulated metric",
        DecisionStep.AsPathLength => "longer AS_PATH",
        DecisionStep.Origin => "higher ORIGIN",
        DecisionStep.Med => "higher MED",
        DecisionStep.External => "learned from our own AS: less preferred",
        DecisionStep.InteriorCost => "higher cost to the next hop",
        DecisionStep.Age => "newer",
        DecisionStep.RouterId => "higher router identifier",
        DecisionStep.ClusterListLength => "longer CLUSTER_LIST",
        DecisionStep.PeerAddress => "higher peer address",
        DecisionStep.PathIdentifier => "higher path identifier",
        _ => Words.Of(step),
    };

    private static List<string> VrfsOf(GatewayAccess gateway, RouteFamily family, DestinationId destination)
    {
        var names = new List<string>();
        if (gateway.Routes.Vrfs is { } vrfs && family.IsVpn)
        {
            var found = new VrfIndex[Math.Max(1, vrfs.VrfsOf(family, destination, []))];
            var count = Math.Min(vrfs.VrfsOf(family, destination, found), found.Length);
            names.AddRange(found.Take(count).Select(index => vrfs[index].Name));
        }

        return names;
    }
}

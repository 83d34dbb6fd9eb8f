using Dataplane.Bgp.Speaker;
using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Host.Management;

/// <summary><c>/v1/bgp/rt-constraint</c>: who wants which route targets (RFC 4684).</summary>
/// <param name="Wanted">Targets that our VRFs with members import.</param>
/// <param name="Neighbors">What neighbours asked for.</param>
internal sealed record RouteTargetConstraintView(IReadOnlyList<WantedTargetView> Wanted, IReadOnlyList<NeighborMembershipView> Neighbors)
{
    /// <summary>The most memberships of a neighbour that are listed; the routes of the family are there in pages.</summary>
    private const int Most = 1000;

    /// <summary>Reads it. Routing thread.</summary>
    public static RouteTargetConstraintView Of(GatewayAccess gateway)
    {
        FamilyTable table = gateway.Routes[RouteFamily.RouteTargetConstraint];
        var asked = gateway.Speaker.Peers.ToDictionary(static peer => peer.Source, static _ => new List<string>());
        for (var i = 0; i < Math.Min(table.DestinationCapacity, Most); i++)
        {
            if (!table.Exists(new(i)))
            {
                continue;
            }

            foreach (PathId path in table.PathsOf(new(i)))
            {
                if (asked.TryGetValue(table.Row(path).Source, out List<string>? list))
                {
                    list.Add(NlriText.Format(table.Family, table.NlriOf(new(i)), gateway.Routes.FlowSpecs));
                }
            }
        }

        return new(
            gateway.Routes.Vrfs is { } vrfs
                ? [.. vrfs.Membership.Targets.Order().Select(target => new WantedTargetView(target.ToString()["rt:".Length..], vrfs.Membership.CountOf(target)))]
                : [],
            [.. gateway.Speaker.Peers.Select(peer => Of(gateway.Speaker.Snapshot(peer.Address)!, asked[peer.Source]))]);
    }

    private static NeighborMembershipView Of(PeerSnapshot peer, List<string> asked) => new(
        peer.Address.ToString(),
        peer.Session?.Families.Contains(RouteFamily.RouteTargetConstraint) ?? false,
        peer.Families.FirstOrDefault(static family => family.Family == RouteFamily.RouteTargetConstraint)?.EndOfRib.Received ?? false,
        peer.Memberships,
        asked);
}

/// <summary>A route target and how many of our VRFs import it.</summary>
internal sealed record WantedTargetView(string RouteTarget, int Vrfs);

/// <summary>What a neighbour asked for.</summary>
/// <param name="Address">The neighbour.</param>
/// <param name="Negotiated">Whether its session has RT-Constraint; without, it is sent every VPN route.</param>
/// <param name="EndOfRibReceived">Whether it has said everything.</param>
/// <param name="Count">How many memberships.</param>
/// <param name="Memberships">The first of them.</param>
internal sealed record NeighborMembershipView(
    string Address, bool Negotiated, bool EndOfRibReceived, int? Count, IReadOnlyList<string> Memberships);

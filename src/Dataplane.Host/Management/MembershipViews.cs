using Dataplane.Bgp.Speaker;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Host.Management;

/// <summary><c>/v1/bgp/rt-constraint</c>: who wants which route targets (RFC 4684).</summary>
/// <param name="Wanted">Targets that our VRFs with members import.</param>
/// <param name="Neighbors">What neighbours asked for.</param>
internal sealed record RouteTargetConstraintView(IReadOnlyList<WantedTargetView> Wanted, IReadOnlyList<NeighborMembershipView> Neighbors)
{
    /// <summary>Reads it, in slices. Any thread.</summary>
    public static async Task<RouteTargetConstraintView> ReadAsync(GatewayAccess gateway, CancellationToken cancellation = default)
    {
        List<WantedTarget> wanted = await LoopSlices.ReadAsync<ExtendedCommunity, WantedTarget>(
            gateway.Loop,
            () => gateway.Routes.Vrfs is { } vrfs ? [.. vrfs.Membership.Targets] : [],
            LoopSlices.Rows,
            target => gateway.Routes.Vrfs!.Membership.CountOf(target) is var count and > 0 ? new(target, count) : null,
            cancellation);
        Dictionary<SourceId, List<string>> asked = await ReadAskedAsync(gateway, cancellation);
        List<PeerSnapshot> peers = await LoopSlices.ReadPeersAsync(gateway, cancellation);
        return new(
            [.. wanted.OrderBy(static row => row.Target).Select(static row => new WantedTargetView(row.Target.ToString()["rt:".Length..], row.Vrfs))],
            [.. peers.Select(peer => Of(peer, asked.GetValueOrDefault(peer.Source) ?? []))]);
    }

    // By source, every membership route of the table.
    private static async Task<Dictionary<SourceId, List<string>>> ReadAskedAsync(GatewayAccess gateway, CancellationToken cancellation)
    {
        FamilyTable table = gateway.Routes[RouteFamily.RouteTargetConstraint];
        var asked = new Dictionary<SourceId, List<string>>();
        var at = 0;
        while (await gateway.Loop.InvokeAsync(Look))
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return asked;

        bool Look()
        {
            for (var end = Math.Min(at + LoopSlices.Rows, table.DestinationCapacity); at < end; at++)
            {
                if (!table.Exists(new(at)))
                {
                    continue;
                }

                foreach (PathId path in table.PathsOf(new(at)))
                {
                    SourceId source = table.Row(path).Source;
                    if (!asked.TryGetValue(source, out List<string>? list))
                    {
                        asked.Add(source, list = []);
                    }

                    list.Add(NlriText.Format(table.Family, table.NlriOf(new(at)), gateway.Routes.FlowSpecs));
                }
            }

            return at < table.DestinationCapacity;
        }
    }

    private static NeighborMembershipView Of(PeerSnapshot peer, List<string> asked) => new(
        peer.Address.ToString(),
        peer.Session?.Families.Contains(RouteFamily.RouteTargetConstraint) ?? false,
        peer.Families.FirstOrDefault(static family => family.Family == RouteFamily.RouteTargetConstraint)?.EndOfRib.Received ?? false,
        peer.Memberships,
        asked);
}

/// <summary>As <see cref="WantedTargetView"/>, before it is put in order and written.</summary>
internal sealed record WantedTarget(ExtendedCommunity Target, int Vrfs);

/// <summary>A route target and how many of our VRFs import it.</summary>
internal sealed record WantedTargetView(string RouteTarget, int Vrfs);

/// <summary>What a neighbour asked for.</summary>
/// <param name="Address">The neighbour.</param>
/// <param name="Negotiated">Whether its session has RT-Constraint; without, it is sent every VPN route.</param>
/// <param name="EndOfRibReceived">Whether it has said everything.</param>
/// <param name="Count">How many memberships.</param>
/// <param name="Memberships">All of them.</param>
internal sealed record NeighborMembershipView(
    string Address, bool Negotiated, bool EndOfRibReceived, int? Count, IReadOnlyList<string> Memberships);

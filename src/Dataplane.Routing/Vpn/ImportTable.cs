using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// One family's VRF routes: which destinations are imported where, by links between destinations and VRF routes. Evaluation of a
/// destination makes its links what they should be and queues the routes concerned; settling selects among the candidates of queued routes and
/// tells listeners. Nothing depends on the order or the history of evaluations. Routing thread.
/// </summary>
internal abstract class ImportTable(VrfTable vrfs, FamilyTable table)
{
    /// <summary>The VRFs.</summary>
    public VrfTable Vrfs { get; } = vrfs;

    /// <summary>The destinations.</summary>
    public FamilyTable Table { get; } = table;

    /// <summary>The family.</summary>
    public RouteFamily Family => Table.Family;

    /// <summary>VRF routes there are, those about to go included.</summary>
    public abstract int RouteCount { get; }

    /// <summary>Import links there are.</summary>
    public abstract int LinkCount { get; }

    /// <summary>Octets of it all.</summary>
    public abstract long Bytes { get; }

    /// <summary>Destinations and routes that wait.</summary>
    public abstract int Waiting { get; }

    /// <summary>Has memory fetched that new links of these destinations will need, so that their fetches overlap; changes nothing.</summary>
    public abstract void Anticipate(ReadOnlySpan<int> destinations);

    /// <summary>Looks at a destination whose best path or whose path attributes have changed.</summary>
    public abstract void PathChanged(DestinationId destination);

    /// <summary>A destination was settled whose best path has not changed.</summary>
    public abstract void Settled(DestinationId destination);

    /// <summary>Looks at a destination later: its links may have to change although its paths have not.</summary>
    public abstract void Queue(DestinationId destination);

    /// <summary>Looks at a destination later, one that a VRF has exported a local route to.</summary>
    public abstract void QueueExport(DestinationId destination);

    /// <summary>Queues all routes of a VRF to be selected again.</summary>
    public abstract void QueueRoutes(VrfIndex vrf);

    /// <summary>Works on what waits.</summary>
    /// <returns>How much of the maximum is left.</returns>
    public abstract int Settle(int maximum);

    /// <summary>Removes routes of a VRF and tells listeners.</summary>
    /// <returns>How much of the maximum is left; nothing may be when there are more.</returns>
    public abstract int RemoveRoutes(VrfIndex vrf, int maximum);

    /// <summary>Whether an aggregate stands for a destination in a VRF that has it.</summary>
    public abstract bool IsSuppressed(DestinationId destination);

    /// <summary>The VRFs that a destination is in, ascending, as far as there is room.</summary>
    /// <returns>How many there are.</returns>
    public abstract int LinksOf(DestinationId destination, Span<VrfIndex> vrfs);

    /// <summary>An aggregate of a VRF has begun or ceased to stand for what is inside it.</summary>
    public abstract void SuppressionChanged(VrfIndex vrf, IpPrefix aggregate);

    /// <summary>The row of a route that listeners know, -1 when there is none.</summary>
    public abstract int Find(VrfIndex vrf, in Nlri nlri);

    /// <summary>How many routes of a VRF listeners know.</summary>
    public abstract int CountOf(VrfIndex vrf);

    /// <summary>The first row of a VRF's routes, -1 for none; also rows that listeners do not know (yet or any more).</summary>
    public abstract int FirstOf(VrfIndex vrf);

    /// <summary>The next row of a VRF's routes, -1 at the end.</summary>
    public abstract int NextOf(int route);

    /// <summary>How many next hops listeners know a route with; 0 when they do not know it.</summary>
    public abstract int MembersOf(int route);

    /// <summary>The VRF of a route.</summary>
    public abstract VrfIndex VrfOf(int route);

    /// <summary>The prefix or rule of a route.</summary>
    public abstract Nlri NlriOf(int route);

    /// <summary>The first candidate of a route, -1 for none; the best when it is selected.</summary>
    public abstract int FirstLinkOf(int route);

    /// <summary>The next candidate of the same route, -1 at the end.</summary>
    public abstract int NextLinkOf(int link);

    /// <summary>What a candidate is now.</summary>
    public abstract VrfCandidate CandidateOf(int link);
}

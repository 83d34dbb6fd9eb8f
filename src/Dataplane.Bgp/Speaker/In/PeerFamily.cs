using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.Out;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.In;

/// <summary>One family of a peer, both ways; outlives sessions, since stale routes do. Routing thread.</summary>
internal sealed class PeerFamily(RouteFamily family, FamilyTable table)
{
    /// <summary>The family.</summary>
    public RouteFamily Family { get; } = family;

    /// <summary>Its routes.</summary>
    public FamilyTable Table { get; } = table;

    /// <summary>What is wanted of it.</summary>
    public FamilySettings Settings { get; set; } = family;

    /// <summary>Whether the session that is up has it.</summary>
    public bool IsUp { get; set; }

    /// <summary>Whether its routes are ignored for the rest of the session, after an error in them (RFC 7606 §5.3).</summary>
    public bool IsDisabled { get; set; }

    /// <summary>Whether the peer has sent End-of-RIB in this session.</summary>
    public bool EndOfRibReceived { get; set; }

    /// <summary>Whether the warning about the number of prefixes has been given in this session.</summary>
    public bool IsWarned { get; set; }

    /// <summary>Whether the warning that there are too many has been given.</summary>
    public bool IsOverWarned { get; set; }

    /// <summary>Whether stale paths of an earlier session are there.</summary>
    public bool IsStale { get; set; }

    /// <summary>Whether some of them are long-lived stale (RFC 9494).</summary>
    public bool IsLongLivedStale { get; set; }

    /// <summary>How long they may be that, when the peer does not come back; zero: they may not.</summary>
    public TimeSpan LongLivedStaleTime { get; set; }

    /// <summary>Between BoRR and EoRR of the peer (RFC 7313).</summary>
    public bool IsRefreshing { get; set; }

    /// <summary>Ends the long-lived stale time.</summary>
    public LoopTimer? LongLivedTimer { get; set; }

    /// <summary>Ends a refresh whose EoRR does not come.</summary>
    public LoopTimer? RefreshTimer { get; set; }

    /// <summary>What the peer is sent; null while no session has the family.</summary>
    public GroupMember? Member { get; set; }
}

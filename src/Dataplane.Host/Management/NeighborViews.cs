using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Speaker;
using Dataplane.Routing;

namespace Dataplane.Host.Management;

/// <summary><c>/v1/bgp/summary</c>.</summary>
internal sealed record SummaryView
{
    public required uint As { get; init; }
    public required string RouterId { get; init; }
    public required long AttributeSets { get; init; }
    public required long MemoryBytes { get; init; }
    public required IReadOnlyList<FamilySizeView> Families { get; init; }
    public required IReadOnlyList<NeighborSummaryView> Neighbors { get; init; }

    /// <summary>Everything but the neighbours. Routing thread.</summary>
    public static SummaryView Of(GatewayAccess access) => new()
    {
        As = access.Speaker.Settings.As.Value,
        RouterId = Words.RouterId(access.Speaker.Settings.RouterId),
        AttributeSets = access.Routes.Attributes.Count,
        MemoryBytes = access.Routes.Bytes,
        Families = [.. access.Routes.Families.Select(static table => new FamilySizeView(table.Family.Name, table.DestinationCount, table.PathCount))],
        Neighbors = [],
    };
}

/// <summary>How big the table of a family is.</summary>
internal sealed record FamilySizeView(string Family, int Destinations, int Paths);

/// <summary>One line about a neighbour.</summary>
internal sealed record NeighborSummaryView
{
    public required string Address { get; init; }
    public required uint As { get; init; }
    public required string? Description { get; init; }
    public required string State { get; init; }
    public required DateTimeOffset Since { get; init; }
    public required double SecondsInState { get; init; }
    public required bool Dynamic { get; init; }
    public required long MessagesReceived { get; init; }
    public required long MessagesSent { get; init; }
    public required long RoutesReceived { get; init; }
    public required long RoutesAccepted { get; init; }
    public required long RoutesAdvertised { get; init; }

    public static NeighborSummaryView Of(PeerSnapshot peer, DateTimeOffset now) => new()
    {
        Address = peer.Address.ToString(),
        As = (peer.Session?.PeerAs ?? peer.Settings.As).Value,
        Description = peer.Settings.Description,
        State = Words.Of(peer.State),
        Since = peer.Since,
        SecondsInState = Math.Max(0, Math.Round((now - peer.Since).TotalSeconds, 3)),
        Dynamic = peer.IsDynamic,
        MessagesReceived = peer.Messages.Values.Sum(static count => count.Received),
        MessagesSent = peer.Messages.Values.Sum(static count => count.Sent),
        RoutesReceived = peer.Families.Sum(static family => (long)family.Received),
        RoutesAccepted = peer.Families.Sum(static family => (long)family.Accepted),
        RoutesAdvertised = peer.Families.Sum(static family => family.Advertised),
    };
}

/// <summary>A neighbour: <c>/v1/bgp/neighbors</c>.</summary>
internal sealed record NeighborView
{
    public required string Address { get; init; }
    public required uint As { get; init; }
    public required string? Description { get; init; }
    public required bool Enabled { get; init; }
    public required bool Dynamic { get; init; }
    public required string State { get; init; }
    public required DateTimeOffset Since { get; init; }
    public required string? LastError { get; init; }
    public required string? LastSessionEnd { get; init; }
    public required long SessionsEstablished { get; init; }
    public required long SessionsDropped { get; init; }
    public required SessionView? Session { get; init; }
    public required IReadOnlyDictionary<string, CountPair> Messages { get; init; }
    public required CountPair Octets { get; init; }
    public required int QueuedOctets { get; init; }
    public required IReadOnlyList<NeighborFamilyView> Families { get; init; }
    public required IReadOnlyList<FaultView> Faults { get; init; }
    public required long UpdatesTreatedAsWithdraw { get; init; }
    public required long AttributesDiscarded { get; init; }
    public required IReadOnlyDictionary<string, long> Refused { get; init; }
    public required int? Memberships { get; init; }

    public static NeighborView Of(PeerSnapshot peer) => new()
    {
        Address = peer.Address.ToString(),
        As = (peer.Session?.PeerAs ?? peer.Settings.As).Value,
        Description = peer.Settings.Description,
        Enabled = peer.Settings.Enabled,
        Dynamic = peer.IsDynamic,
        State = Words.Of(peer.State),
        Since = peer.Since,
        LastError = peer.LastError,
        LastSessionEnd = peer.LastSessionEnd,
        SessionsEstablished = peer.Sessions.Established,
        SessionsDropped = peer.Sessions.Dropped,
        Session = peer is { Session: { } session, Ends: { } ends } ? SessionView.Of(session, ends) : null,
        Messages = peer.Messages.Where(static pair => Enum.IsDefined(pair.Key))
            .ToDictionary(static pair => Words.Of(pair.Key), static pair => new CountPair(pair.Value.Received, pair.Value.Sent)),
        Octets = new(peer.Octets.Received, peer.Octets.Sent),
        QueuedOctets = peer.QueuedOctets,
        Families = [.. peer.Families.Select(NeighborFamilyView.Of)],
        Faults = [.. peer.Faults.Select(static pair => new FaultView(
            Words.Of(pair.Key.Code), Words.Of(pair.Key.Kind), Words.Of(pair.Key.Action), pair.Value))],
        UpdatesTreatedAsWithdraw = peer.Outcomes.TreatedAsWithdrawn,
        AttributesDiscarded = peer.Outcomes.AttributesDiscarded,
        Refused = peer.Refused.ToDictionary(static pair => Words.Of(pair.Key), static pair => pair.Value),
        Memberships = peer.Memberships,
    };
}

/// <summary>Received and sent.</summary>
internal sealed record CountPair(long Received, long Sent);

/// <summary>An error in UPDATEs (RFC 7606): where, what, what was done, how often.</summary>
internal sealed record FaultView(string Attribute, string Kind, string Action, long Count);

/// <summary>What an established session negotiated.</summary>
internal sealed record SessionView
{
    public required string LocalAddress { get; init; }
    public required int LocalPort { get; init; }
    public required int RemotePort { get; init; }
    public required string RouterId { get; init; }
    public required bool Internal { get; init; }
    public required double HoldSeconds { get; init; }
    public required double KeepaliveSeconds { get; init; }
    public required IReadOnlyList<string> Families { get; init; }
    public required bool FourOctetAs { get; init; }
    public required bool ExtendedMessages { get; init; }
    public required bool RouteRefresh { get; init; }
    public required bool EnhancedRouteRefresh { get; init; }
    public required IReadOnlyList<string> AddPathReceive { get; init; }
    public required IReadOnlyList<string> AddPathSend { get; init; }
    public required IReadOnlyList<string> RetainedFamilies { get; init; }
    public required double RestartSeconds { get; init; }

    public static SessionView Of(NegotiatedSession session, Bgp.Transport.LinkEnds ends) => new()
    {
        LocalAddress = ends.Local.ToString(),
        LocalPort = ends.LocalPort,
        RemotePort = ends.RemotePort,
        RouterId = Words.RouterId(session.PeerRouterId),
        Internal = session.IsInternal,
        HoldSeconds = session.HoldTime.TotalSeconds,
        KeepaliveSeconds = session.KeepaliveTime.TotalSeconds,
        Families = Words.Of(session.Families),
        FourOctetAs = session.Codec.FourOctetAs,
        ExtendedMessages = session.Codec.ExtendedMessages,
        RouteRefresh = session.RouteRefresh,
        EnhancedRouteRefresh = session.EnhancedRouteRefresh,
        AddPathReceive = Words.Of(session.Codec.AddPathReceive),
        AddPathSend = Words.Of(session.Codec.AddPathSend),
        RetainedFamilies = Words.Of(session.RetainedFamilies),
        RestartSeconds = session.RestartTime.TotalSeconds,
    };
}

/// <summary>One family of a neighbour.</summary>
internal sealed record NeighborFamilyView
{
    public required string Family { get; init; }
    public required bool Up { get; init; }
    public required bool Disabled { get; init; }
    public required bool Stale { get; init; }
    public required bool EndOfRibReceived { get; init; }
    public required bool EndOfRibSent { get; init; }
    public required int Received { get; init; }
    public required int Accepted { get; init; }
    public required long Advertised { get; init; }

    public static NeighborFamilyView Of(PeerFamilySnapshot family) => new()
    {
        Family = family.Family.Name,
        Up = family.IsUp,
        Disabled = family.IsDisabled,
        Stale = family.IsStale,
        EndOfRibReceived = family.EndOfRib.Received,
        EndOfRibSent = family.EndOfRib.Sent,
        Received = family.Received,
        Accepted = family.Accepted,
        Advertised = family.Advertised,
    };
}

using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.In;
using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Speaker;

/// <summary>A peer at one moment, for management.</summary>
public sealed record PeerSnapshot
{
    /// <summary>Its address.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>Its settings.</summary>
    public required PeerSettings Settings { get; init; }

    /// <summary>Whether it came out of a range.</summary>
    public required bool IsDynamic { get; init; }

    /// <summary>The source of its paths in every table.</summary>
    public required SourceId Source { get; init; }

    /// <summary>The state of its session.</summary>
    public required SessionState State { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>What was negotiated; null when the session is not established.</summary>
    public required NegotiatedSession? Session { get; init; }

    /// <summary>Both ends of the connection; null when the session is not established.</summary>
    public required LinkEnds? Ends { get; init; }

    /// <summary>Why the last session ended or a connection failed.</summary>
    public required string? LastError { get; init; }

    /// <summary>Why the last session ended; attempts that fail afterwards leave it.</summary>
    public required string? LastSessionEnd { get; init; }

    /// <summary>Sessions that came up, and sessions that ended.</summary>
    public required (long Established, long Dropped) Sessions { get; init; }

    /// <summary>Messages by type, in and out.</summary>
    public required IReadOnlyDictionary<MessageType, (long Received, long Sent)> Messages { get; init; }

    /// <summary>Octets of messages, in and out.</summary>
    public required (long Received, long Sent) Octets { get; init; }

    /// <summary>Octets that wait until the peer takes them.</summary>
    public required int QueuedOctets { get; init; }

    /// <summary>Errors in UPDATEs by attribute, kind and what was done (RFC 7606).</summary>
    public required IReadOnlyDictionary<AttributeFault, long> Faults { get; init; }

    /// <summary>UPDATEs whose routes were withdrawn, and UPDATEs that lost an attribute, for an error.</summary>
    public required (long TreatedAsWithdrawn, long AttributesDiscarded) Outcomes { get; init; }

    /// <summary>Routes that were not taken, by reason.</summary>
    public required IReadOnlyDictionary<RouteRefusal, long> Refused { get; init; }

    /// <summary>Route targets that it asked for; null when it takes everything.</summary>
    public required int? Memberships { get; init; }

    /// <summary>Its families.</summary>
    public required IReadOnlyList<PeerFamilySnapshot> Families { get; init; }

    internal static PeerSnapshot Of(Peer peer) => new()
    {
        Address = peer.Address,
        Settings = peer.Settings,
        IsDynamic = peer.IsDynamic,
        Source = peer.Source,
        State = peer.State,
        Since = peer.ChangedAt,
        Session = peer.Session,
        Ends = peer.Ends,
        LastError = peer.LastError,
        LastSessionEnd = peer.LastSessionEnd,
        Sessions = (peer.Counters.Established, peer.Counters.Dropped),
        Messages = Enum.GetValues<MessageType>().ToDictionary(type => type, type => (peer.Counters.Received(type), peer.Counters.Sent(type))),
        Octets = (peer.Transport.OctetsIn, peer.Transport.OctetsOut),
        QueuedOctets = peer.QueuedBytes,
        Faults = new Dictionary<AttributeFault, long>(peer.Counters.Faults),
        Outcomes = (peer.Counters.TreatedAsWithdrawn, peer.Counters.AttributesDiscarded),
        Refused = Enum.GetValues<RouteRefusal>().Where(reason => reason != RouteRefusal.None)
            .ToDictionary(reason => reason, peer.Counters.Refused),
        Memberships = peer.Memberships?.Asked.Count,
        Families = [.. peer.Families.OrderBy(family => family.Family).Select(family => PeerFamilySnapshot.Of(peer, family))],
    };
}

/// <summary>One family of a peer at one moment.</summary>
public sealed record PeerFamilySnapshot
{
    /// <summary>The family.</summary>
    public required RouteFamily Family { get; init; }

    /// <summary>Whether the session that is up has it.</summary>
    public required bool IsUp { get; init; }

    /// <summary>Whether its routes are ignored after an error (RFC 7606).</summary>
    public required bool IsDisabled { get; init; }

    /// <summary>Whether routes of an earlier session are kept.</summary>
    public required bool IsStale { get; init; }

    /// <summary>Whether End-of-RIB was received, and sent.</summary>
    public required (bool Received, bool Sent) EndOfRib { get; init; }

    /// <summary>Paths received, before policy.</summary>
    public required int Received { get; init; }

    /// <summary>Paths that policy accepted.</summary>
    public required int Accepted { get; init; }

    /// <summary>Routes sent and not withdrawn.</summary>
    public required long Advertised { get; init; }

    internal static PeerFamilySnapshot Of(Peer peer, PeerFamily family) => new()
    {
        Family = family.Family,
        IsUp = family.IsUp,
        IsDisabled = family.IsDisabled,
        IsStale = family.IsStale,
        EndOfRib = (family.EndOfRibReceived, family.Member?.EndOfRibSent ?? false),
        Received = family.Table.PathCountOf(peer.Source),
        Accepted = family.Table.AcceptedCountOf(peer.Source),
        Advertised = family.Member?.Advertised ?? 0,
    };
}

using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>A route of a VPN as it was last notified.</summary>
public sealed record NotifiedRoute
{
    /// <summary>Where it leads.</summary>
    public required IpPrefix Prefix { get; init; }

    /// <summary>The forwarders behind which it is, the best first.</summary>
    public required IReadOnlyList<VrfNextHop> NextHops { get; init; }

    /// <summary>Instance number of the publication; 0 for none.</summary>
    public uint Version { get; init; }

    /// <summary>Whether it is of a session that is over, and not told again yet.</summary>
    public bool IsStale { get; init; }

    /// <summary>Whether it leads where another leads, for packets.</summary>
    public bool LeadsLike(NotifiedRoute other) => Version == other.Version && NextHops.SequenceEqual(other.NextHops);
}

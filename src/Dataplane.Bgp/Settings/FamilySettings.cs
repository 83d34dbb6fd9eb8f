using Dataplane.Routing;

namespace Dataplane.Bgp.Settings;

/// <summary>What is wanted of one address family of a peer.</summary>
public sealed record FamilySettings
{
    /// <summary>The family.</summary>
    public required RouteFamily Family { get; init; }

    /// <summary>In which directions several paths of a destination are offered (RFC 7911).</summary>
    public AddPathMode AddPath { get; init; }

    /// <summary>The most paths of a destination that are sent where the peer takes several.</summary>
    public int SendMaxPaths { get; init; } = 8;

    /// <summary>The most prefixes that the peer may announce; absent: no limit.</summary>
    public int? MaxPrefixes { get; init; }

    /// <summary>The share of <see cref="MaxPrefixes"/>, in percent, at which a warning is given.</summary>
    public int WarnPercent { get; init; } = 75;

    /// <summary>What happens beyond <see cref="MaxPrefixes"/>.</summary>
    public MaxPrefixAction MaxPrefixAction { get; init; }

    /// <summary>How long after the end of the session it may begin again with <see cref="MaxPrefixAction.RestartAfter"/>.</summary>
    public TimeSpan MaxPrefixRestart { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The long-lived stale time that we announce for the family (RFC 9494); at most 2^24 − 1 seconds.</summary>
    public TimeSpan LlgrStaleTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether IPv4 routes with an IPv6 next hop are offered (RFC 8950).</summary>
    public bool ExtendedNextHop { get; init; }

    /// <summary>A family with everything at its default.</summary>
    public static implicit operator FamilySettings(RouteFamily family) => new() { Family = family };
}

/// <summary>The directions in which several paths of a destination are offered (RFC 7911 §4), with the numbers of the capability.</summary>
[Flags]
public enum AddPathMode : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>We are able to receive several paths.</summary>
    Receive = 1,

    /// <summary>We are able to send several paths.</summary>
    Send = 2,

    /// <summary>Both.</summary>
    Both = Receive | Send,
}

/// <summary>What happens when a peer announces more prefixes than allowed.</summary>
public enum MaxPrefixAction : byte
{
    /// <summary>The session ends with Cease / Maximum Number of Prefixes Reached and stays down until it is started by hand.</summary>
    Terminate,

    /// <summary>The session ends likewise and begins again after a time.</summary>
    RestartAfter,

    /// <summary>A warning only.</summary>
    WarnOnly,
}

using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>State of one neighbour; see <see cref="NeighborTable"/>.</summary>
internal enum NeighborState : byte
{
    /// <summary>Asked everybody, no answer yet; packets wait.</summary>
    Incomplete,

    /// <summary>Resolved and confirmed less than a refresh interval ago.</summary>
    Reachable,

    /// <summary>Resolved, and being asked again by unicast; packets flow.</summary>
    Probing,

    /// <summary>Did not answer; no questions until the hold-off is over.</summary>
    Failed,

    /// <summary>Configured; never asked, never changed.</summary>
    Static,
}

/// <summary>One row of a <see cref="NeighborTable"/>.</summary>
internal sealed class NeighborEntry(NeighborKey key, HoldQueue held)
{
    internal NeighborKey Key { get; } = key;

    internal HoldQueue Held { get; } = held;

    internal NeighborState State { get; set; }

    /// <summary>Meaningful in the states that are resolved.</summary>
    internal MacAddress Mac { get; set; }

    /// <summary>Probes sent since the state was entered.</summary>
    internal int Probes { get; set; }

    /// <summary>Required without a packet asking for it; never forgotten.</summary>
    internal bool IsRequired { get; set; }

    internal TimerQueue.Timer? Timer { get; set; }

    internal bool IsResolved => State is NeighborState.Reachable or NeighborState.Probing or NeighborState.Static;

    /// <summary>A question of ours is open.</summary>
    internal bool IsAsked => State is NeighborState.Incomplete or NeighborState.Probing;
}

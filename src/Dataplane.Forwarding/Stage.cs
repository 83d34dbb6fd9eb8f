namespace Dataplane.Forwarding;

/// <summary>A stretch of a worker's way with a burst, as the stage clock tells them apart.</summary>
public enum Stage
{
    /// <summary>Taking the burst from its receive queue; polls that found nothing are not counted.</summary>
    Receive,

    /// <summary>Classification and validation, of either side.</summary>
    Input,

    /// <summary>Longest-prefix match.</summary>
    Lookup,

    /// <summary>Choice among equal next hops.</summary>
    Select,

    /// <summary>TTL, MTU, label imposition or delivery.</summary>
    Forward,

    /// <summary>Punt ring, transmit queues, free list.</summary>
    Transmit,

    /// <summary>No work at all: what one reading of the clock costs, to be subtracted from each of the others.</summary>
    Clock,
}

namespace Dataplane.Routing.Vpn;

/// <summary>Who publishes a local route of a VRF: tells routes of the same prefix apart.</summary>
/// <param name="Value">The first sixteen are the speaker's own, others are up to who uses them.</param>
public readonly record struct PublisherId(uint Value)
{
    /// <summary>Addresses of the VRF's interfaces.</summary>
    public static PublisherId Interface => new(0);

    /// <summary>Static routes.</summary>
    public static PublisherId Static => new(1);

    /// <summary>Aggregates.</summary>
    public static PublisherId Aggregate => new(2);

    /// <summary>Addresses of hosts behind a forwarder in the same process.</summary>
    public static PublisherId Host => new(3);

    /// <summary>The first one that is free for others.</summary>
    public static PublisherId FirstFree => new(16);
}

using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Gateway;

/// <summary>What of a gateway is configurable.</summary>
public sealed record SignalingGatewaySettings
{
    /// <summary>Shapes that clients are spoken to in, unless provisioned otherwise.</summary>
    public WireProfile Profile { get; init; } = WireProfile.Esv05;

    /// <summary>How long what a client published stays after its session was lost (SIG-14, SCL-12).</summary>
    public TimeSpan StaleTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The preference, at most, of what a client published from the loss of its session until it publishes it again (AMB-31): who knows another path takes
    /// that at once. Null leaves the preference as it is.
    /// </summary>
    public uint? StaleLocalPreference { get; init; }

    /// <summary>How long a leaf may wait for its association (AMB-06).</summary>
    public TimeSpan PendingTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a client may take nothing of what waits for it until it is cut.</summary>
    public TimeSpan StallTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after its start a gateway says of no snapshot that it is whole: other clients and BGP peers come back meanwhile, and who believed it
    /// would give up routes that are about to be there again.
    /// </summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest name of a VPN (AMB-21).</summary>
    public int MaxNameLength { get; init; } = VpnName.DefaultLength;

    /// <summary>Whether end-systems may have names that are not 12 hexadecimal digits without being provisioned by that name (XMP-03, AMB-20).</summary>
    public bool AllowAnyName { get; init; }

    /// <summary>Most subscriptions of a client.</summary>
    public int MaxSubscriptions { get; init; } = 4096;

    /// <summary>Most leaves and items of a client.</summary>
    public int MaxPublications { get; init; } = 65536;

    /// <summary>Most leaves of a client that wait for their association.</summary>
    public int MaxPending { get; init; } = 1024;

    /// <summary>Octets of an event message after which another one begins.</summary>
    public int MessageOctets { get; init; } = 24 * 1024;

    /// <summary>
    /// Key of the tokens (AMB-10), 32 octets; null makes one. Kept over restarts so that tokens stay the same, and secret so that nothing can be learned
    /// from them.
    /// </summary>
    public byte[]? TokenKey { get; init; }
}

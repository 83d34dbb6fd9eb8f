using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>How an end system talks with its servers.</summary>
public sealed record EndSystemSettings
{
    /// <summary>What the servers are.</summary>
    public ServerRole Servers { get; init; } = ServerRole.Gateway;

    /// <summary>The shapes of what is sent; either is understood.</summary>
    public WireProfile Profile { get; init; } = WireProfile.Esv05;

    /// <summary>Most requests of a session that wait for their answers.</summary>
    public int MostPending { get; init; } = 128;

    /// <summary>Time in which a request must be answered; then the session is ended and everything told anew.</summary>
    public TimeSpan ReplyTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time after which a request that was refused is tried again.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Silence about a VPN after which its routes count as told, from a server that does not say so: then those that it did not tell are swept
    /// (AGT-09).
    /// </summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the flow specifications of VPNs are subscribed to beside their routes; of gateways only.</summary>
    public bool WantsFilters { get; init; }
}

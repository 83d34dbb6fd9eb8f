using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Gateway;

/// <summary>A client as a gateway knows it, by its bare address: with a session, or for a while without (SIG-14). Routing thread.</summary>
internal sealed class GatewayClient(Jid jid, PublisherId publisher, EndSystemAccess access)
{
    /// <summary>Its bare address.</summary>
    public Jid Jid { get; } = jid;

    /// <summary>Its name among the publishers of VRFs.</summary>
    public PublisherId Publisher { get; } = publisher;

    /// <summary>What is provisioned for it.</summary>
    public EndSystemAccess Access { get; set; } = access;

    /// <summary>Its session; null while it has none.</summary>
    public IXmppChannel? Channel { get; set; }

    /// <summary>Since when it has the session; ticks of the loop's time.</summary>
    public long OpenedAt { get; set; }

    /// <summary>When its last session was lost; ticks of the loop's time.</summary>
    public long LostAt { get; set; }

    /// <summary>The infrastructure addresses that the certificate of its session, or the last one it had, proved.</summary>
    public IReadOnlyList<IpAddress> Proved { get; set; } = [];

    /// <summary>The infrastructure addresses that are its own, sorted: provisioned, or proved by the certificate.</summary>
    public IReadOnlyList<IpAddress> Addresses { get; set; } = [];

    /// <summary>The address it is to be written to, escaped.</summary>
    public byte[] To { get; set; } = [];

    /// <summary>The address that events come from.</summary>
    public string From { get; set; } = "";

    /// <summary>What it is spoken to in.</summary>
    public WireProfile Profile { get; set; }

    /// <summary>Its subscriptions by the VPN's name.</summary>
    public Dictionary<string, Subscription> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>What it published.</summary>
    public Dictionary<LeafKey, Leaf> Leaves { get; } = [];

    /// <summary>Its leaves by where they are advertised, the effective one first.</summary>
    public Dictionary<(VrfIndex Vrf, IpPrefix Prefix), List<Leaf>> Advertised { get; } = [];

    /// <summary>Instance ids of VRFs that it has said (AMB-19).</summary>
    public Dictionary<VrfIndex, ushort> Instances { get; } = [];

    /// <summary>How many of the leaves wait for their association.</summary>
    public int Pending { get; set; }

    /// <summary>Runs from the loss of a session until what is stale goes.</summary>
    public LoopTimer? StaleTimer { get; set; }

    /// <summary>Runs while leaves wait for their association.</summary>
    public LoopTimer? PendingTimer { get; set; }

    /// <summary>Runs while the session takes nothing.</summary>
    public LoopTimer? StallTimer { get; set; }

    /// <summary>Whether the session's queue is full.</summary>
    public bool IsBlocked { get; set; }

    /// <summary>Answers that the full queue did not take.</summary>
    public Queue<ReadOnlyMemory<byte>> Unsent { get; } = new();

    /// <summary>Whether nothing is known of it any more.</summary>
    public bool IsGone => Channel is null && Subscriptions.Count == 0 && Leaves.Count == 0;
}

/// <summary>A publication of a client.</summary>
internal sealed class Leaf(LeafKey key)
{
    /// <summary>Its name.</summary>
    public LeafKey Key { get; } = key;

    /// <summary>Ascends in the order in which leaves came.</summary>
    public required long Number { get; init; }

    /// <summary>What was published last.</summary>
    public required VpnEntry Entry { get; set; }

    /// <summary>The next hop of it that counts.</summary>
    public EntryNextHop NextHop { get; set; }

    /// <summary>The VPN it is in; null while it waits for its association.</summary>
    public string? Vpn { get; set; }

    /// <summary>The VRF it is advertised in.</summary>
    public VrfIndex Vrf { get; set; }

    /// <summary>What the client may do there.</summary>
    public VpnGrant? Grant { get; set; }

    /// <summary>The prefix it is advertised with; null while it is not.</summary>
    public IpPrefix? AdvertisedPrefix { get; set; }

    /// <summary>Counts publications, so that of two leaves for a prefix with equal versions the later one counts.</summary>
    public long Order { get; set; }

    /// <summary>When it began to wait for its association; ticks of the loop's time.</summary>
    public long PendingSince { get; set; }

    /// <summary>Whether it is of a session that was lost, and has not been published since.</summary>
    public bool IsStale { get; set; }
}

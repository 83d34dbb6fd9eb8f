using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Gateway;

/// <summary>A subscription of a client, by its bare address (AMB-20): a member of a VRF and a place in the VRF's changes. Routing thread.</summary>
internal sealed class Subscription(GatewayClient client, string node, VpnGrant grant, VrfIndex vrf, long since, long number)
{
    /// <summary>Whose it is.</summary>
    public GatewayClient Client { get; } = client;

    /// <summary>Ascends in the order in which subscriptions came.</summary>
    public long Number { get; } = number;

    /// <summary>The VPN's name, or that of its flow specifications.</summary>
    public string Node { get; } = node;

    /// <summary>The family of the flow specifications it is to; null for routes.</summary>
    public AddressFamily? Rules { get; } = FlowSpecNode.TryParse(node, out _, out AddressFamily family) ? family : null;

    /// <summary>What the client may do there.</summary>
    public VpnGrant Grant { get; set; } = grant;

    /// <summary>The VRF.</summary>
    public VrfIndex Vrf { get; set; } = vrf;

    /// <summary>Since when it is there; ticks of the loop's time.</summary>
    public long StartedAt { get; } = since;

    /// <summary>The changes it follows; null while the client has no session.</summary>
    public VrfFeed? Feed { get; set; }

    /// <summary>Its place among <see cref="VrfFeed.Subscriptions"/>.</summary>
    public int Place { get; set; }

    /// <summary>Position of the feed up to which it has been told.</summary>
    public long Cursor { get; set; }

    /// <summary>End of the feed when it began to follow: what is before is its snapshot.</summary>
    public long SnapshotEnd { get; set; }

    /// <summary>Whether the client wants to know when its snapshot is whole.</summary>
    public bool WantsSettled { get; set; }

    /// <summary>Whether it has been told.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Whether it is of a session that was lost, and was not asked for since.</summary>
    public bool IsStale { get; set; }

    /// <summary>Whether it waits for its turn.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Changes that it has been told.</summary>
    public long Told { get; set; }

    /// <summary>Whether there is something to tell.</summary>
    public bool IsBehind => Feed is { } feed && Cursor < feed.End;
}

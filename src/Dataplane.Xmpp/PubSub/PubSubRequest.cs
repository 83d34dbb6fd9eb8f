namespace Dataplane.Xmpp.PubSub;

/// <summary>What a client asks for in an IQ of type set.</summary>
public abstract record PubSubRequest;

/// <summary>All routes of a VPN now, and then what changes (XMP-06, XMP-07).</summary>
/// <param name="Node">The VPN's name.</param>
/// <param name="Jid">The bare JID that subscribes; null when it was left out (AMB-13).</param>
public sealed record SubscribeRequest(string Node, string? Jid) : PubSubRequest
{
    /// <summary>VLAN of the interface, towards an external forwarder (XMP-08).</summary>
    public ushort? Vlan { get; init; }

    /// <summary>Number of the VPN on the client, part of the route distinguisher (AMB-19).</summary>
    public ushort? InstanceId { get; init; }

    /// <summary>Whether the client wants to be told when its snapshot is whole: <see cref="PubSubNamespace.Extension"/>.</summary>
    public bool WantsSettled { get; init; }
}

/// <summary>No more routes of a VPN (AMB-12).</summary>
/// <param name="Node">The VPN's name.</param>
/// <param name="Jid">The bare JID that had subscribed; null when it was left out.</param>
/// <param name="SubscriptionId">Which of several subscriptions; null for the only one.</param>
public sealed record UnsubscribeRequest(string Node, string? Jid, string? SubscriptionId = null) : PubSubRequest;

/// <summary>Items for a node: one for a leaf of the publisher's own, or any number for a VPN (-06).</summary>
/// <param name="Node">The leaf or the VPN.</param>
/// <param name="Items">The items, at least one.</param>
public sealed record PublishRequest(string Node, IReadOnlyList<PublishedItem> Items) : PubSubRequest;

/// <summary>An item to publish.</summary>
/// <param name="Id">Its id; null when the server is to choose it.</param>
/// <param name="Entry">What it says.</param>
public sealed record PublishedItem(string? Id, VpnEntry Entry)
{
    /// <summary>Whose shape the entry had; of no meaning where it is written.</summary>
    public WireProfile Profile { get; init; }
}

/// <summary>Items of a VPN's node that are no longer true (-06).</summary>
/// <param name="Node">The VPN, or a leaf.</param>
/// <param name="Ids">Their ids, at least one.</param>
public sealed record RetractRequest(string Node, IReadOnlyList<string> Ids) : PubSubRequest;

/// <summary>Puts a leaf into a VPN (XMP-09).</summary>
/// <param name="Collection">The VPN's name.</param>
/// <param name="Leaf">The leaf.</param>
public sealed record AssociateRequest(string Collection, string Leaf) : PubSubRequest;

/// <summary>Takes a leaf out of a VPN (XMP-14).</summary>
/// <param name="Collection">The VPN's name.</param>
/// <param name="Leaf">The leaf.</param>
public sealed record DissociateRequest(string Collection, string Leaf) : PubSubRequest;

/// <summary>Deletes a leaf (XMP-14).</summary>
/// <param name="Node">The leaf.</param>
public sealed record DeleteRequest(string Node) : PubSubRequest;

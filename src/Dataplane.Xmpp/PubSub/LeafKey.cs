namespace Dataplane.Xmpp.PubSub;

/// <summary>Names what a client published: a leaf, or an item of a VPN's node. Opaque, never parsed (AMB-05).</summary>
/// <param name="Node">A leaf of the client's own, or the VPN.</param>
/// <param name="Item">The item of the VPN's node (-06); null for a leaf.</param>
internal readonly record struct LeafKey(string Node, string? Item = null)
{
    /// <summary>The name of an item that was published at a node. One of a VPN without an id is named by its prefix; a leaf has one item.</summary>
    public static LeafKey Of(string node, bool isOfVpn, PublishedItem item) => isOfVpn ? new(node, item.Id ?? item.Entry.Prefix.ToString()) : new(node);
}

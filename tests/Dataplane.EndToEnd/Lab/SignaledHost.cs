namespace Dataplane.EndToEnd.Lab;

/// <summary>A machine of a <see cref="SignaledFabric"/>: its interfaces are <c>core</c>, towards the underlay, and <c>mgmt</c>, towards the gateway.</summary>
/// <param name="Name">What it is called: also its certificate, its configuration and its socket.</param>
/// <param name="Space">Its namespace.</param>
/// <param name="Address">Its infrastructure address, in a subnet of its own, of 24 bits or for IPv6 of 64; "" for a machine without a link to the underlay.</param>
/// <param name="SystemId">Its system-id.</param>
/// <param name="Gateway">The gateway's address on the link between the two.</param>
/// <param name="Management">Its own address there.</param>
public sealed record SignaledHost(string Name, NetworkNamespace Space, string Address, string SystemId, string Gateway, string Management)
{
    /// <summary>Its XMPP address.</summary>
    public string Jid => $"{SystemId}@{SignaledFabric.Domain}";

    /// <summary>Whether the underlay is IPv6 for it.</summary>
    public bool IsIpv6 => Address.Contains(':', StringComparison.Ordinal);

    /// <summary>The router's address in its subnet.</summary>
    public string Router => SignaledFabric.RouterOf(Address);
}

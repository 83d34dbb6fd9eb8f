using Dataplane.Routing.FlowSpec;

namespace Dataplane.Xmpp.PubSub;

/// <summary>What a gateway tells a subscriber in a message.</summary>
public abstract record PubSubEvent;

/// <summary>A route is new or changed (XMP-11).</summary>
/// <param name="Node">The VPN's name.</param>
/// <param name="Token">Opaque id of the route at this gateway (AMB-10).</param>
/// <param name="Entry">The route.</param>
public sealed record RouteChangedEvent(string Node, string Token, VpnEntry Entry) : PubSubEvent;

/// <summary>A flow specification is new or changed.</summary>
/// <param name="Node">The collection's name, see <see cref="FlowSpecNode"/>.</param>
/// <param name="Token">Opaque id of the rule at this gateway.</param>
/// <param name="Filter">The rule with its actions.</param>
public sealed record RuleChangedEvent(string Node, string Token, VrfFilter Filter) : PubSubEvent;

/// <summary>A route has gone (-06).</summary>
/// <param name="Node">The VPN's name.</param>
/// <param name="Token">Id of the route.</param>
public sealed record RouteRetractedEvent(string Node, string Token) : PubSubEvent;

/// <summary>A route has left a VPN (XMP-13).</summary>
/// <param name="Collection">The VPN's name.</param>
/// <param name="Token">Id of the route.</param>
public sealed record RouteDisassociatedEvent(string Collection, string Token) : PubSubEvent;

/// <summary>A route has been deleted, or a VPN is no longer there for the subscriber: then the node is the VPN's name (XMP-13).</summary>
/// <param name="Node">Id of the route, or a VPN's name.</param>
public sealed record NodeDeletedEvent(string Node) : PubSubEvent;

/// <summary>Everything that there was at the subscription has been told: <see cref="PubSubNamespace.Extension"/>.</summary>
/// <param name="Node">The VPN's name.</param>
public sealed record SettledEvent(string Node) : PubSubEvent;

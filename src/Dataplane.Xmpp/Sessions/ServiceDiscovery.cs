using System.Xml.Linq;

namespace Dataplane.Xmpp.Sessions;

/// <summary>What a server answers to the question what it is and does (XEP-0030, XMP-01).</summary>
public static class ServiceDiscovery
{
    /// <summary>Publish-subscribe as it is served by gateways and external forwarders: XEP-0060 with the collections of XEP-0248.</summary>
    public static IReadOnlyList<string> PubSubFeatures { get; } =
    [
        "http://jabber.org/protocol/pubsub",
        "http://jabber.org/protocol/pubsub#collections",
        "http://jabber.org/protocol/pubsub#publish",
        "http://jabber.org/protocol/pubsub#subscribe",
        "http://jabber.org/protocol/pubsub#retract-items",
        "http://jabber.org/protocol/pubsub#delete-nodes",
        "http://jabber.org/protocol/pubsub#auto-create",
    ];

    /// <summary>The answer.</summary>
    internal static XElement Info(IReadOnlyList<string> features) => new(
        Namespaces.DiscoInfo + "query",
        Identity("server", "im"),
        Identity("pubsub", "service"),
        Identity("pubsub", "collection"),
        new[] { Namespaces.DiscoInfo.NamespaceName, Namespaces.DiscoItems.NamespaceName, Namespaces.Ping.NamespaceName }
            .Concat(features)
            .Select(static feature => new XElement(Namespaces.DiscoInfo + "feature", new XAttribute("var", feature))));

    private static XElement Identity(string category, string type) =>
        new(Namespaces.DiscoInfo + "identity", new XAttribute("category", category), new XAttribute("type", type));
}

using System.Globalization;
using System.Xml.Linq;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.PubSub;

/// <summary>Reads the requests of clients: either profile, either namespace where both are in use (AMB-07, 08, 11 to 14).</summary>
public static class RequestReader
{
    /// <summary>Longest name of a leaf or id of an item, in characters.</summary>
    public const int LongestLeaf = 1023;

    /// <summary>Whether the payload of an IQ is such a request.</summary>
    public static bool IsPubSub(XElement payload) => payload.Name == PubSubNamespace.PubSub + "pubsub" || payload.Name == PubSubNamespace.Owner + "pubsub";

    /// <summary>Reads a request.</summary>
    /// <param name="payload">The element for which <see cref="IsPubSub"/> is true.</param>
    /// <param name="isSet">Whether the IQ is of type set.</param>
    /// <param name="maxNameLength">Longest name of a VPN.</param>
    /// <param name="fault">Why it is refused.</param>
    /// <returns>Null when it is refused.</returns>
    public static PubSubRequest? Read(XElement payload, bool isSet, int maxNameLength, out PubSubFault? fault)
    {
        fault = null;
        XElement? operation = payload.Elements().FirstOrDefault(element => element.Name.LocalName != "options");
        try
        {
            if (operation is null)
            {
                throw new RequestException(PubSubFault.Malformed("nothing is asked for"));
            }

            return isSet ? Read(payload, operation, maxNameLength) : throw new RequestException(PubSubFault.Unsupported(FeatureOf(operation)));
        }
        catch (RequestException problem)
        {
            fault = problem.Fault;
        }
        catch (EntryFormatException problem)
        {
            fault = PubSubFault.Malformed(problem.Message, "invalid-options");
        }

        return null;
    }

    private static PubSubRequest Read(XElement payload, XElement operation, int maxNameLength) => operation.Name.LocalName switch
    {
        "subscribe" => ReadSubscribe(payload, operation, maxNameLength),
        "unsubscribe" => new UnsubscribeRequest(
            Vpn(operation, maxNameLength), operation.Attribute("jid")?.Value, operation.Attribute("subid")?.Value),
        "publish" => new PublishRequest(Leaf(operation), ReadItems(operation)),
        "retract" => new RetractRequest(Leaf(operation), ReadIds(operation)),
        "collection" => ReadCollection(operation, maxNameLength),
        "delete" => new DeleteRequest(Leaf(operation)),
        _ => throw new RequestException(PubSubFault.Unsupported(FeatureOf(operation))),
    };

    private static SubscribeRequest ReadSubscribe(XElement payload, XElement operation, int maxNameLength)
    {
        ushort? vlan = null;
        ushort? instance = null;
        var wantsSettled = false;
        foreach (XElement option in payload.Elements().Where(static element => element.Name.LocalName == "options").Elements())
        {
            if (option.Name == PubSubNamespace.DataForm + "x")
            {
                vlan ??= EntryReader.ReadVlan(ReadField(option, "vpn#vlan_id"));
                instance ??= ReadInstance(ReadField(option, "vpn#instance_id"));
            }
            else if (option.Name == PubSubNamespace.Extension + "settled")
            {
                wantsSettled = true;
            }
            else if (option.Name.LocalName == "instance-id")
            {
                instance = ReadInstance(option.Value);
            }
        }

        return new SubscribeRequest(Vpn(operation, maxNameLength), operation.Attribute("jid")?.Value)
        {
            Vlan = vlan,
            InstanceId = instance,
            WantsSettled = wantsSettled,
        };
    }

    private static PubSubRequest ReadCollection(XElement collection, int maxNameLength)
    {
        var node = Vpn(collection, maxNameLength);
        XElement[] members = [.. collection.Elements()];
        return members switch
        {
            [{ Name.LocalName: "associate" } leaf] => new AssociateRequest(node, Leaf(leaf)),
            [{ Name.LocalName: "dissociate" or "disassociate" } leaf] => new DissociateRequest(node, Leaf(leaf)),
            _ => throw new RequestException(PubSubFault.Malformed("a collection has one associate or one dissociate")),
        };
    }

    private static List<PublishedItem> ReadItems(XElement publish)
    {
        var items = new List<PublishedItem>(1);
        foreach (XElement item in publish.Elements().Where(static element => element.Name.LocalName == "item"))
        {
            XElement[] payload = [.. item.Elements()];
            if (payload.Length != 1)
            {
                throw new RequestException(PubSubFault.Malformed(
                    "an item has one entry", payload.Length == 0 ? "payload-required" : "invalid-payload"));
            }

            if (FlowSpecNode.IsEntry(payload[0]))
            {
                // Policy is the operator's: no grant allows it to an end-system.
                throw new RequestException(new(StanzaErrorCondition.Forbidden, "flow specifications are not published by end-systems"));
            }

            VpnEntry entry = EntryReader.Read(payload[0], out PubSubFault? fault) ?? throw new RequestException(fault!);
            var id = item.Attribute("id")?.Value;
            items.Add(new(id is null ? null : Bounded(id, "the id of an item"), entry)
            {
                Profile = payload[0].Name.Namespace == PubSubNamespace.Entry06 ? WireProfile.EndSystem06 : WireProfile.Esv05,
            });
        }

        return items.Count != 0 ? items : throw new RequestException(PubSubFault.Malformed("an item is published", "item-required"));
    }

    private static List<string> ReadIds(XElement retract)
    {
        var ids = new List<string>(1);
        foreach (XElement item in retract.Elements().Where(static element => element.Name.LocalName == "item"))
        {
            ids.Add(Bounded(item.Attribute("id")?.Value ?? "", "the id of an item"));
        }

        return ids.Count != 0 ? ids : throw new RequestException(PubSubFault.Malformed("an item is retracted", "item-required"));
    }

    private static string? ReadField(XElement form, string name) => form.Elements(PubSubNamespace.DataForm + "field")
        .FirstOrDefault(field => field.Attribute("var")?.Value == name)?.Element(PubSubNamespace.DataForm + "value")?.Value;

    private static ushort? ReadInstance(string? text) => text is null ? null
        : ushort.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var instance) ? instance
        : throw new EntryFormatException($"'{text.Trim()}' is no instance id of 16 bits");

    private static string Vpn(XElement element, int maxLength)
    {
        var node = Node(element);
        _ = FlowSpecNode.TryParse(node, out var vpn, out _);
        return VpnName.IsValid(vpn, maxLength) ? node
            : throw new RequestException(PubSubFault.Malformed($"a VPN's name is 1 to {maxLength} printable ASCII characters without spaces"));
    }

    private static string Leaf(XElement element) => Bounded(Node(element), "the name of a node");

    private static string Node(XElement element) => element.Attribute("node")?.Value
        ?? throw new RequestException(PubSubFault.Malformed($"{element.Name.LocalName} names no node", "nodeid-required"));

    private static string Bounded(string text, string what) => text.Length is > 0 and <= LongestLeaf ? text
        : throw new RequestException(PubSubFault.Malformed($"{what} has 1 to {LongestLeaf} characters"));

    private static string FeatureOf(XElement operation) => operation.Name.LocalName switch
    {
        "create" => "create-nodes",
        "configure" or "default" => "config-node",
        "items" => "retrieve-items",
        "subscriptions" => "retrieve-subscriptions",
        "affiliations" => "retrieve-affiliations",
        "purge" => "purge-nodes",
        _ => operation.Name.LocalName,
    };

    private sealed class RequestException(PubSubFault fault) : Exception(fault.Text)
    {
        public PubSubFault Fault { get; } = fault;
    }
}

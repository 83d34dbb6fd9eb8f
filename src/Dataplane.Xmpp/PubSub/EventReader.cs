using System.Xml.Linq;

namespace Dataplane.Xmpp.PubSub;

/// <summary>Reads what gateways tell their subscribers: either profile, either spelling (AMB-08).</summary>
public static class EventReader
{
    /// <summary>Reads the events of a message, in their order.</summary>
    /// <param name="message">The message's element.</param>
    /// <param name="events">Takes them.</param>
    /// <param name="faults">Takes what is wrong with some of it; the rest is read. Null when nobody asks.</param>
    /// <returns>Whether the message is of this kind at all.</returns>
    public static bool Read(XElement message, List<PubSubEvent> events, List<PubSubFault>? faults = null)
    {
        var isEvent = false;
        foreach (XElement element in message.Elements())
        {
            if (element.Name == PubSubNamespace.Event + "event")
            {
                isEvent = true;
                foreach (XElement part in element.Elements())
                {
                    ReadPart(part, events, faults);
                }
            }
            else if (element.Name == PubSubNamespace.Extension + "settled" && element.Attribute("node")?.Value is { } node)
            {
                isEvent = true;
                events.Add(new SettledEvent(node));
            }
        }

        return isEvent;
    }

    private static void ReadPart(XElement part, List<PubSubEvent> events, List<PubSubFault>? faults)
    {
        if (part.Attribute("node")?.Value is not { Length: > 0 } node)
        {
            faults?.Add(PubSubFault.Malformed($"{part.Name.LocalName} names no node"));
            return;
        }

        switch (part.Name.LocalName)
        {
            case "items":
                foreach (XElement item in part.Elements())
                {
                    ReadItem(node, item, events, faults);
                }

                break;
            case "collection":
                foreach (XElement member in part.Elements())
                {
                    if (member.Name.LocalName is "disassociate" or "dissociate" && member.Attribute("node")?.Value is { Length: > 0 } token)
                    {
                        events.Add(new RouteDisassociatedEvent(node, token));
                    }
                }

                break;
            case "delete":
                events.Add(new NodeDeletedEvent(node));
                break;
        }
    }

    private static void ReadItem(string node, XElement item, List<PubSubEvent> events, List<PubSubFault>? faults)
    {
        var isRetract = item.Name.LocalName == "retract";
        if (!isRetract && item.Name.LocalName != "item")
        {
            return;
        }

        if (item.Attribute("id")?.Value is not { Length: > 0 } token)
        {
            faults?.Add(PubSubFault.Malformed("an item has no id"));
        }
        else if (isRetract)
        {
            events.Add(new RouteRetractedEvent(node, token));
        }
        else if (item.Elements().FirstOrDefault(FlowSpecNode.IsEntry) is { } rule)
        {
            if (FilterEntryReader.Read(rule, out PubSubFault? ruleFault) is { } filter)
            {
                events.Add(new RuleChangedEvent(node, token, filter));
            }
            else
            {
                faults?.Add(ruleFault!);
            }
        }
        else if (item.Elements().FirstOrDefault(EntryReader.IsEntry) is not { } payload)
        {
            faults?.Add(PubSubFault.Payload("an item has no entry"));
        }
        else if (EntryReader.Read(payload, out PubSubFault? fault) is { } entry)
        {
            events.Add(new RouteChangedEvent(node, token, entry));
        }
        else
        {
            faults?.Add(fault!);
        }
    }
}

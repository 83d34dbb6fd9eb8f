using System.Globalization;
using System.Xml.Linq;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Xmpp.PubSub;

/// <summary>Reads entries as <see cref="FilterEntryWriter"/> writes them. Components may come in any order, each once; actions that are not known are passed over.</summary>
public static class FilterEntryReader
{
    // More than any rule of 4095 octets has.
    private const int MostTerms = 2048;

    /// <summary>Reads an entry.</summary>
    /// <returns>Null, and why, when it is not one.</returns>
    public static VrfFilter? Read(XElement entry, out PubSubFault? fault)
    {
        fault = null;
        try
        {
            XNamespace ns = entry.Name.Namespace;
            AddressFamily family = ns == FlowSpecNode.NamespaceOf(AddressFamily.Ipv6) ? AddressFamily.Ipv6 : AddressFamily.Ipv4;
            var components = new SortedList<FlowSpecComponentType, FlowSpecComponent>();
            foreach (XElement element in entry.Element(ns + "match")?.Elements() ?? [])
            {
                var index = Array.IndexOf(FilterEntryWriter.Names, element.Name.LocalName);
                var type = (FlowSpecComponentType)index;
                if (element.Name.Namespace != ns || index <= 0 || components.ContainsKey(type))
                {
                    throw new EntryFormatException($"{element.Name.LocalName} is no component, or is there twice");
                }

                components.Add(type, Component(type, element, family));
            }

            if (components.Count == 0)
            {
                throw new EntryFormatException("a flow specification has components");
            }

            var actions = new List<FlowSpecAction>();
            foreach (XElement element in entry.Element(ns + "actions")?.Elements(ns + "action") ?? [])
            {
                if (FlowSpecAction.TryParse(element.Value.Trim(), out FlowSpecAction action))
                {
                    actions.Add(action);
                }
            }

            return new(new FlowSpecRule(family, [.. components.Values]), actions) { RedirectVrf = entry.Element(ns + "redirect")?.Value.Trim() };
        }
        catch (Exception problem) when (problem is EntryFormatException or ArgumentException)
        {
            fault = PubSubFault.Payload(problem.Message);
            return null;
        }
    }

    private static FlowSpecComponent Component(FlowSpecComponentType type, XElement element, AddressFamily family)
    {
        if (type <= FlowSpecComponentType.SourcePrefix)
        {
            var text = element.Value.Trim() + (element.Attribute("offset") is { } offset ? "/" + offset.Value.Trim() : "");
            return FlowSpecRule.TryParse($"{element.Name.LocalName} {text}", family, out FlowSpecRule? rule, out var error)
                ? rule.Components[0] : throw new EntryFormatException(error);
        }

        var terms = new List<FlowSpecTerm>();
        foreach (XElement term in element.Elements(element.Name.Namespace + "term"))
        {
            var op = Array.IndexOf(FilterEntryWriter.IsMask(type) ? FilterEntryWriter.Masks : FilterEntryWriter.Comparisons, term.Attribute("op")?.Value ?? "");
            if (op < 0 || terms.Count == MostTerms
                || !ulong.TryParse(term.Value.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                throw new EntryFormatException($"a term of {element.Name.LocalName} has an operator and a number");
            }

            terms.Add(new(terms.Count > 0 && term.Attribute("and")?.Value == "true", (byte)op, value));
        }

        return terms.Count != 0 ? new FlowSpecMatch(type, terms) : throw new EntryFormatException($"{element.Name.LocalName} has no terms");
    }
}

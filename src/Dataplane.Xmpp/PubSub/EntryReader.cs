using System.Globalization;
using System.Xml.Linq;
using Dataplane.Net;

namespace Dataplane.Xmpp.PubSub;

/// <summary>
/// Reads entries of either profile, and mixtures: attributes or elements, one next hop or a list, any spelling of the version (AMB-01, 02, 22, 23).
/// White space around values is nothing; everything else has to be right.
/// </summary>
public static class EntryReader
{
    /// <summary>Most next hops of an entry.</summary>
    public const int MostNextHops = 1024;

    /// <summary>Whether an element is an entry.</summary>
    public static bool IsEntry(XElement element) =>
        element.Name.LocalName == "entry" && (element.Name.Namespace == PubSubNamespace.Entry05 || element.Name.Namespace == PubSubNamespace.Entry06);

    /// <summary>Reads an entry.</summary>
    /// <returns>Null, and why, when it is not one.</returns>
    public static VpnEntry? Read(XElement entry, out PubSubFault? fault)
    {
        fault = null;
        if (!IsEntry(entry))
        {
            fault = PubSubFault.Payload($"{entry.Name.LocalName} in {entry.Name.NamespaceName} is no entry of a VPN");
            return null;
        }

        try
        {
            return new VpnEntry
            {
                Prefix = ReadPrefix(Only(entry, "nlri") ?? throw new EntryFormatException("an entry has an nlri")),
                NextHops = ReadNextHops(entry),
                Version = ReadVersion(entry),
                LocalPreference = Only(entry, "local-preference") is { } preference ? Number(preference.Value, "local-preference") : null,
                Vlan = ReadVlan(entry.Element(PubSubNamespace.Extension + "vlan")?.Value),
            };
        }
        catch (EntryFormatException problem)
        {
            fault = PubSubFault.Payload(problem.Message);
            return null;
        }
    }

    /// <summary>Reads a VLAN number, 1 to 4094.</summary>
    internal static ushort? ReadVlan(string? text) => text is null ? null
        : ushort.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var vlan) && vlan is >= 1 and <= 4094 ? vlan
        : throw new EntryFormatException($"'{text.Trim()}' is no VLAN number, 1 to 4094");

    private static IpPrefix ReadPrefix(XElement nlri)
    {
        AddressFamily? family = ReadFamily(nlri);
        if (Only(nlri, "safi") is { } safi && Number(safi.Value, "safi") is not (1 or 128))
        {
            throw new EntryFormatException($"safi {safi.Value.Trim()} is not unicast");
        }

        var text = (Only(nlri, "address")?.Value ?? nlri.Value).Trim();
        if (!IpPrefix.TryParse(text, out IpPrefix prefix, out PrefixError error))
        {
            throw new EntryFormatException($"'{text}' is no prefix: {error}");
        }

        return family is null || family == prefix.Family ? prefix : throw new EntryFormatException($"af of the nlri is not that of {text}");
    }

    private static List<EntryNextHop> ReadNextHops(XElement entry)
    {
        var nextHops = new List<EntryNextHop>(1);
        Label20? shared = Only(entry, "label") is { } label ? ReadLabel(label) : null;
        IEnumerable<XElement> elements = Only(entry, "next-hops") is { } list ? list.Elements().Where(static element => Is(element, "next-hop"))
            : Only(entry, "next-hop") is { } single ? [single] : [];
        foreach (XElement element in elements)
        {
            AddressFamily? family = ReadFamily(element);
            var text = (Only(element, "address")?.Value ?? element.Value).Trim();
            if (!IpAddress.TryParse(text, out IpAddress address))
            {
                throw new EntryFormatException($"next hop '{text}' is no address");
            }

            if (family is not null && family != address.Family)
            {
                throw new EntryFormatException($"af of the next hop is not that of {text}");
            }

            var nextHop = new EntryNextHop(address, Only(element, "label") is { } own ? ReadLabel(own) : shared, ReadEncapsulations(element));
            if (!nextHops.Exists(known => known.Address == nextHop.Address && known.Label == nextHop.Label))
            {
                nextHops.Add(nextHop);
            }

            if (nextHops.Count > MostNextHops)
            {
                throw new EntryFormatException($"an entry has at most {MostNextHops} next hops");
            }
        }

        return nextHops;
    }

    private static TunnelEncapsulations ReadEncapsulations(XElement nextHop)
    {
        var encapsulations = TunnelEncapsulations.None;
        foreach (XElement item in Only(nextHop, "tunnel-encapsulation-list")?.Elements() ?? [])
        {
            encapsulations |= TunnelEncapsulationNames.Parse(item.Value);
        }

        return encapsulations;
    }

    private static Label20 ReadLabel(XElement element)
    {
        var label = new Label20(Number(element.Value, "label"));
        return label.IsAssignable ? label : throw new EntryFormatException($"label {label} is not in {Label20.Min} to {Label20.Max}");
    }

    private static uint ReadVersion(XElement entry)
    {
        XElement? version = Only(entry, "version") ?? Only(entry, "sequence-number");
        return version is null ? 0 : Number(version.Attribute("id")?.Value ?? version.Value, "version");
    }

    private static AddressFamily? ReadFamily(XElement element)
    {
        var text = element.Attribute("af")?.Value ?? Only(element, "af")?.Value;
        return text is null ? null : Number(text, "af") switch
        {
            1 => AddressFamily.Ipv4,
            2 => AddressFamily.Ipv6,
            _ => throw new EntryFormatException($"af {text.Trim()} is neither 1 (IPv4) nor 2 (IPv6)"),
        };
    }

    private static uint Number(string text, string what) =>
        uint.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
            : throw new EntryFormatException($"{what} '{text.Trim()}' is no number of 32 bits");

    private static bool Is(XElement element, string name) =>
        element.Name.LocalName == name && (element.Name.Namespace == PubSubNamespace.Entry05 || element.Name.Namespace == PubSubNamespace.Entry06);

    private static XElement? Only(XElement parent, string name)
    {
        XElement? found = null;
        foreach (XElement element in parent.Elements())
        {
            if (Is(element, name))
            {
                found = found is null ? element : throw new EntryFormatException($"{name} is there twice");
            }
        }

        return found;
    }
}

/// <summary>What is wrong with an entry or a form; does not leave this folder.</summary>
internal sealed class EntryFormatException(string message) : Exception(message);

using System.Buffers.Binary;
using System.Globalization;
using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Policies;

/// <summary>The attributes that policies change, as people write them.</summary>
internal static class AttributeText
{
    private static readonly string[] Origins = ["igp", "egp", "incomplete"];

    /// <summary>The attributes of a block by name, in the order of their codes; those without a text of their own are left out.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(AttributeBlock block)
    {
        var texts = new List<KeyValuePair<string, string>>();
        foreach (AttributeView attribute in block)
        {
            (string name, string text) = attribute.Code switch
            {
                AttributeCode.Origin => ("origin", attribute.Value[0] < Origins.Length ? Origins[attribute.Value[0]] : Number(attribute.Value[0])),
                AttributeCode.AsPath => ("as-path", AsPathView.Of(block).ToString()),
                AttributeCode.NextHop => ("next-hop", Address(attribute.Value)),
                AttributeCode.MultiExitDisc => ("med", Number(BinaryPrimitives.ReadUInt32BigEndian(attribute.Value))),
                AttributeCode.LocalPref => ("local-pref", Number(BinaryPrimitives.ReadUInt32BigEndian(attribute.Value))),
                AttributeCode.Communities => ("communities", Communities(CommunityKind.Standard, attribute.Value)),
                AttributeCode.ExtendedCommunities => ("extended-communities", Communities(CommunityKind.Extended, attribute.Value)),
                AttributeCode.LargeCommunities => ("large-communities", Communities(CommunityKind.Large, attribute.Value)),
                _ => ("", ""),
            };
            if (name.Length > 0)
                texts.Add(new(name, text));
        }
        return texts;
    }

    /// <summary>What differs between two blocks: name, before, after; an empty text where an attribute is not there.</summary>
    public static IEnumerable<(string Name, string Before, string After)> Changes(AttributeBlock before, AttributeBlock after)
    {
        Dictionary<string, string> old = new(Of(before), StringComparer.Ordinal), changed = new(Of(after), StringComparer.Ordinal);
        return old.Keys.Union(changed.Keys, StringComparer.Ordinal)
            .Select(name => (name, old.GetValueOrDefault(name, ""), changed.GetValueOrDefault(name, "")))
            .Where(static change => change.Item2 != change.Item3);
    }

    /// <summary>Sets the communities of a kind.</summary>
    public static void SetCommunities(AttributeBlockBuilder builder, CommunityKind kind, IReadOnlyList<CommunityValue> values)
    {
        var octets = new byte[values.Count * kind.Size];
        for (int i = 0; i < values.Count; i++)
            values[i].Write(octets.AsSpan(i * kind.Size));
        builder.Set(kind.Attribute, AttributeFlags.Optional | AttributeFlags.Transitive, octets);
    }

    private static string Communities(CommunityKind kind, ReadOnlySpan<byte> octets)
    {
        var values = new List<string>();
        for (; octets.Length >= kind.Size; octets = octets[kind.Size..])
            values.Add(CommunityValue.Read(kind, octets).ToString());
        return string.Join(' ', values);
    }

    private static string Address(ReadOnlySpan<byte> octets) =>
        IpAddress.From(new System.Net.IPAddress(octets.Length == 32 ? octets[..16] : octets)).ToString();

    private static string Number(uint value) => value.ToString(CultureInfo.InvariantCulture);
}

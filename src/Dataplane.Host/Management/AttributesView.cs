using System.Buffers.Binary;
using System.Globalization;
using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Management;

/// <summary>Path attributes for people and programs; what a route does not have is left out.</summary>
internal sealed record AttributesView
{
    private static readonly string[] Origins = ["igp", "egp", "incomplete"];

    /// <summary>ORIGIN: igp, egp, incomplete.</summary>
    public string? Origin { get; init; }

    /// <summary>AS_PATH: numbers; sets in braces, confederation segments in parentheses.</summary>
    public string? AsPath { get; init; }

    /// <summary>The next hop.</summary>
    public string? NextHop { get; init; }

    /// <summary>MULTI_EXIT_DISC.</summary>
    public uint? Med { get; init; }

    /// <summary>LOCAL_PREF.</summary>
    public uint? LocalPref { get; init; }

    /// <summary>AGGREGATOR: AS and identifier.</summary>
    public string? Aggregator { get; init; }

    /// <summary>COMMUNITIES.</summary>
    public IReadOnlyList<string>? Communities { get; init; }

    /// <summary>EXTENDED COMMUNITIES that are neither route targets nor actions of flow specifications.</summary>
    public IReadOnlyList<string>? ExtendedCommunities { get; init; }

    /// <summary>Route targets.</summary>
    public IReadOnlyList<string>? RouteTargets { get; init; }

    /// <summary>Actions of flow specifications.</summary>
    public IReadOnlyList<string>? Actions { get; init; }

    /// <summary>LARGE_COMMUNITY.</summary>
    public IReadOnlyList<string>? LargeCommunities { get; init; }

    /// <summary>ORIGINATOR_ID.</summary>
    public string? OriginatorId { get; init; }

    /// <summary>CLUSTER_LIST.</summary>
    public IReadOnlyList<string>? ClusterList { get; init; }

    /// <summary>The others: type code and octets.</summary>
    public IReadOnlyDictionary<string, string>? Others { get; init; }

    /// <summary>Reads a block.</summary>
    public static AttributesView Of(AttributeBlock block)
    {
        var view = new AttributesView();
        var others = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (AttributeView attribute in block)
        {
            ReadOnlySpan<byte> value = attribute.Value;
            view = attribute.Code switch
            {
                AttributeCode.Origin => view with { Origin = value[0] < Origins.Length ? Origins[value[0]] : Hex(value) },
                AttributeCode.AsPath => view with { AsPath = new AsPathView(value).ToString() },
                AttributeCode.NextHop => view with { NextHop = Address(value) },
                AttributeCode.MultiExitDisc => view with { Med = BinaryPrimitives.ReadUInt32BigEndian(value) },
                AttributeCode.LocalPref => view with { LocalPref = BinaryPrimitives.ReadUInt32BigEndian(value) },
                AttributeCode.Aggregator when value.Length == 8 =>
                    view with { Aggregator = $"{BinaryPrimitives.ReadUInt32BigEndian(value)} {Ipv4Address.Read(value[4..])}" },
                AttributeCode.Communities => view with { Communities = Texts(value, 4, static octets => Standard(octets)) },
                AttributeCode.LargeCommunities => view with { LargeCommunities = Texts(value, 12, static octets => Large(octets)) },
                AttributeCode.OriginatorId => view with { OriginatorId = Ipv4Address.Read(value).ToString() },
                AttributeCode.ClusterList => view with { ClusterList = Texts(value, 4, static octets => Ipv4Address.Read(octets).ToString()) },
                AttributeCode.ExtendedCommunities => WithExtended(view, value),
                _ => Other(view, attribute, others),
            };
        }

        return others.Count == 0 ? view : view with { Others = others };
    }

    private static AttributesView Other(AttributesView view, AttributeView attribute, SortedDictionary<string, string> others)
    {
        var name = Enum.IsDefined(attribute.Code) ? attribute.Code.ToString() : ((byte)attribute.Code).ToString(CultureInfo.InvariantCulture);
        others[char.ToLowerInvariant(name[0]) + name[1..]] = Hex(attribute.Value);
        return view;
    }

    private static AttributesView WithExtended(AttributesView view, ReadOnlySpan<byte> value)
    {
        List<string> targets = [], actions = [], rest = [];
        for (; value.Length >= ExtendedCommunity.Size; value = value[ExtendedCommunity.Size..])
        {
            var community = new ExtendedCommunity(BinaryPrimitives.ReadUInt64BigEndian(value));
            if (community.IsRouteTarget)
            {
                targets.Add(community.ToString()["rt:".Length..]);
            }
            else if (FlowSpecAction.TryRead(community, out FlowSpecAction action))
            {
                actions.Add(action.ToString());
            }
            else
            {
                rest.Add(community.ToString());
            }
        }

        return view with
        {
            RouteTargets = targets.Count > 0 ? targets : null,
            Actions = actions.Count > 0 ? actions : null,
            ExtendedCommunities = rest.Count > 0 ? rest : null,
        };
    }

    private static string Address(ReadOnlySpan<byte> value) => value.Length switch
    {
        Ipv4Address.Size => Ipv4Address.Read(value).ToString(),
        2 * Ipv6Address.Size => $"{Ipv6Address.Read(value)} {Ipv6Address.Read(value[Ipv6Address.Size..])}",
        _ => Ipv6Address.Read(value).ToString(),
    };

    private static string Standard(ReadOnlySpan<byte> octets) => CommunityValue.Standard(BinaryPrimitives.ReadUInt32BigEndian(octets)).ToString();

    private static string Large(ReadOnlySpan<byte> octets) => CommunityValue.Large(
        BinaryPrimitives.ReadUInt32BigEndian(octets),
        BinaryPrimitives.ReadUInt32BigEndian(octets[4..]),
        BinaryPrimitives.ReadUInt32BigEndian(octets[8..])).ToString();

    private static List<string> Texts(ReadOnlySpan<byte> value, int size, TextOf text)
    {
        var texts = new List<string>();
        for (; value.Length >= size; value = value[size..])
        {
            texts.Add(text(value[..size]));
        }

        return texts;
    }

    private static string Hex(ReadOnlySpan<byte> value) => Convert.ToHexStringLower(value);

    private delegate string TextOf(ReadOnlySpan<byte> octets);
}

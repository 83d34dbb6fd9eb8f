using System.Net;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>
/// A route as a peer shows it, in one notation for all peers. What is absent is "" or null; lists are joined by spaces in
/// the order in which the peer shows them, communities in rising order.
/// </summary>
public sealed record SeenRoute
{
    /// <summary>Prefix, or the components of a flow specification as the peer writes them.</summary>
    public required string Prefix { get; init; }

    /// <summary>Such as <c>65000:1</c>.</summary>
    public string Distinguisher { get; init; } = "";

    public uint? Label { get; init; }

    /// <summary>An IPv4-mapped IPv6 address in its IPv4 notation, for peers differ there.</summary>
    public string NextHop
    {
        get;
        init => field = IPAddress.TryParse(value, out IPAddress? address) && address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString() : value;
    } = "";

    /// <summary><c>igp</c>, <c>egp</c> or <c>incomplete</c>.</summary>
    public string Origin { get; init; } = "";

    public string AsPath { get; init; } = "";

    public uint? Med { get; init; }

    public uint? LocalPreference { get; init; }

    /// <summary>Such as <c>65000:77</c>.</summary>
    public string Communities { get; init; } = "";

    /// <summary>Such as <c>target:65000:1</c>; the 16 hexadecimal digits of a kind without a notation here.</summary>
    public string ExtendedCommunities { get; init; } = "";

    /// <summary>Such as <c>65000:1:2</c>.</summary>
    public string LargeCommunities { get; init; } = "";

    public string OriginatorId { get; init; } = "";

    public string ClusterList { get; init; } = "";

    public uint? PathIdentifier { get; init; }

    /// <summary>Whether the peer keeps it beyond the session it came by.</summary>
    public bool Stale { get; init; }

    /// <summary>Joins what a peer shows as a list without an order of its own.</summary>
    public static string Sorted(IEnumerable<string> values) => string.Join(' ', values.Order(StringComparer.Ordinal));
}

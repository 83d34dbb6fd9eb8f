using System.Globalization;
using Dataplane.Net;
using Dataplane.Routing;
using Microsoft.AspNetCore.Http;

namespace Dataplane.Host.Management;

/// <summary>Reads the parameters of a request; one that the request may not have, or has twice, is named.</summary>
internal readonly struct RequestQuery
{
    /// <summary>Routes of a page unless told.</summary>
    public const int DefaultLimit = 100;

    /// <summary>The most routes of a page.</summary>
    public const int MostLimit = 1000;

    private readonly IQueryCollection _query;

    /// <summary>The parameters of a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="known">The names that it may have.</param>
    public RequestQuery(HttpContext context, params ReadOnlySpan<string> known)
    {
        _query = context.Request.Query;
        foreach (var (name, values) in _query)
        {
            if (!known.Contains(name))
            {
                throw Problem.BadRequest(known.IsEmpty
                    ? $"'{name}' is no parameter here; there are none."
                    : $"'{name}' is no parameter here; there are {string.Join(", ", known.ToArray())}.");
            }

            if (values.Count != 1 || string.IsNullOrEmpty(values[0]))
            {
                throw Problem.BadRequest($"'{name}' has {(values.Count > 1 ? "more than one value" : "no value")}.");
            }
        }
    }

    /// <summary>A parameter; null when it is not there.</summary>
    public string? Text(string name) => _query.TryGetValue(name, out var values) ? values[0] : null;

    /// <summary>An address.</summary>
    public IpAddress? Address(string name) => Text(name) is { } text ? AddressOf(text) : null;

    /// <summary>A prefix of a family.</summary>
    public IpPrefix? Prefix(string name) => Text(name) is not { } text ? null
        : IpPrefix.TryParse(text, out IpPrefix prefix, out PrefixError error) ? prefix
        : throw Problem.BadRequest($"'{name}': '{text}' is no prefix ({error}).");

    /// <summary>A route distinguisher.</summary>
    public RouteDistinguisher? Distinguisher(string name) => Text(name) is not { } text ? null
        : RouteDistinguisher.TryParse(text, out RouteDistinguisher value) ? value
        : throw Problem.BadRequest($"'{name}': '{text}' is no route distinguisher.");

    /// <summary>A route target.</summary>
    public ExtendedCommunity? RouteTarget(string name) => Text(name) is not { } text ? null
        : ExtendedCommunity.TryParseRouteTarget(text, out ExtendedCommunity value) ? value
        : throw Problem.BadRequest($"'{name}': '{text}' is no route target.");

    /// <summary>A truth value; false when it is not there.</summary>
    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        var text => throw Problem.BadRequest($"'{name}': '{text}' is neither true nor false."),
    };

    /// <summary>How many routes of a page.</summary>
    public int Limit() => Number("limit", 1, MostLimit) ?? DefaultLimit;

    /// <summary>Where a page begins: what the page before said.</summary>
    public int Cursor() => Number("cursor", 0, int.MaxValue) ?? 0;

    /// <summary>An address in a path or parameter.</summary>
    public static IpAddress AddressOf(string text) => IpAddress.TryParse(text, out IpAddress address)
        ? address
        : throw Problem.BadRequest($"'{text}' is no address.");

    /// <summary>A family in a path or parameter.</summary>
    public static RouteFamily FamilyOf(string text) => RouteFamilies.TryParse(text, out RouteFamily family)
        ? family
        : throw Problem.NotFound($"'{text}' is no family; there are {string.Join(", ", RouteFamilies.All.Select(static known => known.Name))}.");

    private int? Number(string name, int least, int most) => Text(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw Problem.BadRequest($"'{name}': '{text}' is no number from {least} to {most}.");
}

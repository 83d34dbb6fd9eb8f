using System.Globalization;
using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Policy;

/// <summary>The prefix is in a set; routes without a prefix (membership, flow specifications) never are.</summary>
public sealed class PrefixMatch(PrefixSet set) : RouteMatch
{
    /// <inheritdoc/>
    public override bool LooksAtNlri => true;

    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) =>
        route.Family <= RouteFamily.VpnIpv6 && set.Contains(route.Nlri.Prefix(route.Family));

    /// <inheritdoc/>
    public override string ToString() => $"prefixes {set}";
}

/// <summary>The family is one of some.</summary>
public sealed class FamilyMatch(IReadOnlyCollection<RouteFamily> families) : RouteMatch
{
    private readonly int _mask = families.Aggregate(0, static (mask, family) => mask | 1 << (int)family);

    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => (_mask >> (int)route.Family & 1) != 0;

    /// <inheritdoc/>
    public override string ToString() => $"families [{string.Join(", ", families.Order().Select(static family => family.Name))}]";
}

/// <summary>A route distinguisher, or all of one administrator: <c>65000:1</c>, <c>192.0.2.1:*</c>.</summary>
/// <param name="Value">The distinguisher; bits that do not count are zero.</param>
/// <param name="Mask">The bits that count.</param>
public readonly record struct DistinguisherPattern(RouteDistinguisher Value, ulong Mask)
{
    /// <summary>Parses a pattern.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DistinguisherPattern pattern)
    {
        var any = text.EndsWith(":*");
        var parsed = RouteDistinguisher.TryParse(any ? $"{text[..^1]}0" : text, out RouteDistinguisher value);
        pattern = new(value, any ? (value.Type == 0 ? 0xFFFF_FFFF_0000_0000 : 0xFFFF_FFFF_FFFF_0000) : ulong.MaxValue);
        return parsed;
    }

    /// <summary>Whether a distinguisher is meant.</summary>
    public bool Matches(RouteDistinguisher distinguisher) => (distinguisher.Value & Mask) == Value.Value;

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => Mask == ulong.MaxValue ? $"{Value}" : string.Create(CultureInfo.InvariantCulture, $"{$"{Value}"[..^1]}*");
}

/// <summary>The route distinguisher is one of some; routes of families without one never match.</summary>
public sealed class DistinguisherMatch(IReadOnlyList<DistinguisherPattern> patterns) : RouteMatch
{
    private readonly DistinguisherPattern[] _patterns = [.. patterns];

    /// <inheritdoc/>
    public override bool LooksAtNlri => true;

    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route)
    {
        if (!route.Family.HasRouteDistinguisher)
        {
            return false;
        }

        foreach (DistinguisherPattern pattern in _patterns)
        {
            if (pattern.Matches(route.Nlri.Distinguisher))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => $"distinguishers [{string.Join(", ", _patterns)}]";
}

/// <summary>The path comes from sources of some kinds.</summary>
public sealed class SourceKindMatch(IReadOnlyCollection<SourceKind> kinds) : RouteMatch
{
    private readonly int _mask = kinds.Aggregate(0, static (mask, kind) => mask | 1 << (int)kind);

    /// <inheritdoc/>
    public override bool LooksAtNlri => true;

    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => (_mask >> (int)route.Context.SourceKind & 1) != 0;

    /// <inheritdoc/>
    public override string ToString() => $"sources [{string.Join(", ", kinds.Order())}]";
}

/// <summary>The path was received from a peer whose address is in a set; our own paths never match.</summary>
public sealed class SourceAddressMatch(PrefixSet set) : RouteMatch
{
    /// <inheritdoc/>
    public override bool LooksAtNlri => true;

    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) =>
        !route.Context.SourceAddress.IsUnspecified && set.Covers(route.Context.SourceAddress);

    /// <inheritdoc/>
    public override string ToString() => $"from-peers {set}";
}

/// <summary>The peer whose policy this is has an address in a set.</summary>
public sealed class PeerMatch(PrefixSet set) : RouteMatch
{
    /// <inheritdoc/>
    public override bool LooksAtPeer => true;

    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => set.Covers(route.Context.PeerAddress);

    /// <inheritdoc/>
    public override string ToString() => $"peers {set}";
}

/// <summary>The peer whose policy this is belongs to one of some systems.</summary>
public sealed class PeerAsMatch(AsSet set) : RouteMatch
{
    /// <inheritdoc/>
    public override bool LooksAtPeer => true;

    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => set.Contains(route.Context.PeerAs);

    /// <inheritdoc/>
    public override string ToString() => $"peer-as {set}";
}

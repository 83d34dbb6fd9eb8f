using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>The communities satisfy a set.</summary>
public sealed class CommunityMatch(CommunitySet set, SetMode mode) : RouteMatch
{
    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => set.Matches(route.Attributes, mode);

    /// <inheritdoc/>
    public override string ToString() => $"communities {mode} {set}";
}

/// <summary>
/// One of the route targets is in a set: of those that the route bears, or the one that a membership asks for (RFC 4684 §4). A membership of a range of
/// targets, or of all, is none of one target. What a membership asks for is in its NLRI, but of memberships policy is asked one by one anyway.
/// </summary>
public sealed class RouteTargetMatch(CommunitySet set) : RouteMatch
{
    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => route.Family != RouteFamily.RouteTargetConstraint
        ? set.Matches(route.Attributes, SetMode.Any)
        : route.Nlri.MemberTarget is { } target && set.Contains(new(CommunityKind.Extended, 0, target.Value));

    /// <inheritdoc/>
    public override string ToString() => $"route-targets {set}";
}

/// <summary>The next hop lies in a set of prefixes; of a pair of IPv6 addresses, the global one.</summary>
public sealed class NextHopMatch(PrefixSet set) : RouteMatch
{
    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route)
    {
        _ = route.Attributes.TryGet(AttributeCode.NextHop, out ReadOnlySpan<byte> octets);
        return octets.Length switch
        {
            4 => set.Covers(new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(octets))),
            >= 16 => set.Covers(new Ipv6Address(
                BinaryPrimitives.ReadUInt64BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[8..]))),
            _ => false,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"next-hop {set}";
}

/// <summary>ORIGIN is one of some values.</summary>
public sealed class OriginMatch(IReadOnlyCollection<RouteOrigin> origins) : RouteMatch
{
    private readonly int _mask = origins.Aggregate(0, static (mask, origin) => mask | 1 << (int)origin);

    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) =>
        route.Attributes.TryGet(AttributeCode.Origin, out ReadOnlySpan<byte> value) && value[0] < 8 && (_mask >> value[0] & 1) != 0;

    /// <inheritdoc/>
    public override string ToString() => $"origin [{string.Join(", ", origins.Order())}]";
}

/// <summary>The values of ORIGIN (RFC 4271 §5.1.1).</summary>
public enum RouteOrigin : byte
{
    /// <summary>Interior to the originating AS.</summary>
    Igp,

    /// <summary>Learnt by EGP (RFC 904).</summary>
    Egp,

    /// <summary>Learnt by other means.</summary>
    Incomplete,
}

/// <summary>LOCAL_PREF, 100 where it is missing, lies in a range.</summary>
public sealed class LocalPrefMatch(NumberRange range) : RouteMatch
{
    private const uint DefaultLocalPref = 100;

    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => range.Contains(
        route.Attributes.TryGet(AttributeCode.LocalPref, out ReadOnlySpan<byte> value) ? BinaryPrimitives.ReadUInt32BigEndian(value) : DefaultLocalPref);

    /// <inheritdoc/>
    public override string ToString() => $"local-pref {range}";
}

/// <summary>MULTI_EXIT_DISC lies in a range; a route without one never matches.</summary>
public sealed class MedMatch(NumberRange range) : RouteMatch
{
    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) =>
        route.Attributes.TryGet(AttributeCode.MultiExitDisc, out ReadOnlySpan<byte> value)
        && range.Contains(BinaryPrimitives.ReadUInt32BigEndian(value));

    /// <inheritdoc/>
    public override string ToString() => $"med {range}";
}

/// <summary>The version (SIG-08), which an extended community carries, lies in a range; 0 where there is none.</summary>
public sealed class VersionMatch(NumberRange range, VersionCommunity versions) : RouteMatch
{
    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => range.Contains(VersionOf(route.Attributes));

    /// <inheritdoc/>
    public override string ToString() => $"version {range}";

    private uint VersionOf(AttributeBlock attributes)
    {
        _ = attributes.TryGet(AttributeCode.ExtendedCommunities, out ReadOnlySpan<byte> octets);
        for (; octets.Length >= ExtendedCommunity.Size; octets = octets[ExtendedCommunity.Size..])
        {
            var community = new ExtendedCommunity(BinaryPrimitives.ReadUInt64BigEndian(octets));
            if (versions.TryRead(community, out var version))
            {
                return version;
            }
        }

        return 0;
    }
}

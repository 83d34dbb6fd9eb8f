using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Routing.Attributes;

/// <summary>Reads what <see cref="AttributeSummary"/> holds out of a block; values are trusted as <see cref="AttributeBlock"/> says.</summary>
internal static class AttributeReader
{
    /// <summary>Octets of a MULTI_EXIT_DISC or another value of one number.</summary>
    private const int NumberSize = 4;

    /// <summary>The summary without ids, and the next hop when there is one.</summary>
    public static AttributeSummary Read(AttributeBlock block, VersionCommunity versions, out IpAddress? nextHop)
    {
        var summary = new AttributeSummary
        {
            LocalPreference = AttributeSummary.DefaultLocalPreference,
            Origin = 2,
            OctetCount = checked((ushort)block.Octets.Length),
        };
        nextHop = null;
        foreach (AttributeView attribute in block)
        {
            ReadOnlySpan<byte> value = attribute.Value;
            switch (attribute.Code)
            {
                case AttributeCode.Origin:
                    summary = summary with { Origin = value[0] };
                    break;
                case AttributeCode.AsPath:
                    var path = new AsPathView(value);
                    summary = summary with { AsPathLength = (ushort)Math.Min(path.Length, ushort.MaxValue), NeighborAs = path.Neighbor?.Value ?? 0 };
                    break;
                case AttributeCode.NextHop:
                    nextHop = value.Length == Ipv4Address.Size
                        ? new Ipv4Address(Number(value))
                        : new Ipv6Address(BinaryPrimitives.ReadUInt64BigEndian(value), BinaryPrimitives.ReadUInt64BigEndian(value[8..]));
                    summary = value.Length == 32 ? With(summary, AttributeTraits.HasLinkLocalNextHop) : summary;
                    break;
                case AttributeCode.MultiExitDisc:
                    summary = With(summary, AttributeTraits.HasMed) with { Med = Number(value) };
                    break;
                case AttributeCode.LocalPref:
                    summary = With(summary, AttributeTraits.HasLocalPreference) with { LocalPreference = Number(value) };
                    break;
                case AttributeCode.Communities:
                    summary = With(summary, ReadCommunities(value));
                    break;
                case AttributeCode.OriginatorId:
                    summary = With(summary, AttributeTraits.HasOriginatorId);
                    break;
                case AttributeCode.ClusterList:
                    summary = summary with { ClusterListLength = (byte)Math.Min(value.Length / NumberSize, byte.MaxValue) };
                    break;
                case AttributeCode.ExtendedCommunities:
                    summary = ReadVersion(summary, versions, value);
                    break;
                case AttributeCode.Aigp:
                    summary = TryReadAigp(value, out _) ? With(summary, AttributeTraits.HasAigp) : summary;
                    break;
                default:
                    break;
            }
        }

        return summary;
    }

    /// <summary>The metric of an AIGP attribute's first AIGP TLV (RFC 7311 §3).</summary>
    public static bool TryReadAigp(ReadOnlySpan<byte> value, out ulong metric)
    {
        while (value.Length >= 3)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(value[1..]);
            if (value[0] == 1 && length == 11 && value.Length >= length)
            {
                metric = BinaryPrimitives.ReadUInt64BigEndian(value[3..]);
                return true;
            }

            if (length < 3 || length > value.Length)
            {
                break;
            }

            value = value[length..];
        }

        metric = 0;
        return false;
    }

    private static AttributeSummary With(AttributeSummary summary, AttributeTraits traits) =>
        summary with { Traits = summary.Traits | traits };

    private static uint Number(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadUInt32BigEndian(value);

    private static AttributeTraits ReadCommunities(ReadOnlySpan<byte> value)
    {
        var traits = AttributeTraits.None;
        for (; value.Length >= NumberSize; value = value[NumberSize..])
        {
            traits |= Number(value) switch
            {
                WellKnownCommunity.GracefulShutdown => AttributeTraits.GracefulShutdown,
                WellKnownCommunity.LlgrStale => AttributeTraits.LlgrStale,
                WellKnownCommunity.NoLlgr => AttributeTraits.NoLlgr,
                WellKnownCommunity.NoExport => AttributeTraits.NoExport,
                WellKnownCommunity.NoAdvertise => AttributeTraits.NoAdvertise,
                WellKnownCommunity.NoExportSubconfed => AttributeTraits.NoExportSubconfederation,
                _ => AttributeTraits.None,
            };
        }

        return traits;
    }

    private static AttributeSummary ReadVersion(AttributeSummary summary, VersionCommunity versions, ReadOnlySpan<byte> value)
    {
        for (; value.Length >= ExtendedCommunity.Size; value = value[ExtendedCommunity.Size..])
        {
            var community = new ExtendedCommunity(BinaryPrimitives.ReadUInt64BigEndian(value));
            if (versions.TryRead(community, out var version))
            {
                // Of several, the highest: a route is as new as anything it claims.
                summary = With(summary, AttributeTraits.HasVersion) with { Version = Math.Max(summary.Version, version) };
            }
        }

        return summary;
    }
}

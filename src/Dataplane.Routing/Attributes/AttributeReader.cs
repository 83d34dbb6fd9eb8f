using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Routing.Attributes;

/// <summary>Reads what <see cref="AttributeSummary"/> holds out of a block; values are trusted as <see cref="AttributeBlock"/> says.</summary>
internal static class AttributeReader
{
    /// <summary>Octets of a MULTI_EXIT_DISC or another value of one number.</summary>
    private const int NumberSize = 4;

    /// <summary>The summary without ids, and the next hop when there is one.</summary>
    public static AttributeSummary Read(AttributeBlock block, out IpAddress? nextHop)
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
                    (ushort length, uint neighbor) = ReadPath(value);
                    summary = summary with { AsPathLength = length, NeighborAs = neighbor };
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
                    summary = ReadVersion(summary, value);
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

    private static (ushort Length, uint Neighbor) ReadPath(ReadOnlySpan<byte> value)
    {
        const byte set = 1, sequence = 2;
        var length = 0;
        uint neighbor = 0;
        var first = true;
        while (value.Length >= 2)
        {
            int count = value[1];
            if (value[0] is set or sequence)
            {
                length += value[0] == set ? 1 : count;
                neighbor = first && value[0] == sequence && count > 0 ? Number(value[2..]) : neighbor;
                first = false;
            }

            value = value[(2 + (count * NumberSize))..];
        }

        return ((ushort)Math.Min(length, ushort.MaxValue), neighbor);
    }

    private static AttributeTraits ReadCommunities(ReadOnlySpan<byte> value)
    {
        var traits = AttributeTraits.None;
        for (; value.Length >= NumberSize; value = value[NumberSize..])
        {
            traits |= Number(value) switch
            {
                0xFFFF0000 => AttributeTraits.GracefulShutdown,
                0xFFFF0006 => AttributeTraits.LlgrStale,
                0xFFFF0007 => AttributeTraits.NoLlgr,
                0xFFFFFF01 => AttributeTraits.NoExport,
                0xFFFFFF02 => AttributeTraits.NoAdvertise,
                0xFFFFFF03 => AttributeTraits.NoExportSubconfederation,
                _ => AttributeTraits.None,
            };
        }

        return traits;
    }

    private static AttributeSummary ReadVersion(AttributeSummary summary, ReadOnlySpan<byte> value)
    {
        for (; value.Length >= ExtendedCommunity.Size; value = value[ExtendedCommunity.Size..])
        {
            var community = new ExtendedCommunity(BinaryPrimitives.ReadUInt64BigEndian(value));
            if (community.IsMobility)
            {
                // Of several, the highest: a route is as new as anything it claims.
                summary = With(summary, AttributeTraits.HasVersion) with { Version = Math.Max(summary.Version, community.MobilitySequence) };
            }
        }

        return summary;
    }
}

using System.Buffers.Binary;

namespace Dataplane.Routing.Attributes;

/// <summary>Communities with a meaning of their own (IANA, BGP Well-known Communities).</summary>
public static class WellKnownCommunity
{
    /// <summary>GRACEFUL_SHUTDOWN (RFC 8326).</summary>
    public const uint GracefulShutdown = 0xFFFF0000;

    /// <summary>The route is long-lived stale (RFC 9494 §4.6).</summary>
    public const uint LlgrStale = 0xFFFF0006;

    /// <summary>The route must not become long-lived stale (RFC 9494 §4.7).</summary>
    public const uint NoLlgr = 0xFFFF0007;

    /// <summary>NO_EXPORT (RFC 1997).</summary>
    public const uint NoExport = 0xFFFFFF01;

    /// <summary>NO_ADVERTISE (RFC 1997).</summary>
    public const uint NoAdvertise = 0xFFFFFF02;

    /// <summary>NO_EXPORT_SUBCONFED (RFC 1997): as NO_EXPORT for a speaker that is in no confederation.</summary>
    public const uint NoExportSubconfed = 0xFFFFFF03;

    /// <summary>Whether a set of attributes has a community.</summary>
    public static bool Has(AttributeBlock block, uint community)
    {
        if (!block.TryGet(AttributeCode.Communities, out ReadOnlySpan<byte> octets))
        {
            return false;
        }

        for (; octets.Length >= 4; octets = octets[4..])
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(octets) == community)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds a community when it is not there.</summary>
    public static void Add(AttributeBlockBuilder builder, uint community)
    {
        if (Has(builder.Block, community))
        {
            return;
        }

        _ = builder.Block.TryGet(AttributeCode.Communities, out ReadOnlySpan<byte> old);
        Span<byte> octets = old.Length <= 1020 ? stackalloc byte[old.Length + 4] : new byte[old.Length + 4];
        old.CopyTo(octets);
        BinaryPrimitives.WriteUInt32BigEndian(octets[old.Length..], community);
        builder.Set(AttributeCode.Communities, AttributeFlags.Optional | AttributeFlags.Transitive, octets);
    }
}

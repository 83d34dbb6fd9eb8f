using System.Buffers.Binary;
using System.Globalization;
using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>One community of any kind.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="High">Large: the global administrator. Zero otherwise.</param>
/// <param name="Low">Large: the two local parts. Extended: the eight octets. Standard: the four octets. The first octet most significant.</param>
public readonly record struct CommunityValue(CommunityKind Kind, uint High, ulong Low)
{
    private static readonly (string Word, uint Value)[] WellKnown =
    [
        ("graceful-shutdown", WellKnownCommunity.GracefulShutdown), ("accept-own", 0xFFFF_0001),
        ("llgr-stale", WellKnownCommunity.LlgrStale), ("no-llgr", WellKnownCommunity.NoLlgr), ("blackhole", 0xFFFF_029A),
        ("no-export", WellKnownCommunity.NoExport), ("no-advertise", WellKnownCommunity.NoAdvertise),
        ("no-export-subconfed", WellKnownCommunity.NoExportSubconfed), ("no-peer", 0xFFFF_FF04),
    ];

    /// <summary>The words for well-known communities (IANA).</summary>
    public static IEnumerable<string> Words => WellKnown.Select(static row => row.Word);

    /// <summary>A standard community.</summary>
    public static CommunityValue Standard(uint value) => new(CommunityKind.Standard, 0, value);

    /// <summary>An extended community.</summary>
    public static CommunityValue Extended(ExtendedCommunity value) => new(CommunityKind.Extended, 0, value.Value);

    /// <summary>A large community.</summary>
    public static CommunityValue Large(uint administrator, uint first, uint second) =>
        new(CommunityKind.Large, administrator, (ulong)first << 32 | second);

    /// <summary>
    /// Parses <c>65000:1</c> and words such as <c>no-export</c> (standard), <c>rt:65000:1</c>, <c>soo:192.0.2.1:1</c>, <c>mobility:7</c>, <c>encap:2</c>
    /// and <c>0x</c> with sixteen digits (extended), <c>65000:1:2</c> (large).
    /// </summary>
    /// <returns>False when the text is none of these.</returns>
    public static bool TryParse(string text, out CommunityValue value)
    {
        value = default;
        if (CommunityPattern.Parse(text, out CommunityPattern? pattern) is not null || pattern!.Exact is not { } exact)
        {
            return false;
        }

        value = exact;
        return true;
    }

    /// <summary>The number of a word for a well-known community.</summary>
    internal static bool TryParseWord(string text, out uint value)
    {
        var index = Array.FindIndex(WellKnown, row => row.Word == text);
        value = index < 0 ? 0 : WellKnown[index].Value;
        return index >= 0;
    }

    /// <summary>Reads one from an attribute's value.</summary>
    public static CommunityValue Read(CommunityKind kind, ReadOnlySpan<byte> octets) => kind switch
    {
        CommunityKind.Standard => new(kind, 0, BinaryPrimitives.ReadUInt32BigEndian(octets)),
        CommunityKind.Extended => new(kind, 0, BinaryPrimitives.ReadUInt64BigEndian(octets)),
        _ => new(kind, BinaryPrimitives.ReadUInt32BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[4..])),
    };

    /// <summary>Writes it as an attribute has it.</summary>
    public void Write(Span<byte> octets)
    {
        switch (Kind)
        {
            case CommunityKind.Standard:
                BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)Low);
                break;
            case CommunityKind.Extended:
                BinaryPrimitives.WriteUInt64BigEndian(octets, Low);
                break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(octets, High);
                BinaryPrimitives.WriteUInt64BigEndian(octets[4..], Low);
                break;
        }
    }

    /// <summary>The text that <see cref="TryParse"/> reads; extended communities without a text of their own as sixteen digits.</summary>
    public override string ToString()
    {
        switch (Kind)
        {
            case CommunityKind.Extended:
                return new ExtendedCommunity(Low).ToString();
            case CommunityKind.Large:
                return string.Create(CultureInfo.InvariantCulture, $"{High}:{Low >> 32}:{(uint)Low}");
            default:
                var low = (uint)Low;
                var index = Array.FindIndex(WellKnown, row => row.Value == low);
                return index >= 0 ? WellKnown[index].Word : string.Create(CultureInfo.InvariantCulture, $"{Low >> 16}:{Low & 0xFFFF}");
        }
    }
}

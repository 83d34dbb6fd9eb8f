using System.Globalization;

namespace Dataplane.Net;

/// <summary>
/// The kind of extended community that carries version numbers (SIG-08): type, sub-type, a flag octet, an octet of zero, and 32 bits. draft-05 leaves the
/// type open; that of MAC Mobility (RFC 7432 §7.7) is the recommended one (AMB-03).
/// </summary>
/// <param name="Number">The type octet, then the sub-type octet.</param>
public readonly record struct VersionCommunity(ushort Number)
{
    /// <summary>MAC Mobility: type 6 (EVPN), sub-type 0.</summary>
    public static VersionCommunity MacMobility { get; } = new(0x0600);

    /// <summary>From its text, four hexadecimal digits behind <c>0x</c>.</summary>
    /// <returns>False when the text is none, or names a community that means something else to VPN routes: route targets and origins, encapsulations,
    /// and actions of flow specifications.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out VersionCommunity value)
    {
        value = default;
        if (text.Length != 6 || !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            || !ushort.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        value = new(number);
        (var type, var subType) = (number >> 8 & ~0x40, number & 0xFF); // with and without transitivity
        return !((type <= 2 && subType is 2 or 3) || (type == 3 && subType == 0x0C) || type is >= 0x80 and <= 0x82);
    }

    /// <summary>The community of a version, with all flags clear.</summary>
    public ExtendedCommunity Of(uint version) => new((ulong)Number << 48 | version);

    /// <summary>The version in a community, whatever its flags: some send bit 0, sticky.</summary>
    /// <returns>False for a community of another kind.</returns>
    public bool TryRead(ExtendedCommunity community, out uint version)
    {
        version = (uint)community.Value;
        return community.Value >> 48 == Number;
    }

    /// <inheritdoc/>
    public override string ToString() => $"0x{Number:x4}";
}

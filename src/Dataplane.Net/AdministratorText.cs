using System.Globalization;

namespace Dataplane.Net;

/// <summary>
/// Text of the "administrator:assigned number" pairs in route distinguishers (RFC 4364 §4.2) and route targets (RFC 4360 §4):
/// type 0 is a two-octet AS, 1 an IPv4 address, 2 a four-octet AS; the six octets of value as a number.
/// </summary>
internal static class AdministratorText
{
    public static bool TryParse(ReadOnlySpan<char> text, out ushort type, out ulong six)
    {
        (type, six) = (0, 0);
        var colon = text.LastIndexOf(':');
        if (colon <= 0)
        {
            return false;
        }

        ReadOnlySpan<char> administrator = text[..colon], assigned = text[(colon + 1)..];
        if (assigned.StartsWith("0x"))
        {
            return ushort.TryParse(administrator, NumberStyles.None, CultureInfo.InvariantCulture, out type)
                && ulong.TryParse(assigned[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out six)
                && six >> 48 == 0;
        }

        if (!uint.TryParse(assigned, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        if (Ipv4Address.TryParse(administrator, out var address))
        {
            (type, six) = (1, (ulong)address.Value << 16 | number);
            return number <= ushort.MaxValue;
        }

        var isLong = administrator.EndsWith("L") || administrator.Contains('.');
        if (!AsNumber.TryParse(administrator.TrimEnd('L'), out var asNumber))
        {
            return false;
        }

        if (isLong || !asNumber.IsTwoOctet)
        {
            (type, six) = (2, (ulong)asNumber.Value << 16 | number);
            return number <= ushort.MaxValue;
        }

        six = (ulong)asNumber.Value << 32 | number;
        return true;
    }

    public static string Format(ushort type, ulong six) => type switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{six >> 32}:{six & uint.MaxValue}"),
        1 => string.Create(CultureInfo.InvariantCulture, $"{new Ipv4Address((uint)(six >> 16))}:{six & ushort.MaxValue}"),
        2 when six >> 32 == 0 => string.Create(CultureInfo.InvariantCulture, $"{six >> 16}L:{six & ushort.MaxValue}"),
        2 => string.Create(CultureInfo.InvariantCulture, $"{six >> 16}:{six & ushort.MaxValue}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{type}:0x{six:x12}"),
    };
}

namespace Dataplane.Net;

/// <summary>Reads the part of a prefix behind the slash.</summary>
internal static class PrefixLength
{
    /// <summary>Cuts a text at its slash.</summary>
    /// <param name="text">An address with or without a length.</param>
    /// <param name="address">The part before the slash.</param>
    /// <param name="length">The length; -1 when there is no slash.</param>
    /// <returns>False when what is behind the slash is no decimal number.</returns>
    public static bool TrySplit(ReadOnlySpan<char> text, out ReadOnlySpan<char> address, out int length)
    {
        length = -1;
        var slash = text.IndexOf('/');
        if (slash < 0)
        {
            address = text;
            return true;
        }

        address = text[..slash];
        var digits = text[(slash + 1)..];
        if (digits.Length is < 1 or > 6 || (digits.Length > 1 && digits[0] == '0'))
        {
            return false;
        }

        length = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            length = (length * 10) + (c - '0');
        }

        return true;
    }
}

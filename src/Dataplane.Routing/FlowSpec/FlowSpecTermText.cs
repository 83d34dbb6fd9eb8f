using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

/// <summary>
/// The text of what follows a component's keyword. Numbers: <c>=53</c>, <c>!=53</c>, <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>,
/// <c>true</c>, <c>false</c>. Bitmasks: <c>syn+ack</c> any of the bits, <c>=syn+ack</c> all of them, <c>!…</c> and <c>!=…</c> not;
/// bits without a name as a hexadecimal number.
/// </summary>
internal static class FlowSpecTermText
{
    private static readonly string[] Comparisons = ["false", "=", ">", ">=", "<", "<=", "!=", "true"];
    private static readonly string[] MaskOperators = ["", "=", "!", "!="];
    private static readonly string[] TcpFlags = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"];
    private static readonly string[] FragmentBits = ["df", "isf", "ff", "lf"];

    public static void Append(FlowSpecComponent component, StringBuilder text)
    {
        if (component is FlowSpecPrefix prefix)
        {
            _ = text.Append(prefix.Address).Append('/').Append(prefix.Length);
            _ = prefix.Offset == 0 ? text : text.Append('/').Append(prefix.Offset);
            return;
        }

        var match = (FlowSpecMatch)component;
        for (var i = 0; i < match.Terms.Count; i++)
        {
            FlowSpecTerm term = match.Terms[i];
            _ = text.Append(i == 0 ? "" : term.And ? "&" : " ");
            if (FlowSpecReader.IsBitmask(match.Type))
            {
                _ = text.Append(MaskOperators[term.Operator]);
                AppendBits(match.Type, term.Value, text);
                continue;
            }

            _ = text.Append(Comparisons[term.Operator]);
            if (term.Operator is not (0 or 7))
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"{term.Value}");
            }
        }
    }

    public static bool TryParse(
        FlowSpecComponentType type,
        string text,
        AddressFamily family,
        [NotNullWhen(true)] out FlowSpecComponent? component,
        [NotNullWhen(false)] out string? error)
    {
        component = FlowSpecReader.IsPrefix(type) ? Prefix(type, text, family) : Match(type, text);
        error = component is not null ? null
            : FlowSpecReader.IsPrefix(type) ? $"'{text}' is no {(family == AddressFamily.Ipv6 ? "IPv6" : "IPv4")} prefix"
            : $"'{text}' is no list of comparisons for {type}";
        return component is not null;
    }

    private static FlowSpecPrefix? Prefix(FlowSpecComponentType type, string text, AddressFamily family)
    {
        var parts = text.Split('/');
        if (parts.Length < 2 || !IpAddress.TryParse(parts[0], out IpAddress address) || address.Family != family
            || !Octet(parts[1], out var length) || length > address.Bits)
        {
            return null;
        }

        byte offset = 0;
        if (parts.Length > 3 || (parts.Length == 3 && (family == AddressFamily.Ipv4 || !Octet(parts[2], out offset) || offset >= length)))
        {
            return null;
        }

        return FlowSpecPrefixOctets.Clear(address, length, offset) == address ? new(type, address, length, offset) : null;
    }

    private static FlowSpecMatch? Match(FlowSpecComponentType type, string text)
    {
        var terms = new List<FlowSpecTerm>();
        foreach (var alternative in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var and = false;
            foreach (var part in alternative.Split('&'))
            {
                if (Term(type, part, and) is not { } term)
                {
                    return null;
                }

                terms.Add(term);
                and = true;
            }
        }

        return terms.Count == 0 ? null : new(type, terms);
    }

    private static FlowSpecTerm? Term(FlowSpecComponentType type, string text, bool and)
    {
        var isMask = FlowSpecReader.IsBitmask(type);
        if (!isMask && text is "true" or "false")
        {
            return new(and, (byte)(text == "true" ? 7 : 0), 0);
        }

        var start = 0;
        while (start < text.Length && "=<>!".Contains(text[start]))
        {
            start++;
        }

        var op = Array.IndexOf(isMask ? MaskOperators : Comparisons, text[..start]);
        if (op < 0)
        {
            return null;
        }

        var isValue = isMask
            ? Bits(type, text[start..], out var value)
            : ulong.TryParse(text.AsSpan(start), NumberStyles.None, CultureInfo.InvariantCulture, out value);
        var octets = FlowSpecReader.MaximumValue(type);
        return isValue && (octets == 8 || value >> (8 * octets) == 0) ? new(and, (byte)op, value) : null;
    }

    private static void AppendBits(FlowSpecComponentType type, ulong value, StringBuilder text)
    {
        var names = type == FlowSpecComponentType.TcpFlags ? TcpFlags : FragmentBits;
        var start = text.Length;
        for (var bit = 0; bit < names.Length; bit++)
        {
            if ((value >> bit & 1) != 0)
            {
                _ = text.Append(text.Length > start ? "+" : "").Append(names[bit]);
            }
        }

        var rest = value >> names.Length << names.Length;
        if (rest != 0 || text.Length == start)
        {
            _ = text.Append(text.Length > start ? "+" : "").Append(CultureInfo.InvariantCulture, $"0x{rest:x}");
        }
    }

    private static bool Bits(FlowSpecComponentType type, string text, out ulong value)
    {
        value = 0;
        var names = type == FlowSpecComponentType.TcpFlags ? TcpFlags : FragmentBits;
        foreach (var part in text.Split('+'))
        {
            var bit = Array.IndexOf(names, part);
            if (bit >= 0)
            {
                value |= 1UL << bit;
            }
            else if (part.StartsWith("0x", StringComparison.Ordinal)
                && ulong.TryParse(part.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
            {
                value |= number;
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    private static bool Octet(string text, out byte value) => byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}

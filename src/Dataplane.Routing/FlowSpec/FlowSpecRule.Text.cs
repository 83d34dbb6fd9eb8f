using System.Diagnostics.CodeAnalysis;
using System.Text;
using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

// Text: `dst 10.40.0.0/24; proto =17; dport =53 >=1024&<=2047; tcp-flags syn&!=ack; fragment !isf; dst 2001:db8::/64; dst ::1234:0/112/96`.
// Components are separated by semicolons, alternatives by spaces, terms joined by AND with `&`.
public sealed partial class FlowSpecRule
{
    private static readonly string[] Keywords =
    [
        "", "dst", "src", "proto", "port", "dport", "sport", "icmp-type", "icmp-code", "tcp-flags", "length", "dscp", "fragment", "flow-label",
    ];

    /// <summary>Reads the text form; also <c>0x…</c>, the octets of a value in hexadecimal digits.</summary>
    /// <param name="text">Components in any order.</param>
    /// <param name="family">The family of its prefixes.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="error">A sentence part: what is wrong with the text.</param>
    public static bool TryParse(
        string text, AddressFamily family, [NotNullWhen(true)] out FlowSpecRule? rule, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        rule = null;
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            var octets = new byte[text.Length / 2];
            var isHex = Convert.FromHexString(text.AsSpan(2), octets, out _, out var written) == System.Buffers.OperationStatus.Done;
            FlowSpecFault fault = FlowSpecFault.Empty;
            error = isHex && TryDecode(octets.AsSpan(0, written), family, out rule, out fault) ? null
                : isHex ? $"the octets are no flow specification: {fault}" : "it is not an even number of hexadecimal digits";
            return rule is not null && error is null;
        }

        var components = new SortedList<FlowSpecComponentType, FlowSpecComponent>();
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var space = part.IndexOf(' ');
            var keyword = space < 0 ? part : part[..space];
            var index = Array.IndexOf(Keywords, keyword);
            var type = (FlowSpecComponentType)index;
            if (index <= 0 || (type == FlowSpecComponentType.FlowLabel && family == AddressFamily.Ipv4))
            {
                error = $"'{keyword}' is no component; expected one of {string.Join(", ", Keywords[1..])}";
                return false;
            }

            if (!FlowSpecTermText.TryParse(type, space < 0 ? "" : part[space..].Trim(), family, out FlowSpecComponent? component, out error))
            {
                return false;
            }

            if (!components.TryAdd(type, component))
            {
                error = $"'{keyword}' stands twice";
                return false;
            }
        }

        if (components.Count == 0)
        {
            error = "it has no component";
            return false;
        }

        rule = new([.. components.Values], family);
        error = rule.Encode().Length <= FlowSpecReader.MaximumOctets ? null : "it is too long";
        return error is null;
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is no flow specification of that family.</exception>
    public static FlowSpecRule Parse(string text, AddressFamily family) => TryParse(text, family, out FlowSpecRule? rule, out var error)
        ? rule
        : throw new FormatException($"'{text}' is no flow specification: {error}.");

    /// <summary>The text of a value; its octets as <c>0x…</c> when they have a fault.</summary>
    public static string Text(ReadOnlySpan<byte> octets, AddressFamily family) =>
        TryDecode(octets, family, out FlowSpecRule? rule, out _) ? rule.ToString() : "0x" + Convert.ToHexStringLower(octets);

    /// <summary>The text form.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (FlowSpecComponent component in Components)
        {
            _ = text.Append(text.Length > 0 ? "; " : "").Append(Keywords[(int)component.Type]).Append(' ');
            FlowSpecTermText.Append(component, text);
        }

        return text.ToString();
    }
}

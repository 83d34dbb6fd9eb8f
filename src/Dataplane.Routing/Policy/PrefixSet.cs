using System.Collections.Frozen;
using System.Globalization;
using Dataplane.Net;

namespace Dataplane.Routing.Policy;

/// <summary>A prefix and the lengths of prefixes inside of it that are meant.</summary>
/// <param name="Prefix">What the routes lie in.</param>
/// <param name="MinLength">Shortest length of a route; at least the prefix's own.</param>
/// <param name="MaxLength">Longest length of a route; at most the family's bits.</param>
public readonly record struct PrefixRange(IpPrefix Prefix, byte MinLength, byte MaxLength)
{
    /// <summary>The prefix itself and nothing else.</summary>
    public static PrefixRange Exactly(IpPrefix prefix) => new(prefix, prefix.Length, prefix.Length);

    /// <summary>
    /// Parses <c>10.0.0.0/8</c> (itself), <c>10.0.0.0/8 le 24</c> (itself and what is in it, up to /24), <c>10.0.0.0/8 ge 16</c> (what is in it, from
    /// /16 on) and <c>10.0.0.0/8 ge 16 le 24</c>.
    /// </summary>
    /// <returns>Null, and the range; otherwise what is wrong with the text.</returns>
    public static string? Parse(ReadOnlySpan<char> text, out PrefixRange range)
    {
        range = default;
        var space = text.IndexOf(' ');
        ReadOnlySpan<char> rest = space < 0 ? default : text[space..].Trim();
        if (!IpPrefix.TryParse(space < 0 ? text : text[..space], out IpPrefix prefix, out PrefixError error))
        {
            return error switch
            {
                PrefixError.HostBitsSet => $"the prefix of '{text}' has host bits set",
                PrefixError.LengthOutOfRange => $"the length of '{text}' is out of range",
                _ => $"'{text}' is not a prefix; write for instance 10.0.0.0/8 or \"10.0.0.0/8 ge 16 le 24\"",
            };
        }

        int? min = null, max = null;
        while (!rest.IsEmpty)
        {
            var isMin = rest.StartsWith("ge ");
            if ((!isMin && !rest.StartsWith("le ")) || (isMin ? min : max) is not null)
            {
                return $"'{rest}' behind {prefix} is not understood; write for instance \"{prefix} ge {prefix.Length} le {prefix.Address.Bits}\"";
            }

            rest = rest[3..].TrimStart();
            var end = rest.IndexOf(' ');
            ReadOnlySpan<char> digits = end < 0 ? rest : rest[..end];
            if (!byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length < prefix.Length || length > prefix.Address.Bits)
            {
                return $"'{digits}' is not a length inside of {prefix}; it goes from {prefix.Length} to {prefix.Address.Bits}";
            }

            min = isMin ? length : min;
            max = isMin ? max : length;
            rest = end < 0 ? default : rest[end..].TrimStart();
        }

        if (min > max)
        {
            return $"no length is from {min} to {max}";
        }

        range = new(prefix, (byte)(min ?? prefix.Length), (byte)(max ?? (min is null ? prefix.Length : prefix.Address.Bits)));
        return null;
    }

    /// <summary>Whether a prefix is meant.</summary>
    public bool Contains(IpPrefix route) => route.Length >= MinLength && route.Length <= MaxLength && Prefix.Contains(route);

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        MinLength == Prefix.Length && MaxLength == Prefix.Length ? $"{Prefix}"
        : MinLength == Prefix.Length ? $"{Prefix} le {MaxLength}"
        : MaxLength == Prefix.Address.Bits ? $"{Prefix} ge {MinLength}"
        : $"{Prefix} ge {MinLength} le {MaxLength}";
}

/// <summary>
/// Many prefix ranges, of both families, found by hashing the route cut to each length that a range has: as many probes as there are different
/// lengths, however many ranges there are. Immutable; allocates nothing when asked.
/// </summary>
public sealed class PrefixSet
{
    private readonly FrozenDictionary<IpPrefix, PrefixRange[]> _ranges;
    private readonly byte[] _v4Lengths;
    private readonly byte[] _v6Lengths;

    /// <summary>Makes a set.</summary>
    public PrefixSet(IEnumerable<PrefixRange> ranges)
    {
        PrefixRange[] all = [.. ranges.Distinct()];
        Ranges = all;
        _ranges = all.GroupBy(static range => range.Prefix).ToFrozenDictionary(static group => group.Key, static group => group.ToArray());
        _v4Lengths = Lengths(all, AddressFamily.Ipv4);
        _v6Lengths = Lengths(all, AddressFamily.Ipv6);
    }

    /// <summary>The ranges as given, each once.</summary>
    public IReadOnlyList<PrefixRange> Ranges { get; }

    /// <summary>Whether a range holds the prefix.</summary>
    public bool Contains(IpPrefix route)
    {
        foreach (var length in route.Address.IsV6 ? _v6Lengths : _v4Lengths)
        {
            if (length > route.Length)
            {
                break;
            }

            if (_ranges.TryGetValue(IpPrefix.Of(route.Address, length), out PrefixRange[]? found))
            {
                foreach (PrefixRange range in found)
                {
                    if (route.Length >= range.MinLength && route.Length <= range.MaxLength)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    /// <summary>Whether a range holds the address, taken as a prefix of full length or of any length: <c>10.0.0.0/8</c> holds 10.1.2.3.</summary>
    public bool Covers(IpAddress address)
    {
        foreach (var length in address.IsV6 ? _v6Lengths : _v4Lengths)
        {
            if (_ranges.ContainsKey(IpPrefix.Of(address, length)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The ranges, for people and to tell whether two sets are the same.</summary>
    public override string ToString() => $"[{string.Join(", ", Ranges)}]";

    private static byte[] Lengths(PrefixRange[] ranges, AddressFamily family) =>
        [.. ranges.Where(range => range.Prefix.Family == family).Select(static range => range.Prefix.Length).Distinct().Order()];
}

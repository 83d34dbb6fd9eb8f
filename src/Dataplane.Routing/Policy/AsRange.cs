using Dataplane.Net;

namespace Dataplane.Routing.Policy;

/// <summary>AS numbers from one to another, both included.</summary>
/// <param name="First">The lowest.</param>
/// <param name="Last">The highest; not below <paramref name="First"/>.</param>
public readonly record struct AsRange(AsNumber First, AsNumber Last)
{
    /// <summary>Parses <c>65000</c> or <c>64512-64520</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out AsRange range)
    {
        var dash = text.IndexOf('-');
        ReadOnlySpan<char> high = dash < 0 ? text : text[(dash + 1)..];
        var parsed = AsNumber.TryParse(dash < 0 ? text : text[..dash], out AsNumber first);
        parsed &= AsNumber.TryParse(high, out AsNumber last);
        range = new(first, last);
        return parsed && first.Value <= last.Value;
    }

    /// <summary>Whether a number is one of them.</summary>
    public bool Contains(AsNumber number) => number.Value - First.Value <= Last.Value - First.Value;

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}

/// <summary>Ranges of AS numbers, sorted and joined so that one search finds a number. Immutable; allocates nothing when asked.</summary>
public sealed class AsSet
{
    private readonly uint[] _firsts;
    private readonly uint[] _lasts;

    /// <summary>Makes a set.</summary>
    public AsSet(IEnumerable<AsRange> ranges)
    {
        var joined = new List<AsRange>();
        foreach (AsRange range in ranges.OrderBy(static range => range.First))
        {
            if (joined.Count > 0 && range.First.Value <= (ulong)joined[^1].Last.Value + 1)
            {
                joined[^1] = new(joined[^1].First, new(Math.Max(joined[^1].Last.Value, range.Last.Value)));
            }
            else
            {
                joined.Add(range);
            }
        }

        _firsts = [.. joined.Select(static range => range.First.Value)];
        _lasts = [.. joined.Select(static range => range.Last.Value)];
        Ranges = joined;
    }

    /// <summary>The numbers: ascending, no two ranges touch.</summary>
    public IReadOnlyList<AsRange> Ranges { get; }

    /// <summary>Whether a number is one of them.</summary>
    public bool Contains(AsNumber number)
    {
        var index = Array.BinarySearch(_firsts, number.Value);
        index = index < 0 ? ~index - 1 : index;
        return index >= 0 && number.Value <= _lasts[index];
    }

    /// <summary>The ranges, for people and to tell whether two sets are the same.</summary>
    public override string ToString() => $"[{string.Join(", ", Ranges)}]";
}

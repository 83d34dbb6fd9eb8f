using System.Numerics;
using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>
/// A pattern over the numbers of an AS_PATH, in the manner of regular expressions but with whole numbers as letters:
/// <c>65000</c>, <c>64512-64520</c>, <c>.</c> (any), <c>[65000 65010-65019]</c>, <c>[^65000]</c>, groups with <c>|</c>, the repetitions
/// <c>* + ?</c>, and <c>^</c> and <c>$</c> at the ends of the pattern. Blanks and <c>_</c> separate. Without <c>^</c> and <c>$</c> it may match anywhere in
/// the path. A set in the path is one letter, which is each of its numbers; confederation segments are passed over.
/// </summary>
/// <remarks>
/// A position automaton (Glushkov): letters of the pattern are states, at most 64 of them in one word, so that a path takes time in proportion to
/// its length, whatever the pattern, and no memory. Immutable.
/// </remarks>
public sealed class AsPathPattern
{
    private readonly string _text;
    private readonly AsPathLetter[] _letters;
    private readonly ulong[] _follow;
    private readonly ulong _first;
    private readonly ulong _last;
    private readonly bool _nullable;
    private readonly bool _atStart;
    private readonly bool _atEnd;

    internal AsPathPattern(
        string text, AsPathLetter[] letters, ulong[] follow, ulong first, ulong last, bool nullable, bool atStart, bool atEnd)
    {
        _text = text;
        _letters = letters;
        _follow = follow;
        _first = first;
        _last = last;
        _nullable = nullable;
        _atStart = atStart;
        _atEnd = atEnd;
    }

    /// <summary>Parses a pattern.</summary>
    /// <returns>Null, and the pattern; otherwise what is wrong with the text.</returns>
    public static string? Parse(string text, out AsPathPattern? pattern)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new AsPathPatternParser(text).Parse(out pattern);
    }

    /// <summary>Whether a path matches.</summary>
    public bool Matches(AsPathView path)
    {
        if (_nullable && !(_atStart && _atEnd))
        {
            return true;
        }

        ulong states = 0;
        var length = 0;
        foreach (AsPathView.Segment segment in path)
        {
            if (segment.Type is not (AsPathView.Set or AsPathView.Sequence))
            {
                continue;
            }

            var steps = segment.Type == AsPathView.Set ? Math.Min(segment.Count, 1) : segment.Count;
            for (var i = 0; i < steps; i++)
            {
                var candidates = length == 0 || !_atStart ? _first : 0;
                length++;
                for (var left = states; left != 0; left &= left - 1)
                {
                    candidates |= _follow[BitOperations.TrailingZeroCount(left)];
                }

                states = 0;
                for (; candidates != 0; candidates &= candidates - 1)
                {
                    var state = BitOperations.TrailingZeroCount(candidates);
                    if (segment.Type == AsPathView.Set ? MatchesAny(_letters[state], segment) : _letters[state].Matches(segment[i]))
                    {
                        states |= 1UL << state;
                    }
                }

                if (!_atEnd && (states & _last) != 0)
                {
                    return true;
                }
            }
        }

        return (states & _last) != 0 || (_nullable && length == 0);
    }

    /// <summary>The text it was parsed from.</summary>
    public override string ToString() => _text;

    private static bool MatchesAny(AsPathLetter letter, AsPathView.Segment set)
    {
        for (var i = 0; i < set.Count; i++)
        {
            if (letter.Matches(set[i]))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A letter of a pattern: the numbers that may stand in its place.</summary>
/// <param name="Ranges">The numbers.</param>
/// <param name="IsNegated">Whether all others are meant.</param>
internal readonly record struct AsPathLetter(AsRange[] Ranges, bool IsNegated)
{
    public bool Matches(AsNumber number)
    {
        foreach (AsRange range in Ranges)
        {
            if (range.Contains(number))
            {
                return !IsNegated;
            }
        }

        return IsNegated;
    }
}

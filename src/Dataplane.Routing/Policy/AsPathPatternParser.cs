namespace Dataplane.Routing.Policy;

/// <summary>Parses an <see cref="AsPathPattern"/> by recursive descent and builds its automaton on the way.</summary>
internal sealed class AsPathPatternParser(string text)
{
    private const int MostLetters = 64;
    private const int DeepestGroup = 16;

    private readonly List<AsPathLetter> _letters = [];
    private readonly ulong[] _follow = new ulong[MostLetters];
    private int _at;
    private int _end = text.Length;
    private int _depth;
    private string? _error;

    public string? Parse(out AsPathPattern? pattern)
    {
        pattern = null;
        var end = text.Length;
        SkipBlanks();
        var atStart = Take('^');
        while (end > _at && text[end - 1] is ' ' or '_')
        {
            end--;
        }

        var atEnd = end > _at && text[end - 1] == '$';
        _end = atEnd ? end - 1 : end;
        Part whole = Alternatives();
        SkipBlanks();
        if (_error is null && _at < _end)
        {
            _error = text[_at] is '^' or '$'
                ? $"'{text[_at]}' at character {_at + 1} of '{text}' has to be at the {(text[_at] == '^' ? "start" : "end")}"
                : $"'{text[_at]}' at character {_at + 1} of '{text}' is not expected there";
        }

        if (_error is null)
        {
            pattern = new(text, [.. _letters], _follow[.._letters.Count], whole.First, whole.Last, whole.IsNullable, atStart, atEnd);
        }

        return _error;
    }

    private Part Alternatives()
    {
        Part all = Chain();
        while (Take('|'))
        {
            Part next = Chain();
            all = new(all.First | next.First, all.Last | next.Last, all.IsNullable || next.IsNullable);
        }

        return all;
    }

    private Part Chain()
    {
        var chain = new Part(0, 0, true);
        while (_error is null && Repeated() is { } next)
        {
            Connect(chain.Last, next.First);
            chain = new(
                chain.First | (chain.IsNullable ? next.First : 0),
                next.Last | (next.IsNullable ? chain.Last : 0),
                chain.IsNullable && next.IsNullable);
        }

        return chain;
    }

    private Part? Repeated()
    {
        if (Atom() is not { } atom)
        {
            return null;
        }

        while (_at < _end && text[_at] is '*' or '+' or '?')
        {
            if (text[_at] != '?')
            {
                Connect(atom.Last, atom.First);
            }

            atom = atom with { IsNullable = atom.IsNullable || text[_at] != '+' };
            _at++;
        }

        return atom;
    }

    private Part? Atom()
    {
        SkipBlanks();
        if (_at >= _end || _error is not null || text[_at] is '|' or ')')
        {
            return null;
        }

        if (Take('('))
        {
            if (++_depth > DeepestGroup)
            {
                return Fail($"'{text}' has groups more than {DeepestGroup} deep");
            }

            Part group = Alternatives();
            _depth--;
            return Take(')') ? group : Fail($"a group of '{text}' is not closed; add ')'");
        }

        if (Take('.'))
        {
            return Letter(new([], true));
        }

        if (Take('['))
        {
            return Class();
        }

        return char.IsAsciiDigit(text[_at]) ? Number() is { } range ? Letter(new([range], false)) : null : null;
    }

    private Part? Class()
    {
        var negated = Take('^');
        var ranges = new List<AsRange>();
        for (SkipBlanks(); _error is null && _at < _end && text[_at] != ']'; SkipBlanks())
        {
            if (!char.IsAsciiDigit(text[_at]))
            {
                return Fail($"'{text[_at]}' at character {_at + 1} of '{text}' is not an AS number");
            }

            if (Number() is { } range)
            {
                ranges.Add(range);
            }
        }

        return !Take(']') ? Fail($"a list of '{text}' is not closed; add ']'")
            : ranges.Count == 0 ? Fail($"a list of '{text}' is empty; list AS numbers such as [65000 65010-65019]")
            : Letter(new([.. ranges], negated));
    }

    private AsRange? Number()
    {
        var start = _at;
        while (_at < _end && (char.IsAsciiDigit(text[_at]) || text[_at] == '-'))
        {
            _at++;
        }

        if (!AsRange.TryParse(text.AsSpan(start, _at - start), out AsRange range))
        {
            _ = Fail($"'{text[start.._at]}' in '{text}' is not an AS number or a range of them");
            return null;
        }

        return range;
    }

    private Part? Letter(AsPathLetter letter)
    {
        if (_letters.Count == MostLetters)
        {
            return Fail($"'{text}' has more than {MostLetters} numbers; split it into several patterns");
        }

        var bit = 1UL << _letters.Count;
        _letters.Add(letter);
        return new Part(bit, bit, false);
    }

    private void Connect(ulong from, ulong to)
    {
        for (var i = 0; i < _letters.Count; i++)
        {
            if ((from >> i & 1) != 0)
            {
                _follow[i] |= to;
            }
        }
    }

    private Part? Fail(string reason)
    {
        _error ??= reason;
        return null;
    }

    private void SkipBlanks()
    {
        while (_at < _end && text[_at] is ' ' or '_')
        {
            _at++;
        }
    }

    private bool Take(char wanted)
    {
        SkipBlanks();
        if (_at >= _end || text[_at] != wanted)
        {
            return false;
        }

        _at++;
        return true;
    }

    /// <summary>What of a part of the pattern begins it, ends it, and whether it may be left out.</summary>
    private readonly record struct Part(ulong First, ulong Last, bool IsNullable);
}

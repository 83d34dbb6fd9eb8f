using System.Globalization;
using System.Text;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// Numbers lent to names, each name always the same one while there are enough. A number that was given back stays its name's until all
/// others are used up: then the one that is unused longest changes hands, so that what still arrives under an old number is not taken for
/// a new owner's. Routing thread.
/// </summary>
/// <param name="kind">The word before each line of the state file; no space.</param>
/// <param name="first">Lowest number to lend.</param>
/// <param name="last">Highest number to lend.</param>
internal sealed class NumberRegister(string kind, uint first, uint last)
{
    private readonly uint _first = first;
    private readonly Dictionary<string, Entry> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, Entry> _byNumber = [];
    private readonly LinkedList<Entry> _unused = new();
    private uint _next = first;

    /// <summary>Names that hold a number.</summary>
    public int InUse => _byName.Count - _unused.Count;

    /// <summary>Whether there is something to save.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Takes a number for a name, or one more reference to the name's.</summary>
    /// <returns>False when all numbers are held.</returns>
    public bool TryTake(string name, out uint number)
    {
        if (_byName.TryGetValue(name, out Entry? entry))
        {
            Hold(entry);
            number = entry.Number;
            return true;
        }

        while (_next <= last && _byNumber.ContainsKey(_next))
        {
            _next++;
        }

        if (_next > last && !TryForgetOldest(out number))
        {
            return false;
        }

        number = _next <= last ? _next++ : FreedNumber;
        Hold(Enter(name, number));
        return true;
    }

    /// <summary>Takes just that number for a name.</summary>
    /// <returns>False when another name holds it, or the name holds another.</returns>
    public bool TryTake(string name, uint number)
    {
        if (_byName.TryGetValue(name, out Entry? own))
        {
            if (own.Number == number)
            {
                Hold(own);
                return true;
            }

            if (own.Holders != 0)
            {
                return false;
            }
        }

        if (_byNumber.TryGetValue(number, out Entry? other) && other.Holders != 0)
        {
            return false;
        }

        if (other is not null)
        {
            Forget(other);
        }

        if (own is not null)
        {
            Forget(own);
        }

        Hold(Enter(name, number));
        return true;
    }

    /// <summary>Gives a reference back.</summary>
    /// <returns>True when it was the last one.</returns>
    public bool Release(string name)
    {
        if (!_byName.TryGetValue(name, out Entry? entry) || entry.Holders == 0)
        {
            throw new InvalidOperationException($"{kind} of {name} was not taken");
        }

        if (--entry.Holders != 0)
        {
            return false;
        }

        _unused.AddLast(entry.Unused);
        return true;
    }

    /// <summary>The number that a name holds or would be given again.</summary>
    public bool TryFind(string name, out uint number)
    {
        var found = _byName.TryGetValue(name, out Entry? entry);
        number = entry?.Number ?? 0;
        return found;
    }

    /// <summary>Who holds a number.</summary>
    public bool TryFindHolder(uint number, out string name)
    {
        var found = _byNumber.TryGetValue(number, out Entry? entry) && entry.Holders != 0;
        name = found ? entry!.Name : "";
        return found;
    }

    /// <summary>Writes a line <c>kind number name</c> for each name.</summary>
    public void Save(StringBuilder text)
    {
        foreach (Entry entry in _byName.Values)
        {
            text.Append(CultureInfo.InvariantCulture, $"{kind} {entry.Number} {entry.Name}\n");
        }

        IsChanged = false;
    }

    /// <summary>Reads a line that <see cref="Save"/> wrote; others, and numbers out of the range, are left.</summary>
    /// <returns>Whether the line was one of this register's.</returns>
    public bool Load(ReadOnlySpan<char> line)
    {
        if (!line.StartsWith(kind, StringComparison.Ordinal) || line.Length <= kind.Length || line[kind.Length] != ' ')
        {
            return false;
        }

        ReadOnlySpan<char> rest = line[(kind.Length + 1)..];
        var space = rest.IndexOf(' ');
        if (space <= 0 || !uint.TryParse(rest[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var name = rest[(space + 1)..].ToString();
        if (number >= _first && number <= last && name.Length != 0 && !_byName.ContainsKey(name) && !_byNumber.ContainsKey(number))
        {
            _unused.AddLast(Enter(name, number).Unused);
        }

        return true;
    }

    private uint FreedNumber { get; set; }

    private bool TryForgetOldest(out uint number)
    {
        number = 0;
        while (_unused.First is { } oldest)
        {
            Forget(oldest.Value);
            // One configured from outside the range is not for lending.
            if (oldest.Value.Number >= _first && oldest.Value.Number <= last)
            {
                FreedNumber = oldest.Value.Number;
                return true;
            }
        }

        return false;
    }

    private Entry Enter(string name, uint number)
    {
        if (name.AsSpan().IndexOfAny('\n', '\r') >= 0)
        {
            throw new ArgumentException("a name is one line", nameof(name));
        }

        var entry = new Entry(name, number);
        _byName.Add(name, entry);
        _byNumber.Add(number, entry);
        IsChanged = true;
        return entry;
    }

    private void Hold(Entry entry)
    {
        if (entry.Holders++ == 0 && entry.Unused.List is not null)
        {
            _unused.Remove(entry.Unused);
        }
    }

    private void Forget(Entry entry)
    {
        _unused.Remove(entry.Unused);
        _byName.Remove(entry.Name);
        _byNumber.Remove(entry.Number);
        IsChanged = true;
    }

    private sealed class Entry
    {
        public Entry(string name, uint number)
        {
            Name = name;
            Number = number;
            Unused = new LinkedListNode<Entry>(this);
        }

        public string Name { get; }

        public uint Number { get; }

        public int Holders { get; set; }

        public LinkedListNode<Entry> Unused { get; }
    }
}

using System.Collections.Frozen;
using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>How many patterns of a set a route has to satisfy.</summary>
public enum SetMode : byte
{
    /// <summary>At least one.</summary>
    Any,

    /// <summary>Each.</summary>
    All,

    /// <summary>None.</summary>
    None,
}

/// <summary>Patterns of communities, of any kinds together. Immutable; allocates nothing when asked.</summary>
public sealed class CommunitySet
{
    private readonly FrozenSet<CommunityValue> _exact;
    private readonly CommunityPattern[] _others;
    private readonly CommunityKind[] _kinds;

    /// <summary>Makes a set.</summary>
    public CommunitySet(IEnumerable<CommunityPattern> patterns)
    {
        Patterns = [.. patterns];
        _exact = Patterns.Where(static pattern => pattern.Exact is not null).Select(static pattern => pattern.Exact!.Value).ToFrozenSet();
        _others = [.. Patterns.Where(static pattern => pattern.Exact is null)];
        _kinds = [.. Patterns.Select(static pattern => pattern.Kind).Distinct().Order()];
    }

    /// <summary>The patterns as given.</summary>
    public IReadOnlyList<CommunityPattern> Patterns { get; }

    /// <summary>Whether the communities of a route satisfy the set.</summary>
    public bool Matches(AttributeBlock attributes, SetMode mode) => mode switch
    {
        SetMode.Any => HasAny(attributes),
        SetMode.All => HasAll(attributes),
        _ => !HasAny(attributes),
    };

    /// <summary>Whether a pattern matches a community.</summary>
    public bool Contains(in CommunityValue value)
    {
        if (_exact.Contains(value))
        {
            return true;
        }

        foreach (CommunityPattern pattern in _others)
        {
            if (pattern.Kind == value.Kind && pattern.Matches(value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The patterns, for people and to tell whether two sets are the same.</summary>
    public override string ToString() => $"[{string.Join(", ", Patterns)}]";

    private bool HasAny(AttributeBlock attributes)
    {
        foreach (CommunityKind kind in _kinds)
        {
            _ = attributes.TryGet(kind.Attribute, out ReadOnlySpan<byte> octets);
            for (; octets.Length >= kind.Size; octets = octets[kind.Size..])
            {
                if (Contains(CommunityValue.Read(kind, octets)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool HasAll(AttributeBlock attributes)
    {
        foreach (CommunityPattern pattern in Patterns)
        {
            _ = attributes.TryGet(pattern.Kind.Attribute, out ReadOnlySpan<byte> octets);
            while (octets.Length >= pattern.Kind.Size && !pattern.Matches(CommunityValue.Read(pattern.Kind, octets)))
            {
                octets = octets[pattern.Kind.Size..];
            }

            if (octets.Length < pattern.Kind.Size)
            {
                return false;
            }
        }

        return true;
    }
}

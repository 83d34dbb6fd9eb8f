using System.Buffers;
using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>
/// Removes communities of one kind and adds others, in that order. What stays keeps its place, what is there already is not added again, and no
/// community at all removes the attribute.
/// </summary>
public sealed class EditCommunities : RouteAction
{
    private readonly CommunityKind _kind;
    private readonly CommunitySet _removed;
    private readonly bool _removesAll;
    private readonly CommunityValue[] _added;

    /// <summary>Makes an edit.</summary>
    /// <param name="kind">The kind of all communities concerned.</param>
    /// <param name="removed">What goes.</param>
    /// <param name="added">What comes.</param>
    /// <param name="removesAll">Whether all go, whatever <paramref name="removed"/> says: the route gets exactly what is added.</param>
    public EditCommunities(
        CommunityKind kind, IEnumerable<CommunityPattern> removed, IEnumerable<CommunityValue> added, bool removesAll = false)
    {
        _kind = kind;
        _removed = new CommunitySet(removed);
        _added = [.. added.Distinct()];
        _removesAll = removesAll;
    }

    /// <inheritdoc/>
    public override void Apply(ref PolicyRoute route)
    {
        _ = route.Attributes.TryGet(_kind.Attribute, out ReadOnlySpan<byte> old);
        var size = _kind.Size;
        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, old.Length + (_added.Length * size)));
        var length = 0;
        for (ReadOnlySpan<byte> rest = old; rest.Length >= size; rest = rest[size..])
        {
            if (!_removesAll && !_removed.Contains(CommunityValue.Read(_kind, rest)))
            {
                rest[..size].CopyTo(rented.AsSpan(length));
                length += size;
            }
        }

        var kept = length;
        foreach (CommunityValue added in _added)
        {
            Span<byte> place = rented.AsSpan(length, size);
            added.Write(place);
            length += Has(rented.AsSpan(0, kept), place, size) ? 0 : size;
        }

        if (length == 0)
        {
            route.Remove(_kind.Attribute);
        }
        else
        {
            route.Set(_kind.Attribute, AttributeFlags.Optional | AttributeFlags.Transitive, rented.AsSpan(0, length));
        }

        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{_kind} communities {(_removesAll ? "set" : $"remove {_removed} add")} [{string.Join(", ", _added)}]";

    private static bool Has(ReadOnlySpan<byte> list, ReadOnlySpan<byte> community, int size)
    {
        for (; list.Length >= size; list = list[size..])
        {
            if (list[..size].SequenceEqual(community))
            {
                return true;
            }
        }

        return false;
    }
}

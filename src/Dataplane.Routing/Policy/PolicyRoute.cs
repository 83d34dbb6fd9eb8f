using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>
/// A route on its way through a policy: what it is, and its attributes as terms have left them so far. Changes go into the builder; the
/// attributes it came with are copied there by the first change only.
/// </summary>
public ref struct PolicyRoute
{
    private readonly AttributeBlock _original;
    private readonly AttributeBlockBuilder _output;
    private readonly ref readonly Nlri _nlri;
    private readonly ref readonly PolicyContext _context;

    /// <summary>A route that no term has seen.</summary>
    public PolicyRoute(
        AttributeBlock attributes, ref readonly Nlri nlri, RouteFamily family, ref readonly PolicyContext context, AttributeBlockBuilder output)
    {
        _original = attributes;
        _nlri = ref nlri;
        _context = ref context;
        _output = output;
        Family = family;
    }

    /// <summary>The route.</summary>
    public readonly ref readonly Nlri Nlri => ref _nlri;

    /// <summary>Its family.</summary>
    public RouteFamily Family { get; }

    /// <summary>Where it comes from and goes to.</summary>
    public readonly ref readonly PolicyContext Context => ref _context;

    /// <summary>Whether a term has changed an attribute.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>What a term wants the next hop to be.</summary>
    public PolicyNextHop NextHop { get; internal set; }

    /// <summary>The attributes as they are by now; valid until the next change.</summary>
    public readonly AttributeBlock Attributes => IsChanged ? _output.Block : _original;

    /// <summary>Sets an attribute, unless it has that value.</summary>
    /// <param name="code">Which.</param>
    /// <param name="flags">Its flags where it is not there yet; an attribute that is there keeps its Partial bit.</param>
    /// <param name="value">Its value; not part of <see cref="Attributes"/>.</param>
    internal void Set(AttributeCode code, AttributeFlags flags, scoped ReadOnlySpan<byte> value)
    {
        foreach (AttributeView attribute in Attributes)
        {
            if (attribute.Code == code)
            {
                if (attribute.Value.SequenceEqual(value))
                {
                    return;
                }

                flags |= attribute.Flags & AttributeFlags.Partial;
            }
        }

        Change().Set(code, flags, value);
    }

    /// <summary>Removes an attribute if it is there.</summary>
    internal void Remove(AttributeCode code)
    {
        if (Attributes.TryGet(code, out _))
        {
            Change().Remove(code);
        }
    }

    private AttributeBlockBuilder Change()
    {
        if (!IsChanged)
        {
            _output.Load(_original);
            IsChanged = true;
        }

        return _output;
    }
}

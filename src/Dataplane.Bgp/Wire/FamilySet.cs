using System.Numerics;
using Dataplane.Routing;

namespace Dataplane.Bgp.Wire;

/// <summary>A set of families.</summary>
/// <param name="Bits">Bit n is the family of number n.</param>
public readonly record struct FamilySet(ushort Bits)
{
    /// <summary>A set of the families given.</summary>
    public static FamilySet Of(params ReadOnlySpan<RouteFamily> families)
    {
        var set = default(FamilySet);
        foreach (RouteFamily family in families)
        {
            set = set.With(family);
        }

        return set;
    }

    /// <summary>How many families are in it.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>Whether a family is in it.</summary>
    public bool Contains(RouteFamily family) => (Bits >> (int)family & 1) != 0;

    /// <summary>The set with one more family.</summary>
    public FamilySet With(RouteFamily family) => new((ushort)(Bits | 1 << (int)family));

    /// <summary>The set without a family.</summary>
    public FamilySet Without(RouteFamily family) => new((ushort)(Bits & ~(1 << (int)family)));

    /// <summary>What is in both.</summary>
    public FamilySet Intersect(FamilySet other) => new((ushort)(Bits & other.Bits));

    /// <summary>The families in the order of the enumeration.</summary>
    public Enumerator GetEnumerator() => new(Bits);

    /// <summary>The names, separated by commas.</summary>
    public override string ToString()
    {
        var names = new List<string>();
        foreach (RouteFamily family in this)
        {
            names.Add(family.Name);
        }

        return string.Join(',', names);
    }

    /// <summary>Walks a set.</summary>
    public struct Enumerator(ushort bits)
    {
        private uint _rest = bits;

        /// <summary>The family the walk is at.</summary>
        public RouteFamily Current { get; private set; }

        /// <summary>Goes on to the next family.</summary>
        public bool MoveNext()
        {
            if (_rest == 0)
            {
                return false;
            }

            Current = (RouteFamily)BitOperations.TrailingZeroCount(_rest);
            _rest &= _rest - 1;
            return true;
        }
    }
}

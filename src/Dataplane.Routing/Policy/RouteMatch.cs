namespace Dataplane.Routing.Policy;

/// <summary>A condition of a term. Immutable; <see cref="object.ToString"/> is its text in canonical form, so that equal texts mean equal conditions.</summary>
public abstract class RouteMatch
{
    /// <summary>Whether it asks for the NLRI or for the source.</summary>
    public virtual bool LooksAtNlri => false;

    /// <summary>Whether it asks for the peer whose policy this is.</summary>
    public virtual bool LooksAtPeer => false;

    /// <summary>Whether a route satisfies it. Allocates nothing.</summary>
    public abstract bool Matches(in PolicyRoute route);
}

/// <summary>A range of 32-bit numbers, both ends included.</summary>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
public readonly record struct NumberRange(uint Min, uint Max)
{
    /// <summary>Whether a number lies in it.</summary>
    public bool Contains(uint number) => number >= Min && number <= Max;

    /// <summary><c>1-5</c>, or one number.</summary>
    public override string ToString() => Min == Max ? $"{Min}" : $"{Min}-{Max}";
}

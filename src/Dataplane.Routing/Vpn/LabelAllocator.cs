using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// Labels of our own by the name of their owner: an interface (<c>interface:NAME</c>) or a VRF as a whole (<c>vrf:NAME</c>, AMB-24).
/// Reference counted; a name has the same label after a restart when the state was kept. Routing thread.
/// </summary>
public sealed class LabelAllocator
{
    /// <summary>Lends labels of a range.</summary>
    /// <param name="first">Lowest, at least 16.</param>
    /// <param name="last">Highest, at most 1048575.</param>
    public LabelAllocator(uint first = Label20.Min, uint last = Label20.Max)
    {
        if (first < Label20.Min || last > Label20.Max || first > last)
        {
            throw new ArgumentOutOfRangeException(nameof(first), $"labels are {Label20.Min} to {Label20.Max}, not {first} to {last}");
        }

        Register = new NumberRegister("label", first, last);
    }

    /// <summary>The name under which a VRF's aggregate label is held.</summary>
    public static string OfVrf(string name) => "vrf:" + name;

    /// <summary>The name under which an interface's label is held.</summary>
    public static string OfInterface(string name) => "interface:" + name;

    /// <summary>Labels that are held.</summary>
    public int InUse => Register.InUse;

    internal NumberRegister Register { get; }

    /// <summary>Takes a label, or one more reference to the owner's.</summary>
    /// <returns>False when the range is exhausted.</returns>
    public bool TryTake(string owner, out Label20 label)
    {
        var taken = Register.TryTake(owner, out var number);
        label = new(number);
        return taken;
    }

    /// <summary>Takes the label that configuration says, in or out of the range.</summary>
    /// <returns>False when somebody else holds it, or the owner holds another.</returns>
    public bool TryTake(string owner, Label20 label) => label.IsAssignable && Register.TryTake(owner, label.Value);

    /// <summary>Gives a reference back.</summary>
    /// <returns>True when it was the last one; the label is then not lent to others before the rest of the range was.</returns>
    public bool Release(string owner) => Register.Release(owner);

    /// <summary>Who holds a label.</summary>
    public bool TryFindOwner(Label20 label, out string owner) => Register.TryFindHolder(label.Value, out owner);
}

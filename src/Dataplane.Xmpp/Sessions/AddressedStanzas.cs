namespace Dataplane.Xmpp.Sessions;

/// <summary>
/// Whole stanzas that many sessions are sent, each with an address of its own in them. They are encoded once, wait once however many they wait for, and are put
/// together for each session when it writes them. Any thread.
/// </summary>
/// <param name="octets">UTF-8, but for the addresses; not changed any more.</param>
/// <param name="gaps">Where in the octets the address goes, ascending.</param>
public sealed class AddressedStanzas(byte[] octets, int[] gaps)
{
    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => octets.Length == 0;

    /// <summary>Octets for one session.</summary>
    /// <param name="address">Octets of its address.</param>
    public int LengthFor(int address) => octets.Length + gaps.Length * address;

    /// <summary>Writes what one session is sent.</summary>
    /// <param name="into">Room for <see cref="LengthFor"/> octets.</param>
    /// <param name="to">Its address, escaped.</param>
    public void CopyTo(Span<byte> into, ReadOnlySpan<byte> to)
    {
        var from = 0;
        foreach (var gap in gaps)
        {
            octets.AsSpan(from, gap - from).CopyTo(into);
            into = into[(gap - from)..];
            to.CopyTo(into);
            into = into[to.Length..];
            from = gap;
        }

        octets.AsSpan(from).CopyTo(into);
    }

    /// <summary>What one session is sent, in an array of its own.</summary>
    /// <param name="to">Its address, escaped.</param>
    public byte[] For(ReadOnlySpan<byte> to)
    {
        var whole = new byte[LengthFor(to.Length)];
        CopyTo(whole, to);
        return whole;
    }
}

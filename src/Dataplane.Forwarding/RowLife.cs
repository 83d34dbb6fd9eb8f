namespace Dataplane.Forwarding;

/// <summary>
/// Row numbers that tell successive owners of a row apart, as packets on their way between workers and the slow path carry them: bits
/// 19–0 are the row, bits 31–20 count its owners. A count comes back after 4095 owners, when nothing of the first is left on its way.
/// </summary>
internal static class RowLife
{
    /// <summary>Most rows of a table.</summary>
    internal const int MostRows = 1 << Bits;

    /// <summary>What no owner is called.</summary>
    internal const uint Gone = Last << Bits;

    private const int Bits = 20;
    private const uint Last = (1u << (32 - Bits)) - 1;

    /// <summary>The row of a number.</summary>
    internal static uint RowOf(uint value) => value & (MostRows - 1);

    /// <summary>What the next owner of the row is called.</summary>
    internal static uint After(uint value)
    {
        uint count = (value >> Bits) + 1;
        return RowOf(value) | (count == Last ? 0 : count) << Bits;
    }
}

namespace Dataplane.Forwarding.Layout;

/// <summary>What one of our labels means.</summary>
internal enum LabelKind : byte
{
    /// <summary>Not assigned.</summary>
    None = 0,

    /// <summary>Deliver to an interface without lookup (FWD-05).</summary>
    Interface = 1,

    /// <summary>Look the inner destination up in a VRF (INT-06).</summary>
    Aggregate = 2,
}

/// <summary>
/// Incoming label map entry in one aligned word: kind (63–60), VRF row (55–32), interface row (31–0).
/// </summary>
/// <param name="Bits">The packed word.</param>
internal readonly record struct LabelEntry(ulong Bits)
{
    /// <summary>Labels are 20 bits wide.</summary>
    internal const int TableEntries = 1 << 20;

    private const int KindShift = 60;
    private const int VrfShift = 32;
    private const uint VrfMask = 0xFFFFFF;

    internal LabelKind Kind => (LabelKind)(Bits >> KindShift);

    internal uint Vrf => (uint)(Bits >> VrfShift) & VrfMask;

    internal uint Interface => (uint)Bits;

    internal static LabelEntry ForInterface(uint interfaceRow, uint vrf) =>
        new((ulong)LabelKind.Interface << KindShift | (ulong)vrf << VrfShift | interfaceRow);

    internal static LabelEntry ForAggregate(uint vrf) =>
        new((ulong)LabelKind.Aggregate << KindShift | (ulong)vrf << VrfShift);
}

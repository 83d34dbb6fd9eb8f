namespace Dataplane.SlowPath;

/// <summary>What became of a punted packet.</summary>
public enum PuntDisposition : byte
{
    /// <summary>Something was sent back because of it: a reply, an advertisement or an ICMP error.</summary>
    Answered,

    /// <summary>The packet itself, or its fragments, went on.</summary>
    Forwarded,

    /// <summary>Taken in: it told the forwarder something it had asked for.</summary>
    Consumed,

    /// <summary>Waits for a neighbour; ends later as forwarded or dropped.</summary>
    Held,

    /// <summary>Dropped with a reason.</summary>
    Dropped,
}

/// <summary>Disposition of a punted packet and, for a drop, its reason.</summary>
/// <param name="Disposition">What became of it.</param>
/// <param name="Reason">The reason of a drop, otherwise <see cref="SlowPathDropReason.None"/>.</param>
public readonly record struct PuntOutcome(PuntDisposition Disposition, SlowPathDropReason Reason)
{
    internal static PuntOutcome Answered => new(PuntDisposition.Answered, SlowPathDropReason.None);

    internal static PuntOutcome Forwarded => new(PuntDisposition.Forwarded, SlowPathDropReason.None);

    internal static PuntOutcome Consumed => new(PuntDisposition.Consumed, SlowPathDropReason.None);

    internal static PuntOutcome Held => new(PuntDisposition.Held, SlowPathDropReason.None);

    internal static PuntOutcome Drop(SlowPathDropReason reason) => new(PuntDisposition.Dropped, reason);

    /// <summary>Answered when the datapath took what was sent, else dropped for want of room.</summary>
    internal static PuntOutcome AnsweredIf(bool accepted) => accepted ? Answered : Drop(SlowPathDropReason.InjectFull);

    /// <summary>Forwarded when the datapath took the packet, else dropped for want of room.</summary>
    internal static PuntOutcome ForwardedIf(bool accepted) => accepted ? Forwarded : Drop(SlowPathDropReason.InjectFull);
}

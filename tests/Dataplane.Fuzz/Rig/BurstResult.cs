using Dataplane.Forwarding;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Fuzz.Rig;

/// <summary>Where one packet of a burst went.</summary>
/// <param name="Exit">How it left.</param>
/// <param name="Port">DPDK port it was sent on; otherwise 0.</param>
/// <param name="Frame">Its bytes as they left; empty when it was freed.</param>
/// <param name="Tag">Its tag when it was punted.</param>
internal sealed record Outcome(Exit Exit, ushort Port, byte[] Frame, PuntTag Tag)
{
    /// <summary>The IP packet of a punted frame.</summary>
    internal ReadOnlySpan<byte> Packet => Frame.AsSpan(Tag.L3Offset);
}

/// <summary>What a burst did: one outcome per packet, in the order given, and the reasons counted meanwhile.</summary>
internal sealed class BurstResult
{
    internal required Outcome[] Outcomes { get; init; }

    /// <summary>By reason, those counted in this burst.</summary>
    internal required SortedDictionary<DropReason, int> Drops { get; init; }

    /// <summary>By reason, those counted in this burst.</summary>
    internal required SortedDictionary<PuntReason, int> Punts { get; init; }

    /// <summary>Slots in the order in which they were handed to ports.</summary>
    internal required int[] Sent { get; init; }

    internal int Count(Exit exit) => Outcomes.Count(outcome => outcome.Exit == exit);

    public override string ToString() =>
        $"{string.Join(' ', Outcomes.Select(outcome => outcome.Exit))} | drops {string.Join(' ', Drops)} | punts {string.Join(' ', Punts)}";
}

/// <summary>A promise of the pipeline that did not hold.</summary>
internal sealed class RigException(string message) : Exception(message);

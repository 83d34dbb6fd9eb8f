using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;

namespace Dataplane.Host.Bench.Trials;

/// <summary>What the datapath under test counted during a trial.</summary>
/// <param name="Rx">Packets that its ports received.</param>
/// <param name="Tx">Of these, those that a transmit queue took.</param>
/// <param name="Punted">Of these, those for the slow path.</param>
/// <param name="Dropped">Of these, those dropped.</param>
/// <param name="InjectedTx">Packets of the slow path's own that were sent.</param>
/// <param name="Drops">Drops by reason, those that happened.</param>
/// <param name="Punts">Punts by reason, those that happened.</param>
internal sealed record DatapathLedger(
    ulong Rx, ulong Tx, ulong Punted, ulong Dropped, ulong InjectedTx,
    IReadOnlyDictionary<string, ulong> Drops, IReadOnlyDictionary<string, ulong> Punts)
{
    /// <summary>Whether rx = tx + punted + dropped.</summary>
    public bool Balances => Rx == Tx + Punted + Dropped;

    /// <summary>Drops for want of capacity: the others, and punts, are what the configuration says of such packets.</summary>
    public ulong DroppedByLoad => Drops.GetValueOrDefault(ReasonNames.Name(DropReason.TxFull));

    /// <summary>Packets that the configuration does not forward.</summary>
    public ulong NotForwarded => Punted + Dropped - DroppedByLoad;

    /// <summary>The reasons for <see cref="NotForwarded"/> with their counts, most frequent first.</summary>
    public string ReasonsText => string.Join(", ", Drops.Concat(Punts.Select(static punt => KeyValuePair.Create("punted: " + punt.Key, punt.Value)))
        .Where(static reason => reason.Key != ReasonNames.Name(DropReason.TxFull))
        .OrderByDescending(static reason => reason.Value)
        .Select(static reason => $"{reason.Key} {reason.Value}"));

    /// <summary>What was counted between two readings.</summary>
    public static DatapathLedger Between(DatapathCounters before, DatapathCounters after) => new(
        after.Received.Rx - before.Received.Rx,
        after.Received.Tx - before.Received.Tx,
        after.Received.Punted - before.Received.Punted,
        after.Received.Dropped - before.Received.Dropped,
        after.Injected.Tx - before.Injected.Tx,
        Difference<DropReason>(before.Drops, after.Drops, ReasonNames.Name),
        Difference<PuntReason>(before.Punts, after.Punts, ReasonNames.Name));

    private static Dictionary<string, ulong> Difference<T>(ulong[] before, ulong[] after, Func<T, string> nameOf)
        where T : struct, Enum
    {
        var result = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (T reason in Enum.GetValues<T>())
        {
            int index = Convert.ToInt32(reason, System.Globalization.CultureInfo.InvariantCulture);
            if (after[index] > before[index])
                result[nameOf(reason)] = after[index] - before[index];
        }
        return result;
    }
}

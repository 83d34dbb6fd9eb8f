using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// The neighbour state machine, for virtual interfaces and for the underlay, for ARP and ND alike (after RFC 4861
/// section 7.3.2, reduced):
/// <code>
///            hold / require                 answer
///   (none) -----------------> Incomplete ------------> Reachable &lt;--------+
///      ^                       |     ^                     | refresh       | answer
///      |        no answer to   |     | hold-off over       v interval      |
///      |        all probes     v     | and required      Probing ----------+
///      +---------------------- Failed                      | no answer to all probes
///        hold-off over                                     v
///                                            (none), or Incomplete when required
/// </code>
/// Packets wait only in Incomplete: on an answer they leave in order, on failure they are dropped. A neighbour that speaks unasked is not believed but
/// asked, at once where it was given up (<see cref="Heard"/>).
/// </summary>
internal sealed class NeighborTable(
    INeighborLink link,
    DatapathSender sender,
    TimerQueue timers,
    HoldBudget budget,
    SlowPathOptions options,
    SlowPathCounters counters,
    int neighborsPerLink)
{
    private readonly Dictionary<NeighborKey, NeighborEntry> _entries = [];
    private readonly Dictionary<uint, int> _entriesPerLink = [];

    /// <summary>Number of neighbours in any state.</summary>
    internal int Count => _entries.Count;

    /// <summary>State of a neighbour, or null when nothing is known of it.</summary>
    internal NeighborState? StateOf(NeighborKey key) =>
        _entries.TryGetValue(key, out var entry) ? entry.State : null;

    /// <summary>Adds a configured neighbour, which wins over anything learnt.</summary>
    internal void AddStatic(NeighborKey key, MacAddress mac)
    {
        if (!_entries.TryGetValue(key, out var entry))
            entry = Add(key);
        entry.Timer?.Cancel();
        entry.State = NeighborState.Static;
        entry.Mac = mac;
        link.Publish(key, mac);
        ReleaseHeld(entry);
    }

    /// <summary>Starts resolving a neighbour and keeps it resolved from now on.</summary>
    internal void Require(NeighborKey key)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            entry.IsRequired = true;
            return;
        }
        entry = Add(key);
        entry.IsRequired = true;
        StartResolution(entry);
    }

    /// <summary>Sends the packet on when the neighbour is resolved, else lets it wait and asks.</summary>
    internal PuntOutcome Hold(NeighborKey key, HeldPacket packet)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            if (_entriesPerLink.GetValueOrDefault(key.Link) >= neighborsPerLink)
                return PuntOutcome.Drop(SlowPathDropReason.NeighborTableFull);
            entry = Add(key);
            StartResolution(entry);
        }
        if (entry.IsResolved)
        {
            // The punt crossed the answer, or the datapath lost the neighbour: tell it again.
            link.Publish(key, entry.Mac);
            return SendOn(packet);
        }
        if (entry.State == NeighborState.Failed)
            return PuntOutcome.Drop(SlowPathDropReason.NeighborFailed);
        return entry.Held.TryEnqueue(packet) ? PuntOutcome.Held : PuntOutcome.Drop(SlowPathDropReason.HoldFull);
    }

    /// <summary>Takes an answer to a question of ours.</summary>
    /// <param name="key">Who answered.</param>
    /// <param name="mac">Its MAC; null when the answer names none and confirms the one known.</param>
    /// <returns>False when no question is open: nothing is learnt.</returns>
    internal bool Confirm(NeighborKey key, MacAddress? mac)
    {
        if (!_entries.TryGetValue(key, out var entry) || !entry.IsAsked)
            return false;
        if (mac is null && entry.State == NeighborState.Incomplete)
            return false;
        Resolve(entry, mac ?? entry.Mac);
        return true;
    }

    /// <summary>
    /// Takes what a neighbour tells of itself unasked, for neighbours that are in use anyway (the merge of RFC 826); it
    /// never adds one.
    /// </summary>
    internal bool Refresh(NeighborKey key, MacAddress mac)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.State == NeighborState.Static)
            return false;
        Resolve(entry, mac);
        return true;
    }

    /// <summary>
    /// A neighbour said something of its own accord: one that is sought is asked again now, one that had not answered likewise, and one that has another
    /// MAC than is known is asked where it is. Nothing is learnt before it answers. So a workload that is made known before it runs is reached as soon as it
    /// says so, not when the hold-off is over (MOB-03).
    /// </summary>
    internal void Heard(NeighborKey key, MacAddress? mac)
    {
        if (!_entries.TryGetValue(key, out var entry))
            return;
        switch (entry.State)
        {
            case NeighborState.Failed:
                StartResolution(entry);
                break;
            case NeighborState.Incomplete:
                link.SendProbe(key, null);
                break;
            case NeighborState.Reachable when mac is { } other && other != entry.Mac:
                entry.State = NeighborState.Probing;
                entry.Probes = 1;
                link.SendProbe(key, null);
                Schedule(entry, options.ProbeInterval);
                break;
            case NeighborState.Probing when mac is { } other && other != entry.Mac:
                link.SendProbe(key, null);
                break;
            default:
                break;
        }
    }

    /// <summary>Forgets neighbours of a link; packets that wait for them are dropped.</summary>
    internal void Forget(uint onLink, Func<IpAddress, bool> condition)
    {
        if (!_entriesPerLink.ContainsKey(onLink))
            return;
        foreach (var entry in _entries.Values.Where(entry => entry.Key.Link == onLink && condition(entry.Key.Address)).ToArray())
        {
            entry.Timer?.Cancel();
            while (entry.Held.TryDequeue(out _))
                counters.CountReleased(PuntOutcome.Drop(SlowPathDropReason.HoldTimeout));
            if (entry.IsResolved)
                link.Withdraw(entry.Key);
            Remove(entry);
        }
    }

    private PuntOutcome SendOn(HeldPacket packet) =>
        PuntOutcome.ForwardedIf(sender.Continue(packet.Way, packet.Datagram));

    private NeighborEntry Add(NeighborKey key)
    {
        var entry = new NeighborEntry(key, new HoldQueue(options.HeldPacketsPerNeighbor, budget));
        _entries.Add(key, entry);
        _entriesPerLink[key.Link] = _entriesPerLink.GetValueOrDefault(key.Link) + 1;
        return entry;
    }

    private void Remove(NeighborEntry entry)
    {
        _ = _entries.Remove(entry.Key);
        if (--_entriesPerLink[entry.Key.Link] == 0)
            _ = _entriesPerLink.Remove(entry.Key.Link);
    }

    private void StartResolution(NeighborEntry entry)
    {
        entry.State = NeighborState.Incomplete;
        entry.Probes = 0;
        Probe(entry);
    }

    private void Probe(NeighborEntry entry)
    {
        entry.Probes++;
        link.SendProbe(entry.Key, entry.State == NeighborState.Probing ? entry.Mac : null);
        Schedule(entry, options.ProbeInterval);
    }

    private void Resolve(NeighborEntry entry, MacAddress mac)
    {
        bool publish = !entry.IsResolved || entry.Mac != mac;
        entry.State = NeighborState.Reachable;
        entry.Mac = mac;
        Schedule(entry, options.RefreshInterval);
        if (publish)
            link.Publish(entry.Key, mac);
        ReleaseHeld(entry);
    }

    private void ReleaseHeld(NeighborEntry entry)
    {
        while (entry.Held.TryDequeue(out var packet))
            counters.CountReleased(SendOn(packet));
    }

    private void Schedule(NeighborEntry entry, TimeSpan delay)
    {
        entry.Timer?.Cancel();
        entry.Timer = timers.Schedule(delay, () => OnTimer(entry));
    }

    private void OnTimer(NeighborEntry entry)
    {
        switch (entry.State)
        {
            case NeighborState.Reachable:
                entry.State = NeighborState.Probing;
                entry.Probes = 0;
                Probe(entry);
                break;
            case NeighborState.Incomplete or NeighborState.Probing when entry.Probes < options.ProbeCount:
                Probe(entry);
                break;
            case NeighborState.Incomplete:
                Fail(entry);
                break;
            case NeighborState.Probing:
                link.Withdraw(entry.Key);
                RestartOrForget(entry);
                break;
            case NeighborState.Failed:
                RestartOrForget(entry);
                break;
            default:
                break;
        }
    }

    private void Fail(NeighborEntry entry)
    {
        entry.State = NeighborState.Failed;
        while (entry.Held.TryDequeue(out _))
            counters.CountReleased(PuntOutcome.Drop(SlowPathDropReason.HoldTimeout));
        Schedule(entry, options.FailureHoldOff);
    }

    private void RestartOrForget(NeighborEntry entry)
    {
        if (entry.IsRequired)
            StartResolution(entry);
        else
            Remove(entry);
    }
}

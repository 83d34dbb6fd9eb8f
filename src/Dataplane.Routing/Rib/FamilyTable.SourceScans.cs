using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Rib;

/// <content>
/// Scans over the paths of a source in parts, so that a million rows leave time for others. They are done one after the other, in the order in
/// which they began, by <see cref="Scan"/>. Each means the paths that were there when it began, whatever the source announces or withdraws before the
/// scan comes to a row: what is announced meanwhile is neither marked nor swept.
/// </content>
public abstract partial class FamilyTable
{
    private readonly List<SourceScan> _scans = [];
    private int _marks;

    private enum ScanKind : byte
    {
        Mark,
        Sweep,
        SweepWith,
        Reaccept,
    }

    /// <summary>Whether a scan over a source's paths is under way.</summary>
    public bool HasScans => _scans.Count != 0;

    /// <summary>Begins to mark the paths of a source as kept (graceful restart), in addition to what they are already.</summary>
    public void BeginMarkStale(SourceId source, PathState state)
    {
        // A row can be fresh for one marking only. Two at once are those of a session that is lost again within milliseconds.
        if (_scans.Exists(scan => scan.Kind == ScanKind.Mark && scan.Source == source))
        {
            CompleteScans(source);
        }

        Begin(new(ScanKind.Mark, source) { State = state });
    }

    /// <summary>Begins to remove the paths of a source that have any of these states; all that there are, for none: then nothing more is announced
    /// of this source before it is done.</summary>
    /// <param name="source">Whose paths.</param>
    /// <param name="state">Which of them.</param>
    /// <param name="done">Called when they are gone, at once when there are none; null for nobody.</param>
    public void BeginSweep(SourceId source, PathState state, Action? done = null)
    {
        if (state == PathState.None)
        {
            // What else was to become of them does not matter.
            for (var i = _scans.Count - 1; i >= 0; i--)
            {
                if (_scans[i].Source == source && _scans[i].Kind != ScanKind.Sweep)
                {
                    End(_scans[i]);
                }
            }
        }

        Begin(new(ScanKind.Sweep, source) { State = state, Done = done });
    }

    /// <summary>Begins to remove the paths of a source whose attributes, as received or as accepted, have traits (RFC 9494: NO_LLGR).</summary>
    public void BeginSweepWith(SourceId source, AttributeTraits traits) => Begin(new(ScanKind.SweepWith, source) { Traits = traits });

    /// <summary>Begins to ask import policy again about what a source sent, after the policy changed; what it announces from now on is asked about
    /// the same policy.</summary>
    public void BeginReaccept(SourceId source, PathAcceptance policy)
    {
        if (_scans.Find(scan => scan.Kind == ScanKind.Reaccept && scan.Source == source) is { } before)
        {
            End(before);
        }

        Begin(new(ScanKind.Reaccept, source) { Policy = policy });
    }

    /// <summary>Does a part of the scans.</summary>
    /// <param name="maximumRows">Rows to look at.</param>
    /// <returns>How many were looked at; fewer when nothing is left to do.</returns>
    public int Scan(int maximumRows)
    {
        var looked = 0;
        while (_scans.Count != 0 && looked < maximumRows)
        {
            SourceScan scan = _scans[0];
            var from = scan.Cursor;
            Advance(scan, maximumRows - looked);
            looked += Math.Max(Math.Min(scan.Cursor, _paths.End) - from, 1);
            if (scan.Cursor >= _paths.End || PathCountOf(scan.Source) == 0)
            {
                End(scan);
            }
        }

        return looked;
    }

    /// <summary>Brings the scans over a source's paths to their end, in one go.</summary>
    private void CompleteScans(SourceId source)
    {
        while (_scans.Find(scan => scan.Source == source) is { } scan)
        {
            Advance(scan, int.MaxValue);
            End(scan);
        }
    }

    private void Begin(SourceScan scan)
    {
        if (PathCountOf(scan.Source) == 0)
        {
            scan.Done?.Invoke();
            return;
        }

        _scans.Add(scan);
        _marks += scan.Kind == ScanKind.Mark ? 1 : 0;
    }

    private void End(SourceScan scan)
    {
        _ = _scans.Remove(scan);
        _marks -= scan.Kind == ScanKind.Mark ? 1 : 0;
        scan.Done?.Invoke();
    }

    private void Advance(SourceScan scan, int maximumRows)
    {
        if (scan.Kind == ScanKind.Sweep)
        {
            _ = SweepRows(scan.Source, scan.State, ref scan.Cursor, maximumRows);
            return;
        }

        var end = (int)Math.Min((long)scan.Cursor + maximumRows, _paths.End);
        for (; scan.Cursor < end && PathCountOf(scan.Source) > 0; scan.Cursor++)
        {
            ref PathRow row = ref _paths[scan.Cursor];
            if (!row.IsTaken || row.Source != scan.Source)
            {
                continue;
            }

            switch (scan.Kind)
            {
                case ScanKind.Mark when row.IsFresh:
                    row.IsFresh = false;
                    break;
                case ScanKind.Mark:
                    _ = MarkStale(ref row, scan.Cursor, scan.State);
                    break;
                case ScanKind.SweepWith when Has(row.Received, scan.Traits) || Has(row.Accepted, scan.Traits):
                    Remove(scan.Cursor);
                    break;
                case ScanKind.Reaccept:
                    _ = Reaccept(scan.Cursor, scan.Policy!);
                    break;
            }
        }
    }

    private bool Has(AttributeSetId attributes, AttributeTraits traits) => !attributes.IsNone && _attributes.Summary(attributes).Has(traits);

    // A path that was announced just now.
    private void KeepFresh(ref PathRow row, int path)
    {
        if (_marks == 0)
        {
            return;
        }

        foreach (SourceScan scan in _scans)
        {
            if (scan.Kind == ScanKind.Mark && scan.Source == row.Source && scan.Cursor <= path)
            {
                row.IsFresh = true;
                return;
            }
        }
    }

    private sealed class SourceScan(ScanKind kind, SourceId source)
    {
        public int Cursor;

        public ScanKind Kind { get; } = kind;

        public SourceId Source { get; } = source;

        public PathState State { get; init; }

        public AttributeTraits Traits { get; init; }

        public PathAcceptance? Policy { get; init; }

        public Action? Done { get; init; }
    }
}

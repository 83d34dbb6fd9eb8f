using System.Runtime.InteropServices;
using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// Which VRFs import a set of route targets: by target, and remembered by set until the import targets of a VRF change. Also the other way
/// round, which sets have a target, so that a change looks at destinations with these sets and at no others. Routing thread.
/// </summary>
internal sealed class ImportIndex(RouteTargetSets sets)
{
    private const int FewestRegistered = 1024;

    private readonly Dictionary<ExtendedCommunity, int> _rowOf = [];
    private readonly List<Target> _targets = [];
    private readonly Stack<int> _freeTargets = new();
    private readonly Paged<Memo> _memos = new();
    private readonly HashSet<int> _union = [];
    private int[] _arena = new int[256];
    private int _arenaEnd;
    private uint _generation = 1;
    private long _registered;
    private long _pruneAt = FewestRegistered;

    /// <summary>The VRFs that import a set, ascending; valid until the next call.</summary>
    public ReadOnlySpan<int> VrfsOf(RouteTargetSetId set)
    {
        if (set.IsEmpty)
        {
            return default;
        }

        _memos.EnsureCapacity(set.Value + 1);
        ref Memo memo = ref _memos[set.Value];
        var stamp = sets.StampOf(set);
        if (memo.Stamp != stamp)
        {
            Register(set, stamp);
            memo.Stamp = stamp;
            memo.Generation = 0;
        }

        if (memo.Generation != _generation)
        {
            Remember(set, ref memo);
        }

        return memo.Count >= 0 ? _arena.AsSpan(memo.Start, memo.Count) : CollectionsMarshal.AsSpan(_targets[memo.Start].Vrfs);
    }

    /// <summary>A VRF imports a target from now on.</summary>
    public void Add(VrfIndex vrf, ExtendedCommunity target)
    {
        List<int> vrfs = _targets[RowOf(target)].Vrfs;
        var at = vrfs.BinarySearch(vrf.Value);
        if (at < 0)
        {
            vrfs.Insert(~at, vrf.Value);
            Forget();
        }
    }

    /// <summary>A VRF imports a target no more.</summary>
    public void Remove(VrfIndex vrf, ExtendedCommunity target)
    {
        if (_rowOf.TryGetValue(target, out var row))
        {
            Target entry = _targets[row];
            entry.Vrfs.Remove(vrf.Value);
            Forget();
            RemoveUnused(target, row);
        }
    }

    /// <summary>The sets in use that have a target; a few may be gone already.</summary>
    public IEnumerable<RouteTargetSetId> SetsWith(ExtendedCommunity target)
    {
        if (_rowOf.TryGetValue(target, out var row))
        {
            foreach (SetReference reference in _targets[row].Sets)
            {
                if (sets.StampOf(reference.Set) == reference.Stamp)
                {
                    yield return reference.Set;
                }
            }
        }
    }

    /// <summary>Which VRFs import a target, ascending.</summary>
    public IReadOnlyList<int> VrfsWith(ExtendedCommunity target) => _rowOf.TryGetValue(target, out var row) ? _targets[row].Vrfs : [];

    private void Forget()
    {
        _generation++;
        _arenaEnd = 0;
    }

    // A set of which one target is imported needs no list of its own: that of the target serves.
    private void Remember(RouteTargetSetId set, ref Memo memo)
    {
        var importers = 0;
        var only = -1;
        foreach (ExtendedCommunity target in sets[set])
        {
            if (_rowOf.TryGetValue(target, out var row) && _targets[row].Vrfs.Count != 0)
            {
                importers++;
                only = row;
            }
        }

        memo.Generation = _generation;
        (memo.Start, memo.Count) = importers switch
        {
            0 => (0, 0),
            1 => (only, -1),
            _ => Unite(set),
        };
    }

    private (int Start, int Count) Unite(RouteTargetSetId set)
    {
        _union.Clear();
        foreach (ExtendedCommunity target in sets[set])
        {
            if (_rowOf.TryGetValue(target, out var row))
            {
                _union.UnionWith(_targets[row].Vrfs);
            }
        }

        if (_arenaEnd + _union.Count > _arena.Length)
        {
            Array.Resize(ref _arena, Math.Max(_arena.Length * 2, _arenaEnd + _union.Count));
        }

        var start = _arenaEnd;
        _union.CopyTo(_arena, start);
        _arenaEnd += _union.Count;
        Array.Sort(_arena, start, _union.Count);
        return (start, _union.Count);
    }

    private void Register(RouteTargetSetId set, uint stamp)
    {
        if (_registered >= _pruneAt)
        {
            Prune();
        }

        foreach (ExtendedCommunity target in sets[set])
        {
            _targets[RowOf(target)].Sets.Add(new(set, stamp));
            _registered++;
        }
    }

    // Sets come and go with routes: what refers to sets that are gone may not pile up.
    private void Prune()
    {
        foreach ((ExtendedCommunity target, var row) in _rowOf.ToArray())
        {
            _registered -= _targets[row].Sets.RemoveAll(reference => sets.StampOf(reference.Set) != reference.Stamp);
            RemoveUnused(target, row);
        }

        _pruneAt = Math.Max(FewestRegistered, _registered * 2);
    }

    private void RemoveUnused(ExtendedCommunity target, int row)
    {
        if (_targets[row] is { Vrfs.Count: 0, Sets.Count: 0 })
        {
            _rowOf.Remove(target);
            _freeTargets.Push(row);
        }
    }

    private int RowOf(ExtendedCommunity target)
    {
        ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(_rowOf, target, out var exists);
        if (!exists)
        {
            if (!_freeTargets.TryPop(out row))
            {
                row = _targets.Count;
                _targets.Add(new Target());
            }
        }

        return row;
    }

    private struct Memo
    {
        public uint Stamp;
        public uint Generation;

        // Count < 0: the list of the target in row Start; else that many from Start in the arena.
        public int Start;
        public int Count;
    }

    private readonly record struct SetReference(RouteTargetSetId Set, uint Stamp);

    private sealed class Target
    {
        public List<int> Vrfs { get; } = [];

        public List<SetReference> Sets { get; } = [];
    }
}

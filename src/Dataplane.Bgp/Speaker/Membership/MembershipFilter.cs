using Dataplane.Routing;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Speaker.Membership;

/// <summary>
/// What a peer's memberships mean for sets of route targets. Answers are remembered by set, so that a route costs one look-up; a change of the
/// memberships is found by comparing new answers with remembered ones, so that only routes whose answer turned are looked at again. Routing
/// thread.
/// </summary>
internal sealed class MembershipFilter(RouteTargetSets targets)
{
    private readonly Dictionary<int, bool> _turned = [];
    private readonly List<(int Set, bool IsWanted)> _asked = [];
    private uint[] _stamps = [];
    private bool[] _answers = [];
    private uint[] _changes = [];
    private uint _change;
    private bool _wantedEverything;

    /// <summary>What the peer asked for. Changes take effect with <see cref="BeginChange"/>.</summary>
    public MembershipSet Asked { get; } = new();

    /// <summary>Whether what is asked for changed since the last <see cref="EndChange"/>.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Whether routes with this set of targets are sent to the peer.</summary>
    public bool Wants(RouteTargetSetId set)
    {
        if (set.IsEmpty)
        {
            return Asked.IsEverything;
        }

        if (TryRecall(set, out var answer))
        {
            return answer;
        }

        answer = Asked.WantsAny(targets[set]);
        Remember(set, answer);
        return answer;
    }

    /// <summary>Begins to take a change into effect.</summary>
    /// <returns>Whether routes without targets are concerned, so that every route is to be looked at.</returns>
    public bool BeginChange()
    {
        _turned.Clear();
        _asked.Clear();
        return _wantedEverything != Asked.IsEverything;
    }

    /// <summary>Between begin and end: whether the answer for a set turned.</summary>
    public bool Turned(RouteTargetSetId set)
    {
        if (!_turned.TryGetValue(set.Value, out var turned))
        {
            var now = Asked.WantsAny(targets[set]);
            // A set that nobody asked about has not been sent.
            turned = now != (TryRecall(set, out var before) && before);
            _turned.Add(set.Value, turned);
            _asked.Add((set.Value, now));
        }

        return turned;
    }

    /// <summary>From now on the new answers count.</summary>
    public void EndChange()
    {
        // Answers about sets that no best path has now were not looked at: they hold no more.
        _change++;
        foreach ((int set, bool isWanted) in _asked)
        {
            Remember(new(set), isWanted);
        }

        _wantedEverything = Asked.IsEverything;
        IsChanged = false;
    }

    private bool TryRecall(RouteTargetSetId set, out bool answer)
    {
        var isKnown = set.Value < _stamps.Length && _stamps[set.Value] == targets.StampOf(set) && _changes[set.Value] == _change;
        answer = isKnown && _answers[set.Value];
        return isKnown;
    }

    private void Remember(RouteTargetSetId set, bool answer)
    {
        if (set.Value >= _stamps.Length)
        {
            var room = Math.Max(set.Value + 1, Math.Max(64, _stamps.Length * 2));
            Array.Resize(ref _stamps, room);
            Array.Resize(ref _answers, room);
            Array.Resize(ref _changes, room);
        }

        _stamps[set.Value] = targets.StampOf(set);
        _answers[set.Value] = answer;
        _changes[set.Value] = _change;
    }
}

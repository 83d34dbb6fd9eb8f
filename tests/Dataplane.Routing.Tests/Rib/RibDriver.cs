using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Rib;

/// <summary>
/// Does the same to a table and to the oracle, and compares: every destination, path, best path and set of route targets, and what a listener
/// that only follows the changes believes.
/// </summary>
internal sealed class RibDriver : IBestPathListener
{
    public const int Sources = 5;
    public const int Destinations = 12;
    public const int Sets = 48;

    private static readonly SourceKind[] Kinds = [SourceKind.Ibgp, SourceKind.Ibgp, SourceKind.Ebgp, SourceKind.Ebgp, SourceKind.Local];

    private readonly Underlay _underlay = new();
    private readonly SourceId[] _sources = new SourceId[Sources];
    private readonly SomeAttributes[] _sets;
    private readonly bool?[] _policies = new bool?[Sources];
    private readonly NaiveRib _naive;
    private readonly Dictionary<Nlri, (SourceId Source, uint Identifier, AttributeSetId Set, uint Label)> _believed = [];
    private readonly List<DestinationId> _pins = [];
    private readonly RouteFamily _family;

    public RibDriver(RouteFamily family)
    {
        _family = family;
        Routing = new(resolver: _underlay);
        Table = Routing[family];
        for (var i = 0; i < Sources; i++)
        {
            // Two with the same identifier, two with the same address.
            _sources[i] = Routing.Sources.Add(new()
            {
                Kind = Kinds[i],
                RouterId = (uint)(i / 2),
                Address = IpAddress.Parse($"10.9.0.{i % 3}"),
                Name = $"source {i}",
            });
        }

        _sets = [.. Enumerable.Range(0, Sets).Select(SetOf)];
        _naive = new(nextHop => _underlay.Resolve(IpAddress.Parse(nextHop)), source => Routing.Sources[_sources[source]]);
        Table.AddListener(this);
    }

    public RoutingBase Routing { get; }

    public FamilyTable Table { get; }

    /// <summary>One change; what it is follows from the numbers, so that anything may choose them.</summary>
    public void Do(int kind, int a, int b, int c)
    {
        Nlri nlri = NlriOf(a % Destinations);
        var source = b % Sources;
        var identifier = (uint)(b / Sources % 2);
        switch (kind % 20)
        {
            case < 7:
                Announce(nlri, source, identifier, c);
                break;
            case < 11:
                var isScanned = Table.HasScans;
                var was = _naive.Paths.Remove((nlri, source, identifier));
                Assert.Equal(was, Table.Withdraw(nlri, _sources[source], identifier) && (!isScanned || was));
                break;
            case 11:
                MarkStale(source, c % 2 == 0 ? PathState.Stale : PathState.LlgrStale);
                break;
            case 12:
                Sweep(source, (PathState)(c % 4));
                break;
            case 13:
                _underlay.Set($"10.0.0.{a % 4}", c % 3 != 0, (uint)(c % 5));
                Routing.NextHops.Reresolve();
                break;
            case 14:
                Reaccept(source, c);
                break;
            case 15:
                BeginMarkStale(source, c % 2 == 0 ? PathState.Stale : PathState.LlgrStale);
                break;
            case 16:
                BeginSweep(source, (PathState)(c % 3 + 1));
                break;
            case 17:
                BeginReaccept(source, c);
                break;
            case 18:
                // A few rows of the scans, so that announcements meet them in every state.
                _ = Table.Scan(c % 5 + 1);
                break;
            default:
                PinOrUnpin(nlri, c);
                break;
        }
    }

    /// <summary>Settles in parts of a size and compares.</summary>
    public void Check(int part)
    {
        while (Routing.Settle(part) > 0)
        {
        }

        Assert.Equal(_naive.Paths.Count, Table.PathCount);
        List<Nlri> destinations = [.. _naive.Destinations];
        foreach (Nlri nlri in destinations)
        {
            Assert.True(Table.TryFind(nlri, out DestinationId id));
            Assert.Equal(nlri, Table.NlriOf(id));
            CheckDestination(nlri, id);
        }

        Assert.Equal(destinations.Union(_pins.Select(Table.NlriOf)).Count(), Table.DestinationCount);
        Assert.Equal(_believed.Count, destinations.Count(nlri => _naive.BestOf(nlri) is not null));
    }

    /// <summary>Takes everything away; nothing may be left anywhere.</summary>
    public void End()
    {
        for (var i = 0; i < Sources; i++)
        {
            Sweep(i, PathState.None);
        }

        Check(int.MaxValue);
        _pins.ForEach(Table.Unpin);
        _pins.Clear();
        Assert.Equal((0, 0, 0), (Table.DestinationCount, Table.PathCount, _believed.Count));
        Assert.Equal((0, 0, 0), (Routing.Attributes.Count, Routing.RouteTargets.Count, Routing.NextHops.Count));
    }

    public void BestPathChanged(FamilyTable table, DestinationId destination, in BestChange change)
    {
        Assert.True(table.Exists(destination));
        Assert.Equal(table.BestOf(destination), change.New);
        Nlri nlri = table.NlriOf(destination);
        var wasThere = _believed.TryGetValue(nlri, out var believed);
        switch (change.Kind)
        {
            case BestChangeKind.Reachable:
                Assert.False(wasThere);
                break;
            case BestChangeKind.Changed:
                Assert.True(wasThere);
                break;
            case BestChangeKind.Unreachable:
                Assert.True(_believed.Remove(nlri));
                break;
            default:
                Assert.Equal(wasThere, !change.New.IsNone);
                Assert.True(change.New.IsNone || believed == Now(change.New));
                break;
        }

        if (!change.New.IsNone)
        {
            _believed[nlri] = Now(change.New);
        }
    }

    private static SomeAttributes SetOf(int number)
    {
        var random = new Random(number);
        return new()
        {
            LocalPreference = random.Next(3) == 0 ? (uint)random.Next(99, 102) : null,
            Version = random.Next(4) == 0 ? (uint)random.Next(3) : null,
            Path = [.. Enumerable.Range(0, random.Next(3)).Select(_ => (uint)random.Next(1, 3))],
            Origin = (byte)(random.Next(6) / 5),
            Med = random.Next(2) == 0 ? (uint)random.Next(3) : null,
            Aigp = random.Next(8) == 0 ? (ulong)random.Next(3) : null,
            OriginatorId = random.Next(4) == 0 ? (uint)random.Next(3) : null,
            Clusters = random.Next(8) == 0 ? random.Next(3) : 0,
            IsLlgrStale = random.Next(10) == 0,
            NextHop = $"10.0.0.{random.Next(4)}",
            Targets = [.. Enumerable.Range(0, random.Next(3)).Select(_ => $"65000:{random.Next(4)}")],
        };
    }

    private (SourceId Source, uint Identifier, AttributeSetId Set, uint Label) Now(PathId path) =>
        (Table.Row(path).Source, Table.Row(path).PathIdentifier, Table.Row(path).Accepted, Table.Row(path).Label);

    private Nlri NlriOf(int number) => _family.AddressFamily == AddressFamily.Ipv6
        ? Nlri.Of(IpPrefix.Parse($"2001:db8:{number}::/48"))
        : Nlri.Of(IpPrefix.Parse($"10.{number / 2}.0.0/16"), RouteDistinguisher.OfAs(65000, (uint)number % 2));

    private void Announce(Nlri nlri, int source, uint identifier, int c)
    {
        SomeAttributes received = _sets[c % Sets];
        SomeAttributes? accepted = (c / Sets % 8) switch { 0 => null, 1 => _sets[(c + 1) % Sets], _ => received };
        if (Table.HasScans && _policies[source] is { } isAccepting)
        {
            // A policy that is being asked about all paths is asked about this one too.
            accepted = isAccepting ? received : null;
        }

        var label = (uint)(c / Sets / 8 % 2);
        var path = new NaiveRib.Path(source, identifier, received, accepted, label, PathState.None);
        _ = _naive.Paths.TryGetValue((nlri, source, identifier), out NaiveRib.Path? before);
        AnnounceResult expected = before is null ? AnnounceResult.New
            : (before with { State = PathState.None }) == path && !before.State.HasFlag(PathState.LlgrStale) ? AnnounceResult.Unchanged
            : AnnounceResult.Replaced;
        _naive.Paths[(nlri, source, identifier)] = path;
        var isScanned = Table.HasScans;
        AnnounceResult result = Table.Announce(
            nlri,
            _sources[source],
            identifier,
            received.InternInto(Routing.Attributes),
            accepted?.InternInto(Routing.Attributes) ?? AttributeSetId.None,
            label);
        if (!isScanned)
        {
            // Else the path may be one that is about to be marked or removed.
            Assert.Equal(expected, result);
        }
    }

    private void BeginMarkStale(int source, PathState state)
    {
        foreach ((var key, NaiveRib.Path path) in _naive.Paths.Where(entry => entry.Key.Source == source).ToList())
        {
            _naive.Paths[key] = path with { State = path.State | state };
        }

        Table.BeginMarkStale(_sources[source], state);
    }

    private void BeginSweep(int source, PathState state)
    {
        _naive.Paths.Where(entry => entry.Key.Source == source && (entry.Value.State & state) != 0).ToList().ForEach(entry => _naive.Paths.Remove(entry.Key));
        Table.BeginSweep(_sources[source], state);
    }

    private void BeginReaccept(int source, int c)
    {
        var isAccepting = c % 4 != 0;
        foreach ((var key, NaiveRib.Path path) in _naive.Paths.Where(entry => entry.Key.Source == source).ToList())
        {
            _naive.Paths[key] = path with { Accepted = isAccepting ? path.Received : null };
        }

        _policies[source] = isAccepting;
        Table.BeginReaccept(_sources[source], (table, path) =>
        {
            AttributeSetId accepted = isAccepting ? table.Row(path).Received : AttributeSetId.None;
            Routing.Attributes.Acquire(accepted);
            return accepted;
        });
    }

    private void MarkStale(int source, PathState state)
    {
        foreach ((var key, NaiveRib.Path path) in _naive.Paths.Where(entry => entry.Key.Source == source).ToList())
        {
            _naive.Paths[key] = path with { State = path.State | state };
        }

        _ = Table.MarkStale(_sources[source], state);
    }

    private void Sweep(int source, PathState state)
    {
        var removed = _naive.Paths.Where(entry => entry.Key.Source == source && (state == 0 || (entry.Value.State & state) != 0)).ToList();
        removed.ForEach(entry => _naive.Paths.Remove(entry.Key));
        var count = 0;
        var isScanned = Table.HasScans;
        for (var cursor = 0; cursor < Table.PathCapacity;)
        {
            count += Table.SweepSome(_sources[source], state, ref cursor, 7);
        }

        Assert.True(isScanned || removed.Count == count);
    }

    private void Reaccept(int source, int c)
    {
        foreach ((var key, NaiveRib.Path path) in _naive.Paths.Where(entry => entry.Key.Source == source).ToList())
        {
            _naive.Paths[key] = path with { Accepted = c % 4 == 0 ? null : path.Received };
        }

        _ = Table.Reaccept(_sources[source], (table, path) =>
        {
            AttributeSetId received = c % 4 == 0 ? AttributeSetId.None : table.Row(path).Received;
            Routing.Attributes.Acquire(received);
            return received;
        });
    }

    private void PinOrUnpin(Nlri nlri, int c)
    {
        if (c % 2 == 0 && Table.TryFind(nlri, out DestinationId id))
        {
            Table.Pin(id);
            _pins.Add(id);
        }
        else if (_pins.Count > 0)
        {
            Table.Unpin(_pins[c % _pins.Count]);
            _pins.RemoveAt(c % _pins.Count);
        }
    }

    private void CheckDestination(Nlri nlri, DestinationId id)
    {
        NaiveRib.Path? best = _naive.BestOf(nlri);
        PathId found = Table.BestOf(id);
        PathDecision[] decisions = Table.Explain(id);
        Assert.Equal(_naive.Paths.Keys.Count(key => key.Nlri == nlri), decisions.Length);
        if (best is null)
        {
            Assert.True(found.IsNone);
            Assert.False(_believed.ContainsKey(nlri));
            Assert.All(decisions, decision => Assert.Equal(-1, decision.Rank));
            return;
        }

        ref readonly PathRow row = ref Table.Row(found);
        Assert.Equal((_sources[best.Source], best.Identifier, best.Label, best.State), (row.Source, row.PathIdentifier, row.Label, row.State));
        Assert.Equal(best.Attributes.Build().Block.Octets.ToArray(), Routing.Attributes[row.Accepted].Octets.ToArray());
        Assert.Equal(Now(found), _believed[nlri]);
        Assert.Equal((found, DecisionStep.None), (decisions[0].Path, decisions[0].Step));
        Assert.Equal(
            best.Attributes.Targets.Distinct().Order(),
            Routing.RouteTargets[Table.BestTargets(id)].ToArray().Select(target => target.ToString()[3..]));
    }
}

using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Rib;

[Trait("Requirement", "AMB-04")]
public sealed class DecisionTests
{
    private static readonly Nlri Somewhere = Nlri.Of(IpPrefix.Parse("192.0.2.0/24"), RouteDistinguisher.Parse("65000:1"));

    private readonly Loop.ManualTime _time = new();
    private readonly Underlay _underlay = new();
    private readonly RoutingBase _routing;
    private readonly FamilyTable _table;

    public DecisionTests()
    {
        _routing = new(_time, _underlay);
        _table = _routing[RouteFamily.VpnIpv4];
    }

    /// <summary>
    /// Per step: what makes the first path better in it, while the second would win by every later step, because its source has the lower
    /// identifier and address.
    /// </summary>
    public static TheoryData<string> Steps() => [.. Cases.Keys];

    private static Dictionary<string, (SomeAttributes Better, SomeAttributes Worse, DecisionStep Step)> Cases { get; } = new()
    {
        ["stale"] = (new() { LocalPreference = 1 }, new() { IsLlgrStale = true, LocalPreference = 500 }, DecisionStep.LongLivedStale),
        ["preference"] = (new() { LocalPreference = 200, Version = 1 }, new() { LocalPreference = 150, Version = 9 }, DecisionStep.LocalPreference),
        ["preference-default"] = (new(), new() { LocalPreference = 99 }, DecisionStep.LocalPreference),
        ["version"] = (new() { Version = 8, Aigp = 9, Path = [1, 2, 3] }, new() { Version = 7, Aigp = 1 }, DecisionStep.Version),
        ["version-none"] = (new() { Version = 1, Path = [1, 2, 3] }, new(), DecisionStep.Version),
        ["version-unsigned"] = (new() { Version = 0xFFFFFFFF }, new() { Version = 1 }, DecisionStep.Version),
        ["aigp"] = (new() { Aigp = 10, Path = [1, 2] }, new() { Aigp = 11 }, DecisionStep.AccumulatedMetric),
        ["aigp-none"] = (new() { Aigp = ulong.MaxValue, Path = [1, 2] }, new(), DecisionStep.AccumulatedMetric),
        ["aigp-cost"] = (new() { Aigp = 10, NextHop = "10.0.0.5" }, new() { Aigp = 8, NextHop = "10.0.0.9" }, DecisionStep.AccumulatedMetric),
        ["path"] = (new() { Path = [1], Origin = 2 }, new() { Path = [1, 2] }, DecisionStep.AsPathLength),
        ["origin"] = (new() { Origin = 1, Med = 9 }, new() { Origin = 2, Med = 1 }, DecisionStep.Origin),
        ["med"] = (new() { Path = [7, 8], Med = 1, NextHop = "10.0.0.9" }, new() { Path = [7, 9], Med = 2 }, DecisionStep.Med),
        ["med-none"] = (new() { Path = [7], NextHop = "10.0.0.9" }, new() { Path = [7], Med = 2 }, DecisionStep.Med),
        ["cost"] = (new() { NextHop = "10.0.0.5", Med = 9, Path = [1] }, new() { NextHop = "10.0.0.9", Med = 1, Path = [2] }, DecisionStep.InteriorCost),
        ["originator"] = (new() { OriginatorId = 1, Clusters = 3 }, new(), DecisionStep.RouterId),
        ["clusters"] = (new() { OriginatorId = 1, Clusters = 1 }, new() { OriginatorId = 1, Clusters = 2 }, DecisionStep.ClusterListLength),
    };

    [Theory]
    [MemberData(nameof(Steps))]
    public void TheStepDecidesAndIsNamed(string name)
    {
        (SomeAttributes better, SomeAttributes worse, DecisionStep step) = Cases[name];
        _underlay.Set("10.0.0.5", true, 5);
        _underlay.Set("10.0.0.9", true, 9);
        SourceId high = Source(SourceKind.Ibgp, 20, "10.9.0.2");
        SourceId low = Source(SourceKind.Ibgp, 10, "10.9.0.1");
        Expect(Announce(high, better), Announce(low, worse), step);
    }

    [Fact]
    public void WhatIsOriginatedHereGoesBeforeWhatOthersSay()
    {
        SourceId here = Source(SourceKind.Local, 99, "10.9.0.9");
        SourceId peer = Source(SourceKind.Ebgp, 1, "10.9.0.1");
        Expect(Announce(here, new() { Origin = 2, Path = [1, 2] }), Announce(peer, new() { Aigp = 1 }), DecisionStep.LocallyOriginated);
    }

    [Fact]
    public void ExternalGoesBeforeInternal()
    {
        _underlay.Set("10.0.0.9", true, 9);
        SourceId external = Source(SourceKind.Ebgp, 20, "10.9.0.2");
        SourceId inside = Source(SourceKind.Ibgp, 10, "10.9.0.1");
        Expect(Announce(external, new() { NextHop = "10.0.0.9" }), Announce(inside, new()), DecisionStep.External);
    }

    [Fact]
    public void IdentifierThenAddressThenPathIdentifierBreakTies()
    {
        SourceId one = Source(SourceKind.Ibgp, 10, "10.9.0.9");
        SourceId two = Source(SourceKind.Ibgp, 20, "10.9.0.1");
        SourceId three = Source(SourceKind.Ibgp, 20, "10.9.0.2");
        PathId first = Announce(one, new());
        PathId second = Announce(two, new(), 5);
        PathId third = Announce(two, new(), 6);
        PathId fourth = Announce(three, new());
        Assert.Equal(
            [
                (first, DecisionStep.None, PathId.None), (second, DecisionStep.RouterId, first),
                (third, DecisionStep.RouterId, first), (fourth, DecisionStep.RouterId, first),
            ],
            Decisions().Select(decision => (decision.Path, decision.Step, decision.Against)));
        _ = _table.Withdraw(Somewhere, one, 0);
        Assert.Equal([DecisionStep.None, DecisionStep.PathIdentifier, DecisionStep.PeerAddress], Decisions().Select(decision => decision.Step));
    }

    [Fact]
    public void AmongExternalPathsTheOlderOneStaysWhenConfigured()
    {
        SourceId old = Source(SourceKind.Ebgp, 20, "10.9.0.2");
        SourceId young = Source(SourceKind.Ebgp, 10, "10.9.0.1");
        PathId older = Announce(old, new());
        _time.Advance(TimeSpan.FromSeconds(10));
        _ = _routing.Settle();
        PathId younger = Announce(young, new());
        Expect(younger, older, DecisionStep.RouterId);
        _routing.BestPath = new() { PreferOlder = true };
        Expect(older, younger, DecisionStep.Age);
    }

    [Fact]
    public void MedOfDifferentNeighboursComparesOnlyWhenConfigured()
    {
        SourceId high = Source(SourceKind.Ebgp, 20, "10.9.0.2");
        SourceId low = Source(SourceKind.Ebgp, 10, "10.9.0.1");
        PathId small = Announce(high, new() { Path = [1], Med = 1 });
        PathId big = Announce(low, new() { Path = [2], Med = 2 });
        Expect(big, small, DecisionStep.RouterId);
        _routing.BestPath = new() { AlwaysCompareMed = true };
        Expect(small, big, DecisionStep.Med);
        PathId without = Announce(low, new() { Path = [2] });
        Expect(without, small, DecisionStep.Med);
        _routing.BestPath = new() { AlwaysCompareMed = true, MissingMedIsWorst = true };
        Expect(small, without, DecisionStep.Med);
    }

    [Fact]
    public void LengthOfThePathIsNotComparedWhenConfigured()
    {
        SourceId high = Source(SourceKind.Ebgp, 20, "10.9.0.2");
        SourceId low = Source(SourceKind.Ebgp, 10, "10.9.0.1");
        PathId near = Announce(high, new() { Path = [1] });
        PathId far = Announce(low, new() { Path = [2, 3] });
        Expect(near, far, DecisionStep.AsPathLength);
        _routing.BestPath = new() { IgnoreAsPathLength = true };
        Expect(far, near, DecisionStep.RouterId);
    }

    [Fact]
    public void MedDoesNotDependOnTheOrderOfArrival()
    {
        // The classic: A beats B by MED, B beats C by identifier, C beats A by identifier. RFC 4271 §9.1.2.2 removes B first, so C wins.
        (SourceId Source, SomeAttributes Attributes)[] paths =
        [
            (Source(SourceKind.Ebgp, 30, "10.9.0.3"), new() { Path = [1], Med = 1 }),
            (Source(SourceKind.Ebgp, 10, "10.9.0.1"), new() { Path = [1], Med = 2 }),
            (Source(SourceKind.Ebgp, 20, "10.9.0.2"), new() { Path = [2], Med = 9 }),
        ];
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        foreach (var order in orders)
        {
            foreach (var index in order)
            {
                _ = Announce(paths[index].Source, paths[index].Attributes);
                _ = _routing.Settle();
            }

            PathDecision[] decisions = Decisions();
            Assert.Equal(
                [(paths[2].Source, DecisionStep.None), (paths[0].Source, DecisionStep.RouterId), (paths[1].Source, DecisionStep.Med)],
                decisions.Select(decision => (_table.Row(decision.Path).Source, decision.Step)));
            Assert.Equal(decisions[1].Path, decisions[2].Against);
            foreach ((SourceId source, _) in paths)
            {
                Assert.Equal(1, _table.Sweep(source));
            }
        }
    }

    [Fact]
    public void WhatCannotBeUsedHasNoRankAndSaysWhy()
    {
        _underlay.Set("10.0.0.9", false);
        PathId good = Announce(Source(SourceKind.Ibgp, 30, "10.9.0.3"), new() { LocalPreference = 1 });
        PathId unreachable = Announce(Source(SourceKind.Ibgp, 10, "10.9.0.1"), new() { NextHop = "10.0.0.9" });
        SourceId rejecting = Source(SourceKind.Ibgp, 20, "10.9.0.2");
        AttributeSetId received = new SomeAttributes().InternInto(_routing.Attributes);
        _ = _table.Announce(Somewhere, rejecting, 0, received, AttributeSetId.None, 0);
        PathDecision[] decisions = Decisions();
        Assert.Equal(new PathDecision(good, 0, DecisionStep.None, PathId.None, true), decisions[0]);
        Assert.Equal(
            [(-1, DecisionStep.Policy), (-1, DecisionStep.NextHop)],
            decisions.Skip(1).OrderBy(decision => decision.Step).Select(decision => (decision.Rank, decision.Step)));
        Assert.Contains(decisions, decision => decision.Path == unreachable && decision.Step == DecisionStep.NextHop);
    }

    [Fact]
    public void AStalePathOfASourceIsLeastPreferredOnlyWhenItIsForLong()
    {
        SourceId old = Source(SourceKind.Ibgp, 10, "10.9.0.1");
        PathId kept = Announce(old, new() { LocalPreference = 200 });
        PathId other = Announce(Source(SourceKind.Ibgp, 20, "10.9.0.2"), new());
        Assert.Equal(1, _table.MarkStale(old, PathState.Stale));
        Expect(kept, other, DecisionStep.LocalPreference);
        Assert.Equal(1, _table.MarkStale(old, PathState.LlgrStale));
        Expect(other, kept, DecisionStep.LongLivedStale);
        _ = Announce(old, new() { LocalPreference = 200 });
        Expect(kept, other, DecisionStep.LocalPreference);
        Assert.Equal(PathState.None, _table.Row(kept).State);
    }

    [Fact]
    [Trait("Requirement", "SIG-09")]
    public void TrafficIsSharedOnlyAmongPathsEqualUpToTheInteriorCost()
    {
        _underlay.Set("10.0.0.9", true, 9);
        PathId best = Announce(Source(SourceKind.Ibgp, 1, "10.9.0.1"), new() { Version = 2 });
        PathId equal = Announce(Source(SourceKind.Ibgp, 2, "10.9.0.2"), new() { Version = 2, NextHop = "10.0.0.2", Clusters = 2 });
        PathId older = Announce(Source(SourceKind.Ibgp, 3, "10.9.0.3"), new() { Version = 1 });
        PathId farther = Announce(Source(SourceKind.Ibgp, 4, "10.9.0.4"), new() { Version = 2, NextHop = "10.0.0.9" });
        PathId external = Announce(Source(SourceKind.Ibgp, 5, "10.9.0.5"), new() { Version = 2, LocalPreference = 99 });
        PathDecision[] decisions = Decisions();
        Assert.Equal([best, equal], decisions.Where(decision => decision.IsMultipath).Select(decision => decision.Path));
        Assert.Equal([best, equal, farther, older, external], decisions.Select(decision => decision.Path));
        Assert.True(_table.TryFind(Somewhere, out DestinationId id));
        var paths = new PathId[5];
        Assert.Equal(2, _table.Multipaths(id, paths));
        Assert.Equal([best, equal], paths.Take(2));
        Assert.Equal(5, _table.Ranked(id, paths));
        Assert.Equal([best, equal, farther, older, external], paths);
    }

    private void Expect(PathId better, PathId worse, DecisionStep step)
    {
        PathDecision[] decisions = Decisions();
        Assert.Equal([better, worse], decisions.Select(decision => decision.Path));
        Assert.Equal((DecisionStep.None, step, better), (decisions[0].Step, decisions[1].Step, decisions[1].Against));
        Assert.True(_table.TryFind(Somewhere, out DestinationId id));
        Assert.Equal(better, _table.BestOf(id));
    }

    private PathDecision[] Decisions()
    {
        Assert.Equal(0, _routing.Settle());
        Assert.True(_table.TryFind(Somewhere, out DestinationId id));
        return _table.Explain(id);
    }

    private SourceId Source(SourceKind kind, uint routerId, string address) =>
        _routing.Sources.Add(new() { Kind = kind, RouterId = routerId, Address = IpAddress.Parse(address), Name = address });

    private PathId Announce(SourceId source, SomeAttributes attributes, uint pathIdentifier = 0)
    {
        AttributeSetId set = attributes.InternInto(_routing.Attributes, 2);
        _ = _table.Announce(Somewhere, source, pathIdentifier, set, set, 16 << 4 | 1);
        Assert.True(_table.TryFind(Somewhere, out DestinationId id));
        return _table.FindPath(id, source, pathIdentifier);
    }
}

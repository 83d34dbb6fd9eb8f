using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Rib;

public sealed class FamilyTableTests : IBestPathListener
{
    private static readonly Nlri Somewhere = Nlri.Of(IpPrefix.Parse("192.0.2.0/24"), RouteDistinguisher.Parse("65000:1"));
    private static readonly Nlri Elsewhere = Nlri.Of(IpPrefix.Parse("192.0.2.0/24"), RouteDistinguisher.Parse("65000:2"));

    private readonly RoutingBase _routing = new();
    private readonly FamilyTable _table;
    private readonly SourceId _near;
    private readonly SourceId _far;
    private readonly List<(Nlri Nlri, BestChangeKind Kind)> _changes = [];
    private Action<DestinationId, BestChange>? _react;

    public FamilyTableTests()
    {
        _table = _routing[RouteFamily.VpnIpv4];
        _near = _routing.Sources.Add(new() { Kind = SourceKind.Ibgp, Name = "near", RouterId = 1 });
        _far = _routing.Sources.Add(new() { Kind = SourceKind.Ibgp, Name = "far", RouterId = 2 });
        _table.AddListener(this);
    }

    [Fact]
    public void WhatIsAnnouncedIsSelectedAndWhatIsWithdrawnLeavesNothing()
    {
        Announce(_near, new());
        Announce(_far, new() { LocalPreference = 200 });
        Assert.Equal(0, _routing.Settle());
        Assert.True(_table.TryFind(Somewhere, out DestinationId id));
        Assert.Equal(_far, _table.Row(_table.BestOf(id)).Source);
        Assert.True(_table.Withdraw(Somewhere, _far, 0));
        Assert.False(_table.Withdraw(Somewhere, _far, 0));
        Assert.False(_table.Withdraw(Elsewhere, _far, 0));
        Assert.Equal(0, _routing.Settle());
        Assert.Equal(_near, _table.Row(_table.BestOf(id)).Source);
        Assert.Equal((1, 0), (_table.PathCountOf(_near), _table.PathCountOf(_far)));
        Assert.Equal(1, _table.Sweep(_near));
        Assert.Equal(0, _routing.Settle());
        Assert.False(_table.TryFind(Somewhere, out _));
        Assert.Equal([BestChangeKind.Reachable, BestChangeKind.Changed, BestChangeKind.Unreachable], _changes.Select(change => change.Kind));
        Assert.Equal((0, 0, 0, 0), (_table.DestinationCount, _table.PathCount, _routing.Attributes.Count, _routing.NextHops.Count));
    }

    [Fact]
    public void AnUnchangedRouteIsNobodysConcern()
    {
        Assert.Equal(AnnounceResult.New, Announce(_near, new()));
        _ = _routing.Settle();
        Assert.Equal(AnnounceResult.Unchanged, Announce(_near, new()));
        Assert.True(_routing.IsSettled);
        Assert.Equal(AnnounceResult.Replaced, Announce(_near, new() { Med = 1 }));
        Assert.Equal(1, _routing.Settle(0));
        Assert.Equal(0, _routing.Settle());
        Assert.Equal([BestChangeKind.Reachable, BestChangeKind.Changed], _changes.Select(change => change.Kind));
    }

    [Fact]
    public void ChangesBetweenTwoSettlingsAreToldOnce()
    {
        Announce(_near, new());
        Assert.True(_table.Withdraw(Somewhere, _near, 0));
        Announce(_near, new() { Med = 1 });
        Announce(_near, new() { Med = 2 });
        _ = _routing.Settle();
        Assert.True(_table.Withdraw(Somewhere, _near, 0));
        Announce(_near, new() { Med = 2 });
        _ = _routing.Settle();
        Assert.Equal([BestChangeKind.Reachable, BestChangeKind.Changed], _changes.Select(change => change.Kind));
    }

    [Fact]
    public void AnIdIsNotGivenToAnotherDestinationWhileItIsPinned()
    {
        Announce(_near, new());
        _ = _routing.Settle();
        Assert.True(_table.TryFind(Somewhere, out DestinationId id));
        _table.Pin(id);
        _table.Pin(id);
        Assert.True(_table.Withdraw(Somewhere, _near, 0));
        _ = _routing.Settle();
        Assert.True(_table.Exists(id));
        Assert.Equal(Somewhere, _table.NlriOf(id));
        Announce(_near, new(), Elsewhere);
        Assert.True(_table.TryFind(Elsewhere, out DestinationId other));
        Assert.NotEqual(id, other);
        _table.Unpin(id);
        Assert.True(_table.Exists(id));
        _table.Unpin(id);
        Assert.False(_table.Exists(id));
        Assert.False(_table.TryFind(Somewhere, out _));
        _ = Assert.Throws<OverflowException>(() => _table.Unpin(other));
    }

    [Fact]
    public void AListenerMayUnpinWithdrawAndAnnounceWhatItIsToldAbout()
    {
        Announce(_near, new());
        _ = _routing.Settle();
        Assert.True(_table.TryFind(Somewhere, out DestinationId id));
        _table.Pin(id);
        _react = (destination, change) =>
        {
            if (_table.NlriOf(destination) == Somewhere && change.Kind == BestChangeKind.Unreachable)
            {
                _table.Unpin(destination);
                Announce(_far, new(), Elsewhere);
            }
            else if (change.Kind == BestChangeKind.Reachable)
            {
                Assert.True(_table.Withdraw(Elsewhere, _far, 0));
            }
        };
        Assert.True(_table.Withdraw(Somewhere, _near, 0));
        while (_routing.Settle(1) > 0)
        {
        }

        Assert.Equal(0, _table.DestinationCount);
        Assert.Equal(
            [(Somewhere, BestChangeKind.Reachable), (Somewhere, BestChangeKind.Unreachable), (Elsewhere, BestChangeKind.Reachable), (Elsewhere, BestChangeKind.Unreachable)],
            _changes);
    }

    [Fact]
    public void DestinationsAreFoundByTheTargetsOfTheirBestPath()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Announce(_near, new() { Targets = [$"65000:{i % 7}"] }, NlriOf(i));
        }

        _ = _routing.Settle();
        var visitor = new Collector(_routing, ExtendedCommunity.ParseRouteTarget("65000:3"));
        _table.ForEachWithTargets(ref visitor);
        Assert.Equal(Enumerable.Range(0, 10_000).Where(i => i % 7 == 3).Select(NlriOf), visitor.Found.Select(_table.NlriOf));
        Announce(_far, new() { LocalPreference = 200, Targets = ["65000:8"] }, NlriOf(3));
        _ = _routing.Settle();
        visitor = new(_routing, ExtendedCommunity.ParseRouteTarget("65000:3"));
        _table.ForEachWithTargets(ref visitor);
        Assert.DoesNotContain(NlriOf(3), visitor.Found.Select(_table.NlriOf));
    }

    [Fact]
    public void NeitherAnnouncingNorSettlingNorWithdrawingAllocatesPerRoute()
    {
        AttributeSetId set = new SomeAttributes { Targets = ["65000:1"] }.InternInto(_routing.Attributes);
        _table.RemoveListener(this);
        for (var round = 0; round < 2; round++)
        {
            // The first round makes room; the pages that the last withdrawal gives back are what the second may allocate anew.
            var before = GC.GetAllocatedBytesForCurrentThread();
            Announce(_far, new(), Elsewhere);
            for (var i = 0; i < 20_000; i++)
            {
                _routing.Attributes.Acquire(set, 2);
                _ = _table.Announce(NlriOf(i), _near, 0, set, set, 16);
            }

            _ = _routing.Settle();
            for (var i = 0; i < 20_000; i++)
            {
                _ = _table.Withdraw(NlriOf(i), _near, 0);
            }

            _ = _routing.Settle();
            if (round == 1)
            {
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
            }
        }
    }

    void IBestPathListener.BestPathChanged(FamilyTable table, DestinationId destination, in BestChange change)
    {
        _changes.Add((table.NlriOf(destination), change.Kind));
        _react?.Invoke(destination, change);
    }

    private static Nlri NlriOf(int route) => Nlri.Of(IpPrefix.Host(new Ipv4Address(0x0A000000 + (uint)route)), RouteDistinguisher.Parse("65000:1"));

    private AnnounceResult Announce(SourceId source, SomeAttributes attributes, Nlri? nlri = null)
    {
        AttributeSetId set = attributes.InternInto(_routing.Attributes, 2);
        return _table.Announce(nlri ?? Somewhere, source, 0, set, set, 16 << 4 | 1);
    }

    private readonly struct Collector(RoutingBase routing, ExtendedCommunity target) : IDestinationVisitor
    {
        public List<DestinationId> Found { get; } = [];

        public bool Wants(RouteTargetSetId targets) => routing.RouteTargets.Contains(targets, target);

        public void Visit(DestinationId destination) => Found.Add(destination);
    }
}

using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Rib;

/// <summary>Scans over the paths of a source take as many rows as they are given and no more; what is announced meanwhile is not theirs.</summary>
public sealed class SourceScanTests
{
    private const int Routes = 1000;
    private readonly RoutingBase _routing = new();
    private readonly FamilyTable _table;
    private readonly SourceId _source;

    public SourceScanTests()
    {
        _table = _routing[RouteFamily.Ipv4Unicast];
        _source = _routing.Sources.Add(new() { Kind = SourceKind.Ibgp, Address = IpAddress.Parse("10.9.0.1"), Name = "peer" });
        for (var i = 0; i < Routes; i++)
        {
            Announce(i);
        }

        _ = _routing.Settle();
    }

    [Fact]
    [Trait("Requirement", "SIG-08")]
    public void ASessionThatEndsTakesItsRoutesAPartAtATime()
    {
        _table.BeginMarkStale(_source, PathState.Stale);
        _table.BeginSweep(_source, PathState.Stale);
        Assert.Equal(Routes, _table.PathCount);
        var parts = 0;
        var before = Routes;
        while (_table.HasScans)
        {
            Assert.InRange(_table.Scan(64), 1, 64);
            Assert.InRange(before - _table.PathCount, 0, 64);
            before = _table.PathCount;
            parts++;
        }

        Assert.Equal(0, _table.PathCount);
        Assert.InRange(parts, 2 * Routes / 64, 2 * Routes / 64 + 2);
    }

    [Fact]
    public void WhatComesBackBeforeItIsMarkedStays()
    {
        _table.BeginMarkStale(_source, PathState.Stale);
        _ = _table.Scan(Routes / 2);
        Announce(0); // marked already
        Announce(Routes - 1); // not yet
        Announce(Routes); // new
        _table.BeginSweep(_source, PathState.Stale);
        Announce(1);
        Assert.True(_routing.Settle() == 0);
        Assert.Equal([0, 1, Routes - 1, Routes], Enumerable.Range(0, Routes + 1).Where(Has));
        Assert.False(_table.HasScans);

        // And the next marking means them.
        _table.BeginMarkStale(_source, PathState.Stale);
        _table.BeginSweep(_source, PathState.Stale);
        _ = _routing.Settle();
        Assert.Equal(0, _table.PathCount);
    }

    [Fact]
    public void ASecondMarkingMeansWhatCameSinceTheFirst()
    {
        _table.BeginMarkStale(_source, PathState.Stale);
        Announce(7);
        _table.BeginMarkStale(_source, PathState.Stale);
        Announce(8);
        _table.BeginSweep(_source, PathState.Stale);
        _ = _routing.Settle();
        Assert.True(Has(8));
        Assert.Equal(1, _table.PathCount);
    }

    [Fact]
    public void ASourceThatGoesIsToldGoneWhenItsLastPathIs()
    {
        var asked = 0;
        var gone = 0;
        _table.BeginReaccept(_source, (table, path) =>
        {
            asked++;
            _routing.Attributes.Acquire(table.Row(path).Received);
            return table.Row(path).Received;
        });
        _ = _table.Scan(10);
        _table.BeginSweep(_source, PathState.None, () => gone++);
        _ = _table.Scan(Routes - 1);
        Assert.Equal((10, 0, 1), (asked, gone, _table.PathCount));
        _ = _table.Scan(1);
        Assert.Equal((1, 0), (gone, _table.PathCount));
        _table.BeginSweep(_source, PathState.None, () => gone++);
        Assert.Equal(2, gone);
    }

    [Fact]
    public void APolicyThatChangesAgainAsksFromTheStart()
    {
        AttributeSetId Reject(FamilyTable table, PathId path) => AttributeSetId.None;
        AttributeSetId Accept(FamilyTable table, PathId path)
        {
            _routing.Attributes.Acquire(table.Row(path).Received);
            return table.Row(path).Received;
        }

        _table.BeginReaccept(_source, Reject);
        _ = _table.Scan(Routes / 2);
        Assert.Equal(Routes / 2, _table.AcceptedCountOf(_source));
        _table.BeginReaccept(_source, Accept);
        _ = _routing.Settle();
        Assert.Equal(Routes, _table.AcceptedCountOf(_source));
    }

    private static Nlri NlriOf(int number) => Nlri.Of(new IpPrefix(new Ipv4Address((uint)(10 << 24 | number << 8)), 24));

    private bool Has(int number) => _table.TryFind(NlriOf(number), out DestinationId id) && !_table.FindPath(id, _source, 0).IsNone;

    private void Announce(int number)
    {
        AttributeSetId set = new SomeAttributes { NextHop = "10.0.0.1" }.InternInto(_routing.Attributes);
        _routing.Attributes.Acquire(set);
        _ = _table.Announce(NlriOf(number), _source, 0, set, set, 0);
    }
}

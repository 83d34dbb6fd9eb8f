using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Rib;

public sealed class NextHopTests : IBestPathListener
{
    private readonly Underlay _underlay = new();
    private readonly RoutingBase _routing;
    private readonly FamilyTable _table;
    private readonly SourceId _source;
    private readonly List<(int Route, BestChangeKind Kind)> _changes = [];

    public NextHopTests()
    {
        _routing = new(resolver: _underlay);
        _table = _routing[RouteFamily.Ipv4Unicast];
        _source = _routing.Sources.Add(new() { Kind = SourceKind.Ibgp, Name = "peer" });
        for (var i = 0; i < 100; i++)
        {
            AttributeSetId set = new SomeAttributes { NextHop = $"10.0.{i / 50}.{i % 10}" }.InternInto(_routing.Attributes, 2);
            _ = _table.Announce(NlriOf(i), _source, 0, set, set, 0);
        }

        Assert.Equal(0, _routing.Settle());
        _table.AddListener(this);
    }

    [Fact]
    public void AChangeConcernsTheDestinationsBehindTheNextHopAndNoOther()
    {
        _underlay.Set("10.0.0.7", false);
        _routing.NextHops.Reresolve();
        Assert.False(_routing.IsSettled);
        while (_routing.Settle(1) > 0)
        {
        }

        Assert.Equal(Enumerable.Range(0, 5).Select(i => ((10 * i) + 7, BestChangeKind.Unreachable)), _changes.Order());
        _changes.Clear();
        _underlay.Set("10.0.0.7", true, 20);
        _routing.NextHops.Reresolve();
        Assert.Equal(0, _routing.Settle());
        Assert.Equal(Enumerable.Range(0, 5).Select(i => ((10 * i) + 7, BestChangeKind.Reachable)), _changes.Order());
        _changes.Clear();
        _underlay.Set("10.0.0.7", true, 21);
        _routing.NextHops.Reresolve(IpPrefix.Parse("10.0.1.0/24"));
        Assert.Equal(0, _routing.Settle());
        Assert.Empty(_changes);
        _routing.NextHops.Reresolve(IpPrefix.Parse("10.0.0.0/24"));
        Assert.Equal(0, _routing.Settle());
        Assert.Equal(Enumerable.Range(0, 5).Select(i => ((10 * i) + 7, BestChangeKind.Changed)), _changes.Order());
    }

    [Fact]
    public void ChangesInTheMiddleOfAScanAreNotLost()
    {
        _underlay.Set("10.0.1.9", false);
        _routing.NextHops.Reresolve();
        _ = _routing.Settle(1);
        _underlay.Set("10.0.0.1", false);
        _routing.NextHops.Reresolve();
        _ = _routing.Settle(1);
        _underlay.Set("10.0.0.1", true);
        _underlay.Set("10.0.0.2", false);
        _routing.NextHops.Reresolve();
        while (_routing.Settle(1) > 0)
        {
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.True(_table.TryFind(NlriOf(i), out DestinationId id));
            Assert.Equal((i >= 50 && i % 10 == 9) || (i < 50 && i % 10 == 2), _table.BestOf(id).IsNone);
        }
    }

    [Fact]
    public void AnotherResolverIsAskedAboutEverything()
    {
        Assert.Equal(20, _routing.NextHops.Count);
        Assert.Equal(1, _routing.NextHops.ReferencesOf(_routing.NextHops.Find(IpAddress.Parse("10.0.1.3"))));
        var other = new Underlay();
        other.Set("10.0.1.3", false);
        _routing.NextHops.Resolver = other;
        Assert.Equal(0, _routing.Settle());
        Assert.Equal(5, _changes.Count);
        Assert.False(_routing.NextHops.StateOf(_routing.NextHops.Find(IpAddress.Parse("10.0.1.3"))).IsReachable);
        Assert.True(_routing.NextHops.Find(IpAddress.Parse("10.0.3.3")).IsNone);
    }

    void IBestPathListener.BestPathChanged(FamilyTable table, DestinationId destination, in BestChange change) =>
        _changes.Add(((int)table.NlriOf(destination).Low & 0xFF, change.Kind));

    private static Nlri NlriOf(int route) => Nlri.Of(IpPrefix.Host(new Ipv4Address(0xC0000200 + (uint)route)));
}

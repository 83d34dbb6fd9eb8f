using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Tests.Rib;

namespace Dataplane.Routing.Tests.Attributes;

public sealed class AttributeStoreTests
{
    private readonly AttributeStore _store = new(new NextHopTable(), new RouteTargetSets());

    [Fact]
    public void EqualOctetsAreOneSetUntilTheLastReferenceIsGone()
    {
        AttributeSetId first = new SomeAttributes { Med = 1 }.InternInto(_store);
        AttributeSetId again = new SomeAttributes { Med = 1 }.InternInto(_store);
        AttributeSetId other = new SomeAttributes { Med = 2 }.InternInto(_store);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal((2, 1, 2, 1), (_store.Count, _store.NextHops.Count, _store.ReferencesOf(first), _store.ReferencesOf(other)));
        _store.Release(first);
        Assert.Equal(new SomeAttributes { Med = 1 }.Build().Block.Octets.ToArray(), _store[first].Octets.ToArray());
        _store.Release(again);
        _store.Release(other);
        Assert.Equal((0, 0), (_store.Count, _store.NextHops.Count));
    }

    [Fact]
    public void NoneIsNoSet()
    {
        Assert.True(_store[AttributeSetId.None].Octets.IsEmpty);
        _store.Acquire(AttributeSetId.None);
        _store.Release(AttributeSetId.None);
        AttributeSetId empty = _store.Intern(default);
        Assert.False(empty.IsNone);
        Assert.Equal(AttributeSummary.DefaultLocalPreference, _store.Summary(empty).LocalPreference);
        Assert.True(_store.Summary(empty).NextHop.IsNone);
    }

    [Fact]
    public void TheSummaryHoldsWhatSelectionAsks()
    {
        AttributeBlockBuilder builder = new SomeAttributes
        {
            LocalPreference = 7,
            Version = 9,
            Med = 3,
            Aigp = 0x1_0000_0000,
            OriginatorId = 0x0A000001,
            Clusters = 2,
            Origin = 1,
            NextHop = "2001:db8::1",
            Targets = ["65000:2", "65000:1", "65000:2"],
        }.Build();

        // A confederation sequence of one, a sequence of two, a set of three: length 3, neighbour 64500.
        builder.Set(AttributeCode.AsPath, AttributeFlags.Transitive, Convert.FromHexString(
            "0301" + "0000FDE9" + "0202" + "0000FBF4" + "0000FBF5" + "0103" + "00000001" + "00000002" + "00000003"));
        builder.Set(AttributeCode.Communities, AttributeFlags.Optional, Convert.FromHexString("FFFFFF01FFFF0007FFFF0000FDE80001"));
        AttributeSetId id = _store.Intern(builder.Block);
        AttributeSummary summary = _store.Summary(id);
        Assert.Equal((7u, 9u, 3u, 0x0A000001u, 64500u), (summary.LocalPreference, summary.Version, summary.Med, _store.OriginatorId(id), summary.NeighborAs));
        Assert.Equal((3, 1, 2), (summary.AsPathLength, summary.Origin, summary.ClusterListLength));
        Assert.Equal(IpAddress.Parse("2001:db8::1"), _store.NextHops[summary.NextHop]);
        Assert.Equal(
            AttributeTraits.HasMed | AttributeTraits.HasLocalPreference | AttributeTraits.HasOriginatorId | AttributeTraits.HasAigp
            | AttributeTraits.HasVersion | AttributeTraits.NoExport | AttributeTraits.NoLlgr | AttributeTraits.GracefulShutdown,
            summary.Traits);
        Assert.Equal(
            ["rt:65000:1", "rt:65000:2"],
            _store.RouteTargets[summary.RouteTargets].ToArray().Select(target => target.ToString()));
        Assert.True(_store.TryGetAigp(id, out var metric));
        Assert.Equal(0x1_0000_0000UL, metric);
    }

    [Fact]
    public void TheLinkLocalNextHopIsNotTheOneThatIsTracked()
    {
        var builder = new AttributeBlockBuilder();
        builder.Set(AttributeCode.NextHop, AttributeFlags.Transitive, Convert.FromHexString("20010DB8000000000000000000000001" + "FE800000000000000000000000000001"));
        AttributeSummary summary = _store.Summary(_store.Intern(builder.Block));
        Assert.Equal(IpAddress.Parse("2001:db8::1"), _store.NextHops[summary.NextHop]);
        Assert.True(summary.Has(AttributeTraits.HasLinkLocalNextHop));
    }

    [Fact]
    public void RouteTargetsInAnyOrderAreOneSetWithAStampOfItsOwn()
    {
        RouteTargetSetId one = _store.RouteTargets.Intern([ExtendedCommunity.ParseRouteTarget("1:2"), ExtendedCommunity.ParseRouteTarget("1:1")]);
        RouteTargetSetId same = _store.RouteTargets.Intern(Convert.FromHexString("0002000100000001" + "0600000000000001" + "0002000100000002"));
        Assert.Equal(one, same);
        Assert.True(_store.RouteTargets.Contains(one, ExtendedCommunity.ParseRouteTarget("1:2")));
        Assert.False(_store.RouteTargets.Contains(one, ExtendedCommunity.ParseRouteTarget("1:3")));
        var stamp = _store.RouteTargets.StampOf(one);
        _store.RouteTargets.Release(one);
        _store.RouteTargets.Release(same);
        Assert.Equal(0, _store.RouteTargets.Count);
        RouteTargetSetId next = _store.RouteTargets.Intern([ExtendedCommunity.ParseRouteTarget("9:9")]);
        Assert.Equal(one, next);
        Assert.NotEqual(stamp, _store.RouteTargets.StampOf(next));
        Assert.Equal(RouteTargetSetId.Empty, _store.RouteTargets.Intern(ReadOnlySpan<ExtendedCommunity>.Empty));
    }

    [Fact]
    public void ChurnOfSetsLeavesNothingBehind()
    {
        var random = new Random(5);
        var held = new Queue<AttributeSetId>();
        var builder = new AttributeBlockBuilder();
        for (var i = 0; i < 200_000; i++)
        {
            builder.Clear();
            builder.SetNextHop(new Ipv4Address((uint)random.Next(500)));
            builder.Set(AttributeCode.Communities, AttributeFlags.Optional, new byte[4 * random.Next(40)]);
            builder.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, (uint)random.Next(100));
            held.Enqueue(_store.Intern(builder.Block));
            if (held.Count > 3000)
            {
                _store.Release(held.Dequeue());
            }
        }

        var bytes = _store.Bytes;
        Assert.InRange(bytes, 0, 6_000_000);
        while (held.TryDequeue(out AttributeSetId id))
        {
            _store.Release(id);
        }

        Assert.Equal((0, 0), (_store.Count, _store.NextHops.Count));
    }
}

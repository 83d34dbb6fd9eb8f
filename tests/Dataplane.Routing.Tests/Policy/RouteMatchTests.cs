using Dataplane.Net;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Policy;

/// <summary>Each condition, where it holds and where it does not.</summary>
public sealed class RouteMatchTests
{
    private static PrefixSet Prefixes(params IEnumerable<string> texts) => new(texts.Select(static text =>
        PrefixRange.Parse(text, out PrefixRange range) is null ? range : throw new FormatException(text)));

    private static AsSet Numbers(params IEnumerable<string> texts) => new(texts.Select(static text =>
        AsRange.TryParse(text, out AsRange range) ? range : throw new FormatException(text)));

    private static CommunitySet Communities(params IEnumerable<string> texts) => new(texts.Select(static text =>
        CommunityPattern.Parse(text, out CommunityPattern? pattern) is null ? pattern! : throw new FormatException(text)));

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", true)]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", false)]
    [InlineData("10.0.0.0/8 le 24", "10.0.0.0/8", true)]
    [InlineData("10.0.0.0/8 le 24", "10.1.2.0/24", true)]
    [InlineData("10.0.0.0/8 le 24", "10.1.2.128/25", false)]
    [InlineData("10.0.0.0/8 le 24", "11.0.0.0/8", false)]
    [InlineData("10.0.0.0/8 ge 16", "10.0.0.0/8", false)]
    [InlineData("10.0.0.0/8 ge 16", "10.1.2.3/32", true)]
    [InlineData("10.0.0.0/8 ge 16 le 24", "10.2.0.0/15", false)]
    [InlineData("10.0.0.0/8 le 24 ge 16", "10.1.0.0/16", true)]
    [InlineData("0.0.0.0/0 le 32", "198.51.100.25/32", true)]
    [InlineData("0.0.0.0/0", "198.51.100.25/32", false)]
    [InlineData("2001:db8::/32 ge 64 le 64", "2001:db8:1::/64", true)]
    [InlineData("2001:db8::/32 ge 64 le 64", "2001:db8:1::/63", false)]
    [InlineData("::/0 le 128", "10.0.0.0/8", false)]
    public void PrefixesByLength(string range, string route, bool expected)
    {
        RouteFamily family = route.Contains(':') ? RouteFamily.VpnIpv6 : RouteFamily.VpnIpv4;
        Assert.Equal(expected, new SampleRoute { Family = family, Prefix = route }.Satisfies(new PrefixMatch(Prefixes("192.0.2.0/24", range))));
    }

    [Fact]
    public void RoutesWithoutAPrefixAreInNoPrefixSet()
    {
        var any = new PrefixMatch(Prefixes("0.0.0.0/0 le 32", "::/0 le 128"));
        Assert.False(new SampleRoute { Family = RouteFamily.RouteTargetConstraint }.Satisfies(any));
        Assert.False(new SampleRoute { Family = RouteFamily.Ipv4FlowSpec }.Satisfies(any));
        Assert.True(new SampleRoute { Family = RouteFamily.Ipv4Unicast }.Satisfies(any));
    }

    [Fact]
    public void PrefixSetsAgreeWithLookingAtEachRange()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            PrefixRange[] ranges = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => RandomRange(random))];
            var set = new PrefixSet(ranges);
            for (var i = 0; i < 100; i++)
            {
                IpPrefix route = RandomRange(random).Prefix;
                Assert.Equal(ranges.Any(range => range.Contains(route)), set.Contains(route));
                Assert.Equal(ranges.Any(range => range.Prefix.Contains(route.Address)), set.Covers(route.Address));
            }
        }
    }

    [Theory]
    [InlineData("65000:1", "65000:1", true)]
    [InlineData("65000:1", "65000:2", false)]
    [InlineData("65000:*", "65000:2", true)]
    [InlineData("65000:*", "65001:2", false)]
    [InlineData("*:2", "65001:2", true)]
    [InlineData("*:2", "65001:3", false)]
    [InlineData("*:*", "1:1", true)]
    [InlineData("no-export", "65535:65281", true)]
    [InlineData("graceful-shutdown", "no-export", false)]
    [InlineData("65000:1", "rt:65000:1", false)]
    [InlineData("rt:65000:1", "rt:65000:1", true)]
    [InlineData("rt:65000:1", "soo:65000:1", false)]
    [InlineData("rt:65000:1", "65000:1", false)]
    [InlineData("rt:65000:*", "rt:65000:4294967295", true)]
    [InlineData("rt:65000:*", "rt:65000L:7", true)]
    [InlineData("rt:65000L:*", "rt:65000:7", false)]
    [InlineData("rt:65000:*", "rt:65001:1", false)]
    [InlineData("rt:203.0.113.17:*", "rt:203.0.113.17:9", true)]
    [InlineData("rt:203.0.113.17:*", "rt:203.0.113.18:9", false)]
    [InlineData("rt:*:7", "rt:203.0.113.17:7", true)]
    [InlineData("rt:*:7", "rt:4200000000:7", true)]
    [InlineData("rt:*:7", "rt:65000:7", true)]
    [InlineData("rt:*:7", "rt:65000:65543", false)]
    [InlineData("rt:*", "rt:65000:1", true)]
    [InlineData("rt:*", "soo:65000:1", false)]
    [InlineData("soo:*", "soo:65000:1", true)]
    [InlineData("0x0600000000000007", "0x0600000000000007", true)]
    [InlineData("mobility:7", "0x0600000000000007", true)]
    [InlineData("encap:2", "0x030c000000000002", true)]
    [InlineData("65000:1:2", "65000:1:2", true)]
    [InlineData("65000:1:*", "65000:1:4294967295", true)]
    [InlineData("65000:*:2", "65000:9:2", true)]
    [InlineData("65000:*:2", "65000:9:3", false)]
    [InlineData("*:1:2", "4294967295:1:2", true)]
    public void CommunitiesByPattern(string pattern, string community, bool expected)
    {
        var route = new SampleRoute { Communities = SampleRoute.Values("1:1:1", "9:9", community, "soo:9:9") };
        Assert.Equal(expected, route.Satisfies(new CommunityMatch(Communities(pattern), SetMode.Any)));
        Assert.Equal(!expected, route.Satisfies(new CommunityMatch(Communities(pattern), SetMode.None)));
    }

    [Theory]
    [InlineData("65536:1")]
    [InlineData("65000")]
    [InlineData("65000:")]
    [InlineData("65000:1:2:3")]
    [InlineData("rt:")]
    [InlineData("rt:blue")]
    [InlineData("rt:203.0.113.17:65536")]
    [InlineData("0x06")]
    [InlineData("NO-EXPORT")]
    [InlineData("-1:2")]
    public void WhatIsNoCommunityIsRefused(string text) => Assert.NotNull(CommunityPattern.Parse(text, out _));

    [Theory]
    [InlineData("rt:65000:1", true)]
    [InlineData("rt:65000:*", true)]
    [InlineData("rt:*", true)]
    [InlineData("rt:65000:2", false)]
    [InlineData("rt:65001:*", false)]
    public void RouteTargetsAreThoseThatARouteBearsOrAMembershipAsksFor(string pattern, bool expected)
    {
        var match = new RouteTargetMatch(Communities("rt:1:1", pattern));
        Assert.Equal(expected, new SampleRoute { Communities = SampleRoute.Values("65000:2", "soo:65000:2", "rt:65000:1") }.Satisfies(match));
        Assert.False(new SampleRoute { Communities = SampleRoute.Values("65000:1") }.Satisfies(match));
        Assert.Equal(expected, new SampleRoute { Family = RouteFamily.RouteTargetConstraint }.Satisfies(match));
        Assert.False(new SampleRoute { Family = RouteFamily.RouteTargetConstraint, MembershipLength = 95, Communities = SampleRoute.Values("rt:65000:1") }.Satisfies(match));
        Assert.False(new SampleRoute { Family = RouteFamily.RouteTargetConstraint, MembershipLength = 0 }.Satisfies(match));
    }

    [Fact]
    public void AllMeansEachPattern()
    {
        var match = new CommunityMatch(Communities("65000:*", "rt:65000:1", "no-export"), SetMode.All);
        Assert.True(new SampleRoute { Communities = SampleRoute.Values("65000:7", "no-export", "rt:65000:2", "rt:65000:1") }.Satisfies(match));
        Assert.False(new SampleRoute { Communities = SampleRoute.Values("65000:7", "rt:65000:1") }.Satisfies(match));
        Assert.False(new SampleRoute().Satisfies(match));
    }

    [Fact]
    public void FamiliesDistinguishersAndSources()
    {
        var route = new SampleRoute { Source = SourceKind.Ebgp, SourceAddress = "192.0.2.1", Peer = "203.0.113.9" };
        Assert.True(route.Satisfies(new FamilyMatch([RouteFamily.VpnIpv6, RouteFamily.VpnIpv4])));
        Assert.False(route.Satisfies(new FamilyMatch([RouteFamily.Ipv4Unicast])));
        Assert.True(route.Satisfies(Distinguishers("65000:1", "203.0.113.17:1")));
        Assert.True(route.Satisfies(Distinguishers("203.0.113.17:*")));
        Assert.False(route.Satisfies(Distinguishers("203.0.113.17:2", "65000:*")));
        Assert.False((route with { Family = RouteFamily.Ipv4Unicast }).Satisfies(Distinguishers("0:0")));
        Assert.True(route.Satisfies(new SourceKindMatch([SourceKind.Local, SourceKind.Ebgp])));
        Assert.False(route.Satisfies(new SourceKindMatch([SourceKind.Ibgp])));
        Assert.True(route.Satisfies(new SourceAddressMatch(Prefixes("192.0.2.0/24"))));
        Assert.False(route.Satisfies(new SourceAddressMatch(Prefixes("203.0.113.0/24"))));
        Assert.False((route with { Source = SourceKind.Local }).Satisfies(new SourceAddressMatch(Prefixes("0.0.0.0/0"))));
        Assert.True(route.Satisfies(new PeerMatch(Prefixes("203.0.113.9"))));
        Assert.False(route.Satisfies(new PeerMatch(Prefixes("192.0.2.0/24"))));
        Assert.True(route.Satisfies(new PeerAsMatch(Numbers("64990-65000"))));
        Assert.False(route.Satisfies(new PeerAsMatch(Numbers("65001"))));
    }

    [Fact]
    public void AttributesByValue()
    {
        var bare = new SampleRoute();
        SampleRoute route = bare with
        {
            Origin = 2,
            LocalPref = 150,
            Med = 30,
            NextHop = "2001:db8:f::17",
            Communities = SampleRoute.Values("0x0600000000000007"),
        };
        Assert.True(route.Satisfies(new OriginMatch([RouteOrigin.Incomplete])));
        Assert.False(route.Satisfies(new OriginMatch([RouteOrigin.Igp, RouteOrigin.Egp])));
        Assert.True(route.Satisfies(new LocalPrefMatch(new(101, 150))));
        Assert.False(route.Satisfies(new LocalPrefMatch(new(151, 200))));
        Assert.True(bare.Satisfies(new LocalPrefMatch(new(100, 100))));
        Assert.True(route.Satisfies(new MedMatch(new(30, 30))));
        Assert.False(bare.Satisfies(new MedMatch(new(0, uint.MaxValue))));
        Assert.True(route.Satisfies(new VersionMatch(new(7, 7), VersionCommunity.MacMobility)));
        Assert.True(bare.Satisfies(new VersionMatch(new(0, 0), VersionCommunity.MacMobility)));
        Assert.True(route.Satisfies(new NextHopMatch(Prefixes("2001:db8:f::/64"))));
        Assert.False(route.Satisfies(new NextHopMatch(Prefixes("203.0.113.0/24"))));
        Assert.True(bare.Satisfies(new NextHopMatch(Prefixes("203.0.113.0/24"))));
        Assert.False((bare with { NextHop = null }).Satisfies(new NextHopMatch(Prefixes("0.0.0.0/0", "::/0"))));
    }

    [Fact]
    public void PathsByLengthAndMembers()
    {
        var route = new SampleRoute { Path = [[65010, 65020], [0, 1, 2, 3], [64512]] };
        Assert.True(route.Satisfies(new AsPathLengthMatch(new(4, 4))));
        Assert.True(route.Satisfies(new AsPathContainsMatch(Numbers("2"))));
        Assert.False(route.Satisfies(new AsPathContainsMatch(Numbers("4-9", "65011-65019"))));
        Assert.True(route.Satisfies(new NeighborAsMatch(Numbers("65010"))));
        Assert.False(route.Satisfies(new NeighborAsMatch(Numbers("65020"))));
        Assert.True(route.Satisfies(new OriginatedByMatch(Numbers("64512"))));
        Assert.False((route with { Path = [[65010], [0, 64512]] }).Satisfies(new OriginatedByMatch(Numbers("64512"))));
        Assert.False((route with { Path = [[0, 65010]] }).Satisfies(new NeighborAsMatch(Numbers("65010"))));
        var local = new SampleRoute();
        Assert.True(local.Satisfies(new AsPathLengthMatch(new(0, 0))));
        Assert.False(local.Satisfies(new OriginatedByMatch(Numbers("0-4294967295"))));
        Assert.False(local.Satisfies(new NeighborAsMatch(Numbers("0-4294967295"))));
    }

    [Fact]
    public void NumbersAreJoinedWhereTheyTouch()
    {
        AsSet set = Numbers("7", "1-3", "4", "2-3", "9-9", "4294967295", "4294967290-4294967294");
        Assert.Equal("[1-4, 7, 9, 4294967290-4294967295]", set.ToString());
        for (uint number = 0; number < 12; number++)
        {
            Assert.Equal(number is (>= 1 and <= 4) or 7 or 9, set.Contains(new(number)));
        }
    }

    private static DistinguisherMatch Distinguishers(params IEnumerable<string> texts) => new([.. texts.Select(static text =>
        DistinguisherPattern.TryParse(text, out DistinguisherPattern pattern) ? pattern : throw new FormatException(text))]);

    private static PrefixRange RandomRange(Random random)
    {
        IpAddress address = random.Next(3) == 0
            ? new Ipv6Address(0x2001_0db8UL << 32 | (uint)random.Next(4) << 28, (ulong)random.Next(2) << 63)
            : new Ipv4Address(10u << 24 | (uint)random.Next(4) << 22 | (uint)random.Next(4) << 4);
        var length = (byte)random.Next(address.Bits + 1);
        var min = (byte)random.Next(length, address.Bits + 1);
        return new(IpPrefix.Of(address, length), min, (byte)random.Next(min, address.Bits + 1));
    }
}

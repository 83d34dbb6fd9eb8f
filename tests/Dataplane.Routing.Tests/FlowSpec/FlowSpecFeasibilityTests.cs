using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Tests.FlowSpec;

public sealed class FlowSpecFeasibilityTests
{
    private static readonly IpAddress PeerA = IpAddress.Parse("10.0.0.1");
    private static readonly IpAddress PeerB = IpAddress.Parse("10.0.0.2");
    private static readonly FlowSpecOrigin ExternalA = new(PeerA, new(65001), new(65001), IsExternal: true);
    private static readonly FlowSpecOrigin InternalA = new(PeerA, null, new(65000), IsExternal: false);
    private static readonly FlowSpecRule WithDestination = FlowSpecRule.Parse("dst 10.40.0.0/24", AddressFamily.Ipv4);

    [Fact]
    public void TheOriginatorOfTheUnicastRouteMayFilterItsTraffic() =>
        Assert.Equal(FlowSpecVerdict.Feasible, Judge(ExternalA, new(ExternalA)));

    [Fact]
    public void AnotherOriginatorMayNot() =>
        Assert.Equal(FlowSpecVerdict.OtherOriginator, Judge(ExternalA, new(ExternalA with { Originator = PeerB })));

    [Fact]
    public void TheLeftmostAsIsThatOfTheUnicastRoute() =>
        Assert.Equal(FlowSpecVerdict.OtherLeftmostAs, Judge(ExternalA, new(ExternalA with { LeftmostAs = new(65002) })));

    [Fact]
    public void WithoutAUnicastRouteNobodyMay() => Assert.Equal(FlowSpecVerdict.NoUnicastRoute, Judge(ExternalA, new(null)));

    [Fact]
    public void MoreSpecificRoutesOfAnotherNeighborForbidIt() =>
        Assert.Equal(FlowSpecVerdict.MoreSpecificElsewhere, Judge(ExternalA, new(ExternalA, moreSpecificsFit: false)));

    [Fact]
    public void OurOwnAsNeedsNoUnicastRouteUnlessToldSo()
    {
        Assert.Equal(FlowSpecVerdict.Feasible, Judge(InternalA, new(null)));
        Assert.Equal(
            FlowSpecVerdict.NoUnicastRoute, Judge(InternalA, new(null), FlowSpecFeasibilityRules.Default with { AllowLocalOrigin = false }));
    }

    [Theory]
    [InlineData("proto =17", AddressFamily.Ipv4)]
    [InlineData("dst ::1:0/112/96", AddressFamily.Ipv6)] // RFC 8956 §5: an offset is no destination to go by
    public void WithoutDestinationItIsAMatterOfConfiguration(string text, AddressFamily family)
    {
        var rule = FlowSpecRule.Parse(text, family);
        var unicast = new Unicast(ExternalA);
        Assert.Equal(FlowSpecVerdict.NoDestination, FlowSpecFeasibility.Judge(rule, ExternalA, unicast, FlowSpecFeasibilityRules.Default));
        Assert.Equal(
            FlowSpecVerdict.Feasible,
            FlowSpecFeasibility.Judge(rule, ExternalA, unicast, FlowSpecFeasibilityRules.Default with { AllowNoDestination = true }));
    }

    private static FlowSpecVerdict Judge(FlowSpecOrigin origin, Unicast unicast, FlowSpecFeasibilityRules? rules = null) =>
        FlowSpecFeasibility.Judge(WithDestination, origin, unicast, rules ?? FlowSpecFeasibilityRules.Default);

    private sealed class Unicast(FlowSpecOrigin? best, bool moreSpecificsFit = true) : IFlowSpecUnicastRoutes
    {
        public FlowSpecOrigin? BestMatch(IpPrefix destination) => best;

        public bool AllMoreSpecificsFrom(IpPrefix destination, AsNumber neighbor) => moreSpecificsFit;
    }
}

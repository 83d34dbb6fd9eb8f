using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;

namespace Dataplane.Routing.Tests.Policy;

/// <summary>Each change.</summary>
public sealed class RouteActionTests
{
    private static readonly SampleRoute Route = new() { Path = [[65010, 65020]], LocalPref = 150, Med = 30 };

    private static CommunityPattern Pattern(string text)
    {
        Assert.Null(CommunityPattern.Parse(text, out CommunityPattern? pattern));
        return pattern!;
    }

    [Fact]
    public void Numbers()
    {
        Assert.Equal(200u, Route.After(new SetLocalPref(200)).LocalPref);
        Assert.Equal(7u, Route.After(new SetMed(7)).Med);
        Assert.Equal(40u, Route.After(new SetMed(10, isSum: true)).Med);
        Assert.Equal(20u, Route.After(new SetMed(-10, isSum: true)).Med);
        Assert.Equal(0u, Route.After(new SetMed(-31, isSum: true)).Med);
        Assert.Equal(uint.MaxValue, Route.After(new SetMed(uint.MaxValue, isSum: true)).Med);
        Assert.Equal(10u, (Route with { Med = null }).After(new SetMed(10, isSum: true)).Med);
        Assert.Null(Route.After(new RemoveMed()).Med);
        Assert.Equal(2, Route.After(new SetOrigin(RouteOrigin.Incomplete)).Origin);
    }

    [Fact]
    public void NextHops()
    {
        Assert.Equal("192.0.2.1", Route.After(SetNextHop.To(IpAddress.Parse("192.0.2.1"))).NextHop);
        Assert.Equal("2001:db8::1", Route.After(SetNextHop.To(IpAddress.Parse("2001:db8::1"))).NextHop);
        Assert.Equal("203.0.113.1", Route.After(SetNextHop.Self).NextHop);
        Assert.Equal(Route.NextHop, Route.After(SetNextHop.Unchanged).NextHop);
    }

    [Theory]
    [InlineData(PolicyNextHop.Self)]
    [InlineData(PolicyNextHop.Unchanged)]
    [InlineData(PolicyNextHop.Address)]
    public void CallersAreToldOfTheNextHop(PolicyNextHop mode)
    {
        SetNextHop action = mode switch
        {
            PolicyNextHop.Self => SetNextHop.Self,
            PolicyNextHop.Unchanged => SetNextHop.Unchanged,
            _ => SetNextHop.To(IpAddress.Parse("192.0.2.1")),
        };
        RoutePolicy policy = new PolicySet([new PolicyDefinition
        {
            Name = "p",
            Terms =
            [
                new PolicyTerm { Name = "med", Matches = [new MedMatch(new(30, 30))], Actions = [action], Outcome = TermOutcome.Accept },
            ],
            AcceptsByDefault = true,
        }]).Find("p")!;
        _ = Route.Through(policy);
        Assert.Equal(mode, policy.NextHop);
        _ = (Route with { Med = 31 }).Through(policy);
        Assert.Equal(PolicyNextHop.Default, policy.NextHop);
    }

    [Fact]
    public void Prepending()
    {
        Assert.Equal([[65000, 65000, 65010, 65020]], Route.After(new PrependAs(null, 2)).Path);
        Assert.Equal([[7, 65010, 65020]], Route.After(new PrependAs(new(7), 1)).Path);
        Assert.Equal([[7, 7, 7]], (Route with { Path = [] }).After(new PrependAs(new(7), 3)).Path);
        Assert.Equal([[7], [0, 1, 2]], (Route with { Path = [[0, 1, 2]] }).After(new PrependAs(new(7), 1)).Path);
        uint[] full = [.. Enumerable.Repeat(1u, 254)];
        Assert.Equal([[7, 7], full], (Route with { Path = [full] }).After(new PrependAs(new(7), 2)).Path);
        Assert.Equal([[7, .. full]], (Route with { Path = [full] }).After(new PrependAs(new(7), 1)).Path);
    }

    [Fact]
    public void Communities()
    {
        SampleRoute route = Route with { Communities = SampleRoute.Values("65000:1", "65001:2", "no-export", "rt:65000:1", "0x0600000000000007", "65000:1:2") };
        Assert.Equal(
            SampleRoute.Values("65001:2", "no-export", "65000:9", "rt:65000:1", "0x0600000000000007", "65000:1:2"),
            route.After(new EditCommunities(CommunityKind.Standard, [Pattern("65000:*")], SampleRoute.Values("no-export", "65000:9", "65000:9"))).Communities);
        Assert.Equal(
            SampleRoute.Values("1:1", "rt:65000:1", "0x0600000000000007", "65000:1:2"),
            route.After(new EditCommunities(CommunityKind.Standard, [], SampleRoute.Values("1:1"), removesAll: true)).Communities);
        Assert.Equal(
            SampleRoute.Values("65000:1", "65001:2", "no-export", "0x0600000000000007", "rt:65000:5", "65000:1:2"),
            route.After(new EditCommunities(CommunityKind.Extended, [CommunityPattern.AnyRouteTarget], SampleRoute.Values("rt:65000:5"))).Communities);
        Assert.Equal(
            SampleRoute.Values("65000:1", "65001:2", "no-export", "rt:65000:1", "0x0600000000000007"),
            route.After(new EditCommunities(CommunityKind.Large, [Pattern("*:*:*")], [])).Communities);
    }

    [Fact]
    public void WhatChangesNothingIsNoChange()
    {
        SampleRoute route = Route with { Communities = SampleRoute.Values("65000:1") };
        RoutePolicy policy = new PolicySet([new PolicyDefinition
        {
            Name = "p",
            Terms = [new PolicyTerm
            {
                Name = "t",
                Actions =
                [
                    new SetLocalPref(150), new SetMed(30), new SetMed(0, isSum: true), new SetOrigin(RouteOrigin.Igp),
                    SetNextHop.To(IpAddress.Parse(Route.NextHop!)),
                    new EditCommunities(CommunityKind.Standard, [], SampleRoute.Values("65000:1")),
                    new EditCommunities(CommunityKind.Large, [Pattern("1:1:1")], []),
                ],
                Outcome = TermOutcome.Accept,
            }],
        }]).Find("p")!;
        Assert.Equal(PolicyResult.Accepted, route.Through(policy).Result);
    }

    [Fact]
    public void ThePartialBitStays()
    {
        var builder = new AttributeBlockBuilder();
        builder.Set(
            AttributeCode.Communities, AttributeFlags.Optional | AttributeFlags.Transitive | AttributeFlags.Partial, [0xFD, 0xE8, 0, 1]);
        var output = new AttributeBlockBuilder();
        RoutePolicy policy = new PolicySet([new PolicyDefinition
        {
            Name = "p",
            Terms = [new PolicyTerm
            {
                Name = "t",
                Actions = [new EditCommunities(CommunityKind.Standard, [], SampleRoute.Values("65000:2"))],
                Outcome = TermOutcome.Accept,
            }],
        }]).Find("p")!;
        Assert.Equal(PolicyResult.Changed, policy.Apply(builder.Block, default, RouteFamily.VpnIpv4, default, output));
        Assert.Equal("E00808FDE80001FDE80002", Convert.ToHexString(output.Block.Octets));
    }
}

using System.Buffers.Binary;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Tests.Speaker;

public sealed class OutgoingRulesTests
{
    private static readonly PathOrigin FromClient = new(SourceKind.Ibgp, true, 0x0A000001, false);
    private static readonly PathOrigin FromNonClient = new(SourceKind.Ibgp, false, 0x0A000002, false);
    private static readonly PathOrigin FromExternal = new(SourceKind.Ebgp, false, 0x0A000003, false);
    private static readonly PathOrigin Own = new(SourceKind.Local, false, 0x0A000009, false);

    private readonly OutgoingRules _rules = new();
    private readonly AttributeBlockBuilder _result = new();

    [Theory, Trait("Requirement", "SIG-15")]
    [InlineData(PeerKind.Client, true)]
    [InlineData(PeerKind.Internal, false)]
    [InlineData(PeerKind.External, true)]
    public void RoutesOfNonClientsGoToClientsAndOutside(PeerKind kind, bool leaves) =>
        Assert.Equal(leaves, Apply(Profile(kind), Route(), FromNonClient));

    [Theory, Trait("Requirement", "SIG-15")]
    [InlineData(PeerKind.Client)]
    [InlineData(PeerKind.Internal)]
    public void ReflectionAddsOriginatorAndCluster(PeerKind kind)
    {
        Assert.True(Apply(Profile(kind), Route(), FromClient));
        Assert.Equal("0A000001", Value(AttributeCode.OriginatorId));
        Assert.Equal("0A000063", Value(AttributeCode.ClusterList));

        AttributeBlockBuilder reflected = Route();
        reflected.Set(AttributeCode.OriginatorId, AttributeFlags.Optional, 0x0B000001);
        reflected.Set(AttributeCode.ClusterList, AttributeFlags.Optional, 0x0B000002);
        Assert.True(Apply(Profile(kind), reflected, FromClient));
        Assert.Equal("0B000001", Value(AttributeCode.OriginatorId));
        Assert.Equal("0A0000630B000002", Value(AttributeCode.ClusterList));
    }

    [Fact, Trait("Requirement", "SIG-15")]
    public void WhatIsNotReflectedHasNoOriginator()
    {
        Assert.True(Apply(Profile(PeerKind.Internal), Route(), FromExternal));
        Assert.Equal("", Value(AttributeCode.OriginatorId));
        Assert.True(Apply(Profile(PeerKind.Client), Route(), Own));
        Assert.Equal("", Value(AttributeCode.OriginatorId) + Value(AttributeCode.ClusterList));
    }

    [Theory, Trait("Requirement", "SIG-02")]
    [InlineData(PeerKind.Internal, RouteFamily.VpnIpv4, NextHopMode.Default, "10.0.0.4")]
    [InlineData(PeerKind.External, RouteFamily.VpnIpv4, NextHopMode.Default, "10.0.0.4")]
    [InlineData(PeerKind.External, RouteFamily.VpnIpv4, NextHopMode.Self, "10.0.0.9")]
    [InlineData(PeerKind.Internal, RouteFamily.Ipv4Unicast, NextHopMode.Default, "10.0.0.4")]
    [InlineData(PeerKind.External, RouteFamily.Ipv4Unicast, NextHopMode.Default, "10.0.0.9")]
    [InlineData(PeerKind.External, RouteFamily.Ipv4Unicast, NextHopMode.Unchanged, "10.0.0.4")]
    [InlineData(PeerKind.Internal, RouteFamily.RouteTargetConstraint, NextHopMode.Default, "10.0.0.9")]
    [Trait("Requirement", "AMB-38")]
    public void TheNextHopStaysTheForwarder(PeerKind kind, RouteFamily family, NextHopMode mode, string expected)
    {
        Assert.True(Apply(Profile(kind) with { Family = family, NextHop = mode }, Route(), FromExternal));
        Assert.Equal(IpAddress.Parse(expected), NextHop());
    }

    [Fact]
    public void AnIpv6NextHopOfIpv4NeedsTheCapability()
    {
        AttributeBlockBuilder route = Route();
        route.SetNextHop(IpAddress.Parse("2001:db8::4"));
        Assert.False(Apply(Profile(PeerKind.Internal), route, FromExternal));
        Assert.True(Apply(Profile(PeerKind.Internal) with { ExtendedNextHop = true }, route, FromExternal));
        Assert.True(Apply(Profile(PeerKind.Internal) with { Family = RouteFamily.VpnIpv6 }, route, FromExternal));
    }

    [Fact]
    public void LinkLocalNextHopsStayOnTheirLink()
    {
        AttributeBlockBuilder route = Route();
        route.Set(AttributeCode.NextHop, AttributeFlags.Transitive, Convert.FromHexString("20010DB8000000000000000000000004" + "FE800000000000000000000000000004"));
        Assert.True(Apply(Profile(PeerKind.Internal) with { Family = RouteFamily.Ipv6Unicast }, route, FromExternal));
        Assert.Equal(IpAddress.Parse("2001:db8::4"), NextHop());
    }

    [Theory]
    [InlineData(0xFFFFFF01, false, true)]
    [InlineData(0xFFFFFF02, false, false)]
    [InlineData(0xFFFFFF03, false, true)]
    [InlineData(0xFFFF0006, false, false)]
    [InlineData(0xFFFF029A, true, true)]
    public void WellKnownCommunitiesHoldRoutesBack(uint community, bool external, bool inside)
    {
        AttributeBlockBuilder route = Route();
        WellKnownCommunity.Add(route, 0xFDE80001);
        WellKnownCommunity.Add(route, community);
        Assert.Equal(external, Apply(Profile(PeerKind.External), route, FromClient));
        Assert.Equal(inside, Apply(Profile(PeerKind.Internal), route, FromClient));
    }

    [Fact]
    public void LongLivedStaleRoutesGoOnlyWhereTheyAreUnderstood()
    {
        PathOrigin stale = FromClient with { IsLongLivedStale = true };
        Assert.False(Apply(Profile(PeerKind.Internal), Route(), stale));
        Assert.True(Apply(Profile(PeerKind.Internal) with { LongLivedStale = true }, Route(), stale));
        Assert.Equal("FFFF0006", Value(AttributeCode.Communities));
    }

    [Fact]
    public void ExternalPeersAreNotToldWhatIsInternal()
    {
        AttributeBlockBuilder route = Route();
        route.Set(AttributeCode.OriginatorId, AttributeFlags.Optional, 1);
        route.Set(AttributeCode.ClusterList, AttributeFlags.Optional, 1);
        route.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, 7);
        route.Set(AttributeCode.Aigp, AttributeFlags.Optional, Convert.FromHexString("01000B0000000000000001"));
        route.SetExtendedCommunities([ExtendedCommunity.ParseRouteTarget("65000:1"), new(0x4300_0000_0000_0001)]);
        Assert.True(Apply(Profile(PeerKind.External), route, FromClient));
        Assert.Equal(
            [AttributeCode.Origin, AttributeCode.AsPath, AttributeCode.NextHop, AttributeCode.ExtendedCommunities], Codes());
        Assert.Equal("0002FDE800000001", Value(AttributeCode.ExtendedCommunities));

        Assert.True(Apply(Profile(PeerKind.External), route, Own));
        Assert.Equal("00000007", Value(AttributeCode.MultiExitDisc));
        Assert.True(Apply(Profile(PeerKind.Internal), route, FromExternal));
        Assert.Equal("00000007", Value(AttributeCode.MultiExitDisc));
    }

    /// <summary>RFC 7311 §3: AIGP goes where it is enabled; who becomes the next hop adds its distance, and nobody else does.</summary>
    [Theory]
    [InlineData(PeerKind.External, false, NextHopMode.Self, "")]
    [InlineData(PeerKind.External, true, NextHopMode.Self, "01000B0000000000000108" + "02000400")]
    [InlineData(PeerKind.External, true, NextHopMode.Unchanged, "01000B0000000000000101" + "02000400")]
    [InlineData(PeerKind.Internal, true, NextHopMode.Default, "01000B0000000000000101" + "02000400")]
    [InlineData(PeerKind.Internal, false, NextHopMode.Default, "")]
    public void TheAccumulatedMetricIsPassedOnWhereItIsEnabled(PeerKind kind, bool isEnabled, NextHopMode nextHop, string expected)
    {
        AttributeBlockBuilder route = Route();
        route.Set(AttributeCode.Aigp, AttributeFlags.Optional, Convert.FromHexString("01000B0000000000000101" + "02000400"));
        PathOrigin origin = FromExternal with { NextHopMetric = 7 };
        Assert.True(Apply(Profile(kind) with { Aigp = isEnabled, NextHop = nextHop }, route, origin));
        Assert.Equal(expected, Value(AttributeCode.Aigp));
    }

    [Fact]
    public void InternalPeersAlwaysGetALocalPreference()
    {
        AttributeBlockBuilder route = Route();
        route.Remove(AttributeCode.LocalPref);
        Assert.True(Apply(Profile(PeerKind.Internal), route, FromExternal));
        Assert.Equal("00000064", Value(AttributeCode.LocalPref));
    }

    [Theory]
    [InlineData("", "65000")]
    [InlineData("65010", "65000 65010")]
    public void OurNumberComesFirst(string path, string expected)
    {
        AttributeBlockBuilder route = Route();
        route.SetAsPath(Numbers(path));
        Assert.True(Apply(Profile(PeerKind.External), route, FromClient));
        Assert.Equal(expected, Path());
    }

    [Theory]
    [InlineData(false, "65100 65000 65010")]
    [InlineData(true, "65100 65010")]
    public void ALocalAsStandsBeforeOrInsteadOfOurs(bool replace, string expected)
    {
        AttributeBlockBuilder route = Route();
        route.SetAsPath(new AsNumber(65010));
        Assert.True(Apply(Profile(PeerKind.External) with { LocalAs = new(new(65100), ReplaceAs: replace) }, route, FromExternal));
        Assert.Equal(expected, Path());
    }

    [Fact]
    public void AsOverrideReplacesThePeersNumber()
    {
        AttributeBlockBuilder route = Route();
        route.SetAsPath(new AsNumber(65020), new AsNumber(65010), new AsNumber(65020));
        Assert.True(Apply(Profile(PeerKind.External) with { AsOverride = true, PeerAs = new(65020) }, route, FromClient));
        Assert.Equal("65000 65000 65010 65000", Path());
    }

    [Theory]
    [InlineData(RemovePrivateMode.None, "64512 3356 64513", "65000 64512 3356 64513")]
    [InlineData(RemovePrivateMode.IfAll, "64512 3356 64513", "65000 64512 3356 64513")]
    [InlineData(RemovePrivateMode.IfAll, "64512 64513", "65000")]
    [InlineData(RemovePrivateMode.All, "64512 3356 64513", "65000 3356")]
    [InlineData(RemovePrivateMode.Replace, "64512 3356 64513", "65000 65000 3356 65000")]
    public void PrivateNumbersGo(RemovePrivateMode mode, string path, string expected)
    {
        AttributeBlockBuilder route = Route();
        route.SetAsPath(Numbers(path));
        Assert.True(Apply(Profile(PeerKind.External) with { RemovePrivate = mode }, route, FromClient));
        Assert.Equal(expected, Path());
    }

    [Fact]
    public void AFullSegmentGetsANewOneBefore()
    {
        var numbers = Enumerable.Repeat(new AsNumber(65010), 255).ToArray();
        AttributeBlockBuilder route = Route();
        route.SetAsPath(numbers);
        Assert.True(Apply(Profile(PeerKind.External), route, FromClient));
        Assert.StartsWith("02010000FDE802FF0000FDF2", Value(AttributeCode.AsPath), StringComparison.Ordinal);
    }

    [Fact, Trait("Requirement", "SIG-05")]
    public void MembershipComesToClientsAsOurOwn()
    {
        OutgoingProfile profile = Profile(PeerKind.Client) with { Family = RouteFamily.RouteTargetConstraint };
        Assert.True(Apply(profile, Route(), FromClient));
        Assert.Equal("0A000009", Value(AttributeCode.OriginatorId));
        Assert.Equal("", Value(AttributeCode.ClusterList));
    }

    [Fact]
    public void PolicyDecidesBeforeTheMechanics()
    {
        var policy = new TestPolicy { Med = 9, NextHop = PolicyNextHop.Self };
        Assert.True(Apply(Profile(PeerKind.External), Route(), FromClient, policy));
        Assert.Equal("00000009", Value(AttributeCode.MultiExitDisc));
        Assert.Equal(IpAddress.Parse("10.0.0.9"), NextHop());
        Assert.False(Apply(Profile(PeerKind.External), Route(), FromClient, new TestPolicy { Rejects = true }));
    }

    private static OutgoingProfile Profile(PeerKind kind) => new()
    {
        Family = RouteFamily.VpnIpv4,
        Kind = kind,
        SpeakerAs = new(65000),
        RouterId = 0x0A000009,
        ClusterId = 0x0A000063,
        LocalAddress = IpAddress.Parse("10.0.0.9"),
        PeerAs = kind == PeerKind.External ? new(65020) : default,
    };

    private static AttributeBlockBuilder Route()
    {
        var builder = new AttributeBlockBuilder();
        builder.SetOrigin(0);
        builder.SetAsPath();
        builder.SetNextHop(IpAddress.Parse("10.0.0.4"));
        builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, 120);
        return builder;
    }

    private static AsNumber[] Numbers(string path) =>
        [.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => new AsNumber(uint.Parse(text)))];

    private bool Apply(OutgoingProfile profile, AttributeBlockBuilder route, PathOrigin origin, IRoutePolicy? policy = null) =>
        _rules.Apply(profile, route.Block, origin, default, policy, _result);

    private string Value(AttributeCode code) => _result.Block.TryGet(code, out ReadOnlySpan<byte> value) ? Convert.ToHexString(value) : "";

    private IpAddress NextHop()
    {
        Assert.True(_result.Block.TryGet(AttributeCode.NextHop, out ReadOnlySpan<byte> value));
        return value.Length == 4
            ? new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(value))
            : new Ipv6Address(BinaryPrimitives.ReadUInt64BigEndian(value), BinaryPrimitives.ReadUInt64BigEndian(value[8..]));
    }

    private string Path()
    {
        Assert.True(_result.Block.TryGet(AttributeCode.AsPath, out ReadOnlySpan<byte> value));
        var numbers = new List<uint>();
        while (!value.IsEmpty)
        {
            for (var i = 0; i < value[1]; i++)
            {
                numbers.Add(BinaryPrimitives.ReadUInt32BigEndian(value[(2 + 4 * i)..]));
            }

            value = value[(2 + 4 * value[1])..];
        }

        return string.Join(' ', numbers);
    }

    private List<AttributeCode> Codes()
    {
        var codes = new List<AttributeCode>();
        foreach (AttributeView attribute in _result.Block)
        {
            codes.Add(attribute.Code);
        }

        return codes;
    }

    private sealed class TestPolicy : IRoutePolicy
    {
        public bool Rejects { get; init; }

        public uint Med { get; init; }

        public bool LooksAtNlri => false;

        public PolicyNextHop NextHop { get; init; }

        public PolicyResult Apply(
            AttributeBlock attributes, in Nlri nlri, RouteFamily family, in PolicyContext context, AttributeBlockBuilder result)
        {
            result.Load(attributes);
            result.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, Med);
            return Rejects ? PolicyResult.Rejected : PolicyResult.Changed;
        }
    }
}

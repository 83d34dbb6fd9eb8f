using Dataplane.Net;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>Interfaces of a forwarder in the process: order, labels, and what becomes of an address that is elsewhere.</summary>
public sealed class ForwardedInterfacesTests
{
    private static readonly IpAddress Own = IpAddress.Parse("203.0.113.17");
    private readonly StillTime _time = new();
    private readonly FakeForwarder _forwarder = new();
    private readonly FakeUplink _uplink = new();
    private readonly LabelAllocator _labels = new(1000, 1009);
    private readonly NotifiedRoutes _routes;
    private readonly ForwardedInterfaces _interfaces;

    public ForwardedInterfacesTests()
    {
        ForwardedInterfaces? interfaces = null;
        _routes = new(new Forward(() => interfaces!));
        _interfaces = interfaces = new(_time.Loop, _forwarder, _labels, new()
        {
            NextHop = Own,
            IsOwn = address => address == Own,
            FindRoute = _routes.Find,
        });
        _uplink.Left = _routes.End;
        _interfaces.Connect(_uplink);
        _routes.Begin("red");
    }

    [Fact]
    [Trait("Requirement", "AGT-03")]
    [Trait("Requirement", "MOB-04")]
    public void SubscribedFirstThenThereThenPublished()
    {
        List<string?> done = [];
        _interfaces.Set(Bound("vm1", "red", ("10.0.0.1/32", 7)), done.Add);
        Assert.Equal(["join red"], _uplink.Log);
        Assert.Equal(["+vpn red", "+vm1 1001 [10.0.0.1/32]"], _forwarder.Log);
        Assert.Empty(done);
        _forwarder.Work();
        Assert.Equal(["join red", "publish vm1:10.0.0.1/32 1001 v7"], _uplink.Log);
        Assert.Equal([null], done);
        Publication published = _uplink.Publications["vm1:10.0.0.1/32"];
        Assert.Equal((Own, "red"), (published.NextHop, published.Vpn));
    }

    [Fact]
    [Trait("Requirement", "ARC-13")]
    public void APrefixIsPublishedWithTheLabelOfItsInterface()
    {
        Set(Bound("vm1", "red", ("10.0.0.1/32", 1), ("10.9.0.0/24", 1)));
        Assert.Equal(_interfaces.LabelOf("vm1"), _uplink.Publications["vm1:10.9.0.0/24"].Label);
        Assert.Equal(_interfaces.LabelOf("vm1"), _uplink.Publications["vm1:10.0.0.1/32"].Label);
        Assert.NotEqual(_forwarder.Vpns["red"], _interfaces.LabelOf("vm1"));
    }

    [Fact]
    [Trait("Requirement", "XMP-14")]
    public void TheLastInterfaceLeavesTheVpn()
    {
        Set(Bound("vm1", "red", ("10.0.0.1/32", 1)));
        Set(Bound("vm2", "red", ("10.0.0.2/32", 1)));
        Announce("10.0.0.1/32", "203.0.113.17", 1001, 1);
        _interfaces.Remove("vm1", isMoved: false);
        Assert.Equal([new Membership("red")], _uplink.Memberships);
        Assert.Equal(["vm2:10.0.0.2/32"], _uplink.Publications.Keys);
        _interfaces.Remove("vm2", isMoved: false);
        Assert.Empty(_uplink.Memberships);
        Assert.Empty(_uplink.Publications);
        Assert.Empty(_forwarder.Vpns);
        Assert.Equal(0, _labels.InUse);
    }

    [Fact]
    [Trait("Requirement", "MOB-05")]
    [Trait("Requirement", "MOB-10")]
    public void AnAddressThatIsElsewhereWithAHigherVersionIsTakenFromItsInterface()
    {
        Set(Bound("vm1", "red", ("10.0.0.1/32", 7), ("fd00::1/128", 7)));
        Announce("10.0.0.1/32", "203.0.113.44", 61200, 7);
        Assert.Equal(2, _forwarder.Interfaces["vm1"].Addresses.Count);
        Announce("10.0.0.1/32", "203.0.113.44", 61200, 8);
        _forwarder.Work();
        Assert.Equal([IpPrefix.Parse("fd00::1/128")], _forwarder.Interfaces["vm1"].Addresses);
        Assert.True(_forwarder.Interfaces["vm1"].IsLookedUp);
        Assert.Equal("at 203.0.113.44, version 8", _interfaces.StateOf("vm1", new(IpPrefix.Parse("10.0.0.1/32"), "", 7)));

        // Should the move come to nothing, it is back; what it publishes has not changed all the while.
        Announce("10.0.0.1/32", "203.0.113.17", 1001, 7);
        _forwarder.Work();
        Assert.Equal(2, _forwarder.Interfaces["vm1"].Addresses.Count);
        Assert.False(_forwarder.Interfaces["vm1"].IsLookedUp);
        Assert.DoesNotContain(_uplink.Log, static line => line.StartsWith("withdraw", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(6u)]
    [InlineData(7u)]
    [Trait("Requirement", "MOB-10")]
    [Trait("Requirement", "MOB-06")]
    public void ALowerOrEqualVersionElsewhereChangesNothing(uint version)
    {
        Set(Bound("vm1", "red", ("10.0.0.1/32", 7)));
        _forwarder.Log.Clear();
        Announce("10.0.0.1/32", "203.0.113.44", 61200, version);
        Assert.Empty(_forwarder.Log);
    }

    [Fact]
    [Trait("Requirement", "MOB-05")]
    public void PacketsFollowAWorkloadThatMovedUntilEverybodyKnows()
    {
        Set(Bound("vm1", "red", ("10.0.0.1/32", 7)));
        Label20 label = _interfaces.LabelOf("vm1")!.Value;
        Announce("10.0.0.1/32", "203.0.113.44", 61200, 8);
        _interfaces.Remove("vm1", isMoved: false);
        Assert.Empty(_forwarder.Interfaces);
        Assert.Empty(_uplink.Publications);

        // The VRF and its routes are still there to follow.
        Assert.Equal("red", _forwarder.Repairs[label]);
        Assert.Single(_forwarder.Routes);
        Assert.Single(_uplink.Memberships);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Empty(_forwarder.Repairs);
        Assert.Empty(_forwarder.Vpns);
        Assert.Empty(_uplink.Memberships);
        Assert.Equal(0, _labels.InUse);
    }

    [Fact]
    [Trait("Requirement", "MOB-05")]
    public void AWorkloadThatComesBackEndsTheRepair()
    {
        Set(Bound("vm1", "red", ("10.0.0.1/32", 7)));
        _interfaces.Remove("vm1", isMoved: true);
        Assert.Single(_forwarder.Repairs);
        Set(Bound("vm1", "red", ("10.0.0.1/32", 9)));
        Assert.Empty(_forwarder.Repairs);
        Assert.DoesNotContain("leave red", _uplink.Log);
        Assert.Single(_forwarder.Interfaces);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Single(_forwarder.Interfaces);
        Assert.Single(_uplink.Memberships);
    }

    [Fact]
    [Trait("Requirement", "MOB-06")]
    [Trait("Requirement", "MOB-10")]
    public void OfTwoInterfacesHereTheHigherVersionHasAnAddress()
    {
        Set(Bound("a", "red", ("10.0.0.1/32", 3)));
        Set(Bound("b", "red", ("10.0.0.1/32", 2)));
        Assert.Equal(["a:10.0.0.1/32"], _uplink.Publications.Keys);
        Assert.Empty(_forwarder.Interfaces["b"].Addresses);
        Assert.Equal("with interface a, version 3", _interfaces.StateOf("b", new(IpPrefix.Parse("10.0.0.1/32"), "", 2)));
        Set(Bound("b", "red", ("10.0.0.1/32", 4)));
        Assert.Equal(["b:10.0.0.1/32"], _uplink.Publications.Keys);
        Assert.True(_forwarder.Interfaces["a"].IsLookedUp);

        // The new publication was there before the old one went.
        Assert.Equal(["publish b:10.0.0.1/32", "withdraw a:10.0.0.1/32"], _uplink.Log.TakeLast(2).Select(static line => string.Join(' ', line.Split(' ')[..2])));
        _interfaces.Remove("b", isMoved: false);
        _forwarder.Work();
        Assert.Equal(["a:10.0.0.1/32"], _uplink.Publications.Keys);
        Assert.Single(_forwarder.Interfaces["a"].Addresses);
    }

    [Fact]
    public void WhatTheForwarderRefusesLeavesNothingBehind()
    {
        _forwarder.Refusal = "no room";
        List<string?> done = [];
        _interfaces.Set(Bound("vm1", "red", ("10.0.0.1/32", 7)), done.Add);
        _forwarder.Work();
        Assert.Equal(["no room"], done);
        Assert.Empty(_uplink.Memberships);
        Assert.Empty(_uplink.Publications);
        Assert.Empty(_forwarder.Vpns);
        Assert.Equal(0, _labels.InUse);
        Assert.Equal(0, _interfaces.Count);
    }

    [Fact]
    public void WithoutALabelThereIsNoInterface()
    {
        for (var i = 0; i < 9; i++)
        {
            Set(Bound($"vm{i}", "red"));
        }

        List<string?> done = [];
        _interfaces.Set(Bound("one-more", "red"), done.Add);
        Assert.Equal(["no label is left"], done);
        _interfaces.Set(Bound("elsewhere", "blue"), done.Add);
        Assert.Equal(["no label is left", "no label is left"], done);
        Assert.Equal(["red"], _forwarder.Vpns.Keys);
    }

    [Fact]
    [Trait("Requirement", "FWD-03")]
    public void AnInterfaceCanBeReboundToAnotherVpn()
    {
        Set(Bound("vm1", "red", ("10.0.0.1/32", 1)));
        Set(Bound("vm1", "blue", ("10.0.0.1/32", 1)));
        Assert.Equal([new Membership("blue")], _uplink.Memberships);
        Assert.Equal("blue", Assert.Single(_forwarder.Interfaces).Value.Vpn);
        Assert.Equal("blue", Assert.Single(_uplink.Publications).Value.Vpn);
    }

    /// <summary>Random changes: the fakes assert what must hold at every step, the model what must hold at the end.</summary>
    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    [Trait("Requirement", "MOB-10")]
    public void AtNoTimeHaveTwoAnAddressAndInTheEndTheHighestVersionHasIt(int seed)
    {
        var random = new Random(seed);
        Dictionary<string, BoundInterface> model = [];
        uint version = 0;
        for (var step = 0; step < 5000; step++)
        {
            var key = $"vm{random.Next(4)}";
            switch (random.Next(8))
            {
                case 0:
                    _interfaces.Remove(key, isMoved: random.Next(2) == 0);
                    _ = model.Remove(key);
                    break;
                case 1:
                    _forwarder.Work();
                    break;
                case 2:
                    _time.Advance(TimeSpan.FromSeconds(random.Next(20)));
                    break;
                case 3:
                    Announce($"10.0.0.{random.Next(3)}/32", $"203.0.113.{(random.Next(2) == 0 ? 17 : 44)}", 5000, version == 0 ? 0 : (uint)random.Next((int)version + 1));
                    break;
                default:
                    BoundInterface wanted = Bound(key, "red", [.. Enumerable.Range(0, 3).Where(_ => random.Next(2) == 0).Select(i => ($"10.0.0.{i}/32", ++version))]);
                    _interfaces.Set(wanted, static problem => Assert.Null(problem is "the interface was taken away meanwhile" ? null : problem));
                    model[key] = wanted;
                    break;
            }
        }

        _forwarder.Work();
        foreach (IGrouping<IpPrefix, (string Key, BoundAddress Address)> claims in model
            .SelectMany(static entry => entry.Value.Addresses.Select(address => (entry.Key, Address: address))).GroupBy(static claim => claim.Address.Prefix))
        {
            (string best, BoundAddress address) = claims.MaxBy(static claim => claim.Address.Version);
            NotifiedRoute? route = _routes.Find("red", claims.Key);
            var isElsewhere = route is not null && route.Version > address.Version && route.NextHops[0].Address != Own;
            Assert.Equal(isElsewhere ? [] : [best], _forwarder.Interfaces.Values.Where(bound => bound.Addresses.Contains(claims.Key)).Select(static bound => bound.Key));
            Assert.Equal(address.Version, Assert.Single(_uplink.Publications.Values, publication => publication.Prefix == claims.Key).Version);
        }
    }

    private static BoundInterface Bound(string key, string vpn, params (string Prefix, uint Version)[] addresses) => new()
    {
        Key = key,
        Vpn = vpn,
        Port = "acc0",
        Vlan = 5,
        Addresses = [.. addresses.Select(address => new BoundAddress(IpPrefix.Parse(address.Prefix), $"{key}:{address.Prefix}", address.Version))],
    };

    private void Set(BoundInterface wanted)
    {
        _interfaces.Set(wanted, Assert.Null);
        _forwarder.Work();
    }

    private void Announce(string prefix, string nextHop, uint label, uint version)
    {
        if (_uplink.Memberships.Count == 0)
        {
            return;
        }

        if (!_routes.Vpns.Contains("red"))
        {
            _routes.Begin("red");
        }

        _ = _routes.Announce("red", prefix, new() { Prefix = IpPrefix.Parse(prefix), NextHops = [new(IpAddress.Parse(nextHop), new(label))], Version = version });
    }

    private sealed class Forward(Func<IRouteSink> to) : IRouteSink
    {
        public void RouteChanged(string vpn, IpPrefix prefix, IReadOnlyList<VrfNextHop> nextHops, uint version) =>
            to().RouteChanged(vpn, prefix, nextHops, version);

        public void RouteRemoved(string vpn, IpPrefix prefix) => to().RouteRemoved(vpn, prefix);
    }
}

using Dataplane.Net;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

public sealed class SelectionTests
{
    private const string Prefix = "10.1.0.1/32";
    private static readonly string[] Blue = ["65000:1"];
    private readonly VpnRig _rig = new();
    private readonly VrfIndex _blue;

    public SelectionTests() => _blue = _rig.AddVrf("blue", Blue, Blue);

    [Fact]
    [Trait("Requirement", "AMB-04")]
    [Trait("Requirement", "SIG-09")]
    public void TheHigherVersionWinsAndALowerOneIsNoMember()
    {
        Publish("10.0.0.1", version: 3);
        Publish("10.0.0.2", version: 4);
        _rig.Settle();
        Assert.Equal("10.0.0.2/100", _rig.Route(_blue, Prefix));
        _ = _rig.Events.Take();
        Publish("10.0.0.1", version: 3);
        _rig.Settle();
        Assert.Equal("", _rig.Events.Take());
        Publish("10.0.0.1", version: 4);
        _rig.Settle();
        Assert.Equal("blue 10.1.0.1/32 via 10.0.0.1/100 10.0.0.2/100", _rig.Events.Take());
        Publish("10.0.0.3", version: 5);
        _rig.Settle();
        Assert.Equal("blue 10.1.0.1/32 via 10.0.0.3/100", _rig.Events.Take());
    }

    [Fact]
    [Trait("Requirement", "AMB-04")]
    public void LocalPreferenceComesBeforeVersion()
    {
        Publish("10.0.0.1", version: 9);
        Publish("10.0.0.2", version: 1, preference: 200);
        _rig.Settle();
        Assert.Equal("10.0.0.2/100", _rig.Route(_blue, Prefix));
    }

    [Fact]
    [Trait("Requirement", "AMB-04")]
    public void ThenComeTheNormalSteps()
    {
        SourceId external = _rig.AddPeer("10.0.0.50", SourceKind.Ebgp);
        Publish("10.0.0.1", path: [65001, 65002]);
        Publish("10.0.0.2", path: [65001], med: 20);
        Publish("10.0.0.3", path: [65001], med: 10);
        Publish("10.0.0.4", path: [65001], med: 10, source: external);
        _rig.Settle();
        Assert.Equal("10.0.0.3/100 10.0.0.4/100", _rig.Route(_blue, Prefix));
        Assert.True(_rig.Vrfs.TryFindRoute(_blue, IpPrefix.Parse(Prefix), out VrfRouteView route));
        Assert.Equal(IpAddress.Parse("10.0.0.4"), route.Best.NextHop);
        Assert.Equal(
            ["10.0.0.4 True", "10.0.0.3 True", "10.0.0.1 False", "10.0.0.2 False"],
            Candidates(route).Select(static candidate => $"{candidate.NextHop} {candidate.IsNextHop}").OrderByDescending(static text => text[^2]).ThenBy(static text => text[^4] == 'T' ? 0 : 1));
    }

    [Fact]
    [Trait("Requirement", "SIG-10")]
    public void ThreeHundredPublishersMakeOneRouteWithAllOfThem()
    {
        for (var i = 1; i <= 300; i++)
        {
            _rig.Announce($"10.2.{i / 250}.{i % 250}:1", Prefix, $"10.2.{i / 250}.{i % 250}", (uint)(1000 + i), Blue);
        }

        _rig.Vrfs.SetLocal(_blue, new VrfLocalRoute { Prefix = IpPrefix.Parse(Prefix), Label = new(77) });
        _rig.Settle();
        Assert.Equal(301, _rig.Route(_blue, Prefix).Split(' ').Distinct().Count());
        Assert.Contains("10.0.0.9/77", _rig.Route(_blue, Prefix), StringComparison.Ordinal);
        Assert.DoesNotContain(";", _rig.Events.Take(), StringComparison.Ordinal);
        Assert.Equal(1, _rig.Vrfs.RoutesOf(_blue, RouteFamily.VpnIpv4).Count);
    }

    [Fact]
    [Trait("Requirement", "SIG-10")]
    public void ARouteHasAtMost1024NextHopsAlwaysTheSame()
    {
        for (var i = 0; i < 1100; i++)
        {
            var number = 1099 - i;
            _rig.Announce($"10.2.{number / 250}.{number % 250}:1", Prefix, $"10.2.{number / 250}.{number % 250}", 100, Blue);
        }

        _rig.Settle();
        var first = _rig.Route(_blue, Prefix);
        Assert.Equal(1024, first.Split(' ').Length);
        Assert.DoesNotContain("10.2.4.99/100", first, StringComparison.Ordinal);
        _rig.Vrfs.Update(_blue, VpnRig.Settings("blue", Blue, Blue) with { MaxPaths = 2 });
        _rig.Settle();
        Assert.Equal("10.2.0.0/100 10.2.0.1/100", _rig.Route(_blue, Prefix));
        _rig.Vrfs.Update(_blue, VpnRig.Settings("blue", Blue, Blue));
        _rig.Settle();
        Assert.Equal(first, _rig.Route(_blue, Prefix));
    }

    [Fact]
    [Trait("Requirement", "AMB-48")]
    public void TheSameAddressAndLabelByTwoGatewaysIsOneUntilBothAreGone()
    {
        _rig.Announce("10.0.0.7:1", Prefix, "10.0.0.1", 100, Blue);
        _rig.Announce("10.0.0.8:1", Prefix, "10.0.0.1", 100, Blue);
        _rig.Announce("10.0.0.8:2", Prefix, "10.0.0.1", 101, Blue);
        _rig.Settle();
        Assert.Equal("10.0.0.1/100 10.0.0.1/101", _rig.Route(_blue, Prefix));
        _rig.Withdraw("10.0.0.7:1", Prefix);
        _rig.Settle();
        Assert.Equal("10.0.0.1/100 10.0.0.1/101", _rig.Route(_blue, Prefix));
        _rig.Withdraw("10.0.0.8:1", Prefix);
        _rig.Settle();
        Assert.Equal("10.0.0.1/101", _rig.Route(_blue, Prefix));
    }

    [Fact]
    [Trait("Requirement", "SIG-24")]
    public void ARouteTellsNextHopLabelAndHowItWasLearned()
    {
        _rig.Announce("10.0.0.1:1", Prefix, "10.0.0.1", 52013, Blue);
        _rig.Settle();
        Assert.True(_rig.Vrfs.TryFindRoute(_blue, IpPrefix.Parse(Prefix), out VrfRouteView route));
        VrfCandidate best = route.Best;
        Assert.Equal((IpPrefix.Parse(Prefix), IpAddress.Parse("10.0.0.1"), 52013u), (route.Prefix, best.NextHop!.Value, best.Label.Value));
        Assert.Equal(SourceKind.Ibgp, _rig.Routing.Sources[best.Source].Kind);
    }

    private static List<VrfCandidate> Candidates(VrfRouteView route)
    {
        var all = new List<VrfCandidate>();
        foreach (VrfCandidate candidate in route.Candidates)
        {
            all.Add(candidate);
        }

        return all;
    }

    private void Publish(
        string host, uint version = 0, uint? preference = null, uint[]? path = null, uint med = 0, SourceId? source = null) =>
        _rig.Announce($"{host}:1", Prefix, host, 100, Blue, version, preference, source, med, path);
}

using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

public sealed class AggregateTests
{
    private readonly VpnRig _rig = new();

    [Fact]
    [Trait("Requirement", "INT-04")]
    [Trait("Requirement", "INT-05")]
    public void ACoveringRouteIsThereWhileThereIsSomethingInIt()
    {
        VrfIndex edge = _rig.AddVrf("edge", ["65000:1"], ["65000:9"], "10.1.0.0/16");
        VrfIndex wan = _rig.AddVrf("wan", ["65000:9"], []);
        var label = _rig.Vrfs[edge].AggregateLabel!.Value.Value;
        var distinguisher = _rig.Vrfs[edge].Distinguisher.ToString();
        _rig.Announce("10.0.0.1:1", "10.2.0.1/32", "10.0.0.1", 100, ["65000:1"]);
        _rig.Announce("10.0.0.1:1", "10.1.0.0/16", "10.0.0.1", 101, ["65000:1"]);
        _rig.Settle();
        Assert.Equal("", _rig.Best(distinguisher, "10.1.0.0/16"));

        _rig.Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.1", 102, ["65000:1"]);
        _rig.Announce("10.0.0.1:1", "10.1.0.2/32", "10.0.0.1", 103, ["65000:1"]);
        _rig.Settle();
        Assert.Equal($"10.0.0.9/{label} rt:65000:9", _rig.Best(distinguisher, "10.1.0.0/16"));
        Assert.Equal($"10.0.0.9/{label}", _rig.Route(wan, "10.1.0.0/16"));
        Assert.Equal(2, _rig.Vrfs[edge].Aggregates.Single().Specifics);
        Assert.True(IsSuppressed("10.1.0.1/32"));
        Assert.True(IsSuppressed("10.1.0.2/32"));
        Assert.False(IsSuppressed("10.2.0.1/32"));
        Assert.False(IsSuppressed("10.1.0.0/16"));

        _rig.Withdraw("10.0.0.1:1", "10.1.0.1/32");
        _rig.Settle();
        Assert.NotEqual("", _rig.Route(wan, "10.1.0.0/16"));
        _ = _rig.Events.Take();
        _rig.Withdraw("10.0.0.1:1", "10.1.0.2/32");
        _rig.Settle();
        Assert.Equal("", _rig.Route(wan, "10.1.0.0/16"));
        Assert.Equal("10.0.0.1/101", _rig.Route(edge, "10.1.0.0/16"));
    }

    [Fact]
    [Trait("Requirement", "INT-05")]
    public void AggregatesComeAndGoLive()
    {
        VrfIndex edge = _rig.AddVrf("edge", ["65000:1"], ["65000:9"]);
        _rig.Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.1", 102, ["65000:1"]);
        _rig.Announce("10.0.0.1:1", "2001:db8:1::1/128", "::ffff:10.0.0.1", 102, ["65000:1"]);
        _rig.Settle();
        Assert.Null(_rig.Vrfs[edge].AggregateLabel);
        _ = _rig.Events.Take();
        VrfSettings settings = VpnRig.Settings("edge", ["65000:1"], ["65000:9"], "10.1.0.0/16", "10.0.0.0/8", "2001:db8::/32");
        _rig.Vrfs.Update(edge, settings);
        _rig.Settle();
        Assert.Equal("10.0.0.0/8 10.1.0.0/16 10.1.0.1/32", _rig.Prefixes(edge));
        Assert.Equal("2001:db8::/32 2001:db8:1::1/128", _rig.Prefixes(edge, RouteFamily.VpnIpv6));
        Assert.Equal(3, _rig.Events.Take().Split("; ").Count(static told => told == "suppressed"));

        _rig.Vrfs.Update(edge, settings with { AggregateLabel = new(5000) });
        _rig.Settle();
        Assert.Equal("10.0.0.9/5000", _rig.Route(edge, "10.1.0.0/16"));
        Assert.True(_rig.Vrfs.Labels.TryFindOwner(new(5000), out var owner));
        Assert.Equal("vrf:edge", owner);

        // One that does not suppress may go on covering.
        _ = _rig.Events.Take();
        _rig.Vrfs.Update(edge, settings with
        {
            AggregateLabel = new(5000),
            Aggregates = [new(IpPrefix.Parse("10.0.0.0/8"), SuppressSpecifics: false)],
        });
        _rig.Settle();
        Assert.Equal("10.0.0.0/8 10.1.0.1/32", _rig.Prefixes(edge));
        Assert.False(IsSuppressed("10.1.0.1/32"));
        Assert.Equal(3, _rig.Events.Take().Split("; ").Count(static told => told == "unsuppressed"));
        _rig.Vrfs.Remove(edge);
        _rig.Settle();
        Assert.Equal(2, _rig.Routing[RouteFamily.VpnIpv4].DestinationCount + _rig.Routing[RouteFamily.VpnIpv6].DestinationCount);
        Assert.Equal(0, _rig.Vrfs.Labels.InUse);
    }

    [Fact]
    [Trait("Requirement", "INT-07")]
    public void ABranchReachesBothDataCenters()
    {
        VrfIndex branch = _rig.AddVrf("branch", ["65000:1", "65000:9"], ["65000:1"]);
        VrfIndex edge = _rig.AddVrf("edge", ["65000:1"], ["65000:9"], "10.1.0.0/16");
        _rig.Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.1", 102, ["65000:1"]);
        _rig.Announce("10.0.0.2:1", "10.7.0.0/16", "10.0.0.2", 200, ["65000:1"]);
        _rig.Settle();
        Assert.Equal("10.1.0.0/16 10.1.0.1/32 10.7.0.0/16", _rig.Prefixes(branch));
        Assert.Equal("10.1.0.0/16 10.1.0.1/32 10.7.0.0/16", _rig.Prefixes(edge));
    }

    private bool IsSuppressed(string prefix) => _rig.Vrfs.IsSuppressed(RouteFamily.VpnIpv4, _rig.Destination("10.0.0.1:1", prefix));
}

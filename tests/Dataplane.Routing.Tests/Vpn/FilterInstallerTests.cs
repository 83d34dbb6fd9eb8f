using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Tests.FlowSpec;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

public sealed class FilterInstallerTests : ITunnelDirectory, IDisposable
{
    private static readonly VrfFilter[] Many =
        [.. Enumerable.Range(0, Datapath.MostFilters + 10).Select(static i => FlowSpecCompilerTests.Filter($"dport ={i}", AddressFamily.Ipv4, "discard"))];

    private readonly ForwardingRig _forwarder = new(new DatapathOptions { ClockHz = 1_000_000, Workers = 1, Vrfs = 4, Interfaces = 4, Filters = 300 });
    private readonly Dictionary<string, VrfId> _vrfs = [];
    private readonly List<string> _problems = [];
    private readonly FilterInstaller _filters;

    public FilterInstallerTests()
    {
        _filters = new(_forwarder.Datapath, name => _vrfs.TryGetValue(name, out VrfId id) ? id : null, _problems.Add);
        foreach (var name in new[] { "blue", "red" })
        {
            _vrfs.Add(name, _forwarder.Datapath.AddVrf(null, []));
        }
    }

    bool ITunnelDirectory.TryGet(IpAddress remote, out TunnelId tunnel)
    {
        tunnel = default;
        return false;
    }

    void ITunnelDirectory.Release(IpAddress remote, TunnelId tunnel)
    {
    }

    public void Dispose() => _forwarder.Dispose();

    [Fact]
    public void RulesStandInTheOrderOfTheRfcWhateverTheirOrigin()
    {
        Set("proto =6", FilterOrigin.Signalled, "discard");
        Set("dst 10.0.0.0/8", FilterOrigin.Configured, "mark:8");
        Set("dst 10.1.0.0/16", FilterOrigin.Signalled, "discard");
        _filters.Apply();
        Assert.Equal(["dst 10.1.0.0/16", "dst 10.0.0.0/8", "proto =6"], Names());
    }

    [Fact]
    public void OfOneRuleTheConfiguredOneCounts()
    {
        Set("proto =6", FilterOrigin.Configured, "mark:8");
        Set("proto =6", FilterOrigin.Signalled, "discard");
        _filters.Apply();
        Assert.Equal((byte)8, Assert.Single(Rules()).Dscp);
        _filters.Replace(_vrfs["blue"], FilterOrigin.Configured, []);
        _filters.Apply();
        Assert.Equal(0, Assert.Single(Rules()).BytesPerSecond);
        _filters.Remove(_vrfs["blue"], FilterOrigin.Signalled, AddressFamily.Ipv4, FlowSpecRule.Parse("proto =6", AddressFamily.Ipv4).Encode());
        _filters.Apply();
        Assert.Empty(Rules());
        Assert.Empty(_filters.Read(_vrfs["blue"], AddressFamily.Ipv4));
    }

    [Fact]
    public void OfTooManyTheFirstAreInstalledAndTheRestIsCountedAndTold()
    {
        _filters.Replace(_vrfs["blue"], FilterOrigin.Signalled, Many);
        _filters.Apply();
        Assert.Equal(Datapath.MostFilters, Rules().Count);
        Assert.Equal(10, _filters.NotInstalled);
        Assert.Contains("10 of 266 flow specifications of a VRF are not installed", Assert.Single(_problems), StringComparison.Ordinal);
        Assert.Equal(10, _filters.Read(_vrfs["blue"], AddressFamily.Ipv4).Count(static filter => !filter.IsInstalled));
        _filters.Replace(_vrfs["blue"], FilterOrigin.Signalled, Many[..20]);
        _filters.Apply();
        Assert.Equal(0, _filters.NotInstalled);
        Assert.Equal(20, Rules().Count);
    }

    [Fact]
    public void WithoutRoomAmongAllVrfsAPartIsInstalled()
    {
        _filters.Replace(_vrfs["blue"], FilterOrigin.Signalled, Many[..200]);
        _filters.Replace(_vrfs["red"], FilterOrigin.Signalled, Many[..200]);
        _filters.Apply();
        Assert.Equal(200, Rules().Count);
        Assert.Equal(100, _forwarder.Datapath.ReadFilters(_vrfs["red"], AddressFamily.Ipv4).Count);
        Assert.Equal(100, _filters.NotInstalled);
        _filters.Forget(_vrfs["red"]);
        Assert.Equal(0, _filters.NotInstalled);
    }

    [Fact]
    public void ARedirectIsLookedUpAgainWhenVrfsComeAndGo()
    {
        _filters.Set(_vrfs["blue"], FilterOrigin.Signalled, Redirect("service"));
        _filters.Apply();
        Assert.Null(Assert.Single(Rules()).Redirect);
        _vrfs.Add("service", _forwarder.Datapath.AddVrf(null, []));
        _filters.VrfsChanged();
        _filters.Apply();
        Assert.Equal(_vrfs["service"], Assert.Single(Rules()).Redirect);
    }

    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void AnImportedRuleReachesTheDatapathOfItsVrfOnlyAndLeavesItAgain()
    {
        var rig = new VpnRig();
        var queue = new RouteInstallQueue();
        var installer = new RouteInstaller(_forwarder.Datapath, this, _ => false) { Filters = _filters };
        rig.Vrfs.Listen(queue);
        foreach (var (name, target) in new[] { ("blue", "65000:1"), ("red", "65000:2") })
        {
            queue.Bind(rig.AddVrf(name, [target], []), _vrfs[name]);
        }

        uint rule = rig.Routing.FlowSpecs.Intern(FlowSpecRule.Parse("dst 10.0.0.0/24; proto =17", AddressFamily.Ipv4).Encode());
        var nlri = new Nlri(RouteDistinguisher.Parse("10.0.0.1:1"), 0, rule, 0);
        FlowSpecAction.TryParse("redirect:65000:2", out FlowSpecAction redirect);
        Announce(rig, nlri, [.. VpnRig.Targets("65000:1"), redirect.Community]);
        _ = queue.Drain(installer, int.MaxValue);
        Assert.Equal(_vrfs["red"], Assert.Single(Rules()).Redirect);
        Assert.Empty(_forwarder.Datapath.ReadFilters(_vrfs["red"], AddressFamily.Ipv4));

        // The VRF that it redirects to imports something else: nobody imports the target.
        Assert.True(rig.Vrfs.TryFind("red", out VrfIndex red));
        rig.Vrfs.Update(red, VpnRig.Settings("red", ["65000:3"], []));
        rig.Settle();
        _ = queue.Drain(installer, int.MaxValue);
        Assert.Null(Assert.Single(Rules()).Redirect);

        FlowSpecAction.TryParse("discard", out FlowSpecAction discard);
        Announce(rig, nlri, [.. VpnRig.Targets("65000:1"), discard.Community]);
        _ = queue.Drain(installer, int.MaxValue);
        Assert.Equal(0, Assert.Single(Rules()).BytesPerSecond);

        Assert.True(rig.Routing[RouteFamily.VpnIpv4FlowSpec].Withdraw(nlri, rig.Peer, 0));
        rig.Settle();
        _ = queue.Drain(installer, int.MaxValue);
        Assert.Empty(Rules());
    }

    private static void Announce(VpnRig rig, Nlri nlri, ExtendedCommunity[] communities)
    {
        var builder = new AttributeBlockBuilder();
        builder.SetOrigin(0);
        builder.SetAsPath();
        builder.SetExtendedCommunities(communities);
        AttributeSetId set = rig.Routing.Attributes.Intern(builder.Block);
        rig.Routing.Attributes.Acquire(set);
        _ = rig.Routing[RouteFamily.VpnIpv4FlowSpec].Announce(nlri, rig.Peer, 0, set, set, 0);
        rig.Settle();
    }

    private static VrfFilter Redirect(string vrf) =>
        new(FlowSpecRule.Parse("proto =6", AddressFamily.Ipv4), FlowSpecCompilerTests.Filter("proto =6", AddressFamily.Ipv4, "redirect:65000:9").Actions) { RedirectVrf = vrf };

    private void Set(string rule, FilterOrigin origin, params string[] actions) =>
        _filters.Set(_vrfs["blue"], origin, FlowSpecCompilerTests.Filter(rule, AddressFamily.Ipv4, actions));

    private IReadOnlyList<FilterRule> Rules() =>
        [.. _forwarder.Datapath.ReadFilters(_vrfs["blue"], AddressFamily.Ipv4).Select(static reading => reading.Rule)];

    private string[] Names() => [.. Rules().Select(static rule => rule.Name)];
}

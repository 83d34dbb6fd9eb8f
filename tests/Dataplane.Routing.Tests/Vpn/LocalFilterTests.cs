using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

/// <summary>Flow specifications that a VRF has of itself: in it whatever it imports, and in the VPN table for others where they are exported.</summary>
[Trait("Requirement", "SIG-20")]
public sealed class LocalFilterTests
{
    private const RouteFamily Family = RouteFamily.VpnIpv4FlowSpec;
    private readonly VpnRig _rig = new(isQuiet: true);

    [Fact]
    public void AnExportedFilterIsARouteOfItsVrf()
    {
        VrfIndex hub = _rig.Vrfs.Add(Hub);
        VrfIndex spoke = _rig.AddVrf("spoke", ["65000:1"], []);
        VrfIndex other = _rig.AddVrf("other", ["65000:2"], []);
        Set(hub, "dst 10.1.0.0/24; proto =6", "rate:9600", "mark:46");
        Set(hub, "dst 10.1.0.0/24; proto =6", "rate:9600", "mark:46"); // which changes nothing
        Assert.Equal("65000:7 dst 10.1.0.0/24; proto =6: rate:9600 mark:46 rt:65000:1", Exported());
        Assert.Equal(["dst 10.1.0.0/24; proto =6: rate:9600 mark:46"], [.. In(hub)]); // although it imports nothing
        Assert.Equal(In(hub), In(spoke));
        Assert.Empty(In(other));

        Set(hub, "dst 10.1.0.0/24; proto =6", "discard");
        Assert.Equal("65000:7 dst 10.1.0.0/24; proto =6: discard rt:65000:1", Exported());
        _rig.Vrfs.Update(hub, Hub with { Distinguisher = RouteDistinguisher.Parse("65000:8"), ExportTargets = VpnRig.Targets("65000:2") });
        Assert.Equal("65000:8 dst 10.1.0.0/24; proto =6: discard rt:65000:2", Exported());
        Assert.Equal(["dst 10.1.0.0/24; proto =6: discard"], [.. In(other)]);
        Assert.Empty(In(spoke));
        Set(hub, "dst 10.2.0.0/24", "discard");
        Assert.Equal("65000:8 dst 10.2.0.0/24: discard rt:65000:2", Exported());
        _rig.Vrfs.SetFilters(hub, []);
        Assert.Equal("", Exported());
        Assert.Empty(In(hub));
        Assert.Equal(VpnRig.Rules, _rig.Routing.FlowSpecs.Count);
    }

    [Fact]
    public void WhatIsNotExportedStaysInTheVrf()
    {
        VrfIndex hub = _rig.Vrfs.Add(Hub with { ExportFilters = false });
        VrfIndex spoke = _rig.AddVrf("spoke", ["65000:1"], []);
        Set(hub, "dst 10.1.0.0/24", "redirect:65000:5");
        Assert.Equal("65000:7 dst 10.1.0.0/24: redirect:65000:5 no-advertise", Exported());
        Assert.Equal(["dst 10.1.0.0/24: redirect:65000:5"], [.. In(hub)]);
        Assert.Empty(In(spoke));
        _rig.Vrfs.Update(hub, Hub);
        Assert.Equal("65000:7 dst 10.1.0.0/24: redirect:65000:5 rt:65000:1", Exported());
        Assert.Single(In(spoke));
        var policies = new PolicySet([new PolicyDefinition { Name = "nothing", Terms = [] }]);
        _rig.Vrfs.Update(hub, Hub with { ExportPolicy = policies.Find("nothing") });
        Assert.Equal("65000:7 dst 10.1.0.0/24: redirect:65000:5 no-advertise", Exported());
        _rig.Vrfs.Update(hub, Hub);
        Assert.Equal("65000:7 dst 10.1.0.0/24: redirect:65000:5 rt:65000:1", Exported());
        _rig.Vrfs.Update(hub, Hub with { ExportTargets = [] });
        Assert.Equal("65000:7 dst 10.1.0.0/24: redirect:65000:5 no-advertise", Exported());
        Assert.Empty(In(spoke));
    }

    [Fact]
    public void VrfsOfOneDistinguisherHaveTheirOwnOfARule()
    {
        VrfIndex hub = _rig.Vrfs.Add(Hub);
        VrfIndex twin = _rig.Vrfs.Add(Hub with { Name = "twin" });
        Set(hub, "dst 10.1.0.0/24", "discard");
        Set(twin, "dst 10.1.0.0/24", "mark:8");
        Assert.Equal(["dst 10.1.0.0/24: discard"], [.. In(hub)]);
        Assert.Equal(["dst 10.1.0.0/24: mark:8"], [.. In(twin)]);
        _rig.Vrfs.Remove(hub);
        Assert.Equal("65000:7 dst 10.1.0.0/24: mark:8 rt:65000:1", Exported());
        _rig.Vrfs.Remove(twin);
        Assert.Equal("", Exported());
        Assert.Equal(VpnRig.Rules, _rig.Routing.FlowSpecs.Count);
    }

    private static VrfSettings Hub { get; } = VpnRig.Settings("hub", [], ["65000:1"]) with { Distinguisher = RouteDistinguisher.Parse("65000:7"), ExportFilters = true };

    private void Set(VrfIndex vrf, string rule, params string[] actions) => _rig.Vrfs.SetFilters(vrf, [new(Rule(rule), [.. actions.Select(Action)])]);

    private static FlowSpecRule Rule(string text) => FlowSpecRule.TryParse(text, AddressFamily.Ipv4, out FlowSpecRule? rule, out var error) ? rule : throw new FormatException(error);

    private static FlowSpecAction Action(string text) => FlowSpecAction.TryParse(text, out FlowSpecAction action) ? action : throw new FormatException(text);

    /// <summary>What is in the VPN table, as the best path has it: distinguisher, rule, and communities; there is no next hop, and no AS in the path.</summary>
    private string Exported()
    {
        _rig.Settle();
        FamilyTable table = _rig.Routing[Family];
        List<string> found = [];
        for (var i = 0; i < table.DestinationCapacity; i++)
        {
            if (!table.Exists(new(i)))
            {
                continue;
            }

            Nlri nlri = table.NlriOf(new(i));
            AttributeBlock block = _rig.Routing.Attributes[table.Row(table.BestOf(new(i))).Accepted];
            Assert.False(block.TryGet(AttributeCode.NextHop, out _));
            Assert.True(block.TryGet(AttributeCode.AsPath, out ReadOnlySpan<byte> path) && path.IsEmpty);
            List<string> words = [.. VrfFilter.ActionsOf(block).Select(static action => action.ToString())];
            _ = block.TryGet(AttributeCode.ExtendedCommunities, out ReadOnlySpan<byte> communities);
            for (; !communities.IsEmpty; communities = communities[8..])
            {
                var community = new ExtendedCommunity(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(communities));
                if (community.IsRouteTarget)
                {
                    words.Add(community.ToString());
                }
            }

            if (block.TryGet(AttributeCode.Communities, out ReadOnlySpan<byte> plain))
            {
                Assert.Equal("FFFFFF02", Convert.ToHexString(plain));
                words.Add("no-advertise");
            }

            found.Add($"{nlri.Distinguisher} {Decoded(nlri)}: {string.Join(' ', words)}");
        }

        return string.Join('\n', found);
    }

    private string Decoded(in Nlri nlri) =>
        FlowSpecRule.TryDecode(_rig.Routing.FlowSpecs.Octets((uint)nlri.Low), AddressFamily.Ipv4, out FlowSpecRule? rule, out _) ? rule.ToString() : "?";

    private List<string> In(VrfIndex vrf)
    {
        _rig.Settle();
        List<string> rules = [];
        foreach (VrfRouteView route in _rig.Vrfs.RoutesOf(vrf, Family))
        {
            rules.Add($"{route.ReadFilter()!.Name}: {route.ReadFilter()!.ActionText}");
        }

        return rules;
    }
}

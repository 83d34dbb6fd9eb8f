using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.FlowSpec;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>Flow specifications of VRFs, told to those that subscribe to their collections (SIG-20, AMB-35).</summary>
public sealed class RuleSubscriptionTests : IDisposable
{
    private const string Dns = "dst 198.51.100.0/24; proto =17; dport =53";
    private readonly GatewayRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void ASubscriberHearsTheRulesOfItsVpnOnly()
    {
        Nlri dns = Rule(Dns);
        _rig.AnnounceRule(dns, "65000:1", "discard");
        _rig.AnnounceRule(Rule("proto =6"), "65000:2", "discard");
        EndSystemModel host = _rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(host.Do(new SubscribeRequest("blue", null)));
        Assert.Empty(host.Read().Events);
        Assert.Null(host.Do(new SubscribeRequest("blue/ip4-flow-spec", null)));
        var told = Assert.IsType<RuleChangedEvent>(Assert.Single(host.Read().Events));
        Assert.Equal(("blue/ip4-flow-spec", Dns, "discard"), (told.Node, told.Filter.Name, told.Filter.ActionText));

        host.Events.Clear();
        _rig.AnnounceRule(dns, "65000:1", "redirect:65000:2");
        var changed = Assert.IsType<RuleChangedEvent>(Assert.Single(host.Read().Events));
        Assert.Equal((told.Token, "redirect:65000:2", "red"), (changed.Token, changed.Filter.ActionText, changed.Filter.RedirectVrf));

        // Its number is another rule's before the subscriber hears that it has gone.
        host.Events.Clear();
        _rig.WithdrawRule(dns);
        Assert.Collection(
            host.Read().Events,
            first => Assert.Equal(told.Token, Assert.IsType<RouteDisassociatedEvent>(first).Token),
            second => Assert.Equal(told.Token, Assert.IsType<NodeDeletedEvent>(second).Node));
        Assert.Null(host.Do(new UnsubscribeRequest("blue/ip4-flow-spec", null)));
        host.Events.Clear();
        _rig.AnnounceRule(Rule("proto =7"), "65000:1", "discard");
        Assert.Empty(host.Read().Events);
    }

    /// <summary>What a VRF has of itself is told as well, though it is exported to nobody.</summary>
    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void ASubscriberHearsTheFiltersThatAreConfigured()
    {
        EndSystemModel host = _rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(host.Do(new SubscribeRequest("blue/ip4-flow-spec", null)));
        Assert.True(_rig.Vrfs.TryFind("blue", out VrfIndex blue));
        Assert.True(FlowSpecAction.TryParse("discard", out FlowSpecAction discard));
        _rig.Vrfs.SetFilters(blue, [new(FlowSpecRule.Parse(Dns, AddressFamily.Ipv4), [discard])]);
        _rig.Run();
        var told = Assert.IsType<RuleChangedEvent>(Assert.Single(host.Read().Events));
        Assert.Equal((Dns, "discard"), (told.Filter.Name, told.Filter.ActionText));
        host.Events.Clear();
        _rig.Vrfs.SetFilters(blue, []);
        _rig.Run();
        Assert.Equal(told.Token, Assert.IsType<RouteDisassociatedEvent>(host.Read().Events[0]).Token);
    }

    [Fact]
    public void WhoMayNotSubscribeToAVpnMayNotToItsRules()
    {
        using var rig = new GatewayRig(provisioning: GatewayRig.Everybody("02aa10c0000a"));
        EndSystemModel stranger = rig.Host("02aa10c0000b", "203.0.113.18");
        Assert.Equal(StanzaErrorCondition.Forbidden, stranger.Do(new SubscribeRequest("blue/ip4-flow-spec", null))!.Condition);
        EndSystemModel host = rig.Host("02aa10c0000a", "203.0.113.17");
        Assert.Equal(StanzaErrorCondition.ItemNotFound, host.Do(new SubscribeRequest("green/ip6-flow-spec", null))!.Condition);
        Assert.Null(host.Do(new SubscribeRequest("blue/ip6-flow-spec", null)));
    }

    private Nlri Rule(string text) => new(
        RouteDistinguisher.Parse("65000:7"), 0, _rig.Routing.FlowSpecs.Intern(FlowSpecRule.Parse(text, AddressFamily.Ipv4).Encode()), 0);
}

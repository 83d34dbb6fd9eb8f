using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem;

namespace Dataplane.Xmpp.Tests.EndSystem;

public sealed class NotifiedFiltersTests : IRouteSink
{
    private const string Node = "blue/ip4-flow-spec";
    private readonly List<string> _log = [];
    private readonly NotifiedFilters _filters;

    public NotifiedFiltersTests() => _filters = new(this);

    [Fact]
    public void OnlyWhatChangesIsPassedOnAndOnlyWhatWasAskedFor()
    {
        Assert.False(_filters.Announce(Node, "t1", Filter("proto =6", "discard")));
        _filters.Begin(Node);
        Assert.True(_filters.Announce(Node, "t1", Filter("proto =6", "discard")));
        Assert.True(_filters.Announce(Node, "t1", Filter("proto =6", "discard")));
        Assert.True(_filters.Announce(Node, "t1", Filter("proto =6", "mark:8")));
        Assert.True(_filters.Retract("t1"));
        Assert.False(_filters.Retract("t1"));
        Assert.Equal(["+ blue proto =6 discard", "+ blue proto =6 mark:8", "- blue proto =6"], _log);
    }

    [Fact]
    public void WhatTheNextSessionDoesNotTellIsSwept()
    {
        _filters.Begin(Node);
        _ = _filters.Announce(Node, "t1", Filter("proto =6", "discard"));
        _ = _filters.Announce(Node, "t2", Filter("proto =7", "discard"));
        _filters.Begin(Node);
        Assert.False(_filters.Retract("t1")); // tokens are a session's
        _ = _filters.Announce(Node, "u2", Filter("proto =7", "discard"));
        Assert.Equal(1, _filters.Settle(Node));
        Assert.Equal(1, _filters.Count);
        _filters.End(Node);
        Assert.Equal(["+ blue proto =6 discard", "+ blue proto =7 discard", "- blue proto =6", "- blue proto =7"], _log);
    }

    [Fact]
    public void ATokenThatNamesAnotherRuleEndsTheOneItNamed()
    {
        _filters.Begin(Node);
        _ = _filters.Announce(Node, "t1", Filter("proto =6", "discard"));
        _ = _filters.Announce(Node, "t1", Filter("proto =7", "discard"));
        Assert.Equal(["+ blue proto =6 discard", "- blue proto =6", "+ blue proto =7 discard"], _log);
    }

    void IRouteSink.FilterChanged(string vpn, VrfFilter filter) => _log.Add($"+ {vpn} {filter.Name} {filter.ActionText}");

    void IRouteSink.FilterRemoved(string vpn, VrfFilter filter) => _log.Add($"- {vpn} {filter.Name}");

    void IRouteSink.RouteChanged(string vpn, IpPrefix prefix, IReadOnlyList<VrfNextHop> nextHops, uint version) => Assert.Fail("no route");

    void IRouteSink.RouteRemoved(string vpn, IpPrefix prefix) => Assert.Fail("no route");

    private static VrfFilter Filter(string rule, string action) => new(
        FlowSpecRule.Parse(rule, AddressFamily.Ipv4), [FlowSpecAction.TryParse(action, out FlowSpecAction parsed) ? parsed : throw new FormatException(action)]);
}

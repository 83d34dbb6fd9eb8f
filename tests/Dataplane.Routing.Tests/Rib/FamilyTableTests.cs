using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Rib;

public sealed class FamilyTableTests
{
    private static readonly Nlri Somewhere = Nlri.Of(IpPrefix.Parse("192.0.2.0/24"), RouteDistinguisher.Parse("65000:1"));

    [Fact]
    public void WhatIsAnnouncedIsSelectedAndWhatIsWithdrawnLeavesNothing()
    {
        var routing = new RoutingBase();
        FamilyTable table = routing[RouteFamily.VpnIpv4];
        SourceId near = routing.Sources.Add(new() { Kind = SourceKind.Ibgp, Name = "near", RouterId = 1 });
        SourceId far = routing.Sources.Add(new() { Kind = SourceKind.Ibgp, Name = "far", RouterId = 2 });
        Announce(routing, table, near, 100);
        Announce(routing, table, far, 200);
        Assert.Equal(0, routing.Settle());
        Assert.True(table.TryFind(Somewhere, out DestinationId id));
        Assert.Equal(far, table.Row(table.BestOf(id)).Source);
        Assert.Equal(DecisionStep.LocalPreference, table.Explain(id)[1].Step);
        Assert.True(table.Withdraw(Somewhere, far, 0));
        Assert.Equal(0, routing.Settle());
        Assert.Equal(near, table.Row(table.BestOf(id)).Source);
        Assert.Equal(1, table.Sweep(near));
        Assert.Equal(0, routing.Settle());
        Assert.False(table.TryFind(Somewhere, out _));
        Assert.Equal((0, 0, 0, 0), (table.DestinationCount, table.PathCount, routing.Attributes.Count, routing.NextHops.Count));
    }

    private static void Announce(RoutingBase routing, FamilyTable table, SourceId source, uint preference)
    {
        var builder = new AttributeBlockBuilder();
        builder.SetOrigin(0);
        builder.SetNextHop(IpAddress.Parse("10.0.0.4"));
        builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, preference);
        AttributeSetId set = routing.Attributes.Intern(builder.Block);
        routing.Attributes.Acquire(set);
        _ = table.Announce(Somewhere, source, 0, set, set, 16 << 4 | 1);
    }
}

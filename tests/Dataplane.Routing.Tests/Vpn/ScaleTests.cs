using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

public sealed class ScaleTests
{
    private const int Vrfs = 50_000;

    [Fact]
    [Trait("Requirement", "SCL-02")]
    public void FiftyThousandVrfsLookAtNoMoreThanConcernsThem()
    {
        var rig = new VpnRig(isQuiet: true);
        var visited = new CountingListener();
        rig.Vrfs.Listen(visited);
        var rows = new VrfIndex[Vrfs];
        for (var i = 0; i < Vrfs; i++)
        {
            // Each settled by itself: no route has its target, so no destination is looked at.
            rows[i] = rig.AddVrf($"vrf{i}", [$"65000:{i}"], [$"65000:{i}"]);
            rig.Settle();
        }

        for (var i = 0; i < Vrfs; i++)
        {
            rig.Announce("10.0.0.1:1", IpPrefix.Host(new Ipv4Address(0x0B000000 + (uint)i)).ToString(), "10.0.0.1", 100, [$"65000:{i}"]);
        }

        rig.Settle();
        Assert.Equal((Vrfs, 0), visited.Take());
        Assert.Equal(Vrfs, rig.Vrfs.LinkCount(RouteFamily.VpnIpv4));
        Assert.Equal("11.0.48.57/32", rig.Prefixes(rows[12345]));

        // All at once: one walk over the destinations.
        for (var i = 0; i < Vrfs; i++)
        {
            rig.Vrfs.Update(rows[i], VpnRig.Settings($"vrf{i}", [$"65000:{(i + 1) % Vrfs}"], []));
        }

        rig.Settle();
        Assert.Equal((Vrfs, Vrfs), visited.Take());
        Assert.Equal("11.0.48.58/32", rig.Prefixes(rows[12345]));
        Assert.Equal(65535 - Vrfs, CountFree(rig.Vrfs.Distinguishers));
        foreach (VrfIndex row in rows)
        {
            rig.Vrfs.Remove(row);
        }

        rig.Settle();
        Assert.Equal((0, Vrfs), visited.Take());
        Assert.Equal((0, 0), (rig.Vrfs.Count, rig.Vrfs.LinkCount(RouteFamily.VpnIpv4)));
    }

    [Fact]
    [Trait("Requirement", "SCL-03")]
    public void RowsAreAsSmallAsTheyAreMeantToBe()
    {
        Assert.Equal(20, System.Runtime.CompilerServices.Unsafe.SizeOf<ImportLink>());
        Assert.Equal(24, System.Runtime.CompilerServices.Unsafe.SizeOf<VrfRouteRow<Ipv4VrfKey>>());
        Assert.Equal(36, System.Runtime.CompilerServices.Unsafe.SizeOf<VrfRouteRow<Ipv6VrfKey>>());
        Assert.Equal(24, System.Runtime.CompilerServices.Unsafe.SizeOf<VrfRouteRow<FlowVrfKey>>());
        Assert.Equal(56, System.Runtime.CompilerServices.Unsafe.SizeOf<LocalRouteRow>());
    }

    [Fact]
    [Trait("Requirement", "SCL-03")]
    public void AnImportedRouteIsNoManagedObject()
    {
        const int Routes = 200_000;
        var rig = new VpnRig(isQuiet: true);
        _ = rig.AddVrf("blue", ["65000:1"], []);
        rig.Announce("10.0.0.1:1", "10.0.0.1/32", "10.0.0.1", 100, ["65000:1"]);
        rig.Settle();
        AttributeSetId set = rig.Routing[RouteFamily.VpnIpv4].Row(new(0)).Accepted;
        for (uint i = 0; i < Routes; i++)
        {
            rig.Routing.Attributes.Acquire(set, 2);
            rig.Routing[RouteFamily.VpnIpv4].Announce(
                new(RouteDistinguisher.Parse("10.0.0.1:1"), 0, 0x0B000000 + i, 32), rig.Peer, 0, set, set, 100 << 4);
        }

        rig.Routing[RouteFamily.VpnIpv4].MarkAll();
        rig.Settle();
        var before = rig.Vrfs.Bytes;
        Assert.Equal(Routes + 1, rig.Vrfs.RouteCount(RouteFamily.VpnIpv4));
        // 20 of link, 24 of route, 4 of destination column, up to 9.4 of index.
        Assert.InRange(before / (double)Routes, 48, 60);
        rig.Routing[RouteFamily.VpnIpv4].MarkAll();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        rig.Routing[RouteFamily.VpnIpv4].Sweep(rig.Peer);
        rig.Settle();
        Assert.Equal(0, rig.Vrfs.RouteCount(RouteFamily.VpnIpv4));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, Routes * 24);
    }

    private static int CountFree(DistinguisherAllocator allocator)
    {
        var free = 0;
        while (allocator.TryTake($"other{free}", out _))
        {
            free++;
        }

        return free;
    }

    private sealed class CountingListener : IVrfRouteListener
    {
        private int _changed;
        private int _removed;

        public (int Changed, int Removed) Take()
        {
            (int, int) counts = (_changed, _removed);
            (_changed, _removed) = (0, 0);
            return counts;
        }

        public void RouteChanged(VrfRouteView route) => _changed++;

        public void RouteRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri) => _removed++;
    }
}

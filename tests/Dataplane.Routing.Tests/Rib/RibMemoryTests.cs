using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Rib;

/// <summary>Tests that look at the heap of the whole process: nothing runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HeapCollection
{
    /// <summary>The collection's name.</summary>
    public const string Name = "heap";
}

/// <summary>
/// Octets per VPN-IPv4 route of what this part holds: destination, path, attributes and the indexes. The whole goal is 250 with import into a VRF and
/// Adj-RIB-Out (SCL-03).
/// </summary>
[Collection(HeapCollection.Name)]
[Trait("Requirement", "SCL-03")]
public sealed class RibMemoryTests
{
    private const int Routes = 1_000_000;

    [Theory]
    [InlineData(1, 176)]
    [InlineData(100, 72)]
    public void ARouteCostsAtMost(int routesPerSet, int octets)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var routing = new RoutingBase();
        FamilyTable table = routing[RouteFamily.VpnIpv4];
        SourceId source = routing.Sources.Add(new() { Kind = SourceKind.Ibgp, Name = "peer" });
        var builder = new AttributeBlockBuilder();
        builder.Load(new SomeAttributes { LocalPreference = 100, Med = 0, Path = [65001, 65002], Targets = ["65000:1"] }.Build().Block);
        AttributeSetId set = default;
        for (var i = 0; i < Routes; i++)
        {
            if (i % routesPerSet == 0)
            {
                routing.Attributes.Release(set);
                builder.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, (uint)i);
                set = routing.Attributes.Intern(builder.Block);
            }

            routing.Attributes.Acquire(set, 2);
            Nlri nlri = new(RouteDistinguisher.OfAs(65000, (uint)i % 100), 0, 0x0A000000 + (uint)(i / 100), 32);
            _ = table.Announce(nlri, source, 0, set, set, 16 << 4 | 1);
            if (i % 1000 == 999)
            {
                _ = routing.Settle();
            }
        }

        routing.Attributes.Release(set);
        Assert.Equal((Routes, Routes, Routes / routesPerSet), (table.DestinationCount, table.PathCount, routing.Attributes.Count));
        var after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.InRange((double)routing.Bytes / Routes, 30, octets);
        Assert.InRange((double)(after - before) / Routes, 30, octets);

        // When it all goes, so does the room.
        Assert.Equal(Routes, table.Sweep(source));
        _ = routing.Settle();
        Assert.Equal(0, routing.Attributes.Count);
        Assert.InRange(routing.Bytes, 0, 2_000_000);
    }
}

using System.Reflection;
using System.Runtime.CompilerServices;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Storage;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Storage;

[Trait("Requirement", "SCL-03")]
public sealed class RowsTests
{
    [Fact]
    public void NoRowHoldsAReference()
    {
        // The compiler says so too (the type parameters are unmanaged); this says which rows there are.
        Type[] rows = [.. typeof(PathRow).Assembly.GetTypes()
            .Where(type => type.IsValueType && typeof(IChainedRow).IsAssignableFrom(type))
            .Select(type => type.IsGenericTypeDefinition ? type.MakeGenericType(typeof(Ipv6VrfKey)) : type)];
        Assert.Contains(typeof(PathRow), rows);
        MethodInfo question = typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!;
        Assert.All(rows, row => Assert.False((bool)question.MakeGenericMethod(row).Invoke(null, null)!));
    }

    [Fact]
    public void RowsHaveTheSizesThatTheMemoryGoalCountsWith()
    {
        Assert.Equal(32, Unsafe.SizeOf<PathRow>());
        Assert.Equal(16, Unsafe.SizeOf<NarrowKey>());
        Assert.Equal(28, Unsafe.SizeOf<WideKey>());
        Assert.Equal(32, Unsafe.SizeOf<AttributeSummary>());
    }

    [Fact]
    public void RowsAreTakenDenselyAndRoomGoesBackWithTheLast()
    {
        var pool = new RowPool<PathRow>();
        var rows = Enumerable.Range(0, 10_000).Select(_ => pool.Take()).ToList();
        Assert.Equal(Enumerable.Range(0, 10_000), rows);
        pool.Give(77);
        pool.Give(4711);
        Assert.Equal((4711, 77, 10_000), (pool.Take(), pool.Take(), pool.Take()));
        var grown = pool.Bytes;
        Assert.False(pool.TrimIfEmpty());
        foreach (var row in rows.Append(10_000))
        {
            pool.Give(row);
        }

        Assert.True(pool.TrimIfEmpty());
        Assert.Equal((0, 0), (pool.Count, pool.End));
        Assert.True(pool.Bytes < grown / 4);
        Assert.Equal(0, pool.Take());
    }
}

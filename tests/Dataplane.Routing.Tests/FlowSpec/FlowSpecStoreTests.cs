using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Tests.FlowSpec;

public sealed class FlowSpecStoreTests
{
    [Fact]
    public void EqualOctetsHaveOneNumberUntilTheLastHolderLetsGo()
    {
        var store = new FlowSpecStore();
        var id = store.Intern([3, 0x81, 6]);
        Assert.NotEqual(0u, id);
        Assert.Equal(id, store.Intern([3, 0x81, 6]));
        store.Acquire(id);
        Assert.Equal(1, store.Count);
        store.Release(id);
        store.Release(id);
        Assert.True(store.TryFind([3, 0x81, 6], out var found));
        Assert.Equal(id, found);
        store.Release(id);
        Assert.False(store.TryFind([3, 0x81, 6], out _));
        Assert.Equal(0, store.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Release(id));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Octets(0).Length);
    }

    [Fact]
    public void EqualsADictionaryAfterManyOperations()
    {
        var random = new Random(133);
        var store = new FlowSpecStore();
        var held = new Dictionary<string, (uint Id, int References)>();
        for (var i = 0; i < 50_000; i++)
        {
            var octets = new byte[random.Next(8) == 0 ? random.Next(1, 4096) : random.Next(1, 24)];
            new Random(random.Next(1500)).NextBytes(octets);
            var key = Convert.ToHexString(octets);
            if (held.TryGetValue(key, out var entry) && random.Next(3) > 0)
            {
                store.Release(entry.Id);
                if (entry.References == 1)
                {
                    Assert.True(held.Remove(key));
                    Assert.False(store.TryFind(octets, out _));
                    continue;
                }

                held[key] = entry with { References = entry.References - 1 };
                continue;
            }

            var id = store.Intern(octets);
            Assert.True(entry.Id == 0 || entry.Id == id);
            held[key] = (id, entry.References + 1);
        }

        Assert.Equal(held.Count, store.Count);
        Assert.Equal(held.Count, held.Values.Select(entry => entry.Id).Distinct().Count());
        Assert.All(held, pair => Assert.Equal(pair.Key, Convert.ToHexString(store.Octets(pair.Value.Id))));
    }
}

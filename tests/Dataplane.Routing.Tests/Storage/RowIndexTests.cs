using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Tests.Storage;

[Trait("Requirement", "SCL-03")]
public sealed class RowIndexTests
{
    [Fact]
    public void RowsAreFoundThroughSplitsAndRemovalsAsADictionaryFindsThem()
    {
        var keys = new ulong[100_000];
        var index = new RowIndex<ulong, Rows>(new Rows(keys));
        var model = new Dictionary<ulong, int>();
        var random = new Random(1);
        var free = new Stack<int>(Enumerable.Range(0, keys.Length).Reverse());
        for (var step = 0; step < 500_000; step++)
        {
            // Grows to some 50,000 rows, then shrinks to nothing.
            var key = (ulong)random.Next(100_000);
            var grows = step < 250_000;
            var hash = Rows.Hash(key);
            Assert.Equal(model.TryGetValue(key, out var expected) ? expected : -1, index.Find(key, hash));
            if (!model.ContainsKey(key) && grows)
            {
                var row = free.Pop();
                keys[row] = key;
                index.Add(row, hash);
                model.Add(key, row);
            }
            else if (model.Remove(key, out var row) && (!grows || random.Next(4) == 0))
            {
                index.Remove(row, hash);
                free.Push(row);
            }
            else if (grows)
            {
                model.Add(key, expected);
            }
        }

        foreach ((ulong key, int row) in model)
        {
            Assert.Equal(row, index.Find(key, Rows.Hash(key)));
            index.Remove(row, Rows.Hash(key));
        }

        Assert.Equal(0, index.Count);
        Assert.InRange(index.Bytes, 0, 30_000);
    }

    [Fact]
    public void ARowCostsAtMostNineOctetsWithWhatWaitsToBeUsedAgain()
    {
        var keys = new ulong[1_000_000];
        var index = new RowIndex<ulong, Rows>(new Rows(keys));
        for (var row = 0; row < keys.Length; row++)
        {
            keys[row] = (ulong)row << 20;
            index.Add(row, Rows.Hash(keys[row]));
            if (row % 1000 == 999 && row > 20_000)
            {
                Assert.InRange((double)index.Bytes / (row + 1), 4, 8.2);
            }
        }

        // Every segment is extended then, and no extension waits.
        Assert.InRange((double)index.Bytes / keys.Length, 5.9, 6.0);
    }

    [Fact]
    public void GrowingLeavesNothingToTheCollector()
    {
        var keys = new ulong[1_000_000];
        var index = new RowIndex<ulong, Rows>(new Rows(keys));
        index.Add(0, Rows.Hash(0));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var row = 1; row < keys.Length; row++)
        {
            keys[row] = (ulong)row << 20;
            index.Add(row, Rows.Hash(keys[row]));
        }

        // Beside what it holds in the end: directories that were doubled, and what rows were copied aside into.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, index.Bytes * 1.02);
    }

    [Theory]
    [InlineData(0x0000_0000u, 0xFFFF_FFFFu >> 6)]
    [InlineData(0xFC00_0000u, 0xFFFF_FFFFu >> 6)]
    [InlineData(0xAAAA_0000u, 0xFFFF_FFFFu >> 14)]
    public void NoRowIsLostWhereNearlyAllGoToOneHalfAndRoomIsMadeWhileTheyAreMoved(uint common, uint random)
    {
        // Hashes begin with the same bits, one in a hundred does not: segments are full again before what was in the last one is placed.
        const int Keys = 30_000;
        var hashes = new uint[Keys];
        var source = new Random(2);
        var index = new RowIndex<int, Hashes>(new Hashes(hashes));
        for (var row = 0; row < Keys; row++)
        {
            hashes[row] = row % 100 == 0 ? (uint)source.NextInt64() : common | ((uint)source.NextInt64() & random);
            index.Add(row, hashes[row]);
            if (row % 500 == 0 || row is > 3400 and < 3600 or > 4900 and < 5100)
            {
                Assert.All(Enumerable.Range(0, row + 1), known => Assert.Equal(known, index.Find(known, hashes[known])));
            }
        }

        for (var row = 0; row < Keys; row++)
        {
            index.Remove(row, hashes[row]);
            Assert.Equal(-1, index.Find(row, hashes[row]));
        }

        Assert.Equal(0, index.Count);
    }

    [Fact]
    public void KeysWithTheSameHashAreToldApart()
    {
        var index = new RowIndex<int, SameHash>(default);
        for (var row = 0; row < 1000; row++)
        {
            index.Add(row, SameHash.Hash);
        }

        for (var row = 0; row < 1000; row += 2)
        {
            index.Remove(row, SameHash.Hash);
        }

        for (var row = 0; row < 1001; row++)
        {
            Assert.Equal(row % 2 == 0 ? -1 : row, index.Find(row, SameHash.Hash));
        }
    }

    [Fact]
    public void MoreKeysOfOneHashThanASegmentHoldsAreRefused()
    {
        var index = new RowIndex<int, SameHash>(default);
        _ = Assert.Throws<InvalidOperationException>(() =>
        {
            for (var row = 0; row < 7000; row++)
            {
                index.Add(row, SameHash.Hash);
            }
        });
        Assert.Equal(5600, index.Find(5600, SameHash.Hash));
        Assert.Equal(-1, index.Find(6500, SameHash.Hash));
    }

    [Fact]
    public void RowsBeyondTwentySixBitsAreRefused()
    {
        var index = new RowIndex<ulong, Rows>(new Rows([]));
        _ = Assert.Throws<InvalidOperationException>(() => index.Add(RowIndex<ulong, Rows>.MaximumRow + 1, 0));
    }

    private readonly struct Rows(ulong[] keys) : IKeyedRows<ulong>
    {
        public static uint Hash(ulong key) => KeyHash.Of(key, 0);

        public uint HashOf(int row) => Hash(keys[row]);

        public bool Matches(int row, scoped in ulong key) => keys[row] == key;
    }

    private readonly struct Hashes(uint[] hashes) : IKeyedRows<int>
    {
        public uint HashOf(int row) => hashes[row];

        public bool Matches(int row, scoped in int key) => row == key;
    }

    private readonly struct SameHash : IKeyedRows<int>
    {
        public const uint Hash = 0xABCDEF01;

        public uint HashOf(int row) => Hash;

        public bool Matches(int row, scoped in int key) => row == key;
    }
}

using Dataplane.Forwarding.Tables;
using Dataplane.Forwarding.Tests.Memory;

namespace Dataplane.Forwarding.Tests.Tables;

[Trait("Requirement", "FWD-02")]
public sealed unsafe class ExactTable64Tests
{
    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 400)]
    [InlineData(3, 6000)]
    public void Behaves_like_a_dictionary(int seed, int keySpace)
    {
        using var epochs = new EpochFixture(1);
        ExactTable64* table = null;
        using var writer = new ExactTable64Writer(&table, epochs.Reclaimer);
        var model = new Dictionary<ulong, ulong>();
        var random = new Random(seed);
        ulong Key() => (ulong)(random.Next(4) + 1) << 32 | (uint)random.Next(keySpace) * 0x01000193u;
        for (int step = 0; step < 30_000; step++)
        {
            ulong key = Key();
            // Phases of growth and of decay, so that tombstones gather and tables shrink.
            if (random.Next(100) < (step / 5000 % 2 == 0 ? 65 : 25))
            {
                ulong value = (ulong)random.NextInt64(1, long.MaxValue);
                writer.Set(key, value);
                model[key] = value;
            }
            else
            {
                Assert.Equal(model.Remove(key), writer.Remove(key));
            }
            ulong probe = Key();
            Assert.Equal(model.GetValueOrDefault(probe), ExactTable64.Find(table, probe));
            Assert.Equal(model.Count, writer.Count);
        }
        foreach ((ulong key, ulong value) in model)
            Assert.Equal(value, ExactTable64.Find(table, key));
    }

    [Fact]
    public void Growth_keeps_every_entry_and_the_load_between_its_bounds()
    {
        using var epochs = new EpochFixture(1);
        ExactTable64* table = null;
        using var writer = new ExactTable64Writer(&table, epochs.Reclaimer);
        const uint entries = 100_000;
        for (uint i = 1; i <= entries; i++)
            writer.Set(1ul << 32 | i, i);
        for (uint i = 1; i <= entries; i++)
            Assert.Equal(i, ExactTable64.Find(table, 1ul << 32 | i));
        Assert.Equal(0ul, ExactTable64.Find(table, 1ul << 32 | entries + 1));
        ulong slots = table->Buckets * ExactTable64.SlotsPerBucket;
        Assert.InRange(entries / (double)slots, 0.44, 0.63);
        Assert.Equal((long)(ExactTable64.SizeOf(table->Buckets) + table->Buckets), writer.Bytes);
    }

    [Fact]
    public void Removing_and_adding_forever_neither_grows_the_table_nor_hangs_a_probe()
    {
        using var epochs = new EpochFixture(1);
        ExactTable64* table = null;
        using var writer = new ExactTable64Writer(&table, epochs.Reclaimer);
        for (uint i = 1; i <= 20; i++)
            writer.Set(1ul << 32 | i, i);
        long largest = 0;
        for (uint i = 21; i <= 50_000; i++)
        {
            writer.Set(1ul << 32 | i, i);
            Assert.True(writer.Remove(1ul << 32 | i - 20));
            Assert.Equal(0ul, ExactTable64.Find(table, 1ul << 32 | i - 20));
            largest = Math.Max(largest, writer.Bytes);
        }
        Assert.Equal(20, writer.Count);
        Assert.InRange(largest, 1, (long)ExactTable64.SizeOf(40));
    }

    /// <summary>Host routes are dense: whole subnets, the same in many VRFs, keys in network byte order.</summary>
    [Fact]
    public void Probes_stay_short_for_whole_subnets_in_many_spaces()
    {
        using var epochs = new EpochFixture(1);
        ExactTable64* table = null;
        using var writer = new ExactTable64Writer(&table, epochs.Reclaimer);
        var keys = new List<ulong>();
        for (uint vrf = 0; vrf < 64; vrf++)
        {
            for (uint host = 0; host < 1000; host++)
                keys.Add((ulong)(vrf * 2 + 1) << 32 | System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(0x0A00_0000 + host));
        }
        foreach (ulong key in keys)
            writer.Set(key, 1);
        List<int> probes = [];
        foreach (ulong key in keys)
            probes.Add(Probes(table, key));
        Assert.InRange(probes.Average(), 1.0, 1.6);
        Assert.InRange(probes.Max(), 1, 24);
    }

    /// <summary>A reader may be between the key and the value of a slot: another key must not move in while this table is in use.</summary>
    [Fact]
    public void The_slot_of_a_removed_key_is_not_used_again_before_every_reader_has_left()
    {
        using var epochs = new EpochFixture(1);
        ExactTable64* table = null;
        using var writer = new ExactTable64Writer(&table, epochs.Reclaimer);
        writer.Set(7, 70);
        ulong* slot = ExactTable64.Bucket(table, ExactTable64.Home(table, 7));
        Assert.Equal(7ul, *slot);
        writer.Remove(7);
        ExactTable64* same = table;
        int neighbors = 0;
        for (ulong key = 8; neighbors < 8; key++)
        {
            if (ExactTable64.Bucket(table, ExactTable64.Home(table, key)) != slot)
                continue;
            writer.Set(key, key);
            neighbors++;
            Assert.Equal((nint)same, (nint)table);
            Assert.Equal(ExactTable64.Removed, *slot);
            Assert.Equal(key, ExactTable64.Find(table, key));
        }
        // Not even by the same key, whose value would have to change first.
        writer.Set(7, 71);
        Assert.Equal(ExactTable64.Removed, *slot);
        Assert.Equal(71ul, ExactTable64.Find(table, 7));
        // Probes pass the bucket, which is full: the slot stays a mark, and the next key of the bucket gets it.
        epochs.Reclaimer.Reclaim();
        Assert.Equal(ExactTable64.Vacant, *slot);
        ulong next = 1_000_000;
        while (ExactTable64.Bucket(table, ExactTable64.Home(table, next)) != slot)
            next++;
        writer.Set(next, next);
        Assert.Equal(next, *slot);
        Assert.Equal((nint)same, (nint)table);
    }

    [Fact]
    public void A_table_that_was_replaced_is_given_back()
    {
        using var epochs = new EpochFixture(1);
        ExactTable64* table = null;
        using var writer = new ExactTable64Writer(&table, epochs.Reclaimer);
        epochs.Announce(0);
        ExactTable64* seen = table;
        for (uint i = 1; i <= 1000; i++)
            writer.Set(1ul << 32 | i, i);
        Assert.NotEqual((nint)seen, (nint)table);
        // The reader inside its epoch may still look at the old one.
        Assert.Equal(1ul, ExactTable64.Find(seen, 1ul << 32 | 1));
        Assert.NotEqual(0, epochs.Reclaimer.Pending);
        epochs.Leave(0);
        epochs.Reclaimer.Reclaim();
        Assert.Equal(0, epochs.Reclaimer.Pending);
    }

    /// <summary>Years of routes that come and go are no reason to build a table again: 500,000 changes, as many entries.</summary>
    [Fact]
    [Trait("Requirement", "SCL-03")]
    public void Steady_churn_rebuilds_nothing()
    {
        using var epochs = new EpochFixture(1);
        ExactTable64* table = null;
        using var writer = new ExactTable64Writer(&table, epochs.Reclaimer);
        const uint entries = 10_000;
        for (uint i = 0; i < entries; i++)
            writer.Set(1ul << 32 | i, i + 1);
        int rebuilds = writer.Rebuilds;
        for (uint i = entries; i < entries + 250_000; i++)
        {
            epochs.Announce(0);
            Assert.True(writer.Remove(1ul << 32 | i - entries));
            writer.Set(1ul << 32 | i, i + 1);
        }
        // At most one: the removed entries that wait for readers may be what a nearly full table had no room for.
        Assert.InRange(writer.Rebuilds - rebuilds, 0, 1);
        Assert.Equal(entries, writer.Count);
        for (uint i = 250_000; i < entries + 250_000; i++)
            Assert.Equal(i + 1, ExactTable64.Find(table, 1ul << 32 | i));
    }

    [Fact]
    [Trait("Requirement", "SCL-03")]
    public void An_entry_takes_at_most_37_bytes_at_every_size()
    {
        using var epochs = new EpochFixture(1);
        ExactTable64* table = null;
        using var writer = new ExactTable64Writer(&table, epochs.Reclaimer);
        for (uint i = 1; i <= 400_000; i++)
        {
            writer.Set(1ul << 32 | i, i);
            if (i >= 10_000)
                Assert.True(writer.Bytes <= 37 * writer.Count, $"{writer.Bytes} bytes for {writer.Count} entries");
        }
    }

    [Fact]
    public void A_table_that_has_emptied_gives_its_memory_back()
    {
        using var epochs = new EpochFixture(1);
        ExactTable64* table = null;
        using var writer = new ExactTable64Writer(&table, epochs.Reclaimer);
        long empty = writer.Bytes;
        for (uint i = 1; i <= 300_000; i++)
            writer.Set(1ul << 32 | i, i);
        for (uint i = 1; i <= 300_000; i++)
            writer.Remove(1ul << 32 | i);
        Assert.Equal(empty, writer.Bytes);
    }

    private static int Probes(ExactTable64* table, ulong key)
    {
        ulong index = ExactTable64.Home(table, key);
        for (int probes = 1; ; probes++, index = ExactTable64.Next(table, index))
        {
            ulong* bucket = ExactTable64.Bucket(table, index);
            for (int i = 0; i < ExactTable64.SlotsPerBucket; i++)
            {
                if (bucket[i] == key)
                    return probes;
            }
        }
    }
}

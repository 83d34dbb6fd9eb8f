using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;
using Dataplane.Forwarding.Tests.Memory;

namespace Dataplane.Forwarding.Tests.Tables;

/// <summary>
/// One writer churns, readers look up under epochs as workers do. Keys that are always there must always be found, with a
/// value that was stored for them; a freed block that is still read would show as a wrong value, for its memory is used again.
/// </summary>
[Trait("Requirement", "FWD-02")]
public sealed unsafe class ConcurrentReaderTests
{
    private const int Readers = 2;
    private const int Stable = 200;
    private const int Churned = 2000;
    private const int Steps = 150_000;

    [Fact]
    public void ExactTable64_readers_never_miss_a_key_that_stays()
    {
        using var epochs = new EpochFixture(Readers);
        ExactTable64* table = null;
        ExactTable64** slot = &table;
        using var writer = new ExactTable64Writer(slot, epochs.Reclaimer);
        for (ulong key = 1; key <= Stable; key++)
            writer.Set(key, key << 20);
        Run(epochs, random =>
        {
            var current = (ExactTable64*)Volatile.Read(ref *(nint*)slot);
            ulong key = (ulong)random.Next(Stable) + 1;
            ulong value = ExactTable64.Find(current, key);
            ulong other = (ulong)random.Next(Churned) + 1000;
            ulong churned = ExactTable64.Find(current, other);
            return value >> 20 == key && (churned == 0 || churned >> 20 == other);
        },
        (random, step) =>
        {
            ulong key = (ulong)random.Next(Churned) + 1000;
            if (random.Next(2) == 0)
                writer.Set(key, key << 20 | (uint)step & 0xFFFFF);
            else
                writer.Remove(key);
            ulong stays = (ulong)random.Next(Stable) + 1;
            writer.Set(stays, stays << 20 | (uint)step & 0xFFFFF);
        });
    }

    [Fact]
    public void ExactTable128_readers_never_miss_a_key_that_stays()
    {
        using var epochs = new EpochFixture(Readers);
        ExactTable128* table = null;
        ExactTable128** slot = &table;
        using var writer = new ExactTable128Writer(slot, epochs.Reclaimer);
        for (ulong key = 1; key <= Stable; key++)
            writer.Set(1, ~key, key, key << 20);
        Run(epochs, random =>
        {
            var current = (ExactTable128*)Volatile.Read(ref *(nint*)slot);
            ulong key = (ulong)random.Next(Stable) + 1;
            ulong value = ExactTable128.Find(current, 1, ~key, key);
            ulong other = (ulong)random.Next(Churned) + 1000;
            ulong churned = ExactTable128.Find(current, 2, ~other, other);
            return value >> 20 == key && (churned == 0 || churned >> 20 == other);
        },
        (random, step) =>
        {
            ulong key = (ulong)random.Next(Churned) + 1000;
            if (random.Next(2) == 0)
                writer.Set(2, ~key, key, key << 20 | (uint)step & 0xFFFFF);
            else
                writer.Remove(2, ~key, key);
            ulong stays = (ulong)random.Next(Stable) + 1;
            writer.Set(1, ~stays, stays, stays << 20 | (uint)step & 0xFFFFF);
        });
    }

    /// <summary>Stable /16s, each with /22s and /40s below its lower half that come and go.</summary>
    [Fact]
    public void Trie_readers_find_the_covering_prefix_whatever_comes_and_goes_below_it()
    {
        using var epochs = new EpochFixture(Readers);
        using var nodes = new SlabAllocator(TrieNode.LargestBytes);
        TrieNode* trie = null;
        TrieNode** root = &trie;
        var writer = new TreeBitmapWriter(nodes, epochs.Reclaimer);
        for (ulong i = 0; i < Stable; i++)
            writer.Set(root, i << 48, 0, 16, Leaf.Create(LeafKind.Tunnel, 16, (uint)i, 16));
        Run(epochs, random =>
        {
            var start = (TrieNode*)Volatile.Read(ref *(nint*)root);
            ulong i = (ulong)random.Next(Stable);
            Leaf upper = TreeBitmap.Lookup(start, i << 48 | 1ul << 47 | (uint)random.Next(), 0);
            Leaf lower = TreeBitmap.Lookup(start, i << 48 | (ulong)random.Next(32) << 42 | (ulong)random.Next(4) << 24, 0);
            return upper.Index == i && upper.PrefixLength == 16 && lower.Index == i && lower.PrefixLength is 16 or 22 or 40;
        },
        (random, step) =>
        {
            ulong i = (ulong)random.Next(Stable);
            uint label = (uint)(16 + step % 1000);
            int length = random.Next(2) == 0 ? 22 : 40;
            ulong prefix = i << 48 | (ulong)random.Next(32) << 42 | (length == 40 ? (ulong)random.Next(4) << 24 : 0);
            if (random.Next(2) == 0)
                writer.Set(root, prefix, 0, length, Leaf.Create(LeafKind.Tunnel, length, (uint)i, label));
            else
                writer.Remove(root, prefix, 0, length);
            if (step % 16 == 0)
                writer.Set(root, i << 48, 0, 16, Leaf.Create(LeafKind.Tunnel, 16, (uint)i, label));
        });

        // What churned goes; then memory is where it was.
        for (ulong i = 0; i < Stable; i++)
        {
            for (ulong j = 0; j < 32; j++)
            {
                writer.Remove(root, i << 48 | j << 42, 0, 22);
                for (ulong k = 0; k < 4; k++)
                    writer.Remove(root, i << 48 | j << 42 | k << 24, 0, 40);
            }
        }
        epochs.Reclaimer.Reclaim();
        long churned = nodes.UsedBytes;
        using var fresh = new SlabAllocator(TrieNode.LargestBytes);
        TrieNode* other = null;
        var builder = new TreeBitmapWriter(fresh, epochs.Reclaimer);
        for (ulong i = 0; i < Stable; i++)
            builder.Set(&other, i << 48, 0, 16, Leaf.Create(LeafKind.Tunnel, 16, (uint)i, 16));
        epochs.Reclaimer.Reclaim();
        Assert.Equal(fresh.UsedBytes, churned);
    }

    private static void Run(EpochFixture epochs, Func<Random, bool> read, Action<Random, int> write)
    {
        bool done = false;
        long wrong = 0;
        long[] reads = new long[Readers];
        var threads = new Thread[Readers];
        for (int i = 0; i < Readers; i++)
        {
            int reader = i;
            threads[i] = new Thread(() =>
            {
                var random = new Random(100 + reader);
                // A sleeper enters with a full barrier, as the worker's loop does.
                Interlocked.Exchange(ref epochs.Slot(reader)->Announced, epochs.Global);
                while (!Volatile.Read(ref done))
                {
                    epochs.Announce(reader);
                    for (int burst = 0; burst < 32; burst++)
                    {
                        if (!read(random))
                            Interlocked.Increment(ref wrong);
                    }
                    reads[reader] += 32;
                    if (reads[reader] % 65536 == 0)
                    {
                        epochs.Leave(reader);
                        Thread.Yield();
                        Interlocked.Exchange(ref epochs.Slot(reader)->Announced, epochs.Global);
                    }
                }
                epochs.Leave(reader);
            });
            threads[i].Start();
        }
        var writer = new Random(9);
        for (int step = 0; step < Steps; step++)
            write(writer, step);
        Volatile.Write(ref done, true);
        foreach (Thread thread in threads)
            thread.Join();
        Assert.All(reads, count => Assert.NotEqual(0, count));
        Assert.Equal(0, wrong);
        epochs.Reclaimer.Reclaim();
        Assert.Equal(0, epochs.Reclaimer.Pending);
    }
}

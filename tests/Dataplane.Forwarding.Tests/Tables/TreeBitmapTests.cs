using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;
using Dataplane.Forwarding.Tests.Memory;

namespace Dataplane.Forwarding.Tests.Tables;

[Trait("Requirement", "FWD-02")]
public sealed unsafe class TreeBitmapTests
{
    /// <summary>Random prefixes, many of them nested, against a search that tries every length.</summary>
    [Theory]
    [InlineData(1, 32, 60)]
    [InlineData(2, 32, 2000)]
    [InlineData(3, 128, 60)]
    [InlineData(4, 128, 2000)]
    [InlineData(5, 64, 300)]
    public void Finds_what_trying_every_length_finds(int seed, int bits, int prefixes)
    {
        using var table = new Table();
        var random = new Random(seed);
        var pool = new UInt128[prefixes];
        for (int i = 0; i < prefixes; i++)
            pool[i] = RandomAddress(random, bits, i > 0 ? pool[random.Next(i)] : 0);
        var model = new Dictionary<(UInt128 Address, int Length), Leaf>();
        for (int step = 0; step < 5000; step++)
        {
            int length = random.Next(8) switch { 0 => 0, 1 => bits, 2 => random.Next(7), _ => random.Next(bits + 1) };
            UInt128 address = pool[random.Next(prefixes)] & Mask(length);
            if (random.Next(100) < (step / 1000 % 2 == 0 ? 70 : 30))
            {
                var leaf = Leaf.Create(LeafKind.Tunnel, length, (uint)step, (uint)random.Next(16, 1 << 20));
                table.Set(address, length, leaf);
                model[(address, length)] = leaf;
            }
            else
            {
                Assert.Equal(model.Remove((address, length)), table.Remove(address, length));
            }
            for (int probe = 0; probe < 4; probe++)
            {
                UInt128 target = RandomAddress(random, bits, pool[random.Next(prefixes)]);
                Assert.Equal(Longest(model, target), table.Lookup(target));
            }
        }
        foreach ((UInt128 address, int length) in model.Keys)
            Assert.True(table.Remove(address, length));
        Assert.True(table.IsEmpty);
        table.Epochs.Reclaimer.Reclaim();
        Assert.Equal(0, table.Nodes.UsedBytes);
    }

    [Fact]
    public void An_empty_table_finds_nothing_and_removes_nothing()
    {
        using var table = new Table();
        Assert.Equal(Leaf.None, table.Lookup(0));
        Assert.Equal(Leaf.None, table.Lookup(UInt128.MaxValue));
        Assert.False(table.Remove(0, 0));
        Assert.False(table.Remove(UInt128.MaxValue, 128));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    public void Every_length_from_the_default_route_to_a_host_wins_over_the_shorter_ones(int bits)
    {
        using var table = new Table();
        UInt128 address = UInt128.Parse("53434343218765432101234567890123456789") & Mask(bits);
        for (int length = 0; length <= bits; length++)
        {
            table.Set(address & Mask(length), length, Leaf.Create(LeafKind.Tunnel, length, (uint)length, 16));
            Assert.Equal(length, table.Lookup(address).PrefixLength);
        }
        // An address that leaves the path at bit n belongs to the prefix of n bits.
        for (int length = 0; length < bits; length++)
            Assert.Equal((uint)length, table.Lookup(address ^ (UInt128.One << (127 - length))).Index);
        for (int length = bits; length >= 0; length--)
        {
            Assert.Equal(length, table.Lookup(address).PrefixLength);
            Assert.True(table.Remove(address & Mask(length), length));
        }
        Assert.Equal(Leaf.None, table.Lookup(address));
        Assert.True(table.IsEmpty);
    }

    [Fact]
    public void Setting_a_prefix_again_replaces_its_entry_in_place()
    {
        using var table = new Table();
        UInt128 address = (UInt128)0xC633_6400 << 96;
        table.Set(address, 24, Leaf.Create(LeafKind.Tunnel, 24, 1, 100));
        long used = table.Nodes.UsedBytes;
        table.Set(address, 24, Leaf.Create(LeafKind.Tunnel, 24, 2, 200));
        Assert.Equal(2u, table.Lookup(address).Index);
        Assert.Equal(used, table.Nodes.UsedBytes);
        Assert.Equal(0, table.Epochs.Reclaimer.Pending);
    }

    [Fact]
    public void Removing_a_prefix_that_was_never_there_leaves_its_neighbours_alone()
    {
        using var table = new Table();
        UInt128 address = (UInt128)0x0A00_0000 << 96;
        table.Set(address, 8, Leaf.Create(LeafKind.Tunnel, 8, 1, 100));
        for (int length = 0; length <= 32; length++)
        {
            if (length != 8)
                Assert.False(table.Remove(address, length));
        }
        Assert.Equal(1u, table.Lookup(address).Index);
    }

    [Fact]
    public void A_whole_trie_can_be_retired_at_once()
    {
        using var table = new Table();
        var random = new Random(11);
        for (int i = 0; i < 500; i++)
        {
            int length = random.Next(129);
            table.Set(RandomAddress(random, 128, 0) & Mask(length), length, Leaf.Create(LeafKind.Tunnel, length, 1, 16));
        }
        table.RetireAll();
        table.Epochs.Reclaimer.Reclaim();
        Assert.Equal(0, table.Nodes.UsedBytes);
    }

    private static Leaf Longest(Dictionary<(UInt128 Address, int Length), Leaf> model, UInt128 target)
    {
        for (int length = 128; length >= 0; length--)
        {
            if (model.TryGetValue((target & Mask(length), length), out Leaf leaf))
                return leaf;
        }
        return Leaf.None;
    }

    // Close to another address more often than not, so that prefixes nest.
    private static UInt128 RandomAddress(Random random, int bits, UInt128 near)
    {
        UInt128 value = new((ulong)random.NextInt64(long.MinValue, long.MaxValue), (ulong)random.NextInt64(long.MinValue, long.MaxValue));
        int kept = random.Next(4) == 0 ? 0 : random.Next(bits + 1);
        return (near & Mask(kept) | value & ~Mask(kept)) & Mask(bits);
    }

    private static UInt128 Mask(int length) => length == 0 ? 0 : UInt128.MaxValue << (128 - length);

    private sealed class Table : IDisposable
    {
        private readonly TrieNode** _root = (TrieNode**)NativeBlock.AllocateArray<nint>(1);
        private readonly TreeBitmapWriter _writer;

        internal Table() => _writer = new TreeBitmapWriter(Nodes, Epochs.Reclaimer);

        internal EpochFixture Epochs { get; } = new(1);

        internal SlabAllocator Nodes { get; } = new(TrieNode.LargestBytes);

        internal bool IsEmpty => *_root == null;

        internal void Set(UInt128 address, int length, Leaf leaf) =>
            _writer.Set(_root, (ulong)(address >> 64), (ulong)address, length, leaf);

        internal bool Remove(UInt128 address, int length) =>
            _writer.Remove(_root, (ulong)(address >> 64), (ulong)address, length);

        internal Leaf Lookup(UInt128 address) => TreeBitmap.Lookup(*_root, (ulong)(address >> 64), (ulong)address);

        internal void RetireAll()
        {
            _writer.RetireAll(*_root);
            *_root = null;
        }

        public void Dispose()
        {
            Nodes.Dispose();
            Epochs.Dispose();
            NativeBlock.Free(_root);
        }
    }
}

using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Tests.Memory;

public sealed unsafe class SlabAllocatorTests
{
    private const int Largest = 1040;

    [Fact]
    public void Blocks_are_aligned_distinct_and_keep_what_is_written()
    {
        using var slabs = new SlabAllocator(Largest);
        var random = new Random(7);
        var live = new Dictionary<nint, (int Bytes, byte Mark)>();
        for (int step = 0; step < 20_000; step++)
        {
            if (live.Count > 0 && random.Next(100) < 45)
            {
                (nint address, (int bytes, byte mark)) = live.ElementAt(random.Next(Math.Min(live.Count, 32)));
                Assert.True(new ReadOnlySpan<byte>((void*)address, bytes).IndexOfAnyExcept(mark) < 0, "a block was written to by another");
                slabs.Release((void*)address, bytes);
                live.Remove(address);
                continue;
            }
            int size = random.Next(1, Largest + 1);
            var block = (nint)slabs.Allocate(size);
            Assert.Equal(0, block % 16);
            byte value = (byte)random.Next(256);
            Assert.True(live.TryAdd(block, (size, value)), "a block was handed out twice");
            new Span<byte>((void*)block, size).Fill(value);
        }
        Assert.Equal(live.Values.Sum(block => (block.Bytes + 15) / 16 * 16), slabs.UsedBytes);
        foreach ((nint address, (int bytes, byte mark)) in live)
        {
            Assert.True(new ReadOnlySpan<byte>((void*)address, bytes).IndexOfAnyExcept(mark) < 0, "a block was written to by another");
            slabs.Release((void*)address, bytes);
        }
        Assert.Equal(0, slabs.UsedBytes);
    }

    [Fact]
    public void A_released_block_serves_the_next_request_of_its_class()
    {
        using var slabs = new SlabAllocator(Largest);
        void* first = slabs.Allocate(40);
        slabs.Release(first, 40);
        Assert.Equal((nint)first, (nint)slabs.Allocate(33));
    }

    [Fact]
    public void Memory_taken_from_the_system_does_not_grow_with_churn()
    {
        using var slabs = new SlabAllocator(Largest);
        var blocks = new nint[1000];
        for (int round = 0; round < 50; round++)
        {
            for (int i = 0; i < blocks.Length; i++)
                blocks[i] = (nint)slabs.Allocate(16 + i % 64 * 16);
            foreach ((int i, nint block) in blocks.Index())
                slabs.Release((void*)block, 16 + i % 64 * 16);
            if (round == 0)
                Assert.NotEqual(0, slabs.ReservedBytes);
        }
        Assert.Equal(0, slabs.UsedBytes);
        long needed = Enumerable.Range(0, 1000).Sum(i => 16 + i % 64 * 16);
        Assert.InRange(slabs.ReservedBytes, needed, needed + needed / 10 + 2 * 64 * 1024);
    }
}

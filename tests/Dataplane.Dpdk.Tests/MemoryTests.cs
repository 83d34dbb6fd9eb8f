namespace Dataplane.Dpdk.Tests;

[Collection(EalCollection.Name)]
public sealed unsafe class MemoryTests
{
    [Fact]
    public void A_fresh_mbuf_is_empty_and_grows_at_both_ends()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 15, CacheSize = 0 });
        Mbuf* packet = pool.Allocate();

        Assert.Equal(0u, packet->PktLen);
        Assert.Equal(Mbuf.DefaultHeadroom, packet->Headroom);
        Assert.Equal(2048, packet->Tailroom);
        Assert.Equal(64, packet->PrivSize);
        Assert.True(packet->IsSingleSegment);
        Assert.Equal((nint)pool.Handle, (nint)packet->Pool);
        Assert.Equal((nint)packet + Mbuf.HeaderBytes, (nint)packet->Private);
        Assert.Equal((nint)packet->Private + packet->PrivSize, (nint)packet->BufAddr);

        byte* first = packet->Append(10);
        Assert.Equal((nint)packet->Data, (nint)first);
        Assert.Equal((nint)first - 4, (nint)packet->Prepend(4));
        Assert.Equal(14, packet->DataLen);
        Assert.Equal(14u, packet->PktLen);
        Assert.Equal((nint)first + 2, (nint)packet->Adjust(6));
        packet->Trim(3);
        Assert.Equal(5, packet->Span.Length);
        Assert.Equal(Mbuf.DefaultHeadroom + 2, packet->Headroom);
        Assert.Equal(2048 - 7, packet->Tailroom);
        Mempool.Free(packet);
        Assert.Equal(15u, pool.Available);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void A_ring_keeps_order_and_takes_only_what_it_holds(bool singleProducer, bool singleConsumer)
    {
        using Ring ring = Ring.Create(
            EalFixture.Unique("ring"),
            new RingOptions { Capacity = 10, SingleProducer = singleProducer, SingleConsumer = singleConsumer });
        nint[] objects = [.. Enumerable.Range(1, 12).Select(value => (nint)value)];
        Assert.Equal(10u, ring.Capacity);
        Assert.Equal(10, ring.Enqueue(objects));
        Assert.Equal(0, ring.Enqueue(objects));
        Assert.Equal(10u, ring.Count);

        nint[] taken = new nint[4];
        Assert.Equal(4, ring.Dequeue(taken));
        Assert.Equal([1, 2, 3, 4], taken);
        Assert.Equal(4, ring.Enqueue(objects.AsSpan(10).ToArray().Concat(objects[..2]).ToArray()));
        nint[] rest = new nint[32];
        Assert.Equal(10, ring.Dequeue(rest));
        Assert.Equal([5, 6, 7, 8, 9, 10, 11, 12, 1, 2], rest[..10]);
    }

    [Fact]
    public void A_memzone_is_found_by_name_and_holds_what_was_written()
    {
        string name = EalFixture.Unique("zone");
        using (Memzone zone = Memzone.Reserve(name, 4096, alignment: 4096))
        {
            Assert.Equal(0, (nint)zone.Address % 4096);
            Assert.True(zone.Length >= 4096);
            Assert.Equal(0, *(long*)zone.Address);
            *(long*)zone.Address = 0x1234;
            Assert.Equal(0x1234, *(long*)Memzone.Lookup(name).Address);
        }
        _ = Assert.Throws<DpdkException>(() => Memzone.Lookup(name));
    }

    [Fact]
    public void A_disposed_object_refuses_its_handle()
    {
        Ring ring = Ring.Create(EalFixture.Unique("ring"), new RingOptions());
        ring.Dispose();
        _ = Assert.Throws<ObjectDisposedException>(() => ring.Count);
        ring.Dispose();
    }
}

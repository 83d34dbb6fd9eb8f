namespace Dataplane.Dpdk.Tests;

/// <summary>Ports made of rings, and packets handled without pointers.</summary>
[Collection(EalCollection.Name)]
public sealed class RingPortTests
{
    private const int Packets = 20;

    [Fact]
    public void A_port_receives_from_some_rings_and_sends_to_others()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 511 });
        using Ring first = Ring.Create(EalFixture.Unique("in"), new RingOptions { Capacity = 64 });
        using Ring second = Ring.Create(EalFixture.Unique("in"), new RingOptions { Capacity = 64 });
        using Ring output = Ring.Create(EalFixture.Unique("out"), new RingOptions { Capacity = 8 });
        using (EthernetPort port = EthernetPort.FromRings(EalFixture.Unique("pair"), [first, second], [output]))
        {
            Assert.Equal(("net_ring", 2, 1), (port.Information.Driver, port.Information.MaxRxQueues, port.Information.MaxTxQueues));
            port.Configure(new PortOptions { RxQueues = 2 }, pool);
            port.Start();
            nint[] packets = new nint[Packets];
            Assert.True(pool.TryAllocate(packets));
            for (int i = 0; i < Packets; i++)
                new PacketHandle(packets[i]).Resize(60 + i).Fill((byte)i);
            Assert.Equal(5, first.Enqueue(packets.AsSpan(0, 5)));
            Assert.Equal(Packets - 5, second.Enqueue(packets.AsSpan(5)));
            nint[] received = new nint[64];
            Assert.Equal(5, port.Receive(0, received));
            Assert.Equal(packets[..5], received[..5]);
            Assert.Equal(Packets - 5, port.Receive(1, received));
            Assert.Equal(packets[5..], received[..(Packets - 5)]);
            // The ring has room for eight: the rest stays the caller's.
            Assert.Equal(8, port.Transmit(0, packets));
            Assert.Equal(8, output.Dequeue(received));
            for (int i = 0; i < 8; i++)
            {
                var packet = new PacketHandle(received[i]);
                Assert.Equal((60 + i, 60 + i), (packet.Length, packet.Data.Length));
                Assert.Equal(i, packet.Data[^1]);
            }
            Mempool.Free(packets);
        }
        Assert.Equal(pool.Capacity, pool.Available);
        Assert.Equal(0u, first.Count + second.Count + output.Count);
    }

    [Fact]
    public void A_name_in_use_is_refused()
    {
        using Ring ring = Ring.Create(EalFixture.Unique("ring"), new RingOptions { Capacity = 8 });
        string name = EalFixture.Unique("twice");
        using EthernetPort port = EthernetPort.FromRings(name, [ring], [ring]);
        Assert.Contains("cannot be made of rings", Assert.Throws<DpdkException>(() => EthernetPort.FromRings(name, [ring], [ring])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exhausted_pool_gives_none()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 63, CacheSize = 0 });
        nint[] packets = new nint[64];
        Assert.False(pool.TryAllocate(packets));
        Assert.True(pool.TryAllocate(packets.AsSpan(0, 63)));
        Assert.False(pool.TryAllocate(packets.AsSpan(63)));
        Mempool.Free(packets.AsSpan(0, 63));
        Assert.Equal(63u, pool.Available);
    }

    [Fact]
    public void A_packet_thread_is_registered_until_it_is_left_and_the_counter_runs()
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(static () =>
        {
            int cpu = AllowedCpus.Read()[^1];
            using (PacketThread.Enter(cpu))
            {
                Assert.NotNull(Eal.LcoreId);
                Assert.Equal(cpu.ToString(), EalFixture.Affinity());
            }
            Assert.Null(Eal.LcoreId);
            Assert.Contains("cannot be pinned", Assert.Throws<DpdkException>(static () => PacketThread.Enter(1022)).Message, StringComparison.Ordinal);
            ulong before = TimeStampCounter.Read();
            Assert.True(TimeStampCounter.Read() >= before);
        }));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}

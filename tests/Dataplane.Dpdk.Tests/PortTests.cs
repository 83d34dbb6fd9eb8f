using Dataplane.Net;

namespace Dataplane.Dpdk.Tests;

[Collection(EalCollection.Name)]
public sealed unsafe class PortTests(EalFixture fixture)
{
    private const int Burst = 32;

    [Fact]
    public void Packets_sent_into_net_ring_come_back_with_the_same_bytes()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 1023 });
        using EthernetPort port = EthernetPort.Attach(EalFixture.Unique("net_ring"));
        port.Configure(new PortOptions(), pool);
        port.Start();
        FastCalls* calls = FastCalls.Native;
        nint[] sent = new nint[Burst];
        pool.Allocate(sent);
        for (int i = 0; i < Burst; i++)
        {
            Mbuf* packet = (Mbuf*)sent[i];
            byte[] frame = Captures.Frame(60 + i, (byte)i);
            packet->Append(frame.Length);
            frame.CopyTo(packet->Span);
        }

        nint[] received = new nint[Burst * 2];
        fixed (nint* start = sent)
            Assert.Equal(Burst, calls->TxBurst(port.Id, 0, (Mbuf**)start, Burst));
        fixed (nint* start = received)
            Assert.Equal(Burst, calls->RxBurst(port.Id, 0, (Mbuf**)start, Burst * 2));

        for (int i = 0; i < Burst; i++)
        {
            Assert.Equal(sent[i], received[i]);
            Assert.Equal(Captures.Frame(60 + i, (byte)i), ((Mbuf*)received[i])->Span.ToArray());
        }
        PortStatistics statistics = port.ReadStatistics();
        Assert.Equal((ulong)Burst, statistics.RxPackets);
        Assert.Equal((ulong)Burst, statistics.TxPackets);
        IReadOnlyList<ExtendedStatistic> extended = port.ReadExtendedStatistics();
        Assert.Equal((ulong)Burst, Assert.Single(extended, one => one.Name == "rx_good_packets").Value);
        port.ResetStatistics();
        Assert.Equal(0UL, port.ReadStatistics().RxPackets);
        Mempool.Free(received.AsSpan(0, Burst));
        Assert.Equal(pool.Capacity, pool.Available);
    }

    [Fact]
    public void A_capture_arrives_as_it_is_in_the_file_with_its_times()
    {
        string path = Path.Combine(fixture.Directory, EalFixture.Unique("in") + ".pcap");
        (ulong, byte[])[] packets = [(1700000000123456, Captures.Frame(60, 1)), (1700000001000001, Captures.Frame(1514, 2))];
        Captures.Write(path, packets);
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 1023 });
        using EthernetPort port = EthernetPort.Attach($"{EalFixture.Unique("net_pcap")},rx_pcap={path}");
        port.Configure(new PortOptions { Mtu = 1500 }, pool);
        port.Start();
        ReceiveTimestamp timestamp = ReceiveTimestamp.Lookup();

        nint[] received = new nint[Burst];
        int count;
        fixed (nint* start = received)
            count = FastCalls.Native->RxBurst(port.Id, 0, (Mbuf**)start, Burst);

        Assert.Equal(packets.Length, count);
        for (int i = 0; i < count; i++)
        {
            Mbuf* packet = (Mbuf*)received[i];
            Assert.Equal(packets[i].Item2, packet->Span.ToArray());
            Assert.Equal(port.Id, packet->Port);
            Assert.Equal(Mbuf.DefaultHeadroom, packet->Headroom);
            Assert.True(timestamp.TryRead(packet, out ulong time));
            Assert.Equal(packets[i].Item1, time);
        }
        Assert.Equal("net_pcap", port.Information.Driver);
        Assert.Equal(60UL + 1514, port.ReadStatistics().RxBytes);
        Mempool.Free(received.AsSpan(0, count));
    }

    [Fact]
    public void Packets_sent_to_a_capture_are_in_the_file()
    {
        string path = Path.Combine(fixture.Directory, EalFixture.Unique("out") + ".pcap");
        byte[] frame = Captures.Frame(777, 3);
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 1023 });
        using (EthernetPort port = EthernetPort.Attach($"{EalFixture.Unique("net_pcap")},tx_pcap={path}"))
        {
            port.Configure(new PortOptions(), pool);
            port.Start();
            Mbuf* packet = pool.Allocate();
            _ = packet->Append(frame.Length);
            frame.CopyTo(packet->Span);
            Assert.Equal(1, FastCalls.Native->TxBurst(port.Id, 0, &packet, 1));
            Assert.Equal(777UL, port.ReadStatistics().TxBytes);
        }
        Assert.Equal([frame], Captures.Read(path));
        Assert.Equal(pool.Capacity, pool.Available);
    }

    [Fact]
    public void Several_queues_are_fed_by_what_the_device_can_hash_on()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 1023 });
        using EthernetPort port = EthernetPort.Attach(EalFixture.Unique("net_null"));
        port.Configure(new PortOptions { RxQueues = 2, TxQueues = 2 }, pool);
        Assert.NotEqual(0UL, port.ActiveRss);
        Assert.Equal(port.ActiveRss, port.ActiveRss & port.Information.RssOffloads);
        port.Configure(new PortOptions { RxQueues = 2, Rss = RssFields.None }, pool);
        Assert.Equal(0UL, port.ActiveRss);
    }

    [Fact]
    public void A_port_says_what_it_is()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 1023 });
        string name = EalFixture.Unique("net_null");
        using EthernetPort port = EthernetPort.Attach(name);
        Assert.Equal(("net_null", name), (port.Information.Driver, port.Information.Device));
        port.Configure(new PortOptions { Mtu = 9000, RxDescriptors = 512 }, pool);
        Assert.Equal(9000, port.Mtu);
        Assert.Equal(512, port.RxDescriptors);
        Assert.False(port.MacAddress.IsZero);
        MacAddress address = MacAddress.Parse("02:00:00:00:00:11");
        port.SetMacAddress(address);
        Assert.Equal(address, port.MacAddress);
        _ = Assert.Throws<DpdkException>(() => port.SetMacAddress(MacAddress.Broadcast));
        Assert.False(port.IsStarted);
        port.Start();
        Assert.True(port.IsStarted);
        Assert.True(port.Link.IsUp);
        port.Stop();
        Assert.False(port.Link.IsUp);
    }
}

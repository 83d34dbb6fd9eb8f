using Xunit.Abstractions;

namespace Dataplane.Dpdk.Tests;

/// <summary>What DPDK refuses comes back as an exception that says what failed, why, and what to do.</summary>
[Collection(EalCollection.Name)]
public sealed class ErrorTests(EalFixture fixture, ITestOutputHelper output)
{
    private DpdkException Refused(Action action)
    {
        DpdkException refusal = Assert.Throws<DpdkException>(action);
        output.WriteLine(refusal.Message);
        return refusal;
    }

    [Fact]
    public void A_second_start_is_refused()
    {
        DpdkException refusal = Refused(() => Eal.Start(new EalOptions()));
        Assert.Contains("only once per process", refusal.Message);
        Assert.Same(fixture.Eal, Eal.Current);
    }

    [Fact]
    public void A_missing_port_is_named_beside_those_there_are()
    {
        using EthernetPort present = EthernetPort.Attach(EalFixture.Unique("net_null"));
        DpdkException refusal = Refused(() => EthernetPort.Open("net_null999"));
        Assert.Equal(Errno.NoDevice, refusal.ErrorNumber);
        Assert.Contains("'net_null999'", refusal.Message);
        Assert.Contains(present.Name, refusal.Message);
    }

    [Fact]
    public void An_attached_port_can_be_opened_by_name_until_it_is_disposed()
    {
        string name = EalFixture.Unique("net_null");
        using (EthernetPort attached = EthernetPort.Attach(name))
            Assert.Equal(attached.Id, EthernetPort.Open(name).Id);
        Assert.DoesNotContain(name, EthernetPort.Names());
        using EthernetPort again = EthernetPort.Attach(name);
        Assert.Contains(name, EthernetPort.Names());
    }

    [Theory]
    [InlineData("net_pcap90,rx_pcap=/nonexistent/in.pcap", "/nonexistent/in.pcap does not exist")]
    [InlineData("net_pcap91,tx_pcap=/nonexistent/out.pcap", "/nonexistent/out.pcap")]
    [InlineData("net_af_packet90,iface=nosuch0", "no network interface nosuch0")]
    [InlineData("net_af_packet91", "af_packet")]
    [InlineData("net_nosuchdriver0", "driver")]
    [InlineData("net_null91,nosuch=1", "arguments")]
    [InlineData("net null", "does not name a device")]
    [InlineData("0000:99:00.0", "PciDevices")]
    public void A_bad_device_is_refused_with_the_reason(string device, string reason)
    {
        IReadOnlyList<string> before = EthernetPort.Names();
        DpdkException refusal = Refused(() => EthernetPort.Attach(device).Dispose());
        Assert.Contains(device, refusal.Message);
        Assert.Contains(reason, refusal.Message);
        Assert.Equal(before, EthernetPort.Names());
    }

    [Fact]
    public void A_file_that_is_no_capture_is_refused()
    {
        string path = Path.Combine(fixture.Directory, "text.pcap");
        File.WriteAllText(path, "no capture at all, only text that is long enough");
        DpdkException refusal = Refused(() => EthernetPort.Attach($"net_pcap92,rx_pcap={path}").Dispose());
        Assert.Contains("unknown file format", refusal.Message);
    }

    [Fact]
    public void A_name_in_use_is_refused()
    {
        string name = EalFixture.Unique("net_null");
        using EthernetPort port = EthernetPort.Attach(name);
        Assert.Equal(Errno.Exists, Refused(() => EthernetPort.Attach(name)).ErrorNumber);
    }

    [Fact]
    public void More_queues_than_the_device_has_are_refused_with_both_numbers()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 511, CacheSize = 0 });
        string path = Path.Combine(fixture.Directory, EalFixture.Unique("in") + ".pcap");
        Captures.Write(path, (0, Captures.Frame(60, 0)));
        using EthernetPort port = EthernetPort.Attach($"{EalFixture.Unique("net_pcap")},rx_pcap={path}");
        DpdkException refusal = Refused(() => port.Configure(new PortOptions { RxQueues = 3 }, pool));
        Assert.Contains("3 receive", refusal.Message);
        Assert.Contains("offers 1", refusal.Message);
        _ = Refused(() => port.Configure(new PortOptions { TxQueues = 0 }, pool));
    }

    [Fact]
    public void An_exhausted_pool_gives_nothing_and_says_so()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 7, CacheSize = 0 });
        nint[] taken = new nint[7];
        pool.Allocate(taken);
        DpdkException refusal = Refused(() => pool.Allocate(new nint[1]));
        Assert.Contains("cannot give 1 of its 7 buffers, 0 are free", refusal.Message);
        Mempool.Free(taken);
        Assert.Equal(7u, pool.Available);
    }

    [Fact]
    public void A_pool_larger_than_memory_is_refused_with_its_size()
    {
        DpdkException refusal = Refused(() => Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 1 << 20 }));
        Assert.Contains("MiB", refusal.Message);
        const int NoMemory = 12, NoBuffers = 105; // nothing fitted, or not all
        Assert.True(refusal.ErrorNumber is NoMemory or NoBuffers, refusal.Message);
    }

    [Fact]
    public void Names_are_unique_and_bounded()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 63, CacheSize = 0 });
        Assert.Equal(Errno.Exists, Refused(() => Mempool.Create(pool.Name, pool.Options)).ErrorNumber);
        using Ring ring = Ring.Create(EalFixture.Unique("ring"), new RingOptions());
        Assert.Equal(Errno.Exists, Refused(() => Ring.Create(ring.Name, new RingOptions())).ErrorNumber);
        using Memzone zone = Memzone.Reserve(EalFixture.Unique("zone"), 64);
        Assert.Equal(Errno.Exists, Refused(() => Memzone.Reserve(zone.Name, 64)).ErrorNumber);
        _ = Refused(() => Ring.Create(new string('r', 40), new RingOptions()));
        _ = Refused(() => Memzone.Lookup("nosuchzone"));
        _ = Refused(() => Memzone.Reserve(EalFixture.Unique("zone"), 1UL << 40));
    }

    [Fact]
    public void A_pool_with_buffers_smaller_than_the_frames_of_af_packet_is_refused()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 63, CacheSize = 0, DataRoom = 1024 });
        using EthernetPort port = EthernetPort.Attach($"{EalFixture.Unique("net_af_packet")},iface=lo");
        Assert.Contains("write past its buffers", Refused(() => port.Configure(new PortOptions(), pool)).Message);
    }
}

using System.Globalization;

namespace Dataplane.Dpdk.Tests;

/// <summary>What the children do.</summary>
internal static class Scenarios
{
    internal static void Run(string name, string[] arguments)
    {
        switch (name)
        {
            case "start":
                Start(new EalOptions { MemoryMib = 64, HugePages = HugePageUse.Never, FilePrefix = arguments[0], ExtraArguments = arguments[1..] });
                break;
            case "start-on-huge-pages":
                Start(new EalOptions { MemoryMib = 32, HugePages = HugePageUse.Require, FilePrefix = arguments[0] });
                break;
            case "too-few-huge-pages":
                Start(new EalOptions { MemoryMib = int.Parse(arguments[1], CultureInfo.InvariantCulture), HugePages = Enum.Parse<HugePageUse>(arguments[0]) });
                break;
            case "start-twice-after-a-failure":
                Console.WriteLine(Assert.Throws<DpdkException>(() => Start(new EalOptions { HugePages = HugePageUse.Never, MemoryMib = 64, ExtraArguments = ["--iova-mode=nonsense"] })).Message);
                Start(new EalOptions { HugePages = HugePageUse.Never });
                break;
            case "start-with-shim":
                Environment.SetEnvironmentVariable("DATAPLANE_SHIM", arguments[0]);
                Start(new EalOptions { HugePages = HugePageUse.Never });
                break;
            case "vhost":
                ExchangeWithGuest(arguments[0], Enum.Parse<HugePageUse>(arguments[1]));
                break;
            case "af-packet":
                SendTagged(arguments[0], arguments[1]);
                break;
            default:
                throw new ArgumentException(name);
        }
    }

    /// <summary>Sends a frame with a service tag (0x88a8) from one kernel interface to its peer, and prints what arrives.</summary>
    private static unsafe void SendTagged(string from, string to)
    {
        using Eal eal = Eal.Start(new EalOptions { MemoryMib = 64, HugePages = HugePageUse.Never });
        using Mempool pool = Mempool.Create("pool", new MempoolOptions { Count = 4095 });
        using EthernetPort sender = EthernetPort.Attach($"net_af_packet0,iface={from}");
        using EthernetPort receiver = EthernetPort.Attach($"net_af_packet1,iface={to}");
        foreach (EthernetPort port in (EthernetPort[])[sender, receiver])
        {
            port.Configure(new PortOptions { Mtu = 1400 }, pool);
            port.Start();
        }
        Mbuf* received = Exchange(pool, sender, receiver);
        Console.WriteLine($"{Describe(received)}, tag {received->VlanTci}, headroom {received->Headroom}");
        Mempool.Free(received);
    }

    /// <summary>A vhost-user port and, as its guest, a virtio-user port of the same process.</summary>
    private static unsafe void ExchangeWithGuest(string socket, HugePageUse pages)
    {
        using Eal eal = Eal.Start(new EalOptions { MemoryMib = 64, HugePages = pages });
        Console.WriteLine($"huge pages: {eal.UsesHugePages}");
        using Mempool pool = Mempool.Create("pool", new MempoolOptions { Count = 4095 });
        using EthernetPort host = EthernetPort.Attach($"net_vhost0,iface={socket}");
        host.Configure(new PortOptions(), pool);
        host.Start();
        Assert.False(host.Link.IsUp);
        Assert.Empty(host.ReadExtendedStatistics());
        using EthernetPort guest = EthernetPort.Attach($"net_virtio_user0,path={socket}");
        guest.Configure(new PortOptions(), pool);
        guest.Start();
        foreach ((string label, EthernetPort from, EthernetPort to) in ((string, EthernetPort, EthernetPort)[])[("to", host, guest), ("from", guest, host)])
        {
            Mbuf* received = Exchange(pool, from, to);
            Console.WriteLine($"{label} the guest: {Describe(received)}");
            Mempool.Free(received);
        }
    }

    private static unsafe string Describe(Mbuf* packet) =>
        packet == null ? "nothing" : $"{packet->PktLen} bytes, {Convert.ToHexString(packet->Span[12..18])}";

    /// <summary>Sends a frame of 100 bytes with a service tag until one of that size arrives, for 5 seconds at most.</summary>
    private static unsafe Mbuf* Exchange(Mempool pool, EthernetPort from, EthernetPort to)
    {
        const int Length = 100;
        const int Attempts = 5000;
        FastCalls* calls = FastCalls.Native;
        Mbuf* packet = pool.Allocate();
        _ = packet->Append(Length);
        packet->Span.Fill(0xFF);
        Convert.FromHexString("88A800050800").CopyTo(packet->Span[12..]);
        bool sent = false;
        for (int i = 0; i < Attempts; i++)
        {
            // A guest takes packets only when it has connected.
            sent = sent || calls->TxBurst(from.Id, 0, &packet, 1) == 1;
            Mbuf* received;
            if (calls->RxBurst(to.Id, 0, &received, 1) == 0)
                calls->SleepMicroseconds(1000);
            else if (received->PktLen == Length)
                return received;
            else
                Mempool.Free(received); // the kernel's own IPv6 chatter
        }
        return null;
    }

    /// <summary>Starts, uses every kind of object once, and stops.</summary>
    private static void Start(EalOptions options)
    {
        using Eal eal = Eal.Start(options with { Warn = text => Console.WriteLine("warning: " + text) });
        Console.WriteLine($"huge pages: {eal.UsesHugePages}");
        using Mempool pool = Mempool.Create("pool", new MempoolOptions { Count = 1023, CacheSize = 0 });
        using Ring ring = Ring.Create("ring", new RingOptions());
        using Memzone zone = Memzone.Reserve("zone", 1024);
        using EthernetPort port = EthernetPort.Attach("net_ring0");
        port.Configure(new PortOptions(), pool);
        port.Start();
    }
}

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
        Mbuf* packet = pool.Allocate();
        _ = packet->Append(100);
        packet->Span.Fill(0xFF);
        Convert.FromHexString("88A800050800").CopyTo(packet->Span[12..]);
        FastCalls* calls = FastCalls.Native;
        Console.WriteLine($"sent: {calls->TxBurst(sender.Id, 0, &packet, 1)}");
        Mbuf* received = null;
        for (int i = 0; i < 5000 && (received == null || received->PktLen != 100); i++)
        {
            // The kernel's own IPv6 chatter comes first.
            if (received != null)
                Mempool.Free(received);
            received = null;
            if (calls->RxBurst(receiver.Id, 0, &received, 1) == 0)
                calls->SleepMicroseconds(1000);
        }
        if (received == null)
            return;
        Console.WriteLine($"received: {received->PktLen} bytes, {Convert.ToHexString(received->Span[12..18])}, flags {received->OlFlags:x}, tag {received->VlanTci}, headroom {received->Headroom}");
        Mempool.Free(received);
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

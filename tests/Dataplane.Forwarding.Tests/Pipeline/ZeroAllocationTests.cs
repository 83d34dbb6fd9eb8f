using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Pipeline;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>The fast path allocates nothing, whatever the frames: a collection in a worker's runtime would stop the worker.</summary>
public sealed unsafe class ZeroAllocationTests
{
    [Fact]
    public void Thousands_of_bursts_of_every_kind_allocate_nothing()
    {
        using var network = new TestNetwork();
        network.Route(network.Blue, TestNetwork.Vm2 + "/32", null, TestNetwork.Vm2Label);
        network.Route(network.Blue, "203.0.113.192/27", null, TestNetwork.BlueLabel);
        network.SetFilters(network.Blue, AddressFamily.Ipv4,
            new FilterRule { Name = "discard", Destination = new(Ipv4Address.Parse("198.51.100.41"), Ipv4Address.Parse("255.255.255.255")), BytesPerSecond = 0 },
            new FilterRule { Name = "limit", Protocols = [new(17, 17)], BytesPerSecond = 1e6, PacketsPerSecond = 100, Dscp = 10, Redirect = network.Red, Continue = true });
        network.SetFilters(network.Blue, AddressFamily.Ipv6, new FilterRule { Name = "mark", DestinationPorts = [new(1, 9000)], Dscp = 10 });
        byte[][] access =
        [
            .. Enumerable.Range(40, 6).Select(i => TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, $"198.51.100.{i}"))),
            .. Enumerable.Range(40, 6).Select(i => TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1V6, $"2001:db8:1::{i}", 333))),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Vm2)),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, "203.0.113.200")),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, "198.51.100.99")),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, "198.51.100.1")),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, ttl: 1)),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, 1460)),
            TestNetwork.FromVm1(Build.Ipv4(TestNetwork.Vm1, TestNetwork.Remote4, 17, new byte[8], options: [0x83, 7, 4, 1, 2, 3, 4])),
            TestNetwork.FromVm1(Build.Ipv6(TestNetwork.Vm1V6, TestNetwork.Remote6, 43, [17, 0, 0, 0, 0, 0, 0, 0, .. new byte[8]])),
            TestNetwork.FromVm1(Build.Ipv6("fe80::25", "fe80::1", 58, [135, 0, 0, 0])),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0806, new byte[28], (0x8100, 317)),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4), (0x88A8, 1), (0x8100, 2)),
            new byte[3],
        ];
        byte[][] core =
        [
            .. from encapsulation in Enum.GetValues<Encapsulation>()
               from outer6 in new[] { false, true }
               from label in new[] { TestNetwork.Vm1Label, TestNetwork.BlueLabel, TestNetwork.GuestLabel, 99u }
               select TestNetwork.OnCore(TestNetwork.Tunnelled(encapsulation, outer6, label, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1))),
            TestNetwork.OnCore(Build.Udp("203.0.113.40", "203.0.113.99")),
            TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 1, [8, 0, 0, 0])),
            TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 47, Build.Gre(Build.Label(TestNetwork.Vm1Label, new byte[30]), checksum: true))),
            new byte[60],
        ];
        (InjectTag, byte[])[] injected =
        [
            (new InjectTag { Kind = InjectKind.AccessView, Vrf = network.Blue.Value, Interface = uint.MaxValue }, Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4)),
            (new InjectTag { Kind = InjectKind.CoreView, Vrf = network.Blue.Value, Interface = uint.MaxValue }, Build.Udp(TestNetwork.Vm1, TestNetwork.Vm2)),
            (new InjectTag { Kind = InjectKind.Delivery, KeepTtl = 1, Vrf = network.Blue.Value, Interface = 0 }, Build.Udp(TestNetwork.Vm2, TestNetwork.Vm1)),
            (new InjectTag { Kind = InjectKind.Frame, Port = network.Access.Value, Interface = uint.MaxValue }, new byte[60]),
            (new InjectTag { Kind = InjectKind.AccessView, Vrf = network.Blue.Value, Interface = uint.MaxValue }, new byte[2]),
        ];

        // Warm: every path compiled, at every tier, before the measurement.
        long allocated = Measure(network, access, core, injected, 300);
        allocated = Measure(network, access, core, injected, 3000);
        Assert.Equal(0, allocated);
        DatapathSanity(network);
    }

    private static long Measure(TestNetwork network, byte[][] access, byte[][] core, (InjectTag Tag, byte[] Data)[] injected, int rounds)
    {
        Mbuf** buffers = stackalloc Mbuf*[Batch.Capacity];
        WorkerBlock* worker = network.Rig.Worker;
        long allocated = 0;
        for (int round = 0; round < rounds; round++)
        {
            byte[][] frames = round % 2 == 0 ? access : core;
            for (int i = 0; i < frames.Length; i++)
                buffers[i] = network.Rig.Arena.Place(i, frames[i]);
            network.Rig.Dpdk.ClearLog();
            FakeRing.Clear(network.Rig.PuntRing);
            // Now and then a port that takes nothing.
            network.Rig.Dpdk.SetRoom(10, round % 50 == 8 ? 1 : FakeDpdk.Unlimited);
            worker->Now = (ulong)round * 1000;
            uint port = round % 2 == 0 ? network.Access.Value : network.Core.Value;
            long before = GC.GetAllocatedBytesForCurrentThread();
            FastPath.Process(worker, port, buffers, frames.Length);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;

            for (int i = 0; i < injected.Length; i++)
            {
                buffers[i] = network.Rig.Arena.Place(i, injected[i].Data);
                *(InjectTag*)buffers[i]->Private = injected[i].Tag;
            }
            before = GC.GetAllocatedBytesForCurrentThread();
            FastPath.ProcessInjected(worker, buffers, injected.Length);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }
        return allocated;
    }

    // All exits were really used.
    private static void DatapathSanity(TestNetwork network)
    {
        Ledger received = network.Rig.Counters().Received;
        Assert.InRange(received.Tx, 10_000ul, received.Rx);
        Assert.InRange(received.Punted, 10_000ul, received.Rx);
        Assert.InRange(received.Dropped, 10_000ul, received.Rx);
        Assert.True(network.Rig.Counters().Drops[(int)DropReason.TxFull] > 0);
    }
}

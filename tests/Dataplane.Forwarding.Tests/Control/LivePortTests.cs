using System.Runtime.InteropServices;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Workers;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>Ports come and go while a worker polls.</summary>
public sealed unsafe class LivePortTests : IDisposable
{
    private const ushort Device = 25;
    private const ushort OtherDevice = 26;
    private const string Guest = "192.0.2.80";
    private readonly Mbuf** _frames = (Mbuf**)NativeMemory.Alloc((nuint)sizeof(Mbuf*));
    private InterfaceId _guest;

    public void Dispose() => NativeMemory.Free(_frames);

    [Fact]
    [Trait("Requirement", "AGT-02")]
    public void APortThatIsAddedForwardsOnceItIsPolled()
    {
        using var network = new TestNetwork();
        WorkerBlock* worker = network.Rig.Worker;
        PortId port = Plug(network, Device);
        Offer(network, Device);
        Assert.False(WorkerLoop.Turn(worker));

        Poll(network, port);
        Assert.True(WorkerLoop.Turn(worker));
        Assert.Equal(1ul, worker->Counters.Received.Tx);
        Assert.Equal(1ul, network.Datapath.ReadCounters().PortRx[port.Value].Packets);
    }

    [Fact]
    public void WhatGoesToAPortThatWasAddedLeavesByItsDevice()
    {
        using var network = new TestNetwork();
        WorkerBlock* worker = network.Rig.Worker;
        PortId port = Plug(network, Device);
        network.Datapath.SetInterfaceNeighbor(_guest, IpAddress.Parse(Guest), MacAddress.Parse("02:00:00:00:00:99"));
        Mbuf* packet = network.Rig.Arena.Place(0, Build.Udp("192.0.2.40", Guest));
        *(InjectTag*)packet->Private = new InjectTag { Kind = InjectKind.CoreView, Vrf = network.Green.Value, Interface = uint.MaxValue };
        Assert.True(FakeRing.Enqueue(network.Rig.InjectRing, packet));
        Assert.True(WorkerLoop.Turn(worker));
        ExitRecord sent = Assert.Single(network.Rig.Dpdk.Log.ToArray());
        Assert.Equal((Exit.Transmitted, Device), (sent.Kind, sent.Port));
        Assert.Equal(1ul, network.Datapath.ReadCounters().PortTx[port.Value].Packets);
    }

    [Fact]
    public void APortIsLeftWhenTheWorkerHasTurned()
    {
        using var network = new TestNetwork();
        Datapath datapath = network.Datapath;
        WorkerBlock* worker = network.Rig.Worker;
        EpochSlot* epoch = datapath.Root->Epochs;
        PortId port = Plug(network, Device);
        Poll(network, port);
        bool left = false;
        Assert.Throws<InvalidOperationException>(() => datapath.RemovePort(port, () => left = true));
        Offer(network, Device);
        Assert.True(WorkerLoop.Turn(worker));

        epoch->Announced = datapath.Root->GlobalEpoch;
        datapath.RemoveInterface(_guest);
        datapath.RemovePort(port, () => left = true);
        Offer(network, Device);
        Assert.False(WorkerLoop.Turn(worker));
        datapath.Reclaim();
        Assert.False(left);
        // The row is not lent while the worker may be in a burst on it.
        PortId other = datapath.AddPort(Settings(OtherDevice));
        Assert.NotEqual(port, other);

        epoch->Announced = EpochSlot.Quiescent;
        datapath.Reclaim();
        Assert.True(left);
        Assert.Equal(port, datapath.AddPort(Settings(Device)));
        Assert.Equal(0ul, datapath.ReadCounters().PortRx[port.Value].Packets);
    }

    [Fact]
    public void AWorkerPollsSoManyQueuesAndNoMore()
    {
        using var network = new TestNetwork();
        _ = network.Rig.Worker;
        WorkerHandle worker = network.Datapath.Workers[0];
        IReadOnlyList<QueueAssignment> before = worker.Queues;
        QueueAssignment[] many = [.. Enumerable.Range(0, WorkerBlock.MaxQueues + 1).Select(queue => new QueueAssignment(network.Access, (ushort)queue))];
        Assert.Throws<ArgumentException>(() => network.Datapath.SetQueues(worker, many));
        Assert.Same(before, worker.Queues);
        network.Datapath.SetQueues(worker, many[..^1]);
        Assert.Equal(WorkerBlock.MaxQueues, worker.Queues.Count);
    }

    [Fact]
    public void ThereIsRoomForSoManyPorts()
    {
        using var network = new TestNetwork();
        for (int port = network.PortCount; port < network.Datapath.Options.Ports; port++)
            _ = network.Datapath.AddPort(Settings((ushort)port));
        Assert.Throws<InvalidOperationException>(() => network.Datapath.AddPort(Settings(Device)));
    }

    private static PortSettings Settings(ushort device) =>
        new() { Role = PortRole.Local, DpdkPort = device, Mac = MacAddress.Parse("02:00:00:00:00:25") };

    // A local port with a guest of green on it.
    private PortId Plug(TestNetwork network, ushort device)
    {
        PortId port = network.Datapath.AddPort(Settings(device));
        _guest = network.Datapath.AddInterface(new InterfaceSettings { Port = port, Vrf = network.Green, Addresses = [IpPrefix.Parse(Guest + "/32")] });
        return port;
    }

    private static void Poll(TestNetwork network, PortId port)
    {
        WorkerHandle worker = network.Datapath.Workers[0];
        network.Datapath.SetQueues(worker, [.. worker.Queues, new QueueAssignment(port, 0)]);
    }

    // A frame of the guest, to a remote host.
    private void Offer(TestNetwork network, ushort device)
    {
        *_frames = network.Rig.Arena.Place(1, Build.Ethernet(
            network.Datapath.Options.VirtualMac4.ToString(), "02:00:00:00:00:99", EtherType.Ipv4, Build.Udp(Guest, "192.0.2.40")));
        network.Rig.Dpdk.SetReceived(device, _frames, 1);
    }
}

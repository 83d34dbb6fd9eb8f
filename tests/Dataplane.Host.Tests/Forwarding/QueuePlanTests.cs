using Dataplane.Dpdk;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;

namespace Dataplane.Host.Tests.Forwarding;

public sealed class QueuePlanTests
{
    [Fact]
    public void EveryWorkerHasATransmitQueueAndReceiveQueuesAreDealtOut()
    {
        var plan = QueuePlan.Make(Ports(3, 1, 1), [Device("net_ixgbe", 16), Device("net_ixgbe", 16), Device("net_ixgbe", 16)], 2);
        Assert.Equal(2, plan.TxQueues);
        Assert.Equal([3, 1, 1], plan.RxQueues);
        Assert.Equal([Queue(0, 0), Queue(0, 2), Queue(2, 0)], plan.QueuesOf(0));
        Assert.Equal([Queue(0, 1), Queue(1, 0)], plan.QueuesOf(1));
    }

    [Fact]
    public void AWorkerMayBeWithoutReceiveQueues()
    {
        var plan = QueuePlan.Make(Ports(1), [Device("net_ixgbe", 16)], 2);
        Assert.Empty(plan.QueuesOf(1));
    }

    [Fact]
    public void AllSocketsOfAfPacketAreRead() =>
        Assert.Equal([4], QueuePlan.Make(Ports(1), [Device("net_af_packet", 4)], 2).RxQueues);

    [Fact]
    public void ATapHasPairsOfQueues() =>
        Assert.Equal([3], QueuePlan.Make(Ports(1), [Device("net_tap", 16)], 3).RxQueues);

    [Theory]
    [InlineData("net_af_packet", 1, 1, 2, "transmit queue", "qpairs=2")]
    [InlineData("net_vhost", 2, 3, 2, "receive queues", "queues=3")]
    public void ADeviceWithTooFewQueuesIsRefusedWithAdvice(string driver, int available, int queues, int workers, string what, string advice)
    {
        var problem = Assert.Throws<ForwarderException>(
            () => QueuePlan.Make(Ports(queues), [Device(driver, available)], workers));
        Assert.Contains("'p0'", problem.Message, StringComparison.Ordinal);
        Assert.Contains(what, problem.Message, StringComparison.Ordinal);
        Assert.Contains(advice, problem.Message, StringComparison.Ordinal);
    }

    private static QueueAssignment Queue(ushort port, ushort queue) => new(new PortId(port), queue);

    private static PortInformation Device(string driver, int queues) => new(driver, "device", queues, queues, 68, 9600, -1, 0);

    private static PortConfiguration[] Ports(params int[] queues) => [.. queues.Select(static (count, row) => new PortConfiguration
    {
        Name = $"p{row}",
        Role = PortRole.Access,
        Device = null,
        Mac = null,
        Mtu = 1500,
        Queues = count,
        Addresses = [],
        Neighbors = [],
    })];
}

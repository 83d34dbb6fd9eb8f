using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Workers;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>The loop around the pipeline.</summary>
public sealed unsafe class WorkerLoopTests
{
    [Fact]
    public void A_turn_empties_the_queues_of_all_ports_and_the_inject_ring_burst_by_burst()
    {
        using var network = new TestNetwork();
        WorkerBlock* worker = network.Rig.Worker;
        Mbuf** frames = stackalloc Mbuf*[10];
        for (int i = 0; i < 10; i++)
            frames[i] = network.Rig.Arena.Place(i, TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4)));
        network.Rig.Dpdk.SetReceived(11, frames, 10);
        Mbuf* injected = network.Rig.Arena.Place(20, Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4));
        *(InjectTag*)injected->Private = new InjectTag { Kind = InjectKind.AccessView, Vrf = network.Blue.Value, Interface = uint.MaxValue };
        Assert.True(FakeRing.Enqueue(network.Rig.InjectRing, injected));
        worker->Burst = 4;
        Assert.True(WorkerLoop.Turn(worker));
        Assert.Equal(4ul, worker->Counters.Received.Rx);
        Assert.Equal(1ul, worker->Counters.Injected.Rx);
        Assert.True(WorkerLoop.Turn(worker));
        Assert.True(WorkerLoop.Turn(worker));
        Assert.False(WorkerLoop.Turn(worker));
        Assert.Equal(10ul, worker->Counters.Received.Tx);
        Assert.Equal(1ul, worker->Counters.Injected.Tx);
    }

    [Theory]
    [InlineData(IdlePolicy.Spin)]
    [InlineData(IdlePolicy.Pause)]
    [InlineData(IdlePolicy.Sleep)]
    public void A_worker_runs_until_it_is_asked_to_stop_and_then_holds_nothing(IdlePolicy idle)
    {
        using var network = new TestNetwork();
        WorkerBlock* block = network.Rig.Worker;
        WorkerHandle worker = network.Datapath.Workers[0];
        block->Idle = idle;
        block->SpinLoops = 10;
        new InProcessWorkers().Start(worker);
        WaitFor(() => worker.Loops > 1000);
        Assert.Equal(WorkerState.Running, worker.State);
        worker.RequestStop();
        WaitFor(() => worker.State == WorkerState.Stopped);
        Assert.Equal(EpochSlot.Quiescent, network.Datapath.Root->Epochs[0].Announced);
        Assert.Equal(worker.Loops, worker.GapHistogram().Aggregate((a, b) => a + b));
        Assert.Equal(worker.Loops, worker.IdleLoops);
    }

    private static void WaitFor(Func<bool> condition)
    {
        // A bound for a run that would otherwise hang; no result depends on it.
        long deadline = Environment.TickCount64 + 60_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "the worker does not answer");
            Thread.Sleep(1);
        }
    }
}

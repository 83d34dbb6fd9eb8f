using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Workers;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>The clock of the stages: counts what passes while it is wanted, and nothing otherwise.</summary>
public sealed unsafe class StageClockTests
{
    private const int Frames = 10;

    [Fact]
    public void Stages_count_the_packets_that_enter_them_while_measuring_is_wanted_and_nothing_before_or_after()
    {
        using var network = new TestNetwork();
        network.Rig.Dpdk.Clock = 1000;
        Assert.True(network.Rig.Worker->StagesWanted == 0);
        WorkerHandle handle = network.Datapath.Workers[0];
        Turn(network);
        Assert.All(handle.ReadStages(), static count => Assert.Equal(0ul, count.Bursts));
        handle.MeasureStages(true);
        Turn(network);
        StageCount[] measured = handle.ReadStages();
        Assert.Equal(Enum.GetValues<Stage>().Length, measured.Length);
        foreach (Stage stage in new[] { Stage.Receive, Stage.Input, Stage.Transmit })
            Assert.Equal(((ulong)Frames, 1ul), (measured[(int)stage].Packets, measured[(int)stage].Bursts));
        // One frame has a source address that is not its interface's and goes no further than the input.
        foreach (Stage stage in new[] { Stage.Lookup, Stage.Select, Stage.Forward })
            Assert.Equal(((ulong)Frames - 1, 1ul), (measured[(int)stage].Packets, measured[(int)stage].Bursts));
        Assert.Equal((0ul, 1ul), (measured[(int)Stage.Clock].Packets, measured[(int)Stage.Clock].Bursts));
        handle.MeasureStages(false);
        Turn(network);
        Assert.Equal(measured, handle.ReadStages());
        Ledger ledger = network.Datapath.ReadCounters().Received;
        Assert.Equal((3ul * Frames, 3ul * (Frames - 1), 3ul), (ledger.Rx, ledger.Tx, ledger.Dropped));
    }

    private static void Turn(TestNetwork network)
    {
        Mbuf** frames = stackalloc Mbuf*[Frames];
        for (int i = 0; i < Frames; i++)
        {
            frames[i] = network.Rig.Arena.Place(
                i, TestNetwork.FromVm1(Build.Udp(i == 3 ? TestNetwork.Remote4 : TestNetwork.Vm1, TestNetwork.Remote4)));
        }
        network.Rig.Dpdk.SetReceived(11, frames, Frames);
        Assert.True(WorkerLoop.Turn(network.Rig.Worker));
        Assert.False(WorkerLoop.Turn(network.Rig.Worker));
    }
}

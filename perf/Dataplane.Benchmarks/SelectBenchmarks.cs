using BenchmarkDotNet.Attributes;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Pipeline;
using Dataplane.Net;

namespace Dataplane.Benchmarks;

/// <summary>
/// The stage that chooses next hops, over 4,096 different flows in bursts of 64; times are per packet. Filling in the leaves
/// of the lookup, which the stage replaces, is part of each.
/// </summary>
public unsafe class SelectBenchmarks
{
    private const int Bursts = 64;
    private const int Packets = Bursts * Batch.Capacity;
    private const int Spacing = 64;
    private Datapath _datapath = null!;
    private NativeBytes _packets = null!;
    private NativeBytes _bursts = null!;
    private NativeBytes _worker = null!;
    private ulong _leaf;

    /// <summary>0: no group exists. 1: one exists, but no route of these packets leads to it.</summary>
    [Params(0, 1, 2, 200, 512, 1024)]
    public int Members { get; set; }

    [GlobalSetup]
    public void Build()
    {
        _datapath = Datapaths.Create(1, out TunnelId tunnel);
        _leaf = Leaf.Create(LeafKind.Tunnel, 32, tunnel.Value, 16).Bits;
        if (Members > 0)
        {
            var members = new GroupMember[Members];
            for (int i = 0; i < Members; i++)
                members[i] = GroupMember.Remote(Datapaths.AddTunnel(_datapath, i), new Label20(16));
            GroupId group = _datapath.AddGroup(new GroupSettings { Members = members });
            if (Members > 1)
                _leaf = Leaf.Create(LeafKind.Group, 32, group.Value).Bits;
        }
        _worker = new NativeBytes((nuint)sizeof(WorkerBlock));
        ((WorkerBlock*)_worker.Start)->Root = _datapath.Root;
        _packets = NativeBytes.Random(Packets * Spacing, seed: 1);
        _bursts = new NativeBytes((nuint)(Bursts * sizeof(Batch)));
        for (int i = 0; i < Packets; i++)
        {
            byte* packet = _packets.Start + i * Spacing;
            packet[0] = 0x45;
            packet[6] = packet[7] = 0;
            packet[9] = (byte)(i % 2 == 0 ? 6 : 17);
            Batch* batch = BurstOf(i / Batch.Capacity);
            batch->Headers[batch->Count] = (ulong)packet;
            batch->Lengths[batch->Count++] = Spacing;
        }
    }

    [GlobalCleanup]
    public void Free()
    {
        _datapath.Dispose();
        _packets.Dispose();
        _bursts.Dispose();
        _worker.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public void HashAndChoose()
    {
        for (int i = 0; i < Bursts; i++)
        {
            Batch* batch = BurstOf(i);
            new Span<ulong>(batch->Leaves, Batch.Capacity).Fill(_leaf);
            FastPath.SelectStage((WorkerBlock*)_worker.Start, batch);
        }
    }

    private Batch* BurstOf(int index) => (Batch*)_bursts.Start + index;
}

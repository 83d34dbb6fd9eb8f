using BenchmarkDotNet.Attributes;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Pipeline;

namespace Dataplane.Benchmarks;

/// <summary>The flow hash over 256 different packets, one at a time and in bursts of 64; times are per packet.</summary>
public unsafe class FlowHashBenchmarks
{
    private const int Bursts = 4;
    private const int Packets = Bursts * Batch.Capacity;
    private const int Spacing = 128;
    private const int PacketBytes = 64;
    private NativeBytes _packets = null!;
    private NativeBytes _bursts = null!;

    /// <summary>What the bursts hold: TCP and UDP in turn.</summary>
    [Params("ipv4", "ipv6", "both", "fragments")]
    public string Kind { get; set; } = "";

    [GlobalSetup]
    public void Fill()
    {
        _packets = NativeBytes.Random(Packets * Spacing, seed: 1);
        _bursts = new NativeBytes((nuint)(Bursts * sizeof(Batch)));
        for (int i = 0; i < Packets; i++)
        {
            byte* packet = _packets.Start + i * Spacing;
            bool v6 = Kind == "ipv6" || (Kind == "both" && (uint)(i * 0x9E3779B1) >> 31 != 0);
            packet[0] = (byte)(v6 ? 0x60 : 0x45);
            packet[v6 ? 6 : 9] = (byte)(i % 2 == 0 ? 6 : 17);
            if (!v6)
                packet[6] = packet[7] = (byte)(Kind == "fragments" ? 1 : 0);
            Batch* batch = BurstOf(i / Batch.Capacity);
            batch->Headers[batch->Count] = (ulong)packet;
            batch->Lengths[batch->Count] = PacketBytes;
            batch->Flags[batch->Count++] = v6 ? PacketFlags.V6 : (byte)0;
        }
    }

    [GlobalCleanup]
    public void Free()
    {
        _packets.Dispose();
        _bursts.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Packets, Baseline = true)]
    public uint OneAtATime()
    {
        uint sum = 0;
        for (byte* packet = _packets.Start, end = packet + Packets * Spacing; packet < end; packet += Spacing)
            sum ^= packet[0] >> 4 == 6 ? FlowHash.Of6(packet, PacketBytes) : FlowHash.Of4(packet, PacketBytes);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public uint Burst()
    {
        for (int i = 0; i < Bursts; i++)
            FlowHash.OfBurst(BurstOf(i));
        return BurstOf(0)->Hashes[0];
    }

    private Batch* BurstOf(int index) => (Batch*)_bursts.Start + index;
}

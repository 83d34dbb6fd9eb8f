using BenchmarkDotNet.Attributes;
using Dataplane.Forwarding.Pipeline;

namespace Dataplane.Benchmarks;

/// <summary>The flow hash over 256 different packets; times are per packet.</summary>
public unsafe class FlowHashBenchmarks
{
    private const int Packets = 256;
    private const int Spacing = 128;
    private const int PacketBytes = 64;
    private NativeBytes _v4 = null!;
    private NativeBytes _v6 = null!;

    [GlobalSetup]
    public void Fill()
    {
        _v4 = NativeBytes.Random(Packets * Spacing, seed: 1);
        _v6 = NativeBytes.Random(Packets * Spacing, seed: 2);
        for (int i = 0; i < Packets; i++)
        {
            byte* v4 = _v4.Start + i * Spacing;
            v4[0] = 0x45;
            v4[6] = v4[7] = 0;
            v4[9] = 17;
            byte* v6 = _v6.Start + i * Spacing;
            v6[0] = 0x60;
            v6[6] = 17;
        }
    }

    [GlobalCleanup]
    public void Free()
    {
        _v4.Dispose();
        _v6.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public uint Ipv4Udp()
    {
        uint sum = 0;
        for (byte* packet = _v4.Start, end = packet + Packets * Spacing; packet < end; packet += Spacing)
            sum ^= FlowHash.Of4(packet, PacketBytes);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public uint Ipv6Udp()
    {
        uint sum = 0;
        for (byte* packet = _v6.Start, end = packet + Packets * Spacing; packet < end; packet += Spacing)
            sum ^= FlowHash.Of6(packet, PacketBytes);
        return sum;
    }
}

using BenchmarkDotNet.Attributes;
using Dataplane.Forwarding.Pipeline;
using Dataplane.Net;

namespace Dataplane.Benchmarks;

/// <summary>One's complement sums: the fast path's, and the one over spans that the slow path uses.</summary>
public unsafe class ChecksumBenchmarks
{
    private NativeBytes _data = null!;

    [Params(20, 64, 594, 1500)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Fill() => _data = NativeBytes.Random(Bytes + 64, seed: 3);

    [GlobalCleanup]
    public void Free() => _data.Dispose();

    [Benchmark(Baseline = true)]
    public uint FastPathSum() => WordSum.Fold(WordSum.Of(_data.Start, (uint)Bytes));

    [Benchmark]
    public ushort OverASpan() => InternetChecksum.Compute(new ReadOnlySpan<byte>(_data.Start, Bytes));
}

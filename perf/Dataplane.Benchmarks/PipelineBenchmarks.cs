using BenchmarkDotNet.Attributes;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Pipeline;
using Dataplane.Rig.Contenders;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Benchmarks;

/// <summary>
/// The whole pipeline without devices, from a received burst to transmission: parsing, lookup, header rewrite, counters.
/// Times are per packet. The pipeline changes its packets, which are put right again before each burst; what that costs
/// alone is the baseline.
/// </summary>
public unsafe class PipelineBenchmarks
{
    private const int Packets = 4096;
    private const int Burst = 64;
    private const int BufferBytes = Mbuf.HeaderBytes + PrivateBytes + Room;
    private const int PrivateBytes = 64;
    private const int Room = 2048 + Mbuf.DefaultHeadroom;
    private const int KeptBytes = 128;

    private SilentDpdk _dpdk = null!;
    private ProductDatapath _product = null!;
    private NativeBytes _buffers = null!;
    private NativeBytes _frames = null!;
    private NativeBytes _pointers = null!;
    private WorkerBlock* _worker;
    private uint _port;
    private ushort _frameBytes;

    [Params("encap4-gre", "encap4-udp", "encap6-gre", "decap4-gre", "decap4-udp", "decap6-gre")]
    public string Scenario { get; set; } = "";

    [GlobalSetup]
    public void Build()
    {
        Workload workload = Catalogue.Find(Scenario);
        Topology topology = workload.Topology();
        _dpdk = new SilentDpdk();
        _product = new ProductDatapath(topology, clockHz: 1_000_000_000, _dpdk.Calls);
        _worker = _product.CreateWorker(cpu: 0).Block;
        _port = _product.RxPort.Value;
        List<byte[]> frames = Traffic.Make(workload, topology, Packets, seed: 1);
        _frameBytes = (ushort)frames[0].Length;
        _buffers = new NativeBytes((nuint)Packets * BufferBytes);
        _frames = new NativeBytes(Packets * KeptBytes);
        _pointers = new NativeBytes(Packets * (nuint)sizeof(Mbuf*));
        for (int i = 0; i < Packets; i++)
        {
            var buffer = (Mbuf*)(_buffers.Start + (long)i * BufferBytes);
            buffer->BufAddr = (byte*)buffer + Mbuf.HeaderBytes + PrivateBytes;
            buffer->BufLen = Room;
            buffer->PrivSize = PrivateBytes;
            buffer->RefCnt = buffer->NbSegs = 1;
            ((Mbuf**)_pointers.Start)[i] = buffer;
            frames[i].CopyTo(new Span<byte>(_frames.Start + i * KeptBytes, KeptBytes));
        }
        Forward();
        Ledger ledger = _worker->Counters.Received;
        if (ledger.Tx != Packets)
            throw new InvalidOperationException($"{ledger.Tx} of {Packets} packets were forwarded, {ledger.Dropped} dropped, {ledger.Punted} punted");
    }

    [GlobalCleanup]
    public void Free()
    {
        _product.Dispose();
        _dpdk.Dispose();
        _buffers.Dispose();
        _frames.Dispose();
        _pointers.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Packets)]
    public void RestoreOnly()
    {
        for (int at = 0; at < Packets; at += Burst)
            Restore(at);
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public void Forward()
    {
        for (int at = 0; at < Packets; at += Burst)
        {
            Restore(at);
            FastPath.Process(_worker, _port, (Mbuf**)_pointers.Start + at, Burst);
        }
    }

    private void Restore(int at)
    {
        for (int i = at; i < at + Burst; i++)
        {
            Mbuf* buffer = ((Mbuf**)_pointers.Start)[i];
            buffer->DataOff = Mbuf.DefaultHeadroom;
            buffer->DataLen = _frameBytes;
            buffer->PktLen = _frameBytes;
            Buffer.MemoryCopy(_frames.Start + i * KeptBytes, buffer->BufAddr + Mbuf.DefaultHeadroom, KeptBytes, KeptBytes);
        }
    }
}

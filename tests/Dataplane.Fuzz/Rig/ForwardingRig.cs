using Dataplane.Dpdk;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Pipeline;

namespace Dataplane.Fuzz.Rig;

/// <summary>
/// The packet pipeline over real tables, with <see cref="FakeDpdk"/> below and guarded buffers. After every burst it checks
/// what must hold for any input: rx = tx + punted + dropped, one reason per drop and punt, each buffer out exactly once,
/// nothing written outside it.
/// </summary>
internal sealed unsafe class ForwardingRig : IDisposable
{
    private readonly MbufArena _arena;
    private readonly FakeRing* _puntRing;
    private readonly FakeRing* _injectRing;
    private WorkerHandle? _worker;

    internal ForwardingRig(DatapathOptions options, uint puntCapacity = Batch.Capacity, int dataPages = 4)
    {
        _arena = new MbufArena(Batch.Capacity, dataPages);
        Dpdk = new FakeDpdk();
        Datapath = new Datapath(options, Dpdk.Calls);
        _puntRing = Dpdk.CreateRing(puntCapacity);
        _injectRing = Dpdk.CreateRing(Batch.Capacity);
        Datapath.SetPuntRing(_puntRing);
    }

    internal FakeDpdk Dpdk { get; }

    internal Datapath Datapath { get; }

    internal MbufArena Arena => _arena;

    /// <summary>The worker; made at first use, when all ports are there.</summary>
    internal WorkerBlock* Worker => (_worker ??= Datapath.CreateWorker(
        new WorkerSettings
        {
            Queues = [.. Enumerable.Range(0, Datapath.Root->PortCount).Select(port => new QueueAssignment(new PortId((ushort)port), 0))],
        },
        _injectRing)).Block;

    internal FakeRing* InjectRing => _injectRing;

    internal FakeRing* PuntRing => _puntRing;

    /// <summary>Packets that the punt ring takes per burst.</summary>
    internal uint PuntCapacity => _puntRing->Capacity;

    /// <summary>Clock of the next burst, in ticks of the datapath's clock.</summary>
    internal ulong Now { get; set; } = 1_000_000_000;

    /// <summary>Where frames are put.</summary>
    internal Placement Placement { get; set; } = Placement.EndAtGuard;

    /// <summary>Headroom of the frames.</summary>
    internal int Headroom { get; set; } = Mbuf.DefaultHeadroom;

    /// <summary>Called with the mbufs of a burst before the pipeline sees them.</summary>
    internal PrepareBuffer? Prepare { get; set; }

    internal delegate void PrepareBuffer(int index, Mbuf* buffer);

    /// <summary>Gives the frames to the pipeline as one burst that a port received.</summary>
    internal BurstResult Receive(PortId port, params ReadOnlySpan<byte[]> frames)
    {
        Mbuf** buffers = stackalloc Mbuf*[Batch.Capacity];
        Mark before = Begin();
        ulong bytes = 0;
        for (int i = 0; i < frames.Length; i++)
        {
            buffers[i] = _arena.Place(i, frames[i], Placement, Headroom);
            Prepare?.Invoke(i, buffers[i]);
            bytes += buffers[i]->PktLen;
        }
        PacketCount portBefore = Worker->Counters.PortRx[port.Value];
        FastPath.Process(Worker, port.Value, buffers, frames.Length);
        PacketCount portAfter = Worker->Counters.PortRx[port.Value];
        Require(portAfter.Packets - portBefore.Packets == (ulong)frames.Length, "port rx packets");
        Require(portAfter.Bytes - portBefore.Bytes == bytes, "port rx bytes");
        return End(before, frames.Length, injected: false);
    }

    /// <summary>Gives the packets to the pipeline as the slow path does.</summary>
    internal BurstResult Inject(params ReadOnlySpan<(InjectTag Tag, byte[] Data)> packets)
    {
        Mbuf** buffers = stackalloc Mbuf*[Batch.Capacity];
        Mark before = Begin();
        for (int i = 0; i < packets.Length; i++)
        {
            buffers[i] = _arena.Place(i, packets[i].Data, Placement, Headroom);
            *(InjectTag*)buffers[i]->Private = packets[i].Tag;
            Prepare?.Invoke(i, buffers[i]);
        }
        FastPath.ProcessInjected(Worker, buffers, packets.Length);
        return End(before, packets.Length, injected: true);
    }

    /// <summary>All counters, summed as the host reads them.</summary>
    internal DatapathCounters Counters() => Datapath.ReadCounters();

    public void Dispose()
    {
        Datapath.Dispose();
        Dpdk.Dispose();
        _arena.Dispose();
    }

    private Mark Begin()
    {
        Worker->Now = Now;
        Dpdk.Clock = Now;
        Dpdk.ClearLog();
        WorkerCounters* counters = &Worker->Counters;
        return new Mark(
            counters->Received, counters->Injected,
            new ReadOnlySpan<ulong>(counters->Drops, ReasonNames.DropReasonCount).ToArray(),
            new ReadOnlySpan<ulong>(counters->Punts, ReasonNames.PuntReasonCount).ToArray(),
            PortTxPackets());
    }

    private BurstResult End(Mark before, int count, bool injected)
    {
        var outcomes = new Outcome?[count];
        var sent = new List<int>();
        ulong sentBytes = 0;
        foreach (ExitRecord record in Dpdk.Log)
        {
            int index = Take(outcomes, record.Buffer, count);
            if (record.Kind == Exit.Freed)
            {
                outcomes[index] = new Outcome(Exit.Freed, 0, [], default);
                continue;
            }
            Require(record.DataLen == record.PktLen && record.NbSegs == 1, "lengths of a frame sent");
            outcomes[index] = new Outcome(Exit.Transmitted, record.Port, Bytes(index, record.DataOff, record.DataLen), default);
            sentBytes += record.DataLen;
            sent.Add(index);
        }
        for (uint i = 0; i < _puntRing->Count; i++)
        {
            var buffer = (Mbuf*)FakeRing.Item(_puntRing, i);
            int index = Take(outcomes, buffer, count);
            PuntTag tag = *(PuntTag*)buffer->Private;
            Require(buffer->DataLen == buffer->PktLen, "lengths of a packet punted");
            Require(tag.L3Offset <= buffer->DataLen, "layer-3 offset of a packet punted");
            outcomes[index] = new Outcome(Exit.Punted, 0, Bytes(index, buffer->DataOff, buffer->DataLen), tag);
        }
        FakeRing.Clear(_puntRing);
        for (int i = 0; i < count; i++)
        {
            Require(outcomes[i] != null, $"packet {i} never came out");
            Require(_arena.IsBandIntact(i), $"packet {i}: bytes beside its buffer were written");
        }
        var result = new BurstResult
        {
            Outcomes = outcomes!,
            Sent = [.. sent],
            Drops = Difference<DropReason>(before.Drops, Worker->Counters.Drops),
            Punts = Difference<PuntReason>(before.Punts, Worker->Counters.Punts),
        };
        CheckLedger(before, result, count, injected, sentBytes);
        return result;
    }

    private void CheckLedger(Mark before, BurstResult result, int count, bool injected, ulong sentBytes)
    {
        WorkerCounters* counters = &Worker->Counters;
        Ledger mine = Minus(injected ? counters->Injected : counters->Received, injected ? before.Injected : before.Received);
        Ledger other = Minus(injected ? counters->Received : counters->Injected, injected ? before.Received : before.Injected);
        Require(other.Rx + other.Tx + other.Punted + other.Dropped == 0, "the other ledger moved");
        Require(mine.Rx == (ulong)count, "ledger rx");
        Require(mine.Rx == mine.Tx + mine.Punted + mine.Dropped, $"rx {mine.Rx} = tx {mine.Tx} + punted {mine.Punted} + dropped {mine.Dropped}");
        Require(mine.Tx == (ulong)result.Count(Exit.Transmitted), "ledger tx");
        Require(mine.Punted == (ulong)result.Count(Exit.Punted), "ledger punted");
        Require(mine.Dropped == (ulong)result.Count(Exit.Freed), "ledger dropped");
        Require(mine.Dropped == (ulong)result.Drops.Values.Sum(), "one reason per drop");
        Require(mine.Punted == (ulong)result.Punts.Values.Sum(), "one reason per punt");
        Require(!result.Drops.ContainsKey(DropReason.None) && !result.Punts.ContainsKey(PuntReason.None), "a reason has a name");
        foreach ((PuntReason reason, int times) in result.Punts)
            Require(result.Outcomes.Count(outcome => outcome.Exit == Exit.Punted && outcome.Tag.Reason == reason) == times, "punts by tag");
        (ulong Packets, ulong Bytes) sent = PortTxPackets();
        Require(sent.Packets - before.PortTx.Packets == mine.Tx, "port tx packets");
        Require(sent.Bytes - before.PortTx.Bytes == sentBytes, "port tx bytes");
        Require(Worker->FreeCount == 0 && Worker->PuntCount == 0, "buffers left behind");
        for (int port = 0; port < Datapath.Root->PortCount; port++)
            Require(Worker->Tx[port].Count == 0, "frames left behind");
    }

    private int Take(Outcome?[] outcomes, Mbuf* buffer, int count)
    {
        int index = _arena.IndexOf(buffer);
        Require(index >= 0 && index < count, "a buffer came out that never went in");
        Require(outcomes[index] == null, $"packet {index} came out twice");
        return index;
    }

    private byte[] Bytes(int index, int offset, int length)
    {
        byte* buffer = _arena.BufferOf(index);
        Require(_arena[index]->BufAddr == buffer, "the buffer's address changed");
        Require(offset + length <= _arena[index]->BufLen, "a frame ends beyond its buffer");
        return new ReadOnlySpan<byte>(buffer + offset, length).ToArray();
    }

    private (ulong Packets, ulong Bytes) PortTxPackets()
    {
        (ulong packets, ulong bytes) = (0, 0);
        for (int port = 0; port < Datapath.Root->PortCount; port++)
        {
            packets += Worker->Counters.PortTx[port].Packets;
            bytes += Worker->Counters.PortTx[port].Bytes;
        }
        return (packets, bytes);
    }

    private static SortedDictionary<T, int> Difference<T>(ulong[] before, ulong* after)
        where T : struct, Enum
    {
        var difference = new SortedDictionary<T, int>();
        for (int i = 0; i < before.Length; i++)
        {
            if (after[i] != before[i])
                difference[(T)Enum.ToObject(typeof(T), i)] = (int)(after[i] - before[i]);
        }
        return difference;
    }

    private static Ledger Minus(Ledger after, Ledger before) => new()
    {
        Rx = after.Rx - before.Rx,
        Tx = after.Tx - before.Tx,
        Punted = after.Punted - before.Punted,
        Dropped = after.Dropped - before.Dropped,
    };

    private static void Require(bool condition, string promise)
    {
        if (!condition)
            throw new RigException(promise);
    }

    private readonly record struct Mark(
        Ledger Received, Ledger Injected, ulong[] Drops, ulong[] Punts, (ulong Packets, ulong Bytes) PortTx);
}

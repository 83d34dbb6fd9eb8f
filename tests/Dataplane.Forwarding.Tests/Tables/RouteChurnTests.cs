using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Tables;

/// <summary>
/// A reader per width of vectors looks batches up, inside epochs as workers do, while the control thread changes routes at
/// random: hosts and shorter prefixes, lists that become tries and vanish, tables that grow and shrink. Afterwards every
/// answer is held against the history of changes: its route was there at some moment of the lookup, and no longer one that
/// covers the address was there all the while.
/// </summary>
[Trait("Requirement", "FWD-01")]
[Trait("Requirement", "FWD-02")]
public sealed unsafe class RouteChurnTests
{
    private const int Vrfs = 3;
    private const int Steps = 120_000;
    private const int Bulk = 3000;
    private const int MostRecords = 150_000;
    private static readonly VectorLevel[] Levels = [VectorLevel.Scalar, VectorLevel.Avx2, VectorLevel.Avx512];

    [Theory]
    [InlineData(AddressFamily.Ipv4)]
    [InlineData(AddressFamily.Ipv6)]
    public void Every_answer_was_right_at_some_moment_of_the_lookup(AddressFamily family)
    {
        using var datapath = new Datapath(new DatapathOptions { ClockHz = 1_000_000_000, Workers = 3, TunnelEnd4 = Ipv4Address.Parse("203.0.113.17") }, null);
        PortId port = datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 0, Mac = default });
        Ipv4Address remote = Ipv4Address.Parse("203.0.113.1");
        TunnelId tunnel = datapath.AddTunnel(new TunnelSettings { Remote = remote, Port = port, UnderlayNextHop = remote });
        VrfId[] vrfs = [.. Enumerable.Range(0, Vrfs + 1).Select(_ => datapath.AddVrf(null, []))];
        var random = new Random(family == AddressFamily.Ipv4 ? 4 : 6);
        IpPrefix[] prefixes = [.. Enumerable.Range(0, 120).Select(_ => Random(random, family)).Distinct()];
        IpAddress[] addresses = [.. prefixes.Where(p => p.IsHost).Select(p => p.Address), .. Enumerable.Range(0, 60).Select(_ => Random(random, family, host: true).Address)];

        var clock = new StepClock();
        var readers = new Reader[Levels.Length];
        for (int i = 0; i < readers.Length; i++)
            readers[i] = new Reader(datapath.Root, i, Levels[i], addresses, family, clock);
        foreach (Reader reader in readers)
            reader.Thread.Start();

        // History: for each prefix of each VRF, when which label came; 0 when it went.
        var history = new Dictionary<(int Vrf, IpPrefix Prefix), List<(int Step, uint Label)>>();
        for (int step = 1; step <= Steps; step++)
        {
            clock.Started = step;
            int vrf = random.Next(Vrfs);
            IpPrefix prefix = prefixes[random.Next(prefixes.Length)];
            // Fill and drain in turn, to nothing at times: lists, tries and nothing take turns too.
            bool add = random.Next(100) < (step / 5000 % 2 == 0 ? 70 : 15);
            if (!history.TryGetValue((vrf, prefix), out List<(int Step, uint Label)>? changes))
                history[(vrf, prefix)] = changes = [];
            bool there = changes.Count != 0 && changes[^1].Label != 0;
            if (add)
            {
                datapath.SetRoute(vrfs[vrf], prefix, new SuppliedRoute(tunnel, new Label20((uint)step)));
                changes.Add((step, (uint)step));
            }
            else
            {
                Assert.Equal(there, datapath.RemoveRoute(vrfs[vrf], prefix));
                if (there)
                    changes.Add((step, 0));
            }
            // Hosts of another VRF make the shared table grow and shrink.
            IpPrefix other = Host(family, (uint)(step % Bulk));
            if (step / Bulk % 2 == 0)
                datapath.SetRoute(vrfs[Vrfs], other, new SuppliedRoute(tunnel, new Label20(16)));
            else
                datapath.RemoveRoute(vrfs[Vrfs], other);
            clock.Finished = step;
        }
        clock.Done = true;
        foreach (Reader reader in readers)
            reader.Thread.Join();
        foreach (Reader reader in readers)
        {
            Assert.NotEmpty(reader.Records);
            foreach (Record record in reader.Records)
                Judge(record, history, prefixes, addresses[record.Address], reader.Level);
        }
    }

    private static void Judge(Record record, Dictionary<(int Vrf, IpPrefix Prefix), List<(int Step, uint Label)>> history, IpPrefix[] prefixes,
        IpAddress address, VectorLevel level)
    {
        bool found = record.Leaf == Leaf.None;
        foreach (IpPrefix prefix in prefixes)
        {
            if (!prefix.Contains(address) || !history.TryGetValue((record.Vrf, prefix), out List<(int Step, uint Label)>? changes))
                continue;
            // From the last change that was finished before the lookup to the last one begun before its end.
            int first = Last(changes, record.From);
            int last = Last(changes, record.To);
            bool always = first >= 0;
            for (int i = Math.Max(first, 0); i <= last; i++)
            {
                always &= changes[i].Label != 0;
                found |= prefix.Length == record.Leaf.PrefixLength && changes[i].Label != 0 && changes[i].Label == record.Leaf.Label;
            }
            Assert.False(always && (record.Leaf == Leaf.None || prefix.Length > record.Leaf.PrefixLength),
                $"{level}: {address} in {record.Vrf} got {record.Leaf} although {prefix} was there from {record.From} to {record.To}");
        }
        Assert.True(found, $"{level}: {address} in {record.Vrf} got {record.Leaf}, which was not there between {record.From} and {record.To}");
    }

    // Index of the last change not after a step, or -1.
    private static int Last(List<(int Step, uint Label)> changes, int step)
    {
        int low = 0;
        int high = changes.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (changes[middle].Step <= step)
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }

    private static IpPrefix Host(AddressFamily family, uint number) => family == AddressFamily.Ipv4
        ? IpPrefix.Host(new Ipv4Address(0x0B000000 + number)) : IpPrefix.Host(new Ipv6Address(0x2001_0DB8_0000_0009, number));

    private static IpPrefix Random(Random random, AddressFamily family, bool host = false)
    {
        int bits = family == AddressFamily.Ipv4 ? 32 : 128;
        int length = host || random.Next(3) == 0 ? bits : random.Next(bits);
        UInt128 value = family == AddressFamily.Ipv4
            ? (UInt128)(0x0A000000u | (uint)random.Next(2) << 20 | (uint)random.Next(3) << 9 | (uint)random.Next(3)) << 96
            : (UInt128)0x2001_0DB8 << 96 | (UInt128)(uint)random.Next(2) << 66 | (UInt128)(uint)random.Next(3) << 40 | (uint)random.Next(3);
        value = length == 0 ? 0 : value & UInt128.MaxValue << (128 - length);
        IpAddress address = family == AddressFamily.Ipv4
            ? new Ipv4Address((uint)(value >> 96)) : new Ipv6Address((ulong)(value >> 64), (ulong)value);
        return new IpPrefix(address, (byte)length);
    }

    /// <summary>Where the writer is: the change begun last and the one finished last.</summary>
    private sealed class StepClock
    {
        private int _started;
        private int _finished;
        private bool _done;

        internal int Started { get => Volatile.Read(ref _started); set => Interlocked.Exchange(ref _started, value); }

        internal int Finished { get => Volatile.Read(ref _finished); set => Volatile.Write(ref _finished, value); }

        internal bool Done { get => Volatile.Read(ref _done); set => Volatile.Write(ref _done, value); }
    }

    private readonly record struct Record(int Vrf, int Address, int From, int To, Leaf Leaf);

    private sealed class Reader
    {
        private readonly DatapathRoot* _root;
        private readonly int _slot;
        private readonly IpAddress[] _addresses;
        private readonly AddressFamily _family;
        private readonly StepClock _clock;

        internal Reader(DatapathRoot* root, int slot, VectorLevel level, IpAddress[] addresses, AddressFamily family, StepClock clock)
        {
            _root = root;
            (_slot, Level, _addresses, _family, _clock) = (slot, level, addresses, family, clock);
            Thread = new Thread(Run);
        }

        internal VectorLevel Level { get; }

        internal Thread Thread { get; }

        internal List<Record> Records { get; } = [];

        private void Run()
        {
            var random = new Random(_slot);
            ulong* firsts = stackalloc ulong[RouteTable.LargestBatch];
            ulong* seconds = stackalloc ulong[RouteTable.LargestBatch];
            uint* spaces = stackalloc uint[RouteTable.LargestBatch];
            ulong* leaves = stackalloc ulong[RouteTable.LargestBatch];
            var asked = new (int Vrf, int Address)[RouteTable.LargestBatch];
            EpochSlot* slot = _root->Epochs + _slot;
            while (!_clock.Done)
            {
                int count = random.Next(RouteTable.LargestBatch) + 1;
                for (int i = 0; i < count; i++)
                {
                    asked[i] = (random.Next(Vrfs), random.Next(_addresses.Length));
                    IpAddress address = _addresses[asked[i].Address];
                    spaces[i] = VrfRow.AccessSpace((uint)asked[i].Vrf);
                    if (_family == AddressFamily.Ipv4)
                        firsts[i] = RouteTable.Key4(spaces[i], WireOrder.V4(address.V4));
                    else
                        (firsts[i], seconds[i]) = WireOrder.V6(address.V6);
                }
                // A sleeper enters with a full barrier, as the worker's loop does.
                Interlocked.Exchange(ref slot->Announced, Volatile.Read(ref _root->GlobalEpoch));
                int from = _clock.Finished;
                if (_family == AddressFamily.Ipv4)
                    RouteTable.Lookup4(_root, Level, firsts, leaves, count);
                else
                    RouteTable.Lookup6(_root, Level, spaces, firsts, seconds, leaves, count);
                Interlocked.MemoryBarrier();
                int to = _clock.Started;
                Volatile.Write(ref slot->Announced, EpochSlot.Quiescent);
                // Those that met a change are worth more than those that did not.
                if (Records.Count > MostRecords || (from == to && random.Next(8) != 0))
                    continue;
                for (int i = 0; i < count; i++)
                    Records.Add(new Record(asked[i].Vrf, asked[i].Address, from, to, new Leaf(leaves[i])));
            }
        }
    }
}

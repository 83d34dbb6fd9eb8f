using System.Security.Cryptography;
using Dataplane.Dpdk;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Model;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Fuzz.Fuzzing;

/// <summary>Makes cases from a seed and runs them: the rig's promises and the model's word must hold for each.</summary>
internal sealed class FuzzRunner : IDisposable
{
    private const int CountersEvery = 8;
    private readonly FuzzNetworks _networks = new();
    private readonly Random _random;
    private readonly FrameSource _source;
    private readonly FrameMutator _mutator;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    internal FuzzRunner(int seed)
    {
        _random = new Random(seed);
        _source = new FrameSource(_random);
        _mutator = new FrameMutator(_random);
    }

    internal long Bursts { get; private set; }

    internal long Frames { get; private set; }

    internal SortedDictionary<DropReason, long> Drops { get; } = [];

    internal SortedDictionary<PuntReason, long> Punts { get; } = [];

    internal long Sent { get; private set; }

    /// <summary>Called with each case before it runs, so that one that ends the process is not lost.</summary>
    internal Action<FuzzCase>? Trying { get; set; }

    /// <summary>Hash of everything that came out so far.</summary>
    internal string Digest => Convert.ToHexStringLower(_digest.GetCurrentHash());

    /// <summary>A fresh case.</summary>
    internal FuzzCase Next()
    {
        if (_random.Next(12) == 0)
            return NextInjection();
        int network = _random.Next(FuzzNetworks.Count);
        var port = (ushort)_random.Next(5);
        bool core = _networks[network].IsCore(new PortId(port));
        int count = _random.Next(4) switch { 0 => 1, 1 => Batch.Capacity, _ => _random.Next(1, Batch.Capacity + 1) };
        var frames = new byte[count][];
        bool damaged = _random.Next(3) != 0;
        for (int i = 0; i < count; i++)
        {
            MadeFrame made = core ? _source.ForCore(port) : _source.ForAccess(port);
            frames[i] = !damaged || _random.Next(2) == 0 ? made.Bytes
                : _random.Next(30) == 0 ? _source.Noise(_random.Next(200))
                : _mutator.Mutate(made);
        }
        return new FuzzCase
        {
            Network = network,
            Port = port,
            Placement = _random.Next(3) == 0 ? Placement.StartAtGuard : Placement.EndAtGuard,
            Headroom = network == FuzzNetworks.LittleHeadroom ? _random.Next(129) : Mbuf.DefaultHeadroom,
            Room = _random.Next(20) == 0 ? (uint)_random.Next(30) : FakeDpdk.Unlimited,
            Frames = frames,
        };
    }

    /// <summary>Runs a case; throws <see cref="RigException"/> when something does not hold.</summary>
    internal void Run(FuzzCase fuzzCase)
    {
        Trying?.Invoke(fuzzCase);
        TestNetwork network = _networks[fuzzCase.Network];
        var port = new PortId(fuzzCase.Port);
        network.Rig.Placement = fuzzCase.Placement;
        network.Rig.Headroom = fuzzCase.Headroom;
        for (ushort i = 0; i < FakeDpdk.Ports; i++)
            network.Rig.Dpdk.SetRoom(i, fuzzCase.Room);
        if (fuzzCase.Injected.Length != 0)
        {
            RunInjection(network, fuzzCase);
            return;
        }
        Prediction[] predictions = [.. fuzzCase.Frames.Select(frame => network.Model.Receive(port, frame))];
        BurstResult result = network.Rig.Receive(port, fuzzCase.Frames);
        Agreement.Require(predictions, result, new Limits(fuzzCase.Room, network.Rig.PuntCapacity, fuzzCase.Headroom));
        // Where frames lack headroom, the model does not know which ones; its counters are of no use there.
        if (fuzzCase.Network != FuzzNetworks.LittleHeadroom && Bursts % CountersEvery == 0)
            network.RequireCounters();
        Count(result);
    }

    public void Dispose()
    {
        _networks.Dispose();
        _digest.Dispose();
    }

    // On the network whose counters the model does not follow.
    private FuzzCase NextInjection()
    {
        TestNetwork network = _networks[FuzzNetworks.LittleHeadroom];
        var injected = new (InjectTag, byte[])[_random.Next(1, Batch.Capacity + 1)];
        for (int i = 0; i < injected.Length; i++)
        {
            (InjectTag tag, MadeFrame made) = _source.ForInjection(network.InterfaceCount, network.VrfCount, network.PortCount);
            injected[i] = (tag, _random.Next(2) == 0 ? made.Bytes : _mutator.Mutate(made));
        }
        return new FuzzCase { Network = FuzzNetworks.LittleHeadroom, Injected = injected };
    }

    // No model says what becomes of these; the rig's promises hold, and what leaves can be read.
    private void RunInjection(TestNetwork network, FuzzCase fuzzCase)
    {
        BurstResult result = network.Rig.Inject(fuzzCase.Injected);
        for (int i = 0; i < result.Outcomes.Length; i++)
        {
            Outcome outcome = result.Outcomes[i];
            if (outcome.Exit != Exit.Transmitted)
                continue;
            (InjectTag tag, byte[] data) = fuzzCase.Injected[i];
            try
            {
                if (tag.Kind == InjectKind.Frame)
                {
                    if (!outcome.Frame.AsSpan().SequenceEqual(data))
                        throw new FormatException("a frame changed");
                    continue;
                }
                byte[] packet = network.IsCoreDevice(outcome.Port) ? ParsedFrame.Tunnelled(outcome.Frame).Inner : ParsedFrame.Delivered(outcome.Frame).Packet;
                byte[] sent = data[..packet.Length];
                if (!packet.AsSpan().SequenceEqual(tag.KeepTtl != 0 ? sent : Build.AfterHop(sent)))
                    throw new FormatException("another packet left");
            }
            catch (FormatException e)
            {
                throw new RigException($"injected {i}: {e.Message}: {Convert.ToHexString(outcome.Frame)}");
            }
        }
        Count(result);
    }

    private void Count(BurstResult result)
    {
        Bursts++;
        Frames += result.Outcomes.Length;
        Sent += result.Count(Exit.Transmitted);
        foreach ((DropReason reason, int times) in result.Drops)
            Drops[reason] = Drops.GetValueOrDefault(reason) + times;
        foreach ((PuntReason reason, int times) in result.Punts)
            Punts[reason] = Punts.GetValueOrDefault(reason) + times;
        foreach (Outcome outcome in result.Outcomes)
        {
            _digest.AppendData([(byte)outcome.Exit, (byte)outcome.Port, (byte)outcome.Tag.Reason]);
            _digest.AppendData(outcome.Frame);
        }
    }
}

namespace Dataplane.Fuzz.Bgp;

/// <summary>
/// Mutates a corpus and what it made of it before: a message that brought a new outcome or a new kind of error is mutated further. The same seed and
/// corpus give the same run.
/// </summary>
internal sealed class BgpRunner
{
    private const int PoolBound = 4000;

    private readonly Random _random;
    private readonly BgpMutator _mutator;
    private readonly List<byte[]> _pool;
    private readonly int _corpusCount;

    public BgpRunner(int seed, IEnumerable<BgpCase> corpus)
    {
        _random = new(seed);
        _mutator = new(_random);
        _pool = [.. corpus.Select(one => one.Message).Where(message => message.Length > 0)];
        if (_pool.Count == 0)
        {
            _pool.Add([.. Enumerable.Repeat((byte)0xFF, 16), 0, 23, 2, 0, 0, 0, 0]);
        }

        _corpusCount = _pool.Count;
    }

    /// <summary>What the messages are run against.</summary>
    public BgpTarget Target { get; } = new();

    /// <summary>How many messages were run.</summary>
    public long Messages { get; private set; }

    /// <summary>Called with each case before it is run.</summary>
    public Action<BgpCase>? Trying { get; init; }

    /// <summary>The next case.</summary>
    public BgpCase Next() => new(_random.Next(Target.SessionCount), _mutator.Mutate(Pick(), Pick()));

    /// <summary>Runs a case.</summary>
    public void Run(BgpCase fuzzCase)
    {
        Trying?.Invoke(fuzzCase);
        Target.Run(fuzzCase.Message, fuzzCase.Session);
        Messages++;
        if (Target.WasNew && _pool.Count < PoolBound)
        {
            _pool.Add(fuzzCase.Message);
        }
    }

    /// <summary>As often of the corpus as of what was made of it: most of that is badly broken.</summary>
    private byte[] Pick() => _pool[_random.Next(_random.Next(2) == 0 ? _corpusCount : _pool.Count)];
}

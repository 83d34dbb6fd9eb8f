using Dataplane.Host.Configuration.Values;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>workers</c> and <c>workers.idle</c>.</summary>
internal static class WorkersKeys
{
    public static readonly ConfigurationKey<IdlePolicy> Policy = WithDefault(
        "policy",
        new ChoiceValue<IdlePolicy>([
            new("spin", IdlePolicy.Spin, "poll at full speed; lowest latency, a whole core per worker"),
            new("pause", IdlePolicy.Pause, "poll with the CPU's pause instruction in between; kinder to a sibling hyper-thread"),
            new("sleep", IdlePolicy.Sleep, "sleep after 'spin-loops' empty polls, ever longer up to 'max-sleep-us'; for small machines"),
        ]),
        IdlePolicy.Sleep,
        "What a worker does when nothing arrives.");

    public static readonly ConfigurationKey<int> SpinLoops = WithDefault("spin-loops", new IntegerValue(0, 1_000_000_000), 2000,
        "Empty polls in a row before a worker steps back.");

    public static readonly ConfigurationKey<int> MaxSleep = WithDefault("max-sleep-us", new IntegerValue(1, 1_000_000), 100,
        "Longest sleep in microseconds; the latency a packet may find after a quiet time.");

    public static readonly MappingValue<IdleConfiguration> IdleMapping = new(
        "'idle'",
        static m => new IdleConfiguration { Policy = m.Get(Policy), SpinLoops = m.Get(SpinLoops), MaxSleepMicroseconds = m.Get(MaxSleep) },
        Policy, SpinLoops, MaxSleep);

    public static readonly ConfigurationKey<WorkerRuntime> Runtime = WithDefault(
        "runtime",
        new ChoiceValue<WorkerRuntime>([
            new("isolated", WorkerRuntime.Isolated, "in a NativeAOT library of their own, which the host's garbage collector never stops"),
            new("in-process", WorkerRuntime.InProcess, "in the host's runtime; for tests and debugging"),
        ]),
        WorkerRuntime.Isolated,
        "Which runtime the workers run in.");

    public static readonly ConfigurationKey<IReadOnlyList<int>> Cores = WithDefault<IReadOnlyList<int>>(
        "cores",
        new ListValue<int>(new IntegerValue(0, 1023), "CPU cores", minimum: 1, maximum: 64, unique: true),
        [1],
        "CPU cores that forward, one worker pinned to each.");

    public static readonly ConfigurationKey<int> Burst = WithDefault("burst", new IntegerValue(4, 64), 64,
        "Most packets taken from a queue at once.");

    public static readonly ConfigurationKey<IdleConfiguration> Idle = Section("idle", IdleMapping,
        "What a worker does when nothing arrives.");

    public static readonly MappingValue<WorkersConfiguration> Mapping = new(
        "'workers'",
        static m => new WorkersConfiguration { Runtime = m.Get(Runtime), Cores = m.Get(Cores), Burst = m.Get(Burst), Idle = m.Get(Idle) },
        Runtime, Cores, Burst, Idle);
}

using Dataplane.Host.Configuration.Values;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>eal</c>.</summary>
internal static class EalKeys
{
    public static readonly ConfigurationKey<int> MemoryMib = WithDefault("memory-mib", new IntegerValue(32, 1 << 20), 256,
        "Memory for packet buffers and DPDK's own tables, in MiB.");

    public static readonly ConfigurationKey<HugePages> HugePages = WithDefault(
        "huge-pages",
        new ChoiceValue<HugePages>([
            new("auto", Configuration.HugePages.Auto, "huge pages when the machine has them, otherwise ordinary pages and a warning"),
            new("required", Configuration.HugePages.Required, "without huge pages the program does not start"),
            new("never", Configuration.HugePages.Never, "ordinary pages always; for tests and small machines"),
        ]),
        Configuration.HugePages.Auto,
        "Whether huge pages back the memory. They are used without leaving files behind.");

    public static readonly ConfigurationKey<int> MainCore = WithDefault("main-core", new IntegerValue(0, 1023), 0,
        "CPU core of the main thread, which does no forwarding. Best not one of 'workers.cores'.");

    public static readonly ConfigurationKey<int> MaxSimdBitwidth = WithDefault(
        "max-simd-bitwidth",
        new ChoiceValue<int>([new("64", 64, "no vector code"), new("128", 128, ""), new("256", 256, ""), new("512", 512, "")], isNumber: true),
        512,
        "Widest vector instructions that DPDK's drivers may use, in bits.");

    public static readonly ConfigurationKey<IReadOnlyList<string>> ExtraArguments = List(
        "extra-arguments",
        new ListValue<string>(NameValues.EalArgument, "EAL arguments"),
        "Further arguments for DPDK's EAL, one option or value per entry, appended as they are. Options that other keys decide are refused.");

    public static readonly MappingValue<EalConfiguration> Mapping = new(
        "'eal'",
        static m => new EalConfiguration
        {
            MemoryMib = m.Get(MemoryMib),
            HugePages = m.Get(HugePages),
            MainCore = m.Get(MainCore),
            MaxSimdBitwidth = m.Get(MaxSimdBitwidth),
            ExtraArguments = m.Get(ExtraArguments),
        },
        MemoryMib, HugePages, MainCore, MaxSimdBitwidth, ExtraArguments);
}

namespace Dataplane.Dpdk.Tests;

/// <summary>EAL starts once per process: every test that needs it belongs to this collection.</summary>
public sealed class EalFixture : IDisposable
{
    private readonly Eal _eal;

    public EalFixture()
    {
        AffinityBefore = Affinity();
        _eal = Eal.Start(new EalOptions { HugePages = HugePageUse.Never, MemoryMib = 128, Warn = Warnings.Add });
        AffinityAfter = Affinity();
        Directory = System.IO.Directory.CreateTempSubdirectory("dataplane-dpdk-").FullName;
    }

    public List<string> Warnings { get; } = [];

    public string AffinityBefore { get; }

    public string AffinityAfter { get; }

    /// <summary>For captures; removed at the end.</summary>
    public string Directory { get; }

    public Eal Eal => _eal;

    /// <summary>A name no other test uses.</summary>
    public static string Unique(string stem) => $"{stem}{Interlocked.Increment(ref _next)}";

    private static int _next;

    /// <summary>The CPUs the calling thread may run on, in the kernel's notation.</summary>
    public static string Affinity() =>
        File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal))[18..].Trim();

    public void Dispose()
    {
        _eal.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}

[CollectionDefinition(Name)]
public sealed class EalCollection : ICollectionFixture<EalFixture>
{
    public const string Name = "EAL";
}

using System.Runtime.InteropServices;

namespace Dataplane.Dpdk;

/// <summary>
/// DPDK's environment abstraction layer: starts once per process and holds the memory of everything else here.
/// Dispose it last; whatever still points into that memory dangles afterwards. Thread-safe.
/// </summary>
public sealed unsafe class Eal : IDisposable
{
    private static readonly Lock Gate = new();
    private static string? _spent;

    private Eal(IReadOnlyList<string> arguments, bool usesHugePages)
    {
        Arguments = arguments;
        UsesHugePages = usesHugePages;
    }

    /// <summary>The running environment, null before <see cref="Start"/> and after <see cref="Dispose"/>.</summary>
    public static Eal? Current { get; private set; }

    /// <summary>EAL's command line, program name first.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>Whether memory is on huge pages.</summary>
    public bool UsesHugePages { get; }

    /// <summary>The DPDK in use, for instance "DPDK 22.11.4".</summary>
    public string Version { get; } = NativeText.Read(Shim.DpdkVersion());

    /// <summary>The DPDK that the shim is linked with, which needs no running environment.</summary>
    /// <exception cref="DpdkException">The shim is missing or does not fit.</exception>
    public static string LibraryVersion
    {
        get
        {
            ShimLibrary.EnsureLoaded();
            return NativeText.Read(Shim.DpdkVersion());
        }
    }

    /// <summary>Ticks of <see cref="FastCalls.Tsc"/> per second.</summary>
    public ulong TscHz => Shim.TscHz();

    /// <summary>
    /// Starts EAL on a thread of its own, so that no thread of the caller is pinned. Leaves nothing in a file system.
    /// Devices are attached afterwards (<see cref="EthernetPort.Attach"/>), where a failure can be survived.
    /// </summary>
    /// <exception cref="DpdkException">The shim is missing; an option is bad; there are too few huge pages although
    /// they are required; EAL was started before in this process, or refuses to start, after which no other start is
    /// possible in this process.</exception>
    public static Eal Start(EalOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ShimLibrary.EnsureLoaded();
        lock (Gate)
        {
            if (_spent != null)
                throw new DpdkException($"EAL starts only once per process: {_spent}. Start a new process.");
            int mainCpu = ChooseCpu(options.MainCpu);
            bool hugePages = DecideHugePages(options);
            List<string> arguments = EalArguments.Build(options, mainCpu, hugePages);
            Initialize(arguments);
            _spent = "it is running";
            Current = new Eal(arguments, hugePages);
            return Current;
        }
    }

    /// <summary>What DPDK has logged since the last call; reading empties it. Calls that fail put what they logged
    /// into their exception instead.</summary>
    public static string TakeLog()
    {
        ShimLibrary.EnsureLoaded();
        return EalLog.Take();
    }

    /// <summary>The calling thread's lcore id, null when it is not registered. Mempool caches work by it.</summary>
    public static int? LcoreId
    {
        get
        {
            ShimLibrary.EnsureLoaded();
            int id = Shim.LcoreId();
            return id < 0 ? null : id;
        }
    }

    /// <summary>Closes every port and gives the memory back. Workers must have stopped. EAL cannot be started again in
    /// this process.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            if (Current != this)
                return;
            for (int id = Shim.PortNext(0); id >= 0; id = Shim.PortNext(id + 1))
            {
                _ = Shim.PortSetPromiscuous((ushort)id, 0);
                _ = Shim.PortSetAllMulticast((ushort)id, 0);
                _ = Shim.PortStop((ushort)id);
                _ = Shim.PortClose((ushort)id);
            }
            _ = Shim.EalCleanup();
            _spent = "it was stopped";
            Current = null;
        }
    }

    /// <exception cref="DpdkException">EAL is not running.</exception>
    internal static void RequireRunning(string what)
    {
        if (Current == null)
            throw new DpdkException($"{what} needs EAL, which is not running. Call {nameof(Eal)}.{nameof(Start)} first.");
    }

    private static int ChooseCpu(int? wanted)
    {
        IReadOnlyList<int> allowed = AllowedCpus.Read();
        if (wanted is not { } cpu)
            return allowed[0];
        if (!allowed.Contains(cpu))
            throw new DpdkException(
                $"CPU {cpu} cannot be EAL's main CPU: this process may run on {string.Join(',', allowed)}. Choose one of these.",
                Errno.Invalid);
        return cpu;
    }

    private static bool DecideHugePages(EalOptions options)
    {
        if (options.HugePages == HugePageUse.Never)
        {
            RequireMemory(options.MemoryMib);
            return false;
        }
        int free = HugePages.FreeMib;
        if (free >= options.MemoryMib)
            return true;
        string shortage = $"{options.MemoryMib} MiB of huge pages are needed and {free} MiB are free";
        const string Advice = "Reserve more (sysctl vm.nr_hugepages, in pages of 2 MiB), or ask for less memory.";
        if (options.HugePages == HugePageUse.Require)
            throw new DpdkException($"EAL cannot be started on huge pages: {shortage}. {Advice}");
        if (options.PciDevices.Count > 0)
            throw new DpdkException($"EAL cannot be started with PCI devices on ordinary pages: {shortage}. {Advice}");
        RequireMemory(options.MemoryMib);
        options.Warn?.Invoke($"DPDK runs on ordinary pages, which is slower: {shortage}. {Advice}");
        return false;
    }

    /// <summary>EAL takes any size of ordinary memory, and the process dies when it touches what is not there.</summary>
    private static void RequireMemory(int mib)
    {
        long machineMib = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20;
        if (mib > machineMib)
            throw new DpdkException(
                $"EAL cannot be started with {mib} MiB: this process may use {machineMib} MiB. Ask for less.", Errno.Invalid);
    }

    private static void Initialize(List<string> arguments)
    {
        int result = Shim.LogOpen();
        if (result == 0)
        {
            // EAL pins the thread that starts it, and threads inherit that.
            Thread starter = new(() => result = InitializeHere(arguments)) { Name = "eal-start" };
            starter.Start();
            starter.Join();
        }
        RemoveRuntimeDirectory();
        if (result >= 0)
            return;
        _spent = "an earlier start failed";
        throw DpdkException.From(
            "EAL cannot be started",
            result,
            $"Its command line was: {string.Join(' ', arguments)}. Correct the options and start a new process.");
    }

    private static int InitializeHere(List<string> arguments)
    {
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)(arguments.Count + 1), (nuint)sizeof(byte*));
        byte*[] strings = new byte*[arguments.Count];
        for (int i = 0; i < arguments.Count; i++)
            vector[i] = strings[i] = (byte*)Marshal.StringToCoTaskMemUTF8(arguments[i]);
        int result = Shim.EalInit(arguments.Count, vector);
        foreach (byte* text in strings) // EAL permutes the vector
            Marshal.FreeCoTaskMem((nint)text);
        NativeMemory.Free(vector);
        return result;
    }

    /// <summary>EAL makes a directory for shared files even when it is told to share none.</summary>
    private static void RemoveRuntimeDirectory()
    {
        string directory = NativeText.Read(Shim.EalRuntimeDirectory());
        if (directory.Length == 0)
            return;
        try
        {
            Directory.Delete(directory);
            Directory.Delete(Path.GetDirectoryName(directory)!);
        }
        catch (IOException)
        {
            // Another DPDK process uses the parent, or the directory was never made.
        }
        catch (UnauthorizedAccessException)
        {
        }
    }
}

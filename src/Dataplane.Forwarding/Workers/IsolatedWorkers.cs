using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Workers;

/// <summary>
/// Workers in a runtime of their own: this assembly published with NativeAOT as a shared library, which the host loads.
/// The host's collector does not know their threads, so it can never stop them; the library allocates nothing after a
/// worker has started, so its own collector never runs (ADR-0001). The library is built per instruction-set level.
/// </summary>
public sealed unsafe class IsolatedWorkers : IWorkerRuntime
{
    /// <summary>Instruction-set levels, best first, and whether this CPU has them.</summary>
    private static readonly (string Level, Func<bool> Supported)[] Levels =
    [
        ("v4", () => Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported),
        ("v3", () => Avx2.IsSupported && Bmi2.IsSupported && Fma.IsSupported),
    ];

    private readonly delegate* unmanaged<WorkerBlock*, int> _start;

    private IsolatedWorkers(string path, nint library)
    {
        LibraryPath = path;
        var layout = (delegate* unmanaged<ulong>)NativeLibrary.GetExport(library, WorkerExports.LayoutExport);
        if (layout() != LayoutFingerprint.Value)
        {
            throw new InvalidOperationException(
                $"{path} was built from other sources than this program; build both anew (scripts/build)");
        }
        var vectorBits = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, WorkerExports.VectorBitsExport);
        VectorBits = vectorBits();
        _start = (delegate* unmanaged<WorkerBlock*, int>)NativeLibrary.GetExport(library, WorkerExports.StartExport);
    }

    /// <inheritdoc/>
    public string Name => "isolated";

    /// <inheritdoc/>
    public int VectorBits { get; }

    /// <summary>The library in use.</summary>
    public string LibraryPath { get; }

    /// <summary>Place of the library for an instruction-set level, below a directory of worker libraries.</summary>
    public static string RelativePath(string level) => Path.Combine(level, "Dataplane.Forwarding.so");

    /// <summary>Loads the best library for this CPU from the first directory that has one.</summary>
    /// <exception cref="InvalidOperationException">None is there, or it was built from other sources; the message says
    /// what to do.</exception>
    public static IsolatedWorkers Load(IEnumerable<string> directories)
    {
        var tried = new List<string>();
        foreach (string directory in directories)
        {
            foreach ((string level, Func<bool> supported) in Levels)
            {
                string path = Path.Combine(directory, RelativePath(level));
                tried.Add(path);
                if (supported() && File.Exists(path))
                    return new IsolatedWorkers(path, NativeLibrary.Load(path));
            }
        }
        throw new InvalidOperationException("no isolated worker library for this CPU; run scripts/build, or set "
            + "workers.runtime to in-process. Looked for: " + string.Join(", ", tried));
    }

    /// <inheritdoc/>
    public void Start(WorkerHandle worker)
    {
        if (_start(worker.Block) != 0)
            throw new InvalidOperationException($"the worker library refused to start worker {worker.Index}");
    }
}

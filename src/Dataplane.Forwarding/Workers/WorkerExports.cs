using System.Runtime.InteropServices;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Workers;

/// <summary>
/// Entry points of the isolated worker library (this assembly published with NativeAOT). The host loads it and passes
/// addresses of native memory only. See ADR-0001.
/// </summary>
internal static unsafe class WorkerExports
{
    /// <summary>Name of the export that describes the shared layouts.</summary>
    internal const string LayoutExport = "dataplane_worker_layout";

    /// <summary>Name of the export that starts a worker.</summary>
    internal const string StartExport = "dataplane_worker_start";

    /// <summary>Name of the export that tells which vector width the library was compiled for.</summary>
    internal const string VectorBitsExport = "dataplane_worker_vector_bits";

    /// <summary>Number that differs when the layouts of the two sides differ.</summary>
    [UnmanagedCallersOnly(EntryPoint = LayoutExport)]
    internal static ulong Layout() => LayoutFingerprint.Value;

    /// <summary>Starts a thread of this library's runtime that runs the worker's loop; returns 0.</summary>
    [UnmanagedCallersOnly(EntryPoint = StartExport)]
    internal static int Start(WorkerBlock* worker)
    {
        nint address = (nint)worker;
        new Thread(() => WorkerLoop.Run((WorkerBlock*)address)) { IsBackground = true, Name = "dp-worker" }.Start();
        return 0;
    }

    /// <summary>Widest vectors, in bits, that this library's code uses.</summary>
    [UnmanagedCallersOnly(EntryPoint = VectorBitsExport)]
    internal static int VectorBits() =>
        System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? 512
        : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? 256 : 128;

}

using System.Runtime.InteropServices;

namespace Dataplane.Rig;

/// <summary>The C peers of the rig, built by <c>scripts/bench</c>.</summary>
internal static partial class Peers
{
    static Peers() => NativeLibrary.SetDllImportResolver(typeof(Peers).Assembly, (name, _, _) =>
        name == "rigpeers"
            ? NativeLibrary.Load(Path.GetFullPath("artifacts/perf/librigpeers.so")) : 0);

    /// <summary>Moves packets from port to port for some seconds on one CPU; packets moved, or negative.</summary>
    [LibraryImport("rigpeers", EntryPoint = "rig_bare_loop")]
    internal static partial long BareLoop(ushort rxPort, ushort txPort, int cpu, double seconds);
}

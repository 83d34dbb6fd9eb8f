using System.Runtime.InteropServices;

namespace Dataplane.Dpdk;

/// <summary>
/// Finds libdataplane_shim.so: the file that DATAPLANE_SHIM names, else beside the program, else
/// artifacts/native of the source tree the program runs in. Refuses one that does not fit.
/// </summary>
internal static class ShimLibrary
{
    private const string FileName = "libdataplane_shim.so";
    private const string Variable = "DATAPLANE_SHIM";
    private static readonly Lock Gate = new();
    private static nint _candidate;
    private static bool _loaded;

    /// <summary>Loads the shim on the first call and compares its versions.</summary>
    /// <exception cref="DpdkException">It is missing, cannot be loaded, or is of another version.</exception>
    internal static void EnsureLoaded()
    {
        if (Volatile.Read(ref _loaded))
            return;
        lock (Gate)
        {
            if (_loaded)
                return;
            if (_candidate == 0)
            {
                _candidate = Load(Locate(Environment.GetEnvironmentVariable(Variable), AppContext.BaseDirectory));
                NativeLibrary.SetDllImportResolver(
                    typeof(Shim).Assembly, (name, _, _) => name == Shim.Library ? _candidate : 0);
            }
            CheckVersions();
            Volatile.Write(ref _loaded, true);
        }
    }

    /// <summary>The path of the shim.</summary>
    /// <exception cref="DpdkException">There is none.</exception>
    internal static string Locate(string? named, string baseDirectory)
    {
        if (!string.IsNullOrEmpty(named))
            return File.Exists(named)
                ? named
                : throw new DpdkException($"{Variable} names {named}, which does not exist. {Advice}");
        string beside = Path.Combine(baseDirectory, FileName);
        if (File.Exists(beside))
            return beside;
        for (DirectoryInfo? directory = new(baseDirectory); directory != null; directory = directory.Parent)
        {
            string built = Path.Combine(directory.FullName, "artifacts", "native", FileName);
            if (File.Exists(built))
                return built;
        }
        throw new DpdkException(
            $"{FileName} was not found beside the program ({baseDirectory}) nor under artifacts/native of a directory above it. {Advice}");
    }

    private const string Advice =
        "Build it with ./scripts/build-native, or set " + Variable + " to the file's path.";

    private static nint Load(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception problem) when (problem is DllNotFoundException or BadImageFormatException)
        {
            throw new DpdkException(
                $"{path} cannot be loaded: {problem.Message.Trim()} Install DPDK 22.11 (see native/README.md) or rebuild with ./scripts/build-native.",
                problem);
        }
    }

    private static unsafe void CheckVersions()
    {
        int abi = Shim.NativeAbiVersion();
        if (abi != Shim.AbiVersion)
            throw new DpdkException(
                $"{FileName} has ABI version {abi} and this program needs {Shim.AbiVersion}: they were built from different sources. {Advice}");
        string found = NativeText.Read(Shim.DpdkVersion());
        string compiled = NativeText.Read(Shim.CompiledDpdkVersion());
        if (!IsSameRelease(found, compiled))
            throw new DpdkException(
                $"{FileName} was compiled for {compiled} and the DPDK found at run time is {found}. Rebuild with ./scripts/build-native.");
    }

    /// <summary>Whether two of DPDK's version texts ("DPDK 22.11.4") are of one release: its stable versions keep the
    /// ABI.</summary>
    internal static bool IsSameRelease(string left, string right) => Release(left) == Release(right);

    private static string Release(string version)
    {
        string[] parts = version.Split('.');
        return parts.Length < 2 ? version : parts[0] + "." + parts[1];
    }
}

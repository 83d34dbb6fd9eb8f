using Dataplane.Forwarding.Workers;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Forwarding;

/// <summary>Chooses the runtime that workers live in, and finds the isolated one's library.</summary>
internal static class WorkerRuntimes
{
    /// <summary>Names a directory of worker libraries that goes before all others.</summary>
    public const string DirectoryVariable = "DATAPLANE_WORKER_DIR";

    /// <summary>Makes the runtime that the configuration asks for.</summary>
    /// <exception cref="ForwarderException">The isolated library is missing or does not fit.</exception>
    public static IWorkerRuntime Create(WorkerRuntime runtime) =>
        runtime == WorkerRuntime.InProcess ? new InProcessWorkers() : LoadIsolated();

    /// <summary>Loads the isolated library.</summary>
    /// <exception cref="ForwarderException">It is missing or does not fit.</exception>
    public static IsolatedWorkers LoadIsolated()
    {
        try
        {
            return IsolatedWorkers.Load(Directories(
                Environment.GetEnvironmentVariable(DirectoryVariable), AppContext.BaseDirectory));
        }
        catch (Exception problem) when (problem is InvalidOperationException or DllNotFoundException
            or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new ForwarderException(problem.Message, problem);
        }
    }

    /// <summary>Where to look: the directory named, beside the program, artifacts/worker of the tree it was built in.</summary>
    internal static IEnumerable<string> Directories(string? named, string baseDirectory)
    {
        if (!string.IsNullOrEmpty(named))
            yield return named;
        yield return Path.Combine(baseDirectory, "worker");
        for (DirectoryInfo? directory = new(baseDirectory); directory is not null; directory = directory.Parent)
        {
            string built = Path.Combine(directory.FullName, "artifacts", "worker");
            if (Directory.Exists(built))
                yield return built;
        }
    }
}

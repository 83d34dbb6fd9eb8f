namespace Dataplane.Host.Tests.Configuration;

/// <summary>Files of the source tree that tests hold against the code.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Configuration => Path.Combine(Root, "src", "Dataplane.Host", "Configuration");

    /// <summary>Whether generated files are to be written instead of compared: DATAPLANE_WRITE_GENERATED=1.</summary>
    public static bool WriteGenerated => Environment.GetEnvironmentVariable("DATAPLANE_WRITE_GENERATED") == "1";

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Dataplane.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException("Dataplane.sln is in no directory above the tests.");
    }
}

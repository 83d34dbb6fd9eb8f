namespace Dataplane.Golden;

/// <summary>Where the tree is, seen from the test assembly.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Dataplane.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of the golden cases and of the scripts that make them.</summary>
    public static string Pcaps => Path.Combine(Root, "pcaps");

    /// <summary>
    /// The program under test: the DATAPLANE environment variable (a .dll or an executable), else the build output of
    /// src/Dataplane.Host in the configuration in which this assembly was built.
    /// </summary>
    public static string Program { get; } = FindProgram();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Dataplane.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException($"no Dataplane.sln above {AppContext.BaseDirectory}");
    }

    private static string FindProgram()
    {
        if (Environment.GetEnvironmentVariable("DATAPLANE") is { Length: > 0 } chosen)
        {
            return Path.GetFullPath(chosen);
        }
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = framework.Parent!.Name;
        return Path.Combine(Root, "src", "Dataplane.Host", "bin", configuration, framework.Name, "dataplane.dll");
    }
}

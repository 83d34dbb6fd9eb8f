using System.CommandLine;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Commands;

/// <summary>The option that names the configuration file, and what is said about the file's contents.</summary>
internal static class ConfigurationArgument
{
    /// <summary>Makes the option <c>--config FILE</c>.</summary>
    public static Option<string> Create() => new("--config", "-c")
    {
        Description = "The configuration file (YAML).",
        HelpName = "FILE",
        Required = true,
    };

    /// <summary>Loads the file and writes all that is wrong or doubtful in it to <paramref name="errors"/>.</summary>
    /// <returns>Null when there is an error; the exit code is then <see cref="ExitCode.Usage"/>.</returns>
    public static DataplaneConfiguration? Load(string path, ConfigurationPurpose purpose, TextWriter errors)
    {
        ConfigurationResult result = ConfigurationLoader.Load(path, purpose);
        foreach (ConfigurationDiagnostic diagnostic in result.Diagnostics)
            errors.WriteLine(diagnostic);
        return result.Configuration;
    }
}

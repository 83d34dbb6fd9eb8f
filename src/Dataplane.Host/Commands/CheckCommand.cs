using System.CommandLine;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Commands;

/// <summary><c>dataplane check</c>.</summary>
internal static class CheckCommand
{
    /// <summary>What <c>--help</c> adds.</summary>
    public const string Details = """
        Errors and warnings go to standard error as FILE:LINE:COLUMN: error: REASON, all of them at once.
        The exit code is 2 when there is an error.

        Example:
          dataplane check --config forwarder.yaml && systemctl restart dataplane
        """;

    /// <summary>Describes the command.</summary>
    public static Command Create()
    {
        Option<string> configuration = ConfigurationArgument.Create();
        var command = new Command("check", "Tells all that is wrong with a configuration file; starts nothing.") { configuration };
        command.SetAction(parsed => Execute(
            parsed.GetRequiredValue(configuration), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Execute(string file, TextWriter output, TextWriter errors)
    {
        if (ConfigurationArgument.Load(file, ConfigurationPurpose.Run, errors) is not { } configuration)
            return ExitCode.Usage;
        output.WriteLine($"{file}: ok: {configuration.Ports.Count} ports, {configuration.Vrfs.Count} VRFs, "
            + $"{configuration.Interfaces.Count} interfaces, {configuration.Vrfs.Sum(static vrf => vrf.Routes.Count)} routes, "
            + $"{configuration.Workers.Cores.Count} workers");
        return ExitCode.Success;
    }
}

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
        string forwarder = $"{configuration.Ports.Count} ports, {configuration.Vrfs.Count} VRFs, {configuration.Interfaces.Count} interfaces, "
            + $"{configuration.Vrfs.Sum(static vrf => vrf.Routes.Count)} routes, {configuration.Workers.Cores.Count} workers";
        string gateway = configuration.Bgp is { } bgp
            ? $"AS {bgp.As}, {bgp.Peers.Count} peers, {bgp.DynamicPeers.Count} ranges, {configuration.Policies.Count} policies"
            : "";
        string[] parts =
        [
            .. configuration.IsForwarder ? [forwarder] : new[] { $"{configuration.Vrfs.Count} VRFs" },
            .. configuration.IsGateway ? [gateway] : Array.Empty<string>(),
        ];
        output.WriteLine($"{file}: ok: {string.Join(", ", parts)}");
        return ExitCode.Success;
    }
}

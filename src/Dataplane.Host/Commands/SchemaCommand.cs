using System.CommandLine;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Commands;

/// <summary><c>dataplane schema</c>.</summary>
internal static class SchemaCommand
{
    /// <summary>What <c>--help</c> adds.</summary>
    public const string Details = """
        Example:
          dataplane schema > dataplane.schema.json
        and as the first line of a configuration file:
          # yaml-language-server: $schema=dataplane.schema.json
        """;

    /// <summary>Describes the command.</summary>
    public static Command Create()
    {
        var command = new Command("schema", "Prints the JSON schema of configuration files, for editors.");
        command.SetAction(static _ =>
        {
            using Stream output = Console.OpenStandardOutput();
            ConfigurationSchema.Write(output);
            return ExitCode.Success;
        });
        return command;
    }
}

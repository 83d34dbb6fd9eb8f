using System.CommandLine;
using System.CommandLine.Invocation;

namespace Dataplane.Host.Commands;

/// <summary>The command line.</summary>
internal static class DataplaneCommand
{
    private const string Details = """
        First steps:
          dataplane check  --config forwarder.yaml     what is wrong with the file, if anything
          dataplane replay --config forwarder.yaml --in acc0.pcap --out results
                                                       try it on captures, without root
          dataplane run    --config forwarder.yaml     forward; Ctrl-C ends it
          dataplane bench  --config forwarder.yaml --in acc0.pcap --report report
                                                       how fast it is, without devices
          dataplane schema > dataplane.schema.json     completion and checks in editors

        Exit codes:
          0  done
          1  failed: a device, memory, a file that cannot be written
          2  command line, configuration or capture wrong; nothing was started
        """;

    /// <summary>Carries out a command line.</summary>
    /// <param name="arguments">The words behind the program's name.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Invoke(string[] arguments)
    {
        ParseResult parsed = Create().Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            TextWriter errors = parsed.InvocationConfiguration.Error;
            foreach (string message in parsed.Errors.Select(static error => error.Message).Distinct())
                errors.WriteLine($"dataplane: error: {message}");
            string command = parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
            errors.WriteLine($"Try: dataplane {command}--help");
            return ExitCode.Usage;
        }
        // Commands see to signals themselves; the library would end the process two seconds after the first.
        parsed.InvocationConfiguration.ProcessTerminationTimeout = null;
        return parsed.Invoke();
    }

    private static RootCommand Create()
    {
        Command run = RunCommand.Create();
        Command check = CheckCommand.Create();
        Command replay = ReplayCommand.Create();
        Command bench = BenchCommand.Create();
        Command schema = SchemaCommand.Create();
        var root = new RootCommand(
            "Forwards packets between tenants' hosts and other forwarders: L3VPN over MPLS-in-GRE, -UDP or -IP, on DPDK.")
        {
            run, check, replay, bench, schema,
        };
        VersionText.Install(root);
        HelpWithDetails.Install(root, new Dictionary<Command, string>
        {
            [root] = Details,
            [run] = RunCommand.Details,
            [check] = CheckCommand.Details,
            [replay] = ReplayCommand.Details,
            [bench] = BenchCommand.Details,
            [schema] = SchemaCommand.Details,
        });
        return root;
    }
}

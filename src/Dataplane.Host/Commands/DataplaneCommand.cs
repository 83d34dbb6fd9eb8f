using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Dataplane.Host.Commands;

/// <summary>The command line.</summary>
internal static class DataplaneCommand
{
    private const string Details = """
        First steps:
          dataplane check  --config forwarder.yaml     what is wrong with the file, if anything
          dataplane replay --config forwarder.yaml --in acc0.pcap --out results
                                                       try it on captures, without root
          dataplane run    --config forwarder.yaml     forward, speak BGP; Ctrl-C ends it
          dataplane bench  --config forwarder.yaml --in acc0.pcap --report report
                                                       how fast it is, without devices
          dataplane policy test --config gateway.yaml --policy NAME --route "198.51.100.0/24 rt=65000:1"
                                                       what a policy makes of routes
          dataplane schema > dataplane.schema.json     completion and checks in editors

        Exit codes:
          0  done
          1  failed: a device, memory, a file that cannot be written; a policy rejects
          2  command line, configuration or capture wrong; nothing was started
        """;

    /// <summary>Carries out a command line.</summary>
    /// <param name="arguments">The words behind the program's name.</param>
    /// <param name="output">Where answers go; null is the standard output.</param>
    /// <param name="error">Where complaints go; null is the standard error output.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Invoke(string[] arguments, TextWriter? output = null, TextWriter? error = null)
    {
        ParseResult parsed = Create().Parse(arguments);
        parsed.InvocationConfiguration.Output = output ?? Console.Out;
        parsed.InvocationConfiguration.Error = error ?? Console.Error;
        if (parsed.Action is ParseErrorAction)
        {
            TextWriter errors = parsed.InvocationConfiguration.Error;
            foreach (string message in parsed.Errors.Select(static error => error.Message).Distinct())
                errors.WriteLine($"dataplane: error: {message}");
            string command = "";
            for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } inner; at = at.Parent)
                command = $"{inner.Command.Name} {command}";
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
        Command policy = PolicyCommand.Create(out Command policyTest);
        Command schema = SchemaCommand.Create();
        Command show = ShowCommand.Create();
        Command clear = ShowCommand.CreateClear();
        Command agent = AgentCommand.Create();
        var root = new RootCommand(
            "Forwards packets between tenants' hosts and other forwarders (L3VPN over MPLS-in-GRE, -UDP or -IP, on DPDK), and speaks BGP for them.")
        {
            run, check, replay, bench, policy, schema, show, clear, agent,
        };
        VersionText.Install(root);
        HelpWithDetails.Install(root, new Dictionary<Command, string>
        {
            [root] = Details,
            [run] = RunCommand.Details,
            [check] = CheckCommand.Details,
            [replay] = ReplayCommand.Details,
            [bench] = BenchCommand.Details,
            [policyTest] = PolicyCommand.TestDetails,
            [schema] = SchemaCommand.Details,
            [show] = ShowCommand.Details,
            [clear] = ShowCommand.ClearDetails,
            [agent] = AgentCommand.Details,
        });
        return root;
    }
}

using System.CommandLine;
using System.Globalization;
using Dataplane.Host.Configuration;
using Dataplane.Host.Replay;

namespace Dataplane.Host.Commands;

/// <summary><c>dataplane replay</c>.</summary>
internal static class ReplayCommand
{
    /// <summary>What <c>--help</c> adds.</summary>
    public const string Details = """
        Pipeline and slow path are those of 'run', but one thread drives both and the captures tell the
        time, so the same input gives the same output to the byte. Needs neither root nor huge pages; the
        ports' 'device' may be left out. Frames carry the time of the packet that caused them; after the
        last packet the clock runs on for 10 s, so that nothing keeps waiting.

        Examples:
          dataplane replay --config lab.yaml --in acc0.pcap --out results
          dataplane replay --config lab.yaml --in acc0=guest.pcap --in core0=underlay.pcap --out results
        """;

    /// <summary>Describes the command.</summary>
    public static Command Create()
    {
        Option<string> configuration = ConfigurationArgument.Create();
        var inputs = new Option<string[]>("--in", "-i")
        {
            Description = "A capture that a port receives, as PORT=FILE; a FILE alone is for the port of its name "
                + "(acc0.pcap for acc0). Classic pcap, Ethernet. Once per port; ports without one receive nothing.",
            HelpName = "[PORT=]FILE",
        };
        var output = new Option<string>("--out", "-o")
        {
            Description = "Directory for the results: PORT.pcap with what each port sent, and counters.json. Made when missing.",
            HelpName = "DIR",
            Required = true,
        };
        var command = new Command("replay", "Runs captures through the forwarder and writes what it would have sent.")
        {
            configuration, inputs, output,
        };
        command.SetAction(parsed => Execute(
            parsed.GetRequiredValue(configuration),
            parsed.GetValue(inputs) ?? [],
            parsed.GetRequiredValue(output),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Execute(string file, string[] inputs, string directory, TextWriter output, TextWriter errors)
    {
        if (ConfigurationArgument.Load(file, ConfigurationPurpose.Replay, errors) is not { } configuration)
            return ExitCode.Usage;
        Dictionary<int, CaptureFile> captures = [];
        try
        {
            foreach (string input in inputs)
                AddInput(captures, configuration, input);
            Directory.CreateDirectory(directory);
            RefuseOverwriting(configuration, captures.Values, directory);
            foreach (CaptureFile capture in captures.Values.Where(static capture => capture.CutPackets > 0))
                errors.WriteLine($"{capture.Path}: warning: {capture.CutPackets} of {capture.Packets} packets were cut when they were captured");
        }
        catch (Exception problem) when (problem is CaptureException or IOException or UnauthorizedAccessException)
        {
            Close(captures);
            errors.WriteLine(problem is CaptureException ? problem.Message : $"{directory}: error: {problem.Message}");
            return ExitCode.Usage;
        }
        try
        {
            ReplaySummary summary = ReplaySession.Run(new ReplayRequest(configuration, captures, directory));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{summary.Received} packets received, {summary.Sent} sent in {summary.Elapsed.TotalSeconds:f2} s; results in {directory}"));
            return ExitCode.Success;
        }
        catch (CaptureException problem)
        {
            errors.WriteLine(problem.Message);
            return ExitCode.Failure;
        }
        catch (Exception problem) when (Failure.IsOperational(problem))
        {
            Failure.Report(errors, problem);
            return ExitCode.Failure;
        }
        finally
        {
            Close(captures);
        }
    }

    private static void AddInput(Dictionary<int, CaptureFile> captures, DataplaneConfiguration configuration, string input)
    {
        // A file's own name may hold an equals sign.
        int equals = File.Exists(input) ? -1 : input.IndexOf('=', StringComparison.Ordinal);
        string file = input[(equals + 1)..];
        string name = equals < 0 ? Path.GetFileNameWithoutExtension(file) : input[..equals];
        int row = FindPort(configuration, name);
        if (row < 0)
        {
            string known = string.Join(", ", configuration.Ports.Select(static port => port.Name));
            throw new CaptureException(input, $"there is no port '{name}'; write PORT=FILE with one of these ports: {known}");
        }
        if (captures.ContainsKey(row))
            throw new CaptureException(file, $"port '{name}' has a capture already; merge the two first (mergecap -F pcap)");
        captures.Add(row, CaptureFile.Open(file));
    }

    private static int FindPort(DataplaneConfiguration configuration, string name) =>
        configuration.Ports.Index().FirstOrDefault(row => row.Item.Name == name, (-1, null!)).Index;

    private static void RefuseOverwriting(DataplaneConfiguration configuration, IEnumerable<CaptureFile> captures, string directory)
    {
        HashSet<string> results = [.. configuration.Ports.Select(port => Path.GetFullPath(Path.Combine(directory, port.Name + ".pcap")))];
        foreach (CaptureFile capture in captures)
        {
            if (results.Contains(Path.GetFullPath(capture.Path)))
                throw new CaptureException(capture.Path, "this input would be overwritten by a result; choose another --out");
        }
    }

    private static void Close(Dictionary<int, CaptureFile> captures)
    {
        foreach (CaptureFile capture in captures.Values)
            capture.Dispose();
    }
}

using System.Text;

namespace Dataplane.Golden;

/// <summary>
/// One golden case from end to end: replay, compare each output capture and the counters, check the ledger, and read every
/// output again with tshark. All that is wrong is reported at once.
/// </summary>
internal static class GoldenRun
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static void Verify(string name)
    {
        var golden = GoldenCase.Load(name);
        using var folder = new TemporaryFolder();
        var result = Replay.Run(golden.Configuration, golden.Inputs, folder.FullPath, Limit);
        Assert.True(result.ExitCode == 0, $"{name}: replay ended with {result.ExitCode}\n{result.Errors}\n{result.Output}");
        var report = new StringBuilder();
        foreach (var (port, expected) in golden.Outputs)
        {
            var actual = folder[port + ".pcap"];
            if (!File.Exists(actual))
            {
                _ = report.AppendLine($"{port}.pcap was not written");
                continue;
            }
            _ = report.Append(FrameComparison.Differences(port, expected, actual));
            CheckDecoding(golden, port, actual, report);
        }
        CheckFlows(golden, folder, report);
        CheckCounters(golden, folder["counters.json"], report);
        Assert.True(report.Length == 0, $"{name}: {golden.Title}\n{report}");
    }

    private static void CheckCounters(GoldenCase golden, string file, StringBuilder report)
    {
        var actual = Replay.Counters(file);
        foreach (var line in CounterComparison.Violations(actual).Concat(CounterComparison.Differences(Replay.Counters(golden.Counters), actual)))
        {
            _ = report.AppendLine($"counters.json {line}");
        }
    }

    private static void CheckDecoding(GoldenCase golden, string port, string capture, StringBuilder report)
    {
        if (CaptureFile.Read(capture).Count == 0)
        {
            return;
        }
        var frames = Tshark.Decode(capture);
        var expected = golden.Decode.GetValueOrDefault(port) ?? [];
        for (var i = 0; i < frames.Count; i++)
        {
            foreach (var objection in frames[i].Wrong)
            {
                _ = report.AppendLine($"{port} frame {i + 1}: tshark says {objection}: {Tshark.Summary(capture, i)}");
            }
            foreach (var (field, value) in i < expected.Length ? expected[i] : [])
            {
                if (frames[i][field] != value)
                {
                    _ = report.AppendLine($"{port} frame {i + 1}: tshark reads {field} {frames[i][field]}, expected {value}");
                }
            }
        }
    }

    private static void CheckFlows(GoldenCase golden, TemporaryFolder folder, StringBuilder report)
    {
        var read = new Dictionary<string, IReadOnlyList<CapturedFrame>>();
        int? Port(FrameReference frame)
        {
            if (!read.TryGetValue(frame.Port, out var frames))
            {
                frames = CaptureFile.Read(folder[frame.Port + ".pcap"]);
                read.Add(frame.Port, frames);
            }
            var octets = frame.Index < frames.Count ? frames[frame.Index].Octets : [];
            var udp = EntropyPort.UdpOffset(octets);
            return udp < 0 ? null : EntropyPort.Read(octets, udp);
        }
        foreach (var flow in golden.SameFlow)
        {
            var ports = flow.Select(Port).ToArray();
            if (ports.Any(port => port is null || port != ports[0]))
            {
                _ = report.AppendLine($"frames {string.Join(", ", flow.Select(f => $"{f.Port}:{f.Index + 1}"))} are one flow, their source ports are {string.Join(", ", ports)}");
            }
        }
        if (golden.DistinctFlows is { } distinct)
        {
            var ports = distinct.Frames.Select(index => Port(new FrameReference(distinct.Port, index))).Distinct().Count();
            if (ports < distinct.AtLeast)
            {
                _ = report.AppendLine($"{distinct.Frames.Count} flows share {ports} source ports, expected {distinct.AtLeast} at least");
            }
        }
    }
}

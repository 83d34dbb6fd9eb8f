namespace Dataplane.Golden;

/// <summary>
/// A million packets of every kind, replayed twice: the same octets come out both times, the counters are the sum of what
/// the specification says of each packet, and tshark finds nothing malformed.
/// </summary>
public sealed class MixedReplayTests
{
    private const int Packets = 1_000_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [Fact]
    [Trait("Requirement", "MGT-08")]
    public void A_million_packets_replay_to_the_same_octets_and_the_counters_that_were_foretold()
    {
        using var folder = new TemporaryFolder();
        var input = folder["input"];
        var made = ChildProcess.Run("/usr/bin/python3",
            [Path.Combine(Repository.Pcaps, "make_mixed.py"), "--out", input, "--packets", $"{Packets}"], Limit, "install Debian's python3-scapy");
        Assert.True(made.ExitCode == 0, made.Errors);
        (string Port, string File)[] inputs =
        [
            .. Directory.EnumerateFiles(input, "in.*.pcap").Order(StringComparer.Ordinal)
                .Select(file => (Path.GetFileNameWithoutExtension(file)["in.".Length..], file)),
        ];
        string[] runs = [folder["first"], folder["second"]];
        foreach (var run in runs)
        {
            var result = Replay.Run(Path.Combine(input, "config.yaml"), inputs, run, Limit);
            Assert.True(result.ExitCode == 0, $"replay ended with {result.ExitCode}\n{result.Errors}\n{result.Output}");
        }

        var counters = Replay.Counters(Path.Combine(runs[0], "counters.json"));
        Assert.Empty(CounterComparison.Violations(counters));
        Assert.Empty(CounterComparison.Differences(Replay.Counters(Path.Combine(input, "counters.json")), counters));
        foreach (var name in inputs.Select(i => i.Port + ".pcap").Append("counters.json"))
        {
            Assert.True(SameOctets(Path.Combine(runs[0], name), Path.Combine(runs[1], name)), $"{name} differs between two runs");
        }
        foreach (var (port, _) in inputs)
        {
            Assert.Empty(Tshark.Objectionable(Path.Combine(runs[0], port + ".pcap")));
        }
    }

    private static bool SameOctets(string first, string second)
    {
        using var one = File.OpenRead(first);
        using var other = File.OpenRead(second);
        if (one.Length != other.Length)
        {
            return false;
        }
        Span<byte> left = new byte[1 << 16];
        Span<byte> right = new byte[1 << 16];
        for (int read; (read = one.ReadAtLeast(left, left.Length, throwOnEndOfStream: false)) > 0;)
        {
            other.ReadExactly(right[..read]);
            if (!left[..read].SequenceEqual(right[..read]))
            {
                return false;
            }
        }
        return true;
    }
}

using System.Diagnostics;
using System.Security.Cryptography;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Fuzz.Bgp;

/// <summary>
/// <c>bgp</c> on the command line. Managed code without pointers cannot end the process by a read out of bounds, so the work needs no process of its
/// own as that of the packet path does.
/// </summary>
internal static class BgpFuzzCommand
{
    private const string Usage = """
        Runs mutated BGP messages through the codec and checks what must hold for any octets of a peer.

          --seconds N    how long (60)
          --messages N   instead: how many messages
          --seed S       seed (taken from the clock)
          --corpus DIR   what is mutated; all of it is run first, and cases that fail are written there

        Exit code: 0 when all held, 1 when a case failed (its file is named), 2 for wrong arguments.
        """;

    public static int Run(ReadOnlySpan<string> args)
    {
        if (!FuzzOptions.TryRead(args, "messages", Usage, out FuzzOptions? options))
        {
            return 2;
        }

        List<BgpCase> cases = options.Corpus is null ? [] : [.. Corpus(options.Corpus)];
        var runner = new BgpRunner(options.Seed, cases);
        var clock = Stopwatch.StartNew();
        foreach (BgpCase fuzzCase in cases)
        {
            if (!Try(runner, fuzzCase, options.Corpus))
            {
                return 1;
            }
        }

        while (options.IsMore(runner.Messages, clock.Elapsed))
        {
            if (!Try(runner, runner.Next(), options.Corpus))
            {
                Console.WriteLine($"seed {options.Seed}, after {runner.Messages} messages");
                return 1;
            }
        }

        Console.WriteLine($"seed {options.Seed}: {runner.Messages} messages in {clock.Elapsed.TotalSeconds:F1} s; {runner.Target.Faults.Count} kinds of errors by attribute");
        Console.WriteLine("outcomes: " + string.Join(", ", runner.Target.Outcomes.Select(entry => $"{entry.Key} {entry.Value}")));
        return 0;
    }

    /// <summary>All cases of a directory, file by file.</summary>
    public static IEnumerable<BgpCase> Corpus(string directory) =>
        Directory.EnumerateFiles(directory, "*.case").Order(StringComparer.Ordinal).SelectMany(path => BgpCase.Parse(File.ReadAllText(path)));

    private static bool Try(BgpRunner runner, BgpCase fuzzCase, string? corpus)
    {
        try
        {
            runner.Run(fuzzCase);
            return true;
        }
        catch (RigException e)
        {
            var text = $"# {e.Message.ReplaceLineEndings(" ")}\n{fuzzCase}\n";
            Console.WriteLine(text);
            if (corpus is not null)
            {
                var path = Path.Combine(corpus, Convert.ToHexStringLower(SHA256.HashData(fuzzCase.Message))[..16] + ".case");
                File.WriteAllText(path, text);
                Console.WriteLine($"written: {path}");
            }

            return false;
        }
    }
}

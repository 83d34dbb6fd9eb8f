using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dataplane.Forwarding.Workers;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Fuzz.Fuzzing;

/// <summary>
/// The command line. A read beyond a frame ends the process that did it, so the work is done by a child; the parent turns
/// the case that the child was trying into a corpus file.
/// </summary>
internal static class FuzzCommand
{
    private const string Usage = """
        Runs random, mutated and truncated frames through the packet pipeline, frames lying against closed pages, and
        compares what comes out with a model of the specification.

          --seconds N    how long (60)
          --bursts N     instead: how many bursts; the same seed then gives the same digest
          --seed S       seed (taken from the clock)
          --corpus DIR   where cases that fail are written, and from where all cases are run first

        Exit code: 0 when all held, 1 when a case failed (its file is named), 2 for wrong arguments.
        """;

    internal static int Run(string[] args)
    {
        if (!FuzzOptions.TryRead(args, "bursts", Usage, out FuzzOptions? options))
            return 2;
        return options.Trying is null ? Supervise(options) : Work(options, options.Trying);
    }

    private static int Supervise(FuzzOptions options)
    {
        string trying = Path.Combine(Path.GetTempPath(), $"dataplane-fuzz-{Environment.ProcessId}.case");
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
            string self = typeof(FuzzCommand).Assembly.Location;
            if (!Path.GetFileNameWithoutExtension(Environment.ProcessPath!).Equals("Dataplane.Fuzz", StringComparison.Ordinal))
                start.ArgumentList.Add(self);
            string[] arguments =
            [
                "--seconds", Text(options.Seconds), "--bursts", Text(options.Count), "--seed", Text(options.Seed), "--trying", trying,
                .. options.Corpus is null ? Array.Empty<string>() : ["--corpus", options.Corpus],
            ];
            foreach (string argument in arguments)
                start.ArgumentList.Add(argument);
            using Process child = Process.Start(start) ?? throw new InvalidOperationException("cannot start the worker process");
            child.WaitForExit();
            if (child.ExitCode is 0 or 1)
                return child.ExitCode;
            Console.WriteLine($"the worker process ended with exit code {child.ExitCode} in the middle of a burst (seed {options.Seed})");
            if (File.Exists(trying))
                Save(options.Corpus, FuzzCase.Parse(TryingFile.Read(trying)), "ended the process");
            return 1;
        }
        finally
        {
            File.Delete(trying);
        }
    }

    private static int Work(FuzzOptions options, string trying)
    {
        using var file = new TryingFile(trying);
        using var runner = new FuzzRunner(options.Seed) { Trying = file.Write };
        if (options.Corpus is not null && Directory.Exists(options.Corpus))
        {
            foreach (string path in Directory.EnumerateFiles(options.Corpus, "*.case").Order(StringComparer.Ordinal))
            {
                if (!Try(runner, FuzzCase.Parse(File.ReadAllText(path)), options.Corpus))
                    return 1;
            }
        }
        var clock = Stopwatch.StartNew();
        while (options.IsMore(runner.Bursts, clock.Elapsed))
        {
            if (!Try(runner, runner.Next(), options.Corpus))
            {
                Console.WriteLine($"seed {options.Seed}, after {runner.Bursts} bursts");
                return 1;
            }
        }
        Console.WriteLine($"seed {options.Seed}: {runner.Bursts} bursts, {runner.Frames} frames in {clock.Elapsed.TotalSeconds:F1} s; {runner.Sent} sent");
        Console.WriteLine("drops: " + string.Join(", ", runner.Drops.Select(entry => $"{Forwarding.ReasonNames.Name(entry.Key)} {entry.Value}")));
        Console.WriteLine("punts: " + string.Join(", ", runner.Punts.Select(entry => $"{Forwarding.ReasonNames.Name(entry.Key)} {entry.Value}")));
        Console.WriteLine($"vectors {new InProcessWorkers().VectorBits} bits");
        Console.WriteLine($"digest {runner.Digest}");
        return 0;
    }

    private static bool Try(FuzzRunner runner, FuzzCase fuzzCase, string? corpus)
    {
        try
        {
            runner.Run(fuzzCase);
            return true;
        }
        catch (RigException e)
        {
            Console.WriteLine(e.Message);
            Save(corpus, Smallest(fuzzCase), e.Message);
            return false;
        }
    }

    // One frame alone, when that is enough to show it.
    private static FuzzCase Smallest(FuzzCase fuzzCase)
    {
        IEnumerable<FuzzCase> singles =
        [
            .. fuzzCase.Frames.Select(frame => fuzzCase with { Frames = [frame] }),
            .. fuzzCase.Injected.Select(injected => fuzzCase with { Injected = [injected] }),
        ];
        foreach (FuzzCase alone in singles)
        {
            using var runner = new FuzzRunner(0);
            try
            {
                runner.Run(alone);
            }
            catch (RigException)
            {
                return alone;
            }
        }
        return fuzzCase;
    }

    private static void Save(string? corpus, FuzzCase fuzzCase, string what)
    {
        string text = $"# {what.ReplaceLineEndings(" ")}\n{fuzzCase}";
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(fuzzCase.ToString())))[..16] + ".case";
        if (corpus is null)
        {
            Console.WriteLine(text);
            return;
        }
        Directory.CreateDirectory(corpus);
        string path = Path.Combine(corpus, name);
        File.WriteAllText(path, text);
        Console.WriteLine($"written: {path}");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

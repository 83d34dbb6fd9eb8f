using System.Diagnostics;
using System.Security.Cryptography;

namespace Dataplane.Fuzz.Xmpp;

/// <summary><c>xmpp</c> on the command line.</summary>
internal static class XmppFuzzCommand
{
    private const string Usage = """
        Runs mutated streams of a client through a server's parser, negotiation and gate, and checks what must hold for any octets.

          --seconds N    how long (60)
          --streams N    instead: how many streams
          --seed S       seed (taken from the clock)
          --corpus DIR   what is mutated; all of it is run first, and cases that fail are written there

        Exit code: 0 when all held, 1 when a case failed (its file is named), 2 for wrong arguments.
        """;

    public static int Run(ReadOnlySpan<string> args)
    {
        if (!FuzzOptions.TryRead(args, "streams", Usage, out FuzzOptions? options))
        {
            return 2;
        }

        if (options.Corpus is not { } corpus || Corpus(corpus) is not { Count: > 0 } cases)
        {
            Console.Error.WriteLine("There is no corpus to begin with.");
            return 2;
        }

        var random = new Random(options.Seed);
        var target = new XmppTarget();
        var mutator = new XmppMutator(random);
        var clock = Stopwatch.StartNew();
        long count = 0;
        foreach (byte[] stream in cases)
        {
            if (!Try(target, stream, random, corpus))
            {
                return 1;
            }
        }

        for (; options.IsMore(count, clock.Elapsed); count++)
        {
            if (!Try(target, mutator.Mutate(cases[random.Next(cases.Count)], cases[random.Next(cases.Count)]), random, corpus))
            {
                Console.WriteLine($"seed {options.Seed}, after {count} streams");
                return 1;
            }
        }

        Console.WriteLine($"seed {options.Seed}: {count} streams in {clock.Elapsed.TotalSeconds:F1} s");
        Console.WriteLine("outcomes: " + string.Join(", ", target.Outcomes.Select(entry => $"{entry.Key.Trim()} {entry.Value}")));
        return 0;
    }

    /// <summary>All streams of a directory, a file each, as their octets.</summary>
    public static IReadOnlyList<byte[]> Corpus(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*.case").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private static bool Try(XmppTarget target, byte[] stream, Random random, string corpus)
    {
        try
        {
            target.Run(stream, random);
            return true;
        }
        catch (Exception exception)
        {
            string path = Path.Combine(corpus, Convert.ToHexStringLower(SHA256.HashData(stream))[..16] + ".case");
            File.WriteAllBytes(path, stream);
            Console.WriteLine($"{path}: {exception}");
            return false;
        }
    }
}

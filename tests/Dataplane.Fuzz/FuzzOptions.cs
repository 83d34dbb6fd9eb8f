using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Dataplane.Fuzz;

/// <summary>The options that all fuzzers take: how long, or how much of what they count, from which seed, with which corpus.</summary>
internal sealed record FuzzOptions
{
    /// <summary>How long, while nothing is counted instead.</summary>
    public long Seconds { get; init; } = 60;

    /// <summary>How much of what the fuzzer counts instead; zero: by time.</summary>
    public long Count { get; init; }

    /// <summary>What the random choices come from.</summary>
    public int Seed { get; init; } = Environment.TickCount & int.MaxValue;

    /// <summary>The directory of cases.</summary>
    public string? Corpus { get; init; }

    /// <summary>Where a worker process writes the case that it is trying; null in the process that supervises it.</summary>
    public string? Trying { get; init; }

    /// <summary>Whether there is more to do.</summary>
    /// <param name="done">How much was done of what is counted.</param>
    /// <param name="elapsed">Since the beginning.</param>
    public bool IsMore(long done, TimeSpan elapsed) => Count > 0 ? done < Count : elapsed.TotalSeconds < Seconds;

    /// <summary>Reads a command line, and prints how it should be when it is not so.</summary>
    /// <param name="args">Names, each with its value.</param>
    /// <param name="counted">What <see cref="Count"/> counts: the option's name without dashes.</param>
    /// <param name="usage">What to print.</param>
    /// <param name="options">The options.</param>
    public static bool TryRead(ReadOnlySpan<string> args, string counted, string usage, [NotNullWhen(true)] out FuzzOptions? options)
    {
        options = new();
        for (var i = 0; i < args.Length && options is not null; i += 2)
        {
            options = i + 1 < args.Length ? options.With(args[i], args[i + 1], counted) : null;
        }

        if (options is null)
        {
            Console.Error.WriteLine(usage);
        }

        return options is not null;
    }

    private FuzzOptions? With(string name, string value, string counted) => name switch
    {
        "--seconds" when long.TryParse(value, CultureInfo.InvariantCulture, out var seconds) => this with { Seconds = seconds },
        "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out var seed) => this with { Seed = seed },
        "--corpus" => this with { Corpus = value },
        "--trying" => this with { Trying = value },
        _ when name == "--" + counted && long.TryParse(value, CultureInfo.InvariantCulture, out var count) => this with { Count = count },
        _ => null,
    };
}

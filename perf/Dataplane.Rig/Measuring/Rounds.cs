using Dataplane.Rig.Contenders;

namespace Dataplane.Rig.Measuring;

/// <summary>How to measure.</summary>
/// <param name="Count">Rounds that must be accepted.</param>
/// <param name="Seconds">Length of a window.</param>
internal sealed record RoundSettings(int Count, double Seconds)
{
    /// <summary>Windows in which the polling thread waited longer than this share of the time for its CPU are repeated.</summary>
    internal double MostWaited { get; init; } = 0.005;

    /// <summary>Rounds whose core speed is further from the run's median are repeated.</summary>
    internal double MostDrift { get; init; } = 0.1;

    /// <summary>Attempts at a window. All repetitions together may take as long again as the rounds wanted.</summary>
    internal int Attempts { get; init; } = 3;
}

/// <summary>A round: one window of every contender, one after the other.</summary>
/// <param name="Megahertz">Core speed just before.</param>
/// <param name="Windows">By contender, in the order of the contenders and not of the measurement.</param>
/// <param name="Undisturbed">Whether no window was left in which the polling thread waited too long.</param>
internal sealed record Round(double Megahertz, IReadOnlyList<Window> Windows, bool Undisturbed);

/// <summary>What came of measuring.</summary>
/// <param name="Accepted">Rounds that count.</param>
/// <param name="RejectedRounds">Rounds at another core speed, or disturbed in spite of repetition.</param>
/// <param name="RejectedWindows">Windows repeated.</param>
/// <param name="Quiet">False when there were too few good rounds within the bound, and disturbed ones had to do.</param>
internal sealed record Rounds(IReadOnlyList<Round> Accepted, int RejectedRounds, int RejectedWindows, bool Quiet)
{
    /// <summary>
    /// Measures contenders in alternation. The order rotates from round to round, so that no contender always comes after the
    /// same one.
    /// </summary>
    /// <param name="contenders">Who.</param>
    /// <param name="settings">How.</param>
    /// <param name="clock">Measures the core's speed in MHz.</param>
    /// <param name="clocks">Speeds met in this run so far; added to.</param>
    /// <param name="progress">Told after each round.</param>
    internal static Rounds Measure(IReadOnlyList<IContender> contenders, RoundSettings settings, Func<double> clock, List<double> clocks, Action<Round>? progress = null)
    {
        var rounds = new List<Round>();
        int rejectedWindows = 0;
        int repeatable = settings.Count * contenders.Count;
        while (Good().Count < settings.Count)
        {
            if (rounds.Count >= settings.Count && (repeatable -= contenders.Count) < 0)
                break;
            double megahertz = clock();
            clocks.Add(megahertz);
            var windows = new Window[contenders.Count];
            bool undisturbed = true;
            for (int i = 0; i < contenders.Count; i++)
            {
                int which = (i + rounds.Count) % contenders.Count;
                for (int attempt = 1; ; attempt++)
                {
                    windows[which] = contenders[which].Measure(settings.Seconds);
                    if (windows[which].Waited <= settings.MostWaited)
                        break;
                    rejectedWindows++;
                    if (attempt < settings.Attempts && repeatable-- > 0)
                        continue;
                    undisturbed = false;
                    break;
                }
            }
            rounds.Add(new Round(megahertz, windows, undisturbed));
            progress?.Invoke(rounds[^1]);
        }
        List<Round> good = Good();
        bool quiet = good.Count >= settings.Count;
        List<Round> used = quiet ? good : [.. rounds.Except(good).OrderByDescending(static round => round.Undisturbed).Take(settings.Count - good.Count), .. good];
        return new Rounds(used, rounds.Count - used.Count, rejectedWindows, quiet);

        List<Round> Good() => [.. rounds.Where(round => round.Undisturbed && Statistics.IsNear(round.Megahertz, clocks, settings.MostDrift))];
    }

    /// <summary>Rates of a contender, by accepted round.</summary>
    internal double[] Rates(int contender) => [.. Accepted.Select(round => round.Windows[contender].Rate)];

    /// <summary>What else a contender measured, by accepted round.</summary>
    internal double[] More(int contender, string name) => [.. Accepted.Select(round => round.Windows[contender].More![name])];
}

using Dataplane.Fuzz.Xmpp;

namespace Dataplane.Xmpp.Tests;

/// <summary>A short run of the fuzzer with fixed seeds, and every case that was ever found; scripts/fuzz xmpp runs longer.</summary>
public sealed class FuzzTests
{
    private static string CorpusDirectory => Path.Combine(AppContext.BaseDirectory, "corpus", "xmpp");

    public static TheoryData<string> Corpus() =>
        [.. Directory.EnumerateFiles(CorpusDirectory, "*.case").Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Corpus))]
    public void ACaseOfTheCorpusHolds(string file) =>
        new XmppTarget().Run(File.ReadAllBytes(Path.Combine(CorpusDirectory, file)), new Random(1));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void NoOctetsOfAClientEndInAnException(int seed)
    {
        var random = new Random(seed);
        var target = new XmppTarget();
        var mutator = new XmppMutator(random);
        IReadOnlyList<byte[]> cases = XmppFuzzCommand.Corpus(CorpusDirectory);
        for (int i = 0; i < 20_000; i++)
        {
            target.Run(mutator.Mutate(cases[random.Next(cases.Count)], cases[random.Next(cases.Count)]), random);
        }

        // A run that reaches little shows little.
        Assert.All(
            ["goes on", "goes on, bound", "PeerClosed ", "Violation RestrictedXml", "Violation NotWellFormed", "Violation NotAuthorized", "Violation InvalidFrom", "Violation BadFormat", "Violation PolicyViolation"],
            outcome => Assert.Contains(outcome, target.Outcomes.Keys));
    }
}

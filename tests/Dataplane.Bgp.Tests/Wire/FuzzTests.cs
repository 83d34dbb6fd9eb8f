using Dataplane.Bgp.Wire;
using Dataplane.Fuzz.Bgp;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>A short run of the fuzzer with fixed seeds, and every case that was ever found; scripts/fuzz bgp runs longer.</summary>
public class FuzzTests
{
    private static string CorpusDirectory => Path.Combine(AppContext.BaseDirectory, "corpus", "bgp");

    public static TheoryData<string> Corpus() =>
        [.. Directory.EnumerateFiles(CorpusDirectory, "*.case").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Corpus))]
    public void A_case_that_failed_once_holds_now(string file)
    {
        var target = new BgpTarget();
        foreach (BgpCase fuzzCase in BgpCase.Parse(File.ReadAllText(Path.Combine(CorpusDirectory, file))))
        {
            for (var session = 0; session < target.SessionCount; session++)
            {
                target.Run(fuzzCase.Message, session);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void No_octets_of_a_peer_end_in_an_exception(int seed)
    {
        var runner = new BgpRunner(seed, BgpFuzzCommand.Corpus(CorpusDirectory));
        while (runner.Messages < 60_000)
        {
            runner.Run(runner.Next());
        }

        // A run that reaches little shows little: every outcome and every kind of error were met.
        Assert.All(Enum.GetValues<UpdateAction>(), action => Assert.Contains($"UPDATE {action}", runner.Target.Outcomes.Keys));
        Assert.Equal(Enum.GetValues<FaultKind>(), runner.Target.Faults.Select(fault => fault.Kind).Distinct().Order());
    }

    [Fact]
    public void The_same_seed_gives_the_same_messages()
    {
        Assert.Equal(Some(5), Some(5));
        Assert.NotEqual(Some(5), Some(6));

        static string Some(int seed)
        {
            var runner = new BgpRunner(seed, BgpFuzzCommand.Corpus(CorpusDirectory));
            return string.Join('\n', Enumerable.Range(0, 50).Select(_ => runner.Next()));
        }
    }
}

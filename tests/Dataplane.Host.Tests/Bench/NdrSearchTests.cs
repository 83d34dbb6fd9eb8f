using Dataplane.Host.Bench.Trials;

namespace Dataplane.Host.Tests.Bench;

/// <summary>The search against devices whose limit is known.</summary>
public sealed class NdrSearchTests
{
    private const double Resolution = 0.01;

    /// <summary>Runs a search; the device passes exactly what <paramref name="passes"/> says.</summary>
    private static (NdrSearch Search, int Trials) Find(
        double start, double ceiling, Func<double, int, (TrialVerdict Verdict, double Achieved)> passes, int verifications = 1)
    {
        var search = new NdrSearch(start, ceiling, Resolution, verifications);
        int trials = 0;
        while (search.Next is { } rate)
        {
            Assert.InRange(rate, ceiling * 1e-5, ceiling);
            (TrialVerdict verdict, double achieved) = passes(rate, trials++);
            search.Report(verdict, achieved);
            Assert.True(trials < 200, "the search does not end");
        }
        return (search, trials);
    }

    private static (TrialVerdict, double) Limit(double rate, double limit) =>
        (rate <= limit ? TrialVerdict.Passed : TrialVerdict.Lost, rate);

    [Theory]
    [InlineData(1e6)]
    [InlineData(3.3e6)]
    [InlineData(9.7e6)]
    [InlineData(12_345)]
    public void ALimitIsFoundToTheResolutionFromAnyStart(double limit)
    {
        foreach (double start in new[] { 1e7, 5e6, limit, limit * 1.01, limit * 0.5, 20_000 })
        {
            (NdrSearch search, int trials) = Find(start, 1e7, (rate, _) => Limit(rate, limit));
            Assert.Equal(NdrBound.Found, search.Bound);
            Assert.InRange(search.Rate, limit * (1 - Resolution) - 1, limit);
            Assert.InRange(trials, 2, 60);
        }
    }

    [Fact]
    public void RandomLimitsAreFound()
    {
        var random = new Random(2544);
        for (int i = 0; i < 2000; i++)
        {
            double limit = Math.Exp(random.NextDouble() * Math.Log(1e3)) * 1e4;
            (NdrSearch search, _) = Find(random.NextDouble() * 1e7 + 1, 1e7, (rate, _) => Limit(rate, limit));
            Assert.InRange(search.Rate, limit * (1 - Resolution) - 1, Math.Min(limit, 1e7));
        }
    }

    [Fact]
    public void ADeviceFasterThanTheCeilingGivesALowerBound()
    {
        (NdrSearch search, int trials) = Find(1e7, 1e7, static (rate, _) => Limit(rate, 5e7));
        Assert.Equal((NdrBound.AtLeast, 1e7, 1), (search.Bound, search.Rate, trials));
    }

    [Fact]
    public void ADeviceThatLosesAlwaysHasNoRate()
    {
        (NdrSearch search, _) = Find(1e6, 1e7, static (rate, _) => (TrialVerdict.Lost, rate));
        Assert.Equal((NdrBound.None, 0.0), (search.Bound, search.Rate));
    }

    [Fact]
    public void AGeneratorThatIsTooSlowGivesALowerBoundAndNeverCounts()
    {
        const double Reach = 4e6;
        (NdrSearch search, _) = Find(9e6, 1e7, static (rate, _) => rate > Reach ? (TrialVerdict.GeneratorShort, Reach * 0.999) : Limit(rate, 8e6));
        Assert.Equal(NdrBound.AtLeast, search.Bound);
        Assert.InRange(search.Rate, Reach * 0.9, Reach);
    }

    [Fact]
    public void ASingleLossIsNotBelievedAndARepeatedOneIs()
    {
        // Every third trial loses by chance; with one verification two in a row are needed.
        (NdrSearch search, _) = Find(2e6, 1e7, static (rate, trial) => trial % 3 == 0 ? (TrialVerdict.Lost, rate) : Limit(rate, 4e6));
        Assert.InRange(search.Rate, 4e6 * (1 - Resolution) - 1, 4e6);
        (NdrSearch strict, _) = Find(2e6, 1e7, static (rate, trial) => trial == 0 ? (TrialVerdict.Lost, rate) : Limit(rate, 4e6), verifications: 0);
        Assert.True(strict.Rate <= 2e6);
    }

    [Fact]
    public void DisturbedTrialsAreRepeatedAndNeverCountAsLoss()
    {
        (NdrSearch search, _) = Find(2e6, 1e7, static (rate, trial) => trial % 2 == 0 ? (TrialVerdict.Disturbed, rate) : Limit(rate, 4e6));
        Assert.Equal(NdrBound.Found, search.Bound);
        Assert.InRange(search.Rate, 4e6 * (1 - Resolution) - 1, 4e6);
        (NdrSearch never, _) = Find(2e6, 1e7, static (rate, _) => rate > 1e6 ? (TrialVerdict.Disturbed, rate) : Limit(rate, 4e6));
        Assert.Equal(NdrBound.AtLeast, never.Bound);
        Assert.InRange(never.Rate, 0.5e6, 1e6);
    }
}

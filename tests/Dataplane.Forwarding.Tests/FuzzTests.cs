using System.Diagnostics;
using Dataplane.Fuzz.Fuzzing;

namespace Dataplane.Forwarding.Tests;

/// <summary>
/// A short run of the fuzzer with fixed seeds, every case that was ever found, and the same run without vector instructions.
/// scripts/fuzz runs longer.
/// </summary>
public sealed class FuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Requirement", "ARC-21")]
    [Trait("Requirement", "SEC-02")]
    [Trait("Requirement", "SEC-04")]
    [Trait("Requirement", "MGT-08")]
    public void Random_mutated_and_truncated_frames_do_what_the_model_says(int seed)
    {
        using var runner = new FuzzRunner(seed);
        while (runner.Bursts < 1500)
            runner.Run(runner.Next());
        // A run that reaches little shows little.
        DropReason[] byBudget = [DropReason.None, DropReason.PuntRateLimited, DropReason.FilterRateLimited];
        // No port of this network takes part in an election: StandbyTests.
        Assert.Equal(Enum.GetValues<DropReason>().Except([.. byBudget, DropReason.Standby]), runner.Drops.Keys);
        Assert.Equal(Enum.GetValues<PuntReason>().Except([PuntReason.None, PuntReason.Vrrp]), runner.Punts.Keys);
        Assert.True(runner.Sent > runner.Frames / 20, $"{runner.Sent} of {runner.Frames} sent");
    }

    [Fact]
    public void The_same_seed_gives_the_same_result()
    {
        Assert.Equal(Digest(5), Digest(5));
        Assert.NotEqual(Digest(5), Digest(6));
    }

    public static TheoryData<string> Corpus() =>
        [.. Directory.EnumerateFiles(CorpusDirectory, "*.case").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Corpus))]
    public void A_case_that_failed_once_holds_now(string file)
    {
        using var runner = new FuzzRunner(0);
        runner.Run(FuzzCase.Parse(File.ReadAllText(Path.Combine(CorpusDirectory, file))));
        Assert.Equal(1, runner.Bursts);
    }

    [Fact]
    public void A_case_survives_its_file()
    {
        using var runner = new FuzzRunner(9);
        for (int i = 0; i < 50; i++)
        {
            FuzzCase fuzzCase = runner.Next();
            Assert.Equal(fuzzCase.ToString(), FuzzCase.Parse(fuzzCase.ToString()).ToString());
        }
    }

    /// <summary>The pipeline's vector code has scalar and narrower forms; what comes out is the same.</summary>
    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableAVX")]
    public void Without_vector_instructions_the_same_frames_come_out(string disabled)
    {
        (int bits, string digest) = Child(null);
        (int fewer, string other) = Child(disabled);
        Assert.Equal(digest, other);
        // Where the processor had what was switched off, it was really off.
        if (disabled != "DOTNET_EnableAVX512")
            Assert.True(fewer < bits || bits <= 128, $"{disabled}=0 left {fewer} of {bits} bits");
    }

    private static string CorpusDirectory => Path.Combine(AppContext.BaseDirectory, "corpus");

    private static string Digest(int seed)
    {
        using var runner = new FuzzRunner(seed);
        while (runner.Bursts < 50)
            runner.Run(runner.Next());
        return runner.Digest;
    }

    private static (int VectorBits, string Digest) Child(string? disabled)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { typeof(FuzzRunner).Assembly.Location, "--bursts", "300", "--seed", "11" })
            start.ArgumentList.Add(argument);
        if (disabled is not null)
            start.Environment[disabled] = "0";
        using Process child = Process.Start(start)!;
        Task<string> error = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, output[..Math.Min(output.Length, 2000)] + error.Result);
        string[] lines = output.Split('\n');
        string digest = lines.Single(line => line.StartsWith("digest ", StringComparison.Ordinal));
        string bits = lines.Single(line => line.StartsWith("vectors ", StringComparison.Ordinal)).Split(' ')[1];
        return (int.Parse(bits, System.Globalization.CultureInfo.InvariantCulture), digest);
    }
}

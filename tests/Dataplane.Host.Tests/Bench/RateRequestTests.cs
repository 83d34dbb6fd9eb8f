using Dataplane.Host.Bench;

namespace Dataplane.Host.Tests.Bench;

/// <summary>What <c>--rate</c> and <c>--frame-size</c> take.</summary>
public sealed class RateRequestTests
{
    [Theory]
    [InlineData("max", RateKind.Max, 0)]
    [InlineData("original", RateKind.Captured, 1)]
    [InlineData("x2", RateKind.Captured, 2)]
    [InlineData("x0.25", RateKind.Captured, 0.25)]
    [InlineData("1.5mpps", RateKind.PacketsPerSecond, 1.5e6)]
    [InlineData("1.5 Mpps", RateKind.PacketsPerSecond, 1.5e6)]
    [InlineData("250kpps", RateKind.PacketsPerSecond, 250e3)]
    [InlineData("7pps", RateKind.PacketsPerSecond, 7)]
    [InlineData("3gbps", RateKind.BitsPerSecond, 3e9)]
    [InlineData("800mbps", RateKind.BitsPerSecond, 800e6)]
    public void RatesAreRead(string text, object kind, double value)
    {
        RateRequest rate = RateRequest.Parse(text, "--rate");
        Assert.Equal((RateKind)kind, rate.Kind);
        Assert.Equal(value, rate.Value, value * 1e-12);
        Assert.Equal(rate, RateRequest.Parse(rate.ToString(), "--rate"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fast")]
    [InlineData("x")]
    [InlineData("2x")]
    [InlineData("x0")]
    [InlineData("0pps")]
    [InlineData("-1mpps")]
    [InlineData("1mpp")]
    [InlineData("1e6pps")]
    [InlineData("5")]
    [InlineData("99999gbps")]
    public void WhatIsNoRateIsToldWithItsPlace(string text)
    {
        string message = Assert.Throws<BenchException>(() => RateRequest.Parse(text, "--rate")).Message;
        Assert.StartsWith("--rate: error: ", message, StringComparison.Ordinal);
        Assert.Contains($"'{text}'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void BitsAreThoseOfFramesWithCheckSequence()
    {
        Assert.Equal(1e9 / 512, RateRequest.Parse("1gbps", "--rate").PacketsPerSecond(64)!.Value, 1e-6);
        Assert.Equal(5, RateRequest.Parse("5pps", "--rate").PacketsPerSecond(64));
        Assert.Null(RateRequest.Parse("x2", "--rate").PacketsPerSecond(64));
        Assert.Null(RateRequest.Max.PacketsPerSecond(64));
    }

    [Fact]
    public void FrameSizesAreListsWithTheMix()
    {
        IReadOnlyList<FrameSize> sizes = FrameSize.ParseList(["64,128", "imix", "1518"]);
        Assert.Equal(["64", "128", "imix", "1518"], sizes.Select(static size => size.Name));
        Assert.Equal((7, 4, 1), (FrameSize.Mix.Cycle.Count(static one => one == 64), FrameSize.Mix.Cycle.Count(static one => one == 594), FrameSize.Mix.Cycle.Count(static one => one == 1518)));
        foreach (string bad in new[] { "63", "9601", "", "64,64", "64;65", "sixty" })
            Assert.StartsWith("--frame-size: error: ", Assert.Throws<BenchException>(() => FrameSize.ParseList([bad])).Message, StringComparison.Ordinal);
    }
}

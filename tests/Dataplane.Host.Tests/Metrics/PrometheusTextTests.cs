using Dataplane.Host.Metrics;

namespace Dataplane.Host.Tests.Metrics;

public sealed class PrometheusTextTests
{
    private readonly PrometheusText _text = new();

    [Fact]
    public void AFamilyHasHelpTypeAndSamples()
    {
        _text.Family("dataplane_drops_total", MetricKind.Counter, "Packets dropped.");
        _text.Sample(18446744073709551615UL, new MetricLabel("reason", "no-route"));
        _text.Sample(0UL, new("reason", "martian"), new("port", "a"));
        _text.Family("dataplane_gap_seconds", MetricKind.Gauge, "Longest gap.");
        _text.Sample(0.000125);
        Assert.Equal(
            """
            # HELP dataplane_drops_total Packets dropped.
            # TYPE dataplane_drops_total counter
            dataplane_drops_total{reason="no-route"} 18446744073709551615
            dataplane_drops_total{reason="martian",port="a"} 0
            # HELP dataplane_gap_seconds Longest gap.
            # TYPE dataplane_gap_seconds gauge
            dataplane_gap_seconds 0.000125

            """,
            _text.ToString());
    }

    [Fact]
    public void TextIsEscapedWhereTheFormatAsksForIt()
    {
        _text.Family("a", MetricKind.Gauge, "one\\two\nthree \"four\"");
        _text.Sample(1UL, new MetricLabel("name", "back\\slash \"quote\"\nline"));
        Assert.Equal(
            "# HELP a one\\\\two\\nthree \"four\"\n# TYPE a gauge\na{name=\"back\\\\slash \\\"quote\\\"\\nline\"} 1\n",
            _text.ToString());
    }

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(1e-7, "1E-07")]
    [InlineData(1234567.5, "1234567.5")]
    public void NumbersAreWrittenAsTheFormatKnowsThem(double value, string expected)
    {
        _text.Family("a", MetricKind.Gauge, "A.");
        _text.Sample(value);
        Assert.EndsWith($"\na {expected}\n", _text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void BucketsAreCumulative()
    {
        _text.Family("gap_seconds", MetricKind.Histogram, "Gaps.");
        _text.Histogram([0.5, 1], [3, 0, 2], 4.25, new MetricLabel("worker", "0"));
        Assert.Equal(
            """
            # HELP gap_seconds Gaps.
            # TYPE gap_seconds histogram
            gap_seconds_bucket{worker="0",le="0.5"} 3
            gap_seconds_bucket{worker="0",le="1"} 3
            gap_seconds_bucket{worker="0",le="+Inf"} 5
            gap_seconds_sum{worker="0"} 4.25
            gap_seconds_count{worker="0"} 5

            """,
            _text.ToString());
    }

    [Fact]
    public void ASummaryHasCountAndSum()
    {
        _text.Family("scrape_seconds", MetricKind.Summary, "Scrapes.");
        _text.Summary(2, 0.5);
        Assert.EndsWith("scrape_seconds_sum 0.5\nscrape_seconds_count 2\n", _text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void WrongNamesAreDefects()
    {
        _text.Family("a_total", MetricKind.Counter, "A.");
        Assert.Throws<ArgumentException>(() => _text.Family("a_total", MetricKind.Counter, "Again."));
        Assert.Throws<ArgumentException>(() => _text.Family("b", MetricKind.Counter, "No suffix."));
        Assert.Throws<ArgumentException>(() => _text.Family("b_total", MetricKind.Gauge, "A suffix."));
        Assert.Throws<ArgumentException>(() => _text.Family("camelCase", MetricKind.Gauge, "Case."));
        Assert.Throws<ArgumentException>(() => _text.Sample(1UL, new MetricLabel("a-b", "")));
    }

    [Fact]
    public void SamplesFitTheirFamily()
    {
        Assert.Throws<InvalidOperationException>(() => _text.Sample(1UL));
        _text.Family("a_seconds", MetricKind.Histogram, "A.");
        Assert.Throws<InvalidOperationException>(() => _text.Sample(1UL));
        Assert.Throws<ArgumentException>(() => _text.Histogram([1], [1], 1));
        Assert.Throws<ArgumentException>(() => _text.Summary(1, 1));
    }
}

using System.Diagnostics.Metrics;
using Dataplane.Host.Metrics;

namespace Dataplane.Host.Tests.Metrics;

public sealed class InstrumentCollectorTests : IDisposable
{
    private readonly Meter _meter = new("Dataplane.CollectorTests");
    private readonly InstrumentCollector _collector = new();

    public void Dispose()
    {
        _collector.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void CountersAddUpByTags()
    {
        Counter<long> updates = _meter.CreateCounter<long>("dataplane.test.updates", description: "Updates.");
        updates.Add(2, new("peer.address", "a"), new KeyValuePair<string, object?>("family", 4));
        updates.Add(3, new("family", 4), new KeyValuePair<string, object?>("peer.address", "a"));
        updates.Add(1, new KeyValuePair<string, object?>("family", 6));
        string text = Write();
        Assert.Contains("# HELP dataplane_test_updates_total Updates.\n# TYPE dataplane_test_updates_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains("dataplane_test_updates_total{family=\"4\",peer_address=\"a\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("dataplane_test_updates_total{family=\"6\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ObservablesAreReadWhenWritten()
    {
        int routes = 7;
        _meter.CreateObservableGauge("dataplane.test.routes", () => routes);
        Assert.Contains("dataplane_test_routes 7\n", Write(), StringComparison.Ordinal);
        routes = 5;
        Assert.Contains("# TYPE dataplane_test_routes gauge\ndataplane_test_routes 5\n", Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void UnitsBecomeSuffixes()
    {
        Histogram<double> duration = _meter.CreateHistogram<double>("dataplane.test.duration", "s");
        _meter.CreateUpDownCounter<int>("dataplane.test.memory", "By").Add(-3);
        duration.Record(0.25);
        duration.Record(0.5);
        string text = Write();
        Assert.Contains("# TYPE dataplane_test_duration_seconds summary\n", text, StringComparison.Ordinal);
        Assert.Contains("dataplane_test_duration_seconds_sum 0.75\ndataplane_test_duration_seconds_count 2\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE dataplane_test_memory_bytes gauge\ndataplane_test_memory_bytes -3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void MetersOfOthersAreLeftOut()
    {
        using var other = new Meter("Somebody.Else");
        other.CreateCounter<int>("somebody.requests").Add(1);
        Assert.DoesNotContain("somebody", Write(), StringComparison.Ordinal);
    }

    private string Write()
    {
        var text = new PrometheusText();
        _collector.Write(text);
        return text.ToString();
    }
}

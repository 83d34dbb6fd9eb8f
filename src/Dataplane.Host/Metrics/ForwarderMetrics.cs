using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Dataplane.Dpdk;
using Dataplane.Host.Configuration;
using Dataplane.Host.EndSystem;
using Dataplane.Host.Forwarding;

namespace Dataplane.Host.Metrics;

/// <summary>Everything that <c>/metrics</c> shows. Any thread.</summary>
internal sealed class ForwarderMetrics : IDisposable
{
    private readonly ForwarderService _service;
    private readonly Func<Management.GatewayAccess?>? _gateway;
    private readonly EndSystemService? _endSystem;
    private readonly bool _perClient;
    private readonly InstrumentCollector _instruments = new();
    private readonly Meter _meter = new("Dataplane.Host");
    private readonly Histogram<double> _scrapeDuration;

    /// <summary>Shows a forwarder.</summary>
    /// <param name="service">The forwarder.</param>
    /// <param name="configuration">Says which clients have series of their own.</param>
    /// <param name="management">The gateway, where there is one.</param>
    /// <param name="endSystem">The client side of signaling, where there is one.</param>
    public ForwarderMetrics(
        ForwarderService service, DataplaneConfiguration configuration, Management.ManagementSetup? management = null, EndSystemService? endSystem = null)
    {
        _service = service;
        _endSystem = endSystem;
        _perClient = configuration.Metrics.PerClient;
        _gateway = management?.Access;
        _scrapeDuration = _meter.CreateHistogram<double>("dataplane.scrape.duration", "s", "Time that it took to collect these metrics.");
    }

    /// <summary>Collects them; a forwarder that does not run is left out.</summary>
    public string Collect()
    {
        long start = Stopwatch.GetTimestamp();
        var text = new PrometheusText();
        _service.TryRead(
            forwarder =>
            {
                WriteBuild(text, forwarder);
                DatapathMetrics.Write(text, forwarder);
                FilterMetrics.Write(text, forwarder);
                MachineryMetrics.Write(text, forwarder);
                VrrpMetrics.Write(text, forwarder);
                return text;
            },
            out _);
        if (_gateway?.Invoke() is { } gateway)
        {
            GatewayMetrics.Write(text, gateway, _perClient);
        }
        if (_endSystem?.Runtime is { } endSystem)
        {
            EndSystemMetrics.Write(text, endSystem);
            if (endSystem.Times is { } times)
                PropagationMetrics.Write(text, times);
        }
        ProcessMetrics.Write(text);
        _instruments.Write(text);
        _scrapeDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        return text.ToString();
    }

    /// <summary>Ends the collection.</summary>
    public void Dispose()
    {
        _meter.Dispose();
        _instruments.Dispose();
    }

    private static void WriteBuild(PrometheusText text, Forwarder forwarder)
    {
        text.Family("dataplane_build_info", MetricKind.Gauge, "1, with what was built and what it runs on.");
        text.Sample(1UL, new("version", ProgramVersion.Current.Number), new("commit", ProgramVersion.Current.Commit),
            new("dpdk", Eal.LibraryVersion), new("worker_runtime", forwarder.Runtime.Name),
            new("vector_bits", forwarder.Runtime.VectorBits.ToString(CultureInfo.InvariantCulture)));
    }
}

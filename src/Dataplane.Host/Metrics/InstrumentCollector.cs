using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Dataplane.Host.Metrics;

/// <summary>
/// Collects the instruments of <see cref="System.Diagnostics.Metrics"/> that belong to this program's meters. An
/// instrument <c>dataplane.bgp.updates</c> becomes <c>dataplane_bgp_updates_total</c>; units <c>s</c> and <c>By</c> become
/// <c>_seconds</c> and <c>_bytes</c>; histograms become a count and a sum. Thread-safe.
/// </summary>
internal sealed class InstrumentCollector : IDisposable
{
    private const string MeterPrefix = "Dataplane.";
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, Series> _series = new();

    /// <summary>Starts to listen.</summary>
    public InstrumentCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal))
                return;
            _series.TryAdd(instrument, new Series());
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.MeasurementsCompleted = (instrument, _) => _series.TryRemove(instrument, out Series? _);
        _listener.SetMeasurementEventCallback<byte>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<short>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<float>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((instrument, value, tags, _) => Record(instrument, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Writes all instruments, by name.</summary>
    public void Write(PrometheusText text)
    {
        _listener.RecordObservableInstruments();
        foreach ((Instrument instrument, Series series) in _series.OrderBy(static row => row.Key.Name, StringComparer.Ordinal))
        {
            MetricKind kind = KindOf(instrument);
            text.Family(NameOf(instrument), kind, instrument.Description ?? instrument.Name);
            series.Write(text, kind);
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _listener.Dispose();

    /// <summary>The instrument's name in the exposition.</summary>
    internal static string NameOf(Instrument instrument)
    {
        string name = instrument.Name.Replace('.', '_').Replace('-', '_').ToLowerInvariant();
        name += instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return KindOf(instrument) == MetricKind.Counter ? name + "_total" : name;
    }

    private static MetricKind KindOf(Instrument instrument)
    {
        Type kind = instrument.GetType().GetGenericTypeDefinition();
        return kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? MetricKind.Counter
            : kind == typeof(Histogram<>) ? MetricKind.Summary
            : MetricKind.Gauge;
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_series.TryGetValue(instrument, out Series? series))
            return;
        // Observables and gauges report totals, the others changes.
        bool replaces = instrument.IsObservable || instrument.GetType().GetGenericTypeDefinition() == typeof(Gauge<>);
        series.Record(value, tags, replaces);
    }

    /// <summary>The values of one instrument, by tags.</summary>
    private sealed class Series
    {
        private readonly SortedDictionary<string, Value> _values = new(StringComparer.Ordinal);

        public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, bool replaces)
        {
            var labels = new MetricLabel[tags.Length];
            for (int i = 0; i < tags.Length; i++)
                labels[i] = new MetricLabel(tags[i].Key.Replace('.', '_').Replace('-', '_').ToLowerInvariant(), tags[i].Value?.ToString() ?? "");
            Array.Sort(labels, static (left, right) => string.CompareOrdinal(left.Name, right.Name));
            string key = string.Join('\0', labels.Select(static label => $"{label.Name}\0{label.Value}"));
            lock (_values)
            {
                if (!_values.TryGetValue(key, out Value? row))
                    _values[key] = row = new Value(labels);
                row.Count++;
                row.Sum = replaces ? value : row.Sum + value;
            }
        }

        public void Write(PrometheusText text, MetricKind kind)
        {
            lock (_values)
            {
                foreach (Value row in _values.Values)
                {
                    if (kind == MetricKind.Summary)
                        text.Summary(row.Count, row.Sum, row.Labels);
                    else
                        text.Sample(row.Sum, row.Labels);
                }
            }
        }
    }

    private sealed class Value(MetricLabel[] labels)
    {
        public MetricLabel[] Labels { get; } = labels;

        public ulong Count { get; set; }

        public double Sum { get; set; }
    }
}

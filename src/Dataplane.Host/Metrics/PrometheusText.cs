using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Dataplane.Host.Metrics;

/// <summary>What a family of samples is.</summary>
internal enum MetricKind
{
    /// <summary>Only goes up; its name ends in <c>_total</c>.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Cumulative buckets, a count and a sum.</summary>
    Histogram,

    /// <summary>A count and a sum.</summary>
    Summary,
}

/// <summary>A label of a sample.</summary>
/// <param name="Name">Snake case.</param>
/// <param name="Value">Any text.</param>
internal readonly record struct MetricLabel(string Name, string Value);

/// <summary>
/// Writes the Prometheus text exposition format 0.0.4. The only place that knows the format: another exposition would
/// replace this file. Names and the order of calls are the program's own, so a wrong one is a defect and throws.
/// </summary>
internal sealed partial class PrometheusText
{
    /// <summary>Content type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _families = [];
    private string _family = "";
    private MetricKind _kind;

    /// <summary>Begins a family; the samples that follow belong to it.</summary>
    /// <param name="name">Snake case, with the base unit (<c>_seconds</c>, <c>_bytes</c>), and <c>_total</c> for counters.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="help">One sentence or more.</param>
    /// <exception cref="ArgumentException">The name is not one, or was used before.</exception>
    public void Family(string name, MetricKind kind, string help)
    {
        if (!NamePattern().IsMatch(name))
            throw new ArgumentException($"'{name}' is no name of a metric", nameof(name));
        if (name.EndsWith("_total", StringComparison.Ordinal) != (kind == MetricKind.Counter))
            throw new ArgumentException($"'{name}': counters, and only they, end in _total", nameof(name));
        if (!_families.Add(name))
            throw new ArgumentException($"'{name}' was written already", nameof(name));
        _family = name;
        _kind = kind;
        _text.Append("# HELP ").Append(name).Append(' ');
        AppendEscaped(help, quoted: false);
        _text.Append("\n# TYPE ").Append(name).Append(' ').Append(kind.ToString().ToLowerInvariant()).Append('\n');
    }

    /// <summary>Writes a sample of a counter or gauge.</summary>
    public void Sample(ulong value, params ReadOnlySpan<MetricLabel> labels) =>
        AppendPlain(value.ToString(CultureInfo.InvariantCulture), labels);

    /// <summary>Writes a sample of a counter or gauge.</summary>
    public void Sample(double value, params ReadOnlySpan<MetricLabel> labels) => AppendPlain(Number(value), labels);

    /// <summary>Writes a sample of a histogram.</summary>
    /// <param name="bounds">Upper bounds of the buckets, ascending, without infinity.</param>
    /// <param name="counts">Observations of each bucket, not cumulative; the last element counts those above all bounds.</param>
    /// <param name="sum">Sum of the observations.</param>
    /// <param name="labels">Labels.</param>
    public void Histogram(
        ReadOnlySpan<double> bounds, ReadOnlySpan<ulong> counts, double sum, params ReadOnlySpan<MetricLabel> labels)
    {
        if (_kind != MetricKind.Histogram || counts.Length != bounds.Length + 1)
            throw new ArgumentException($"'{_family}' is no histogram of {bounds.Length} bounds", nameof(counts));
        ulong cumulative = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            cumulative += counts[i];
            string bound = i < bounds.Length ? Number(bounds[i]) : "+Inf";
            AppendSample("_bucket", cumulative.ToString(CultureInfo.InvariantCulture), labels, new MetricLabel("le", bound));
        }
        AppendSample("_sum", Number(sum), labels, default);
        AppendSample("_count", cumulative.ToString(CultureInfo.InvariantCulture), labels, default);
    }

    /// <summary>Writes a sample of a summary.</summary>
    public void Summary(ulong count, double sum, params ReadOnlySpan<MetricLabel> labels)
    {
        if (_kind != MetricKind.Summary)
            throw new ArgumentException($"'{_family}' is no summary", nameof(count));
        AppendSample("_sum", Number(sum), labels, default);
        AppendSample("_count", count.ToString(CultureInfo.InvariantCulture), labels, default);
    }

    /// <summary>All that was written.</summary>
    public override string ToString() => _text.ToString();

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : double.IsNaN(value) ? "NaN"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private void AppendPlain(string value, ReadOnlySpan<MetricLabel> labels)
    {
        if (_kind is MetricKind.Histogram or MetricKind.Summary)
            throw new InvalidOperationException($"'{_family}' has no plain samples");
        AppendSample("", value, labels, default);
    }

    private void AppendSample(string suffix, string value, ReadOnlySpan<MetricLabel> labels, MetricLabel last)
    {
        if (_family.Length == 0)
            throw new InvalidOperationException("a sample needs a family");
        _text.Append(_family).Append(suffix);
        char separator = '{';
        foreach (MetricLabel label in labels)
            AppendLabel(label, ref separator);
        if (last.Name is not null)
            AppendLabel(last, ref separator);
        if (separator == ',')
            _text.Append('}');
        _text.Append(' ').Append(value).Append('\n');
    }

    private void AppendLabel(MetricLabel label, ref char separator)
    {
        if (!NamePattern().IsMatch(label.Name))
            throw new ArgumentException($"'{label.Name}' is no name of a label", nameof(label));
        _text.Append(separator).Append(label.Name).Append("=\"");
        AppendEscaped(label.Value, quoted: true);
        _text.Append('"');
        separator = ',';
    }

    private void AppendEscaped(string text, bool quoted)
    {
        foreach (char c in text)
        {
            _ = c switch
            {
                '\\' => _text.Append(@"\\"),
                '\n' => _text.Append(@"\n"),
                '"' when quoted => _text.Append("\\\""),
                _ => _text.Append(c),
            };
        }
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]*\z")]
    private static partial Regex NamePattern();
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Dataplane.EndToEnd.Lab;

/// <summary>One scrape in the Prometheus text format.</summary>
public sealed partial class Exposition
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples = [];

    public static Exposition Parse(string text)
    {
        Exposition exposition = new();
        foreach (string line in text.Split('\n'))
        {
            Match sample = Sample().Match(line);
            if (sample.Success)
            {
                Dictionary<string, string> labels = Label().Matches(sample.Groups[2].Value)
                    .ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value);
                exposition._samples.Add((sample.Groups[1].Value, labels, Number(sample.Groups[3].Value)));
            }
        }

        return exposition;
    }

    public bool Has(string name) => _samples.Any(sample => sample.Name == name);

    /// <summary>The sum over all samples of a metric whose labels include the given ones; 0 when there is none.</summary>
    public double Sum(string name, params (string Name, string Value)[] labels) => _samples
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value))
        .Sum(sample => sample.Value);

    /// <summary>The different values of a label over all samples of a metric.</summary>
    public IReadOnlyList<string> LabelsOf(string name, string label) =>
        [.. _samples.Where(sample => sample.Name == name && sample.Labels.ContainsKey(label)).Select(sample => sample.Labels[label]).Distinct()];

    /// <summary>A number as the format writes it, infinity included.</summary>
    public static double Number(string text) => text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)")]
    private static partial Regex Sample();

    [GeneratedRegex("""(\w+)="((?:[^"\\]|\\.)*)["]""")]
    private static partial Regex Label();
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Dataplane.Host.Bench;

/// <summary>How fast frames are to be sent.</summary>
internal enum RateKind
{
    /// <summary>As fast as the generator can.</summary>
    Max,

    /// <summary>As the capture's times say, scaled by <see cref="RateRequest.Value"/>.</summary>
    Captured,

    /// <summary><see cref="RateRequest.Value"/> frames per second.</summary>
    PacketsPerSecond,

    /// <summary><see cref="RateRequest.Value"/> bits of frames per second: layer 2, frame check sequence included.</summary>
    BitsPerSecond,
}

/// <summary>A rate: <c>max</c>, <c>original</c>, <c>x2</c>, <c>1.5mpps</c>, <c>3gbps</c>.</summary>
/// <param name="Kind">What <paramref name="Value"/> is.</param>
/// <param name="Value">Factor, frames per second or bits per second; 0 for <see cref="RateKind.Max"/>.</param>
internal readonly partial record struct RateRequest(RateKind Kind, double Value)
{
    private const double Fastest = 1e12;

    /// <summary>As fast as possible.</summary>
    public static RateRequest Max => new(RateKind.Max, 0);

    /// <summary>A fixed number of frames per second.</summary>
    public static RateRequest Packets(double perSecond) => new(RateKind.PacketsPerSecond, perSecond);

    /// <summary>Reads a rate.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="place">The option, for the message.</param>
    /// <exception cref="BenchException">It is none.</exception>
    public static RateRequest Parse(string text, string place)
    {
        string lower = text.Trim().ToLowerInvariant();
        if (lower == "max")
            return Max;
        if (lower == "original")
            return new RateRequest(RateKind.Captured, 1);
        Match match = Form().Match(lower);
        if (!match.Success)
        {
            throw new BenchException(
                place, $"'{text}' is not a rate; write original, x2, x0.5, max, 250kpps, 1.5mpps, 800mbps or 3gbps");
        }
        double value = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        value *= match.Groups["scale"].Value switch { "k" => 1e3, "m" => 1e6, "g" => 1e9, _ => 1 };
        if (value is <= 0 or > Fastest)
            throw new BenchException(place, $"'{text}' is out of range: a rate is more than zero, and no more than any machine can do");
        return match.Groups["factor"].Success ? new RateRequest(RateKind.Captured, value)
            : match.Groups["unit"].Value == "pps" ? new RateRequest(RateKind.PacketsPerSecond, value)
            : new RateRequest(RateKind.BitsPerSecond, value);
    }

    /// <summary>Frames per second for frames of an average size; null when the rate is not a fixed one.</summary>
    /// <param name="meanOctets">Octets of a frame with FCS.</param>
    public double? PacketsPerSecond(double meanOctets) => Kind switch
    {
        RateKind.PacketsPerSecond => Value,
        RateKind.BitsPerSecond => Value / (8 * meanOctets),
        _ => null,
    };

    /// <summary>In the form it is given in.</summary>
    public override string ToString() => Kind switch
    {
        RateKind.Max => "max",
        RateKind.Captured => Value == 1 ? "original" : string.Create(CultureInfo.InvariantCulture, $"x{Value:0.######}"),
        RateKind.PacketsPerSecond => Scaled("pps"),
        _ => Scaled("bps"),
    };

    private string Scaled(string unit)
    {
        (double divisor, string prefix) = Value switch { >= 1e9 => (1e9, "g"), >= 1e6 => (1e6, "m"), >= 1e3 => (1e3, "k"), _ => (1.0, "") };
        return string.Create(CultureInfo.InvariantCulture, $"{Value / divisor:0.######}{prefix}{unit}");
    }

    [GeneratedRegex(@"^(?:(?<factor>x)(?<number>\d{1,12}(\.\d{1,9})?)|(?<number>\d{1,12}(\.\d{1,9})?) ?(?<scale>[kmg]?)(?<unit>pps|bps))\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}

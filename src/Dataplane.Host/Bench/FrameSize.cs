using System.Globalization;

namespace Dataplane.Host.Bench;

/// <summary>
/// A frame size of RFC 2544 section 9.1, frame check sequence included, or a mix of sizes (RFC 6985). Without
/// <see cref="Cycle"/> frames stay as long as they were captured.
/// </summary>
/// <param name="Name">As given and shown: <c>64</c>, <c>imix</c>, <c>captured</c>.</param>
/// <param name="Cycle">Sizes in octets with FCS, taken in turn; empty for captured frames.</param>
internal sealed record FrameSize(string Name, IReadOnlyList<int> Cycle)
{
    /// <summary>Octets of the frame check sequence, which buffers do not hold.</summary>
    public const int Fcs = 4;

    /// <summary>Shortest Ethernet frame.</summary>
    public const int Shortest = 64;

    /// <summary>Longest frame that the bench makes.</summary>
    public const int Longest = 9600;

    private const string MixName = "imix";

    /// <summary>Frames as they were captured.</summary>
    public static FrameSize Captured { get; } = new("captured", []);

    /// <summary>The simple Internet mix, 7 : 4 : 1, spread as evenly as twelve frames allow.</summary>
    public static FrameSize Mix { get; } = new(MixName, [64, 594, 64, 64, 594, 64, 1518, 64, 594, 64, 594, 64]);

    /// <summary>Reads a list such as <c>64,512,imix</c>.</summary>
    /// <exception cref="BenchException">An entry is no size, or appears twice.</exception>
    public static IReadOnlyList<FrameSize> ParseList(IEnumerable<string> texts)
    {
        var sizes = new List<FrameSize>();
        foreach (string text in texts.SelectMany(static text => text.Split(',', StringSplitOptions.TrimEntries)))
        {
            FrameSize size = Parse(text);
            if (sizes.Exists(other => other.Name == size.Name))
                throw new BenchException("--frame-size", $"{size.Name} is there twice");
            sizes.Add(size);
        }
        return sizes;
    }

    private static FrameSize Parse(string text)
    {
        if (text == MixName)
            return Mix;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int octets))
            throw new BenchException("--frame-size", $"'{text}' is neither a number of octets nor 'imix'");
        if (octets is < Shortest or > Longest)
        {
            throw new BenchException(
                "--frame-size", $"{octets} is out of range: {Shortest} to {Longest} octets, the frame check sequence included");
        }
        return new FrameSize(octets.ToString(CultureInfo.InvariantCulture), [octets]);
    }
}

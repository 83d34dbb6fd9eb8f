using System.Text;

namespace Dataplane.Golden;

/// <summary>Compares two captures frame by frame: order, time, octets; entropy source ports aside.</summary>
internal static class FrameComparison
{
    private const int Shown = 5;
    private const int Row = 16;

    /// <summary>A readable account of every difference (the first few in full), empty when there is none.</summary>
    public static string Differences(string port, string expectedFile, string actualFile)
    {
        var expected = CaptureFile.Read(expectedFile);
        var actual = CaptureFile.Read(actualFile);
        var text = new StringBuilder();
        var different = 0;
        if (expected.Count != actual.Count)
        {
            _ = text.AppendLine($"{port}: {actual.Count} frames, expected {expected.Count}");
        }
        for (var i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            var want = i < expected.Count ? expected[i] : null;
            var have = i < actual.Count ? actual[i] : null;
            var problem = Problem(want, have);
            if (problem is null)
            {
                continue;
            }
            if (++different > Shown)
            {
                continue;
            }
            _ = text.AppendLine($"{port} frame {i + 1}: {problem}");
            _ = text.AppendLine($"  expected: {(want is null ? "-" : Tshark.Summary(expectedFile, i))}");
            _ = text.AppendLine($"  actual:   {(have is null ? "-" : Tshark.Summary(actualFile, i))}");
            Hex(text, want?.Octets ?? [], have?.Octets ?? []);
        }
        if (different > Shown)
        {
            _ = text.AppendLine($"{port}: {different - Shown} more frames differ");
        }
        return text.ToString();
    }

    private static string? Problem(CapturedFrame? expected, CapturedFrame? actual)
    {
        if (expected is null)
        {
            return "not expected";
        }
        if (actual is null)
        {
            return "missing";
        }
        var octets = actual.Octets;
        var udp = EntropyPort.UdpOffset(octets);
        if (udp >= 0 && EntropyPort.UdpOffset(expected.Octets) == udp)
        {
            var entropy = EntropyPort.Read(octets, udp);
            if (entropy < EntropyPort.Lowest)
            {
                return $"UDP source port {entropy} is outside 49152..65535";
            }
            octets = EntropyPort.WithPort(octets, udp, EntropyPort.Read(expected.Octets, udp));
        }
        if (!octets.AsSpan().SequenceEqual(expected.Octets))
        {
            return octets.Length == expected.Octets.Length ? "octets differ" : $"{octets.Length} octets, expected {expected.Octets.Length}";
        }
        return actual.Nanoseconds == expected.Nanoseconds ? null
            : $"captured {(actual.Nanoseconds - expected.Nanoseconds) / 1000} microseconds late";
    }

    private static void Hex(StringBuilder text, byte[] expected, byte[] actual)
    {
        for (var at = 0; at < Math.Max(expected.Length, actual.Length); at += Row)
        {
            var want = Slice(expected, at);
            var have = Slice(actual, at);
            if (want.SequenceEqual(have))
            {
                continue;
            }
            _ = text.AppendLine($"  {at:x4} - {Line(want)}").AppendLine($"       + {Line(have)}");
            var marks = string.Concat(Enumerable.Range(0, Row).Select(i =>
                i < want.Length && i < have.Length && want[i] == have[i] ? "   " : i < want.Length || i < have.Length ? "^^ " : ""));
            _ = text.AppendLine($"         {marks.TrimEnd()}");
        }
    }

    private static byte[] Slice(byte[] octets, int at) => at >= octets.Length ? [] : octets[at..Math.Min(at + Row, octets.Length)];

    private static string Line(byte[] octets) => string.Join(' ', octets.Select(o => o.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
}

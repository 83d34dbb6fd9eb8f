using System.Text;

namespace Dataplane.Dpdk;

/// <summary>What DPDK logs. It collects in the shim (64 KiB, the oldest goes first); taking it out empties it.</summary>
internal static class EalLog
{
    private const int Capacity = 64 * 1024;
    private const int ReasonLines = 6;

    /// <summary>Follows every failure to attach and adds nothing.</summary>
    private const string Consequence = "EAL: Failed to attach device on primary process";

    /// <summary>Everything logged since the last call.</summary>
    internal static unsafe string Take()
    {
        byte[] buffer = new byte[Capacity];
        fixed (byte* start = buffer)
            return Encoding.UTF8.GetString(buffer, 0, Shim.LogTake(start, Capacity));
    }

    /// <summary>The last few lines logged since the last call, joined for an exception's message.</summary>
    internal static string Reason() => Shorten(Take());

    /// <summary>Drops EAL's usage text, empty lines and repetition, and keeps the last lines.</summary>
    internal static string Shorten(string log)
    {
        List<string> lines = [];
        bool inUsage = false;
        foreach (string raw in log.Split('\n'))
        {
            string line = raw.TrimEnd();
            // EAL prints its usage between blank lines, with options indented; its messages are not indented.
            if (line.StartsWith("Usage: ", StringComparison.Ordinal))
                inUsage = true;
            else if (inUsage && line.StartsWith("EAL: ", StringComparison.Ordinal))
                inUsage = false;
            line = line.TrimEnd('.');
            if (!inUsage && line.Length > 0 && !line.StartsWith(Consequence, StringComparison.Ordinal) && !lines.Contains(line))
                lines.Add(line);
        }
        return string.Join("; ", lines.Skip(Math.Max(0, lines.Count - ReasonLines)));
    }
}

using System.Globalization;

namespace Dataplane.Bgp.Export.Mrt;

/// <summary>
/// A series of files named by a pattern: the next one begins at a multiple of the rotation time, or when one is full; the oldest are removed. One
/// thread at a time.
/// </summary>
internal sealed class MrtFile(string directory, string pattern, TimeSpan rotation, long maximumBytes, int keep) : IDisposable
{
    private readonly List<string> _written = [];
    private FileStream? _stream;
    private long _period;

    /// <summary>The file that is being written; null: none.</summary>
    internal string? Path => _stream?.Name;

    /// <summary>Writes a record into the file of its time.</summary>
    internal void Write(ReadOnlySpan<byte> record, DateTimeOffset time)
    {
        var period = rotation > TimeSpan.Zero ? time.UtcTicks / rotation.Ticks : 0;
        if (_stream is null || period != _period || (_stream.Position > 0 && _stream.Position + record.Length > maximumBytes))
        {
            // The name of a period is that of its beginning, so that tools find it; a file that begins later in it has a number more.
            var begin = rotation > TimeSpan.Zero ? new DateTimeOffset(period * rotation.Ticks, TimeSpan.Zero) : time;
            Open(begin);
            _period = period;
        }

        _stream!.Write(record);
    }

    /// <summary>Writes out what is buffered.</summary>
    internal void Flush() => _stream?.Flush();

    /// <summary>Ends the file; the next record begins another.</summary>
    public void Dispose()
    {
        _stream?.Dispose();
        _stream = null;
    }

    /// <summary>A pattern with the parts of a time in it: %Y %m %d %H %M %S and %%.</summary>
    internal static string Expand(string pattern, DateTimeOffset time)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            var format = pattern[i] == '%' && i + 1 < pattern.Length ? pattern[++i] : '\0';
            _ = text.Append(format switch
            {
                '\0' => pattern[i].ToString(),
                'Y' => time.UtcDateTime.ToString("yyyy", CultureInfo.InvariantCulture),
                'm' => time.UtcDateTime.ToString("MM", CultureInfo.InvariantCulture),
                'd' => time.UtcDateTime.ToString("dd", CultureInfo.InvariantCulture),
                'H' => time.UtcDateTime.ToString("HH", CultureInfo.InvariantCulture),
                'M' => time.UtcDateTime.ToString("mm", CultureInfo.InvariantCulture),
                'S' => time.UtcDateTime.ToString("ss", CultureInfo.InvariantCulture),
                '%' => "%",
                _ => $"%{format}",
            });
        }

        return text.ToString();
    }

    private void Open(DateTimeOffset time)
    {
        Dispose();
        var path = System.IO.Path.Combine(directory, Expand(pattern, time));
        _ = Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        for (var number = 0; ; number++)
        {
            var candidate = number == 0 ? path : $"{path}.{number}";
            if (!File.Exists(candidate))
            {
                _stream = new(candidate, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 64 << 10);
                break;
            }
        }

        _written.Add(_stream.Name);
        while (keep > 0 && _written.Count > keep)
        {
            File.Delete(_written[0]);
            _written.RemoveAt(0);
        }
    }
}

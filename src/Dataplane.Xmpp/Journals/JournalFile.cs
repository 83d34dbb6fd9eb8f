namespace Dataplane.Xmpp.Journals;

/// <summary>
/// A file of lines, a line for each change: appended to, and written anew when most of its lines are out of date, beside it first and then in its place.
/// Whoever reads it after the program was killed at any moment finds the old file or the new one, and at most its last line is not whole. One thread at a time.
/// </summary>
/// <param name="path">Where it is.</param>
/// <param name="isForced">Whether each write waits for the disk: then what was written outlives the machine, and not only the program.</param>
public sealed class JournalFile(string path, bool isForced) : IDisposable
{
    private const int FewLines = 1024;
    private FileStream? _file;
    private long _length;
    private int _lines;
    private int _linesAtFirst;

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>A write has failed, and none has gone well since.</summary>
    public bool IsDefective { get; private set; }

    /// <summary>
    /// Whether the next write must be of everything: the first one, the one after a failure, and when the file is twice as long as it was when it was
    /// new: half of it may be out of date, and writing it anew has been earned.
    /// </summary>
    public bool IsDue => _file is null || IsDefective || _lines > FewLines + 2 * _linesAtFirst;

    /// <summary>Appends lines.</summary>
    /// <param name="lines">Whole ones.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="IOException">They could not be written; what of them was is taken away again if that can be.</exception>
    public void Append(ReadOnlySpan<byte> lines, int count)
    {
        FileStream file = _file ?? throw new InvalidOperationException("it was not written as a whole before");
        try
        {
            Write(file, lines);
        }
        catch
        {
            IsDefective = true;
            TakeBack(file);
            throw;
        }

        _length += lines.Length;
        _lines += count;
    }

    /// <summary>Writes everything.</summary>
    /// <param name="all">Whole lines.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="IOException">It could not be written: the file is as it was.</exception>
    public void Replace(ReadOnlySpan<byte> all, int count)
    {
        Dispose();
        IsDefective = true;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(path + ".new", options);
        try
        {
            Write(file, all);
            File.Move(path + ".new", path, overwrite: true);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file = file;
        _length = all.Length;
        _lines = _linesAtFirst = count;
        IsDefective = false;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Write(FileStream file, ReadOnlySpan<byte> octets)
    {
        file.Write(octets);
        if (isForced)
        {
            file.Flush(flushToDisk: true);
        }
    }

    private void TakeBack(FileStream file)
    {
        try
        {
            file.SetLength(_length);
        }
        catch (IOException)
        {
            // It is written anew next time; what asked for these lines is told why they are not kept.
        }
    }
}

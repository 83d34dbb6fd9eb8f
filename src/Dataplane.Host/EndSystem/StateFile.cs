namespace Dataplane.Host.EndSystem;

/// <summary>A file of the state directory, replaced as a whole so that a reader finds the old one or the new one.</summary>
/// <param name="path">Where it is.</param>
internal sealed class StateFile(string path)
{
    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>What is in it; null when there is none.</summary>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    public byte[]? Read() => File.Exists(path) ? File.ReadAllBytes(path) : null;

    /// <summary>Writes it: beside it first, to the disk, then in its place.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(byte[] octets)
    {
        string beside = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(beside, options))
        {
            file.Write(octets);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
    }
}

using System.Globalization;

namespace Dataplane.Bgp.Speaker;

/// <summary>A file that says when the speaker ran last; a shutdown that is meant to last removes it.</summary>
internal sealed class RestartMarker(string directory)
{
    private readonly string _path = Path.Combine(directory, "bgp-running");

    /// <summary>Whether the speaker ran within a time before now. A file that cannot be read says no.</summary>
    public bool IsYoungerThan(TimeSpan age, DateTimeOffset now)
    {
        try
        {
            return long.TryParse(File.ReadAllText(_path), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && now - DateTimeOffset.FromUnixTimeSeconds(seconds) is { } passed && passed >= TimeSpan.Zero && passed < age;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    /// <summary>The speaker runs. That the directory cannot be written costs a graceful restart, and is no reason to end.</summary>
    public void Touch(DateTimeOffset now)
    {
        try
        {
            _ = Directory.CreateDirectory(directory);
            // Beside it and renamed: who is killed while he writes must not come back as one who never ran.
            File.WriteAllText(_path + ".new", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            File.Move(_path + ".new", _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Said above.
        }
    }

    /// <summary>The speaker is shut down.</summary>
    public void Remove()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // As for Touch: at worst the next start takes itself for a restart.
        }
    }
}

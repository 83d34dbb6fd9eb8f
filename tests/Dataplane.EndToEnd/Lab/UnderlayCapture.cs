using System.Diagnostics;

namespace Dataplane.EndToEnd.Lab;

/// <summary>A running capture of one interface, read back by tshark: an opinion on our frames that is not our own.</summary>
public sealed class UnderlayCapture : IDisposable
{
    private readonly Process _process;
    private readonly string _path;

    public UnderlayCapture(NetworkNamespace space, string interfaceName, string path)
    {
        _path = path;
        string log = path + ".log";
        _process = space.Start(log, ["tcpdump", "-n", "-U", "-i", interfaceName, "-w", path]);
        Wait.Until("tcpdump to listen", () => File.Exists(log) && File.ReadAllText(log).Contains("listening on", StringComparison.Ordinal));
    }

    /// <summary>The frames so far that pass a display filter: one row per frame, one column per field, tshark's notation.</summary>
    public List<string[]> Decode(string displayFilter, params string[] fields)
    {
        CommandResult result = Command.Run(
            ["tshark", "-n", "-r", _path, "-o", "udp.check_checksum:TRUE", "-Y", displayFilter, "-T", "fields", .. fields.SelectMany(field => new[] { "-e", field })]);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}

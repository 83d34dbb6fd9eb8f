using Dataplane.Host.Bench.Traffic;
using Dataplane.Host.Configuration;
using Dataplane.Host.Replay;

namespace Dataplane.Host.Bench;

/// <summary>The captures that a bench sends, with the ports they are for.</summary>
internal sealed class BenchCaptures : IDisposable
{
    private readonly List<(int Port, CaptureFile File)> _captures = [];

    /// <summary>Their files.</summary>
    public IEnumerable<string> Files => _captures.Select(static capture => capture.File.Path);

    /// <summary>Opens and checks them.</summary>
    /// <param name="inputs"><c>PORT=FILE</c>, or a file named like its port.</param>
    /// <param name="configuration">Whose ports they are for; null when the generator has but one port of its own.</param>
    /// <exception cref="CaptureException">One cannot be sent.</exception>
    public void Open(IEnumerable<string> inputs, DataplaneConfiguration? configuration)
    {
        foreach (string input in inputs)
        {
            // A file's own name may hold an equals sign.
            int equals = configuration is null || File.Exists(input) ? -1 : input.IndexOf('=', StringComparison.Ordinal);
            string file = input[(equals + 1)..];
            _captures.Add((configuration is null ? 0 : FindPort(configuration, input, file, equals < 0 ? null : input[..equals]), CaptureFile.Open(file)));
        }
    }

    /// <summary>Reads them into memory, merged by time.</summary>
    public IReadOnlyList<CapturedFrame> Read() => CapturedFrame.ReadAll(_captures);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, CaptureFile file) in _captures)
            file.Dispose();
    }

    private static int FindPort(DataplaneConfiguration configuration, string input, string file, string? name)
    {
        string wanted = name ?? Path.GetFileNameWithoutExtension(file);
        int row = configuration.Ports.Index().FirstOrDefault(row => row.Item.Name == wanted, (-1, null!)).Index;
        if (row >= 0)
            return row;
        string known = string.Join(", ", configuration.Ports.Select(static port => port.Name));
        throw new CaptureException(input, $"there is no port '{wanted}'; write PORT=FILE with one of these ports: {known}");
    }
}

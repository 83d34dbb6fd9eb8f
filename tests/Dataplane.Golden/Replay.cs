using System.Text.Json;

namespace Dataplane.Golden;

/// <summary>Runs `dataplane replay` as a child process, as an operator would.</summary>
internal static class Replay
{
    /// <summary>Writes PORT.pcap per port and counters.json to <paramref name="outputFolder"/>.</summary>
    public static ChildResult Run(string configuration, IEnumerable<(string Port, string File)> inputs, string outputFolder, TimeSpan limit)
    {
        var program = Repository.Program;
        Assert.True(File.Exists(program), $"{program} is not there: build src/Dataplane.Host first, or set DATAPLANE");
        string[] replay =
        [
            "replay", "--config", configuration, .. inputs.SelectMany(input => new[] { "--in", $"{input.Port}={input.File}" }),
            "--out", outputFolder,
        ];
        return program.EndsWith(".dll", StringComparison.Ordinal)
            ? ChildProcess.Run("dotnet", [program, .. replay], limit, "the .NET SDK's dotnet must be on the PATH")
            : ChildProcess.Run(program, replay, limit, "DATAPLANE must name the program");
    }

    public static JsonElement Counters(string file)
    {
        Assert.True(File.Exists(file), $"{file} was not written");
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    }
}

using System.Text.Json;

namespace Dataplane.Golden;

/// <summary>One folder below pcaps/: configuration, input captures, and what must come out.</summary>
internal sealed class GoldenCase
{
    private GoldenCase(string folder)
    {
        Folder = folder;
        Name = Path.GetFileName(folder);
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "case.json")));
        var root = document.RootElement;
        Title = root.GetProperty("title").GetString()!;
        Group = root.GetProperty("group").GetString()!;
        Requirements = [.. root.GetProperty("requirements").EnumerateArray().Select(id => id.GetString()!)];
        SameFlow = root.TryGetProperty("sameFlow", out var flows)
            ? [.. flows.EnumerateArray().Select(flow => flow.EnumerateArray().Select(f => FrameReference.Parse(f.GetString()!)).ToArray())]
            : [];
        DistinctFlows = root.TryGetProperty("distinctFlows", out var distinct)
            ? new DistinctFlows(distinct.GetProperty("port").GetString()!,
                [.. distinct.GetProperty("frames").EnumerateArray().Select(i => i.GetInt32())], distinct.GetProperty("atLeast").GetInt32())
            : null;
        Decode = root.GetProperty("decode").EnumerateObject().ToDictionary(
            port => port.Name,
            port => port.Value.EnumerateArray()
                .Select(frame => frame.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!))
                .ToArray());
    }

    public string Folder { get; }

    public string Name { get; }

    public string Title { get; }

    /// <summary>The test method that runs this case.</summary>
    public string Group { get; }

    public IReadOnlyList<string> Requirements { get; }

    /// <summary>Groups of output frames that belong to one flow, reverse direction included.</summary>
    public IReadOnlyList<FrameReference[]> SameFlow { get; }

    /// <summary>Frames of different flows, of which a number must differ in their entropy source port.</summary>
    public DistinctFlows? DistinctFlows { get; }

    /// <summary>Output port → per frame, the fields that tshark must find in it.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, string>[]> Decode { get; }

    public string Configuration => Path.Combine(Folder, "config.yaml");

    /// <summary>Port → input capture.</summary>
    public IEnumerable<(string Port, string File)> Inputs =>
        Directory.EnumerateFiles(Folder, "in.*.pcap").Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileNameWithoutExtension(file)["in.".Length..], file));

    /// <summary>Port → expected capture; every port of the configuration has one.</summary>
    public IEnumerable<(string Port, string File)> Outputs =>
        Directory.EnumerateFiles(Path.Combine(Folder, "expected"), "*.pcap").Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileNameWithoutExtension(file), file));

    public string Counters => Path.Combine(Folder, "expected", "counters.json");

    public static GoldenCase Load(string name) => new(Path.Combine(Repository.Pcaps, name));

    public static IEnumerable<GoldenCase> All() =>
        Directory.EnumerateFiles(Repository.Pcaps, "case.json", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal).Select(Load);
}

/// <summary>A frame of an output capture; index from 0.</summary>
internal sealed record FrameReference(string Port, int Index)
{
    public static FrameReference Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return new FrameReference(text[..colon], int.Parse(text[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }
}

/// <summary>Frames of different flows on one port, at least <paramref name="AtLeast"/> source ports among them.</summary>
internal sealed record DistinctFlows(string Port, IReadOnlyList<int> Frames, int AtLeast);

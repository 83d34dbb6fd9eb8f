using System.Text;
using Dataplane.Host.Configuration;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Gateway;

/// <summary>The file that the program was started with, to be read again; knows which of its sections have changed since.</summary>
internal sealed class ConfigurationFile
{
    /// <summary>Sections that are looked at when the program starts only.</summary>
    private static readonly string[] AtStart =
    [
        "roles", "eal", "workers", "ports", "underlay", "infrastructure", "first-hop", "encapsulation", "tunnels", "limits",
        "metrics", "logging", "management", "state-directory",
    ];

    private static readonly string[] OfBgpAtStart = ["router-id", "label-range", "version-community"];

    private static readonly string[] OfXmppAtStart =
    [
        "name", "domains", "listen", "allow-plaintext", "require-certified-source", "ping-interval", "ping-misses", "max-sessions",
    ];

    private static readonly string[] OfVrfAtStart = ["name", "label", "router-addresses", "accept-from"];

    private readonly YamlNode? _started;

    /// <summary>Remembers a file as it is now.</summary>
    public ConfigurationFile(string path)
    {
        Path = path;
        _started = Parse(ReadOctets());
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>Reads it once more.</summary>
    public Reading Read()
    {
        byte[]? octets = ReadOctets();
        return octets is null
            ? new Reading(ConfigurationLoader.Load(Path), null)
            : new Reading(ConfigurationLoader.Parse(octets, Path), Parse(octets));
    }

    /// <summary>What differs from the file that the program was started with and waits for another start.</summary>
    /// <param name="reading">A reading without errors.</param>
    /// <param name="isForwarder">Whether the VRFs' rows are those of a forwarder.</param>
    public IEnumerable<string> ChangesThatWait(Reading reading, bool isForwarder)
    {
        foreach (string section in AtStart.Where(section => Differs(_started, reading.Root, section)))
            yield return section;
        foreach (string key in OfBgpAtStart.Where(key => Differs(Find(_started, "bgp"), Find(reading.Root, "bgp"), key)))
            yield return "bgp." + key;
        foreach (string key in OfXmppAtStart.Where(key => Differs(Find(_started, "xmpp"), Find(reading.Root, "xmpp"), key)))
            yield return "xmpp." + key;
        if (isForwarder && !VrfsOf(_started).SequenceEqual(VrfsOf(reading.Root), StringComparer.Ordinal))
            yield return "vrfs";
    }

    private static IEnumerable<string> VrfsOf(YamlNode? root) => Find(root, "vrfs") is YamlSequence vrfs
        ? vrfs.Items.Select(static vrf => string.Join('\n', OfVrfAtStart.Select(key => Text(Find(vrf, key)))))
        : [];

    private static bool Differs(YamlNode? one, YamlNode? other, string key) => Text(Find(one, key)) != Text(Find(other, key));

    private static YamlNode? Find(YamlNode? mapping, string key) =>
        (mapping as YamlMapping)?.Entries.FirstOrDefault(entry => entry.Key.Text == key).Value;

    private static string Text(YamlNode? node) => node switch
    {
        YamlScalar scalar => $"'{scalar.Text}'",
        YamlSequence sequence => $"[{string.Join(',', sequence.Items.Select(Text))}]",
        YamlMapping mapping => $"{{{string.Join(',', mapping.Entries.OrderBy(static entry => entry.Key.Text, StringComparer.Ordinal)
            .Select(static entry => $"{entry.Key.Text}:{Text(entry.Value)}"))}}}",
        _ => "",
    };

    private byte[]? ReadOctets()
    {
        try
        {
            return File.ReadAllBytes(Path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private YamlNode? Parse(byte[]? octets) =>
        octets is null ? null : YamlDocument.Read(Encoding.UTF8.GetString(octets).TrimStart('\uFEFF'), new DiagnosticSink(Path));

    /// <summary>A reading of the file.</summary>
    /// <param name="Result">What came of it.</param>
    /// <param name="Root">The file's tree; null when it has none.</param>
    internal sealed record Reading(ConfigurationResult Result, YamlNode? Root);
}

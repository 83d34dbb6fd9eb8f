using System.Text.Json;
using System.Text.Json.Nodes;
using Dataplane.Host.Configuration;
using Dataplane.Xmpp.Gateway;

namespace Dataplane.Host.Signaling;

/// <summary>
/// What management has provisioned for end-systems: entries that take the place of those of their name in the configuration, and are kept in a file where
/// there is a state directory. Routing thread, but for <see cref="Load"/>.
/// </summary>
internal sealed class ManagedEndSystems
{
    private const string FileName = "end-systems.json";
    private readonly SortedDictionary<string, (EndSystemGrant Grant, JsonObject Json)> _entries = new(StringComparer.Ordinal);
    private readonly string? _path;

    private ManagedEndSystems(string? path) => _path = path;

    /// <summary>The entries, as they were sent.</summary>
    public IEnumerable<JsonObject> Json => _entries.Values.Select(static entry => entry.Json);

    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Reads what was kept.</summary>
    /// <param name="directory">The state directory; null keeps nothing.</param>
    /// <param name="problem">Why a file that is there is not used.</param>
    public static ManagedEndSystems Load(string? directory, out string? problem)
    {
        problem = null;
        var managed = new ManagedEndSystems(directory is null ? null : Path.Combine(directory, FileName));
        if (managed._path is null || !File.Exists(managed._path))
        {
            return managed;
        }

        try
        {
            foreach (JsonNode? entry in JsonNode.Parse(File.ReadAllText(managed._path))?["end-systems"]?.AsArray() ?? [])
            {
                if (entry is JsonObject json && Read(json, out _) is { } grant)
                {
                    managed._entries[grant.Pattern] = (grant, (JsonObject)json.DeepClone());
                }
            }
        }
        catch (Exception defect) when (defect is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            problem = $"{managed._path} is not used: {defect.Message}";
        }

        return managed;
    }

    /// <summary>An entry from its JSON, which has the keys of the configuration.</summary>
    public static EndSystemGrant? Read(JsonObject json, out IReadOnlyList<ConfigurationDiagnostic> findings)
    {
        var document = new JsonObject { ["end-systems"] = new JsonArray(json.DeepClone()) };
        return ProvisioningFile.Parse(document.ToJsonString(), "the entry", out findings) is [var grant] ? grant : null;
    }

    /// <summary>What counts beside a configuration.</summary>
    public Provisioning Over(IReadOnlyList<EndSystemGrant> configured) =>
        new(_entries.Values.Select(static entry => entry.Grant).Concat(configured.Where(grant => !_entries.ContainsKey(grant.Pattern))));

    /// <summary>Adds or replaces an entry.</summary>
    /// <exception cref="IOException">It cannot be kept, and does not count.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public void Set(EndSystemGrant grant, JsonObject json)
    {
        var had = _entries.TryGetValue(grant.Pattern, out (EndSystemGrant Grant, JsonObject Json) before);
        _entries[grant.Pattern] = (grant, json);
        try
        {
            Save();
        }
        catch
        {
            if (had)
                _entries[grant.Pattern] = before;
            else
                _ = _entries.Remove(grant.Pattern);
            throw;
        }
    }

    /// <summary>Removes an entry.</summary>
    /// <returns>False when management has none of this name.</returns>
    public bool Remove(string name)
    {
        if (!_entries.Remove(name, out (EndSystemGrant Grant, JsonObject Json) before))
            return false;
        try
        {
            Save();
        }
        catch
        {
            _entries[name] = before;
            throw;
        }

        return true;
    }

    private void Save()
    {
        if (_path is null)
            return;
        var document = new JsonObject { ["end-systems"] = new JsonArray([.. Json.Select(static json => json.DeepClone())]) };
        File.WriteAllText(_path + ".new", document.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        File.Move(_path + ".new", _path, overwrite: true);
    }
}

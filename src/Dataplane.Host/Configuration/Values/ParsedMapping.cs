using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A mapping of the file, key by key, with positions: what a record of the model is built from.</summary>
/// <param name="location">Where the mapping starts.</param>
/// <param name="keys">The keys it may have.</param>
internal sealed class ParsedMapping(SourceLocation location, IReadOnlyList<ConfigurationKey> keys)
{
    private readonly object?[] _values = new object?[keys.Count];
    private readonly SourceLocation[] _locations = new SourceLocation[keys.Count];
    private ulong _given;
    private ulong _broken;

    /// <summary>Where the mapping starts.</summary>
    public SourceLocation Location => location;

    /// <summary>The value of a key; its default when it is left out or could not be read.</summary>
    public T Get<T>(ConfigurationKey<T> key) => (T)((_given & Bit(key)) != 0 ? _values[key.Index] : key.DefaultObject)!;

    /// <summary>Whether the file gives the key.</summary>
    public bool IsGiven(ConfigurationKey key) => (_given & Bit(key)) != 0;

    /// <summary>Whether no error was reported for the key.</summary>
    public bool IsSound(ConfigurationKey key) => (_broken & Bit(key)) == 0;

    /// <summary>Whether no error was reported for any key.</summary>
    public bool IsWhole => _broken == 0;

    /// <summary>Where the value of a key is; the mapping itself when the key was left out.</summary>
    public SourceLocation LocationOf(ConfigurationKey key) => IsGiven(key) ? _locations[key.Index] : location;

    /// <summary>Takes in the value of a key.</summary>
    public void Set(ConfigurationKey key, YamlNode node, object? value, bool isSound)
    {
        _given |= Bit(key);
        _values[key.Index] = value;
        _locations[key.Index] = node.Location;
        if (!isSound)
        {
            _broken |= Bit(key);
        }
    }

    /// <summary>Notes that a required key is missing.</summary>
    public void SetMissing(ConfigurationKey key) => _broken |= Bit(key);

    private static ulong Bit(ConfigurationKey key) => 1UL << key.Index;
}

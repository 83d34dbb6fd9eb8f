using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>
/// Where each record and list of the model was written. Kept beside the model, by reference, so that the records
/// themselves stay free of file positions.
/// </summary>
internal sealed class SourceMap
{
    private readonly Dictionary<object, ParsedMapping> _records = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, SourceLocation[]> _lists = new(ReferenceEqualityComparer.Instance);

    /// <summary>Remembers the mapping a record was built from.</summary>
    public void Add(object record, ParsedMapping mapping) => _records[record] = mapping;

    /// <summary>Remembers where the items of a list are.</summary>
    public void AddList(object list, SourceLocation[] items) => _lists[list] = items;

    /// <summary>Where a record starts.</summary>
    public SourceLocation At(object record) =>
        _records.TryGetValue(record, out var mapping) ? mapping.Location : SourceLocation.Start;

    /// <summary>Where the value of a record's key is; the record itself when the key was left out.</summary>
    public SourceLocation At(object record, ConfigurationKey key) =>
        _records.TryGetValue(record, out var mapping) ? mapping.LocationOf(key) : SourceLocation.Start;

    /// <summary>Where an item of a list is; the start of the file for a list that is a default.</summary>
    public SourceLocation AtItem(object list, int index) =>
        _lists.TryGetValue(list, out var items) ? items[index] : SourceLocation.Start;

    /// <summary>Whether the file gives a key of a record at all.</summary>
    public bool IsGiven(object record, ConfigurationKey key) =>
        _records.TryGetValue(record, out var mapping) && mapping.IsGiven(key);

    /// <summary>The value the file gives for a key of a record, before defaults that depend on other keys; the key's own default when it gives none.</summary>
    public T Given<T>(object record, ConfigurationKey<T> key) =>
        _records.TryGetValue(record, out var mapping) ? mapping.Get(key) : (T)key.DefaultObject!;

    /// <summary>Whether no error has been reported for any key of a record.</summary>
    public bool IsWhole(object record) => !_records.TryGetValue(record, out var mapping) || mapping.IsWhole;

    /// <summary>Whether no error has been reported for these keys, so that what is built on them can be judged.</summary>
    public bool IsSound(object record, params ReadOnlySpan<ConfigurationKey> keys)
    {
        if (!_records.TryGetValue(record, out var mapping))
        {
            return true;
        }

        foreach (var key in keys)
        {
            if (!mapping.IsSound(key))
            {
                return false;
            }
        }

        return true;
    }
}

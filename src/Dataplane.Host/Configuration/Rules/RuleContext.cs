using Dataplane.Host.Configuration.Kernel;
using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>What the rules that span several keys work on. A rule is silent where its input had errors of its own.</summary>
internal sealed class RuleContext
{
    private readonly DiagnosticSink _diagnostics;
    private readonly string _directory;

    /// <summary>Makes the context of one file.</summary>
    public RuleContext(DataplaneConfiguration configuration, ReadContext read, ConfigurationPurpose purpose, IKernelView kernel, string file)
    {
        _directory = Path.GetDirectoryName(file) ?? "";
        Configuration = configuration;
        Source = read.Source;
        Purpose = purpose;
        Kernel = kernel;
        _diagnostics = read.Diagnostics;

        CorePorts = [.. configuration.Ports.Where(static p => p.Role == PortRole.Core)];
        RolesAreKnown = Source.IsSound(configuration, RootKeys.Ports)
            && Source.IsGiven(configuration, RootKeys.Ports)
            && configuration.Ports.All(p => Source.IsSound(p, PortKeys.Role));
        CoreAddressesAreKnown = RolesAreKnown
            && CorePorts.Count > 0
            && CorePorts.All(p => p.Addresses.Count > 0 && Source.IsSound(p, PortKeys.Addresses));
        InfrastructureIsKnown = Source.IsSound(configuration, RootKeys.Infrastructure)
            && Source.IsGiven(configuration, RootKeys.Infrastructure)
            && Source.IsSound(configuration.Infrastructure, UnderlayKeys.Address, UnderlayKeys.Address6);
    }

    /// <summary>The file's content; defaults that depend on other keys are not filled in yet.</summary>
    public DataplaneConfiguration Configuration { get; }

    /// <summary>Where everything was written.</summary>
    public SourceMap Source { get; }

    /// <summary>What the file is loaded for.</summary>
    public ConfigurationPurpose Purpose { get; }

    /// <summary>The machine.</summary>
    public IKernelView Kernel { get; }

    /// <summary>The ports to the underlay.</summary>
    public IReadOnlyList<PortConfiguration> CorePorts { get; }

    /// <summary>Whether the roles of all ports could be read.</summary>
    public bool RolesAreKnown { get; }

    /// <summary>Whether there are core ports and all their addresses could be read.</summary>
    public bool CoreAddressesAreKnown { get; }

    /// <summary>Whether our ends of the tunnels could be read.</summary>
    public bool InfrastructureIsKnown { get; }

    /// <summary>"The ports are a, b and c", or that there are none.</summary>
    public static string Known(string what, IEnumerable<string> names)
    {
        const int Most = 8;
        var list = names.Where(static n => n.Length > 0).ToList();
        return list.Count == 0 ? $"the file has no {what}"
            : list.Count <= Most ? $"the {what} are {string.Join(", ", list)}"
            : $"the {what} are {string.Join(", ", list.Take(Most))} and {list.Count - Most} more";
    }

    /// <summary>A path of the file, which may be relative to the file's directory.</summary>
    public string PathOf(string written) => Path.Combine(_directory, written);

    /// <summary>Reports an error at a key of a record.</summary>
    public void Error(object record, ConfigurationKey key, string message) => _diagnostics.Error(Source.At(record, key), message);

    /// <summary>Reports an error at a place.</summary>
    public void Error(SourceLocation location, string message) => _diagnostics.Error(location, message);

    /// <summary>Reports a warning at a key of a record.</summary>
    public void Warning(object record, ConfigurationKey key, string message) => _diagnostics.Warning(Source.At(record, key), message);

    /// <summary>Reports a warning at a place.</summary>
    public void Warning(SourceLocation location, string message) => _diagnostics.Warning(location, message);

    /// <summary>Line of a key's value, for "the first is on line 12".</summary>
    public int LineOf(object record, ConfigurationKey key) => Source.At(record, key).Line;

    /// <summary>Reports each name that an earlier record of the list has already.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="records">The records in file order.</param>
    /// <param name="key">The key that holds the name.</param>
    /// <param name="name">The name of a record.</param>
    /// <param name="what">What the records are, in the singular: "port".</param>
    /// <param name="plural">The same in the plural; null to add an s.</param>
    public void RequireUniqueNames<T>(IReadOnlyList<T> records, ConfigurationKey key, Func<T, string> name, string what, string? plural = null)
        where T : class
    {
        var seen = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            if (Source.IsSound(record, key) && !seen.TryAdd(name(record), record))
            {
                Error(record, key, $"there are two {plural ?? what + "s"} with the name '{name(record)}'; the first is on line {LineOf(seen[name(record)], key)}, rename one of them");
            }
        }
    }
}

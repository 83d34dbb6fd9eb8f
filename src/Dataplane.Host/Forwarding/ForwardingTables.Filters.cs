using Dataplane.Forwarding;
using Dataplane.Host.Configuration;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Vpn;

namespace Dataplane.Host.Forwarding;

/// <content>Filters of VRFs: those of the configuration, beside those that are signalled.</content>
internal sealed partial class ForwardingTables
{
    private volatile IReadOnlyDictionary<string, VrfId> _vrfNames = new Dictionary<string, VrfId>();

    /// <summary>Puts them into the datapath. Thread that writes the datapath.</summary>
    public FilterInstaller Filters { get; }

    /// <summary>The VRFs by name. Any thread.</summary>
    public IReadOnlyDictionary<string, VrfId> VrfNames
    {
        get => _vrfNames;
        private set => _vrfNames = value;
    }

    /// <summary>Told in words which filters are not installed.</summary>
    public Action<string>? Warn { get; set; }

    /// <summary>Makes the configured filters those of another configuration; its VRFs are those that the tables were built from. Thread that writes the
    /// datapath.</summary>
    public void ChangeFilters(DataplaneConfiguration wanted)
    {
        for (int row = 0; row < Configuration.Vrfs.Count; row++)
        {
            string name = Configuration.Vrfs[row].Name;
            IEnumerable<FilterConfiguration> filters = wanted.Vrfs.FirstOrDefault(vrf => vrf.Name == name)?.Filters ?? [];
            Filters.Replace(new VrfId((uint)row), FilterOrigin.Configured, filters.SelectMany(filter => Read(wanted, filter)));
        }
        Filters.Apply();
    }

    private static IEnumerable<VrfFilter> Read(DataplaneConfiguration configuration, FilterConfiguration filter) => filter.Match.Rules.Select(rule =>
    {
        var plain = new VrfFilter(rule, filter.Actions);
        return plain.RedirectTarget is { } target ? new VrfFilter(rule, filter.Actions) { RedirectVrf = configuration.FindImporter(target)?.Name } : plain;
    });
}

using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Host.Configuration;
using Dataplane.SlowPath;

namespace Dataplane.Host.Forwarding;

/// <content>Interfaces that come and go while workers run.</content>
internal sealed partial class ForwardingTables
{
    /// <summary>
    /// Makes the interfaces what another configuration says: those that it does not have are removed, those that are new are added, those that it has
    /// otherwise are changed in place as far as that is possible, or replaced; the others, and what signaling brought, are not touched. Its ports and VRFs are those that the tables were built from. Thread that writes the
    /// datapath.
    /// </summary>
    /// <returns>What could not be done, each in words; done again later, it may succeed.</returns>
    public IReadOnlyList<string> ChangeInterfaces(DataplaneConfiguration wanted)
    {
        Dictionary<string, InterfaceConfiguration> open = wanted.Interfaces.ToDictionary(static row => row.Name, StringComparer.Ordinal);
        var problems = new List<string>();
        var kept = new List<LiveInterface>();
        var changed = new List<LiveInterface>();
        foreach (LiveInterface live in _interfaces)
        {
            if (live.IsSignalled)
            {
                kept.Add(live);
                continue;
            }
            if (open.TryGetValue(live.Settings.Name, out InterfaceConfiguration? row) && IsSame(live.Settings, row))
            {
                kept.Add(live);
                _ = open.Remove(row.Name);
                continue;
            }
            try
            {
                if (row is not null && !IsUsedByOthers(row) && row.Vrf == live.Settings.Vrf && Change(live, Settings(_rows, row)))
                {
                    kept.Add(live with { Settings = row });
                    _ = open.Remove(row.Name);
                    changed.Add(kept[^1]);
                    continue;
                }
                Datapath.RemoveInterface(live.Id);
            }
            catch (ArgumentException problem)
            {
                problems.Add($"interface {live.Settings.Name} cannot be changed: {problem.Message}");
                kept.Add(live);
                _ = open.Remove(live.Settings.Name);
            }
            catch (InvalidOperationException)
            {
                problems.Add($"interface {live.Settings.Name} is still a next hop of routes with several");
                kept.Add(live);
                _ = open.Remove(live.Settings.Name);
            }
        }
        foreach (InterfaceConfiguration row in wanted.Interfaces.Where(row => open.ContainsKey(row.Name)))
        {
            try
            {
                kept.Add(Add(Datapath, _rows, row));
            }
            catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
            {
                problems.Add($"interface {row.Name} cannot be added: {problem.Message}");
            }
        }
        _interfaces = [.. kept];
        changed.ForEach(live => Changed?.Invoke(live));
        return problems;

        // An address that another interface gives up in the same change is free only when that one was looked at.
        bool IsUsedByOthers(InterfaceConfiguration row) => _interfaces.Any(other => other.Settings.Name != row.Name && other.Settings.Vrf == row.Vrf
            && (other.Settings.Label == row.Label || other.Settings.Addresses.Intersect(row.Addresses).Any()));
    }

    /// <summary>Told of each interface that was changed in place. Thread that writes the datapath.</summary>
    public Action<LiveInterface>? Changed { get; set; }

    private bool Change(LiveInterface live, InterfaceSettings settings)
    {
        if (!Datapath.IsChangeable(Settings(_rows, live.Settings), settings))
            return false;
        Datapath.ChangeInterface(live.Id, settings);
        return true;
    }

    /// <summary>An interface as the slow path sees it.</summary>
    public InterfaceInfo Describe(LiveInterface live) => new(
        live.Id,
        new PortId((ushort)_rows.Ports[live.Settings.Port]),
        new SlowPath.VlanTags(live.Settings.Vlan.Outer, live.Settings.Vlan.Inner),
        live.Settings.Mac,
        new VrfId((uint)_rows.Vrfs[live.Settings.Vrf]),
        (ushort)live.Settings.Mtu,
        live.Settings.Addresses);

    private static LiveInterface Add(Datapath datapath, RowNames rows, InterfaceConfiguration row)
    {
        InterfaceId id = datapath.AddInterface(Settings(rows, row));
        return new LiveInterface(id, row);
    }

    private static InterfaceSettings Settings(RowNames rows, InterfaceConfiguration row) => new()
    {
        Port = new PortId((ushort)rows.Ports[row.Port]),
        Vrf = new VrfId((uint)rows.Vrfs[row.Vrf]),
        OuterVlan = row.Vlan.Count > 0 ? row.Vlan.Outer : null,
        InnerVlan = row.Vlan.Count > 1 ? row.Vlan.Inner : null,
        Mac = row.Mac,
        Label = row.Label,
        Addresses = row.Addresses,
        Mtu = row.Mtu,
        Class = Class(row.Class),
    };

    private static bool IsSame(InterfaceConfiguration one, InterfaceConfiguration other) =>
        one with { Addresses = [] } == other with { Addresses = [] } && one.Addresses.SequenceEqual(other.Addresses);

    /// <summary>Rows of ports and VRFs by name; those of the configuration stay as they are.</summary>
    private sealed class RowNames(DataplaneConfiguration configuration)
    {
        public Dictionary<string, int> Ports { get; } = Index(configuration.Ports.Select(static port => port.Name));

        public Dictionary<string, int> Vrfs { get; } = Index(configuration.Vrfs.Select(static vrf => vrf.Name));

        private static Dictionary<string, int> Index(IEnumerable<string> names) =>
            names.Index().ToDictionary(static row => row.Item, static row => row.Index, StringComparer.Ordinal);
    }
}

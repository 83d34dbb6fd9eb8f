using Dataplane.Net;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// The VRFs of a speaker and their routes: what they import by route target from the VPN family tables, and what they export into them.
/// Changes take effect when the tables settle (<see cref="RoutingBase.Settle"/> does this too). Routing thread.
/// </summary>
/// <remarks>
/// This file: VRFs come, change and go. <c>VrfTable.Settling.cs</c>: what follows from it. <c>VrfTable.Routes.cs</c>: local routes and
/// reading. See ADR-0008.
/// </remarks>
public sealed partial class VrfTable
{
    private readonly Dictionary<string, VrfIndex> _byName = new(StringComparer.Ordinal);
    private readonly List<Vrf?> _vrfs = [];
    private readonly Stack<int> _free = new();
    private readonly VrfTableOptions _options;

    internal VrfTable(RoutingBase routing, VrfTableOptions options)
    {
        _options = options;
        Routing = routing;
        Labels = new(options.FirstLabel, options.LastLabel);
        Distinguishers = new(options.Administrator);
        Numbers = options.NumberFile is { } path ? new(path, Distinguishers, Labels) : null;
        Numbers?.Load();
        Imports = new(routing.RouteTargets);
        SourceId source = routing.Sources.Add(new SourceInfo
        {
            Kind = SourceKind.Local,
            RouterId = options.RouterId,
            Address = options.NextHopFor(AddressFamily.Ipv4),
            As = options.As,
            Name = "vrf",
        });
        var export = new VrfExport(routing.Attributes, options);
        Locals = new(routing.Attributes, family => routing[family], options, export, source);
        _filters = new(routing, export, options);
        _tables =
        [
            new VrfImports<Ipv4VrfKey>(this, routing.Attributes, routing[RouteFamily.VpnIpv4]),
            new VrfImports<Ipv6VrfKey>(this, routing.Attributes, routing[RouteFamily.VpnIpv6]),
            new VrfImports<FlowVrfKey>(this, routing.Attributes, routing[RouteFamily.VpnIpv4FlowSpec]),
            new VrfImports<FlowVrfKey>(this, routing.Attributes, routing[RouteFamily.VpnIpv6FlowSpec]),
        ];
        foreach (ImportTable table in _tables)
        {
            table.Table.AddListener(this);
        }
    }

    /// <summary>How many VRFs there are.</summary>
    public int Count => _byName.Count;

    /// <summary>The VRFs, in the order of their rows.</summary>
    public IEnumerable<Vrf> All => _vrfs.OfType<Vrf>().Where(static vrf => !vrf.IsRemoved);

    /// <summary>The route targets that are wanted: imported by VRFs that have members.</summary>
    public TargetMembership Membership { get; } = new();

    /// <summary>Labels of our own.</summary>
    public LabelAllocator Labels { get; }

    /// <summary>Route distinguishers of our own.</summary>
    public DistinguisherAllocator Distinguishers { get; }

    /// <summary>The file that keeps allocated numbers, to be saved now and then; null without.</summary>
    public VpnNumberFile? Numbers { get; }

    internal RoutingBase Routing { get; }

    internal ImportIndex Imports { get; }

    internal LocalRouteTable Locals { get; }

    internal PolicyContext PolicyContext => _options.Context;

    /// <summary>A VRF that exists, or that routes are about to leave (<see cref="BeginRemove"/>).</summary>
    /// <exception cref="KeyNotFoundException">There is none in this row.</exception>
    public Vrf this[VrfIndex index] =>
        ((uint)index.Value < (uint)_vrfs.Count ? _vrfs[index.Value] : null) ?? throw new KeyNotFoundException($"There is no VRF {index.Value}.");

    /// <summary>Finds a VRF by name.</summary>
    public bool TryFind(string name, out VrfIndex index) => _byName.TryGetValue(name, out index);

    /// <summary>Adds a VRF.</summary>
    /// <exception cref="ArgumentException">The name is taken, or the settings contradict themselves or each other.</exception>
    /// <exception cref="InvalidOperationException">No distinguisher or label is left.</exception>
    public VrfIndex Add(VrfSettings settings)
    {
        Check(settings);
        if (_byName.ContainsKey(settings.Name))
        {
            throw new ArgumentException($"there is a VRF {settings.Name} already");
        }

        if (!_free.TryPop(out var row))
        {
            row = _vrfs.Count;
            _vrfs.Add(null);
        }

        Vrf vrf;
        try
        {
            vrf = new Vrf(new(row), settings, TakeDistinguisher(settings));
            TakeLabel(vrf, settings);
        }
        catch
        {
            _free.Push(row);
            throw;
        }

        _vrfs[row] = vrf;
        _byName.Add(settings.Name, vrf.Index);
        foreach (ExtendedCommunity target in vrf.ImportTargets)
        {
            Import(vrf, target, isImported: true);
        }

        if (vrf.HasMembers)
        {
            Membership.Acquire(vrf.ImportTargets);
        }

        ChangeAggregates(vrf, settings.Aggregates);
        return vrf.Index;
    }

    /// <summary>Changes a VRF to other settings; only what they concern is looked at.</summary>
    /// <exception cref="ArgumentException">They are of another name, or contradict themselves or others.</exception>
    /// <exception cref="InvalidOperationException">No distinguisher or label is left.</exception>
    public void Update(VrfIndex index, VrfSettings settings)
    {
        Vrf vrf = Existing(index);
        VrfSettings old = vrf.Settings;
        Check(settings);
        if (settings.Name != old.Name)
        {
            throw new ArgumentException($"VRF {old.Name} keeps its name");
        }

        RouteDistinguisher distinguisher = vrf.Distinguisher;
        if (settings.Distinguisher != old.Distinguisher)
        {
            distinguisher = TakeDistinguisher(settings);
            ReleaseDistinguisher(old);
        }

        ChangeImports(vrf, settings);
        var labelBefore = vrf.AggregateLabel;
        ChangeLabel(vrf, settings);
        ExtendedCommunity[] exports = Vrf.Normalize(settings.ExportTargets);
        var isExportNew = !exports.AsSpan().SequenceEqual(vrf.ExportTargets)
            || !ReferenceEquals(settings.ExportPolicy, old.ExportPolicy) || distinguisher != vrf.Distinguisher;
        var isFilterExportNew = isExportNew || settings.ExportFilters != old.ExportFilters;
        vrf.Settings = settings;
        vrf.Distinguisher = distinguisher;
        vrf.ExportTargets = exports;
        if (isExportNew)
        {
            RepublishAll(vrf);
        }

        if (isFilterExportNew)
        {
            _filters.Republish(vrf, QueueExport);
        }

        ChangeAggregates(vrf, settings.Aggregates);
        if (labelBefore != vrf.AggregateLabel)
        {
            RepublishAggregates(vrf);
        }

        if (settings.MaxPaths != old.MaxPaths)
        {
            foreach (ImportTable table in _tables)
            {
                table.QueueRoutes(index);
            }
        }
    }

    /// <summary>Removes a VRF with all its routes, at once.</summary>
    public void Remove(VrfIndex index)
    {
        Vrf vrf = Existing(index);
        BeginRemove(index);
        var left = int.MaxValue;
        while (_removals.Contains(vrf))
        {
            RemoveRoutes(vrf, ref left);
        }
    }

    /// <summary>
    /// Removes a VRF: it exists no more, its numbers are free, and it takes no route any more. Those it has leave it in parts as the tables settle,
    /// before its row serves another.
    /// </summary>
    /// <param name="index">Which.</param>
    /// <param name="done">Called when the last route has left; null for nobody.</param>
    public void BeginRemove(VrfIndex index, Action? done = null)
    {
        Vrf vrf = Existing(index);
        if (vrf.HasMembers)
        {
            Membership.Release(vrf.ImportTargets);
        }

        foreach (ExtendedCommunity target in vrf.ImportTargets)
        {
            Imports.Remove(index, target);
        }

        ChangeAggregates(vrf, []);
        ReleaseDistinguisher(vrf.Settings);
        if (vrf.AggregateLabel is not null)
        {
            Labels.Release(LabelAllocator.OfVrf(vrf.Name));
        }

        _byName.Remove(vrf.Name);
        vrf.IsRemoved = true;
        vrf.Removed = done;
        _removals.Add(vrf);
    }

    /// <summary>An interface or a subscriber has come into a VRF.</summary>
    public void AddMember(VrfIndex index)
    {
        Vrf vrf = Existing(index);
        var had = vrf.HasMembers;
        vrf.Members++;
        if (!had)
        {
            Membership.Acquire(vrf.ImportTargets);
        }
    }

    /// <summary>One has left.</summary>
    public void RemoveMember(VrfIndex index)
    {
        Vrf vrf = Existing(index);
        if (vrf.Members == 0)
        {
            throw new InvalidOperationException($"nobody is in VRF {vrf.Name}");
        }

        vrf.Members--;
        if (!vrf.HasMembers)
        {
            Membership.Release(vrf.ImportTargets);
        }
    }

    private Vrf Existing(VrfIndex index) => this[index] is { IsRemoved: false } vrf ? vrf : throw new KeyNotFoundException($"VRF {index.Value} is removed.");

    internal Vrf RowOf(VrfIndex index) => _vrfs[index.Value]!;

    private static void Check(VrfSettings settings)
    {
        if (settings.MaxPaths is < 1 or > VrfSettings.MostPaths)
        {
            throw new ArgumentException($"a route has 1 to {VrfSettings.MostPaths} next hops, not {settings.MaxPaths}");
        }

        if (settings.Aggregates.Select(static aggregate => aggregate.Prefix).Distinct().Count() != settings.Aggregates.Count)
        {
            throw new ArgumentException($"VRF {settings.Name} has an aggregate twice");
        }
    }

    private RouteDistinguisher TakeDistinguisher(VrfSettings settings) => settings.Distinguisher is { } configured ? configured
        : Distinguishers.TryTake(settings.Name, out RouteDistinguisher own) ? own
        : throw new InvalidOperationException("no route distinguisher is left");

    private void ReleaseDistinguisher(VrfSettings settings)
    {
        if (settings.Distinguisher is null)
        {
            Distinguishers.Release(settings.Name);
        }
    }

    private void TakeLabel(Vrf vrf, VrfSettings settings)
    {
        var owner = LabelAllocator.OfVrf(settings.Name);
        if (settings.AggregateLabel is { } configured)
        {
            vrf.AggregateLabel = Labels.TryTake(owner, configured) ? configured
                : throw new ArgumentException($"label {configured} of VRF {settings.Name} is another's");
        }
        else if (settings.Aggregates.Count != 0)
        {
            vrf.AggregateLabel = Labels.TryTake(owner, out Label20 label) ? label
                : throw new InvalidOperationException("no label is left");
        }
    }

    private void ChangeLabel(Vrf vrf, VrfSettings settings)
    {
        if (settings.AggregateLabel == vrf.Settings.AggregateLabel && (vrf.AggregateLabel is not null || settings.Aggregates.Count == 0))
        {
            return;
        }

        if (vrf.AggregateLabel is not null)
        {
            Labels.Release(LabelAllocator.OfVrf(vrf.Name));
            vrf.AggregateLabel = null;
        }

        TakeLabel(vrf, settings);
    }

    private void ChangeImports(Vrf vrf, VrfSettings settings)
    {
        ExtendedCommunity[] before = vrf.ImportTargets;
        ExtendedCommunity[] now = Vrf.Normalize(settings.ImportTargets);
        ExtendedCommunity[] added = [.. now.Except(before)];
        ExtendedCommunity[] removed = [.. before.Except(now)];
        foreach (ExtendedCommunity target in added)
        {
            Import(vrf, target, isImported: true);
        }

        foreach (ExtendedCommunity target in removed)
        {
            Import(vrf, target, isImported: false);
        }

        // New ones first: what is in both must not be let go of in between.
        var had = vrf.HasMembers;
        var has = vrf.Members != 0 || settings.AlwaysMember;
        if (has)
        {
            Membership.Acquire(had ? added : now);
        }

        if (had)
        {
            Membership.Release(has ? removed : before);
        }

        vrf.ImportTargets = now;
        if (!ReferenceEquals(settings.ImportPolicy, vrf.Settings.ImportPolicy))
        {
            vrf.IsImportPolicyNew = true;
            LookAgain(vrf);
        }
    }
}

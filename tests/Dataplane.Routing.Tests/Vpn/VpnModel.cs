using Dataplane.Net;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

/// <summary>
/// What the tables of VRFs must be, worked out from nothing but the paths, the VRFs' settings and their local routes, as plainly as it can be
/// said. Aggregates make routes that other aggregates count, always shorter ones, so working it out again until nothing changes ends.
/// </summary>
internal sealed class VpnModel(
    IReadOnlyCollection<ModelPath> received, IReadOnlyCollection<ModelVrf> vrfs, Func<IpAddress, bool> isReachable, VpnRig rig)
{
    private const uint RouterId = 0x0A000009;

    /// <summary>The paths of local routes and aggregates.</summary>
    public List<ModelPath> Exported { get; private set; } = [];

    /// <summary>The routes of each VRF.</summary>
    public Dictionary<string, Dictionary<ModelPrefix, ModelRoute>> Routes { get; private set; } = [];

    /// <summary>The VRFs that each destination is in.</summary>
    public Dictionary<ModelDestination, SortedSet<int>> Links { get; private set; } = [];

    /// <summary>The aggregates that are there.</summary>
    public HashSet<(string Vrf, IpPrefix Prefix)> Active { get; private set; } = [];

    /// <summary>How many specifics each aggregate has.</summary>
    public Dictionary<(string Vrf, IpPrefix Prefix), int> Specifics { get; private set; } = [];

    /// <summary>The destinations that aggregates stand for.</summary>
    public HashSet<ModelDestination> Suppressed { get; } = [];

    /// <summary>Works it all out.</summary>
    public void Compute()
    {
        while (true)
        {
            ComputeRoutes();
            HashSet<(string, IpPrefix)> active = ComputeAggregates();
            if (active.SetEquals(Active))
            {
                break;
            }

            Active = active;
        }

        ComputeSuppressed();
    }

    private static bool Covers(IpPrefix aggregate, ModelPrefix route) => !route.Family.IsFlowSpec
        && route.Nlri.Prefix(route.Family) is var prefix && prefix.Length > aggregate.Length && aggregate.Contains(prefix);

    private void ComputeRoutes()
    {
        Exported = [.. vrfs.SelectMany(Exports)];
        Routes = vrfs.ToDictionary(static vrf => vrf.Settings.Name, static _ => new Dictionary<ModelPrefix, ModelRoute>());
        Links = [];
        var candidates = new Dictionary<(ModelVrf Vrf, ModelPrefix Prefix), List<ModelPath>>();
        foreach (IGrouping<ModelDestination, ModelPath> group in received.Concat(Exported).GroupBy(static path => path.Destination))
        {
            ModelPath[] usable = [.. group.Where(path => isReachable(path.NextHop))];
            ModelPath? best = usable.Length == 0 ? null : ModelSelection.Best(usable);
            var links = new SortedSet<int>();
            foreach (ModelVrf vrf in vrfs)
            {
                ModelPath? candidate = null;
                if (best is not null && best.Targets.Intersect(vrf.Settings.ImportTargets).Any()
                    && ModelPolicy.Judge(vrf.Settings.ImportPolicy, best) is { } imported)
                {
                    candidate = imported;
                    links.Add(vrf.Index.Value);
                }
                else if (group.Where(path => path.Owner == vrf.Settings.Name).ToArray() is { Length: > 0 } own)
                {
                    links.Add(vrf.Index.Value);
                    ModelPath[] usableOwn = [.. own.Where(path => isReachable(path.NextHop))];
                    candidate = usableOwn.Length == 0 ? null : ModelSelection.Best(usableOwn);
                }

                if (candidate is not null)
                {
                    if (!candidates.TryGetValue((vrf, group.Key.Prefix), out List<ModelPath>? list))
                    {
                        candidates[(vrf, group.Key.Prefix)] = list = [];
                    }

                    list.Add(candidate);
                }
            }

            if (links.Count != 0)
            {
                Links[group.Key] = links;
            }
        }

        foreach (((ModelVrf vrf, ModelPrefix prefix), List<ModelPath> list) in candidates)
        {
            Routes[vrf.Settings.Name][prefix] = ModelSelection.Choose(list, vrf.Settings.MaxPaths);
        }
    }

    private IEnumerable<ModelPath> Exports(ModelVrf vrf)
    {
        IEnumerable<VrfLocalRoute> aggregates = Active.Where(active => active.Vrf == vrf.Settings.Name).Select(active => new VrfLocalRoute
        {
            Prefix = active.Prefix,
            Label = rig.Vrfs[vrf.Index].AggregateLabel!.Value,
            Publisher = PublisherId.Aggregate,
        });
        foreach (VrfLocalRoute route in vrf.Locals.Values.Concat(aggregates))
        {
            var isV6 = route.Prefix.Address.IsV6;
            var path = new ModelPath
            {
                Destination = new(isV6 ? RouteFamily.VpnIpv6 : RouteFamily.VpnIpv4, Nlri.Of(route.Prefix, route.Distinguisher ?? vrf.Distinguisher)),
                Source = rig.Vrfs.Locals.Source,
                Kind = SourceKind.Local,
                RouterId = RouterId,
                // Only decides between paths that are equal otherwise, so it may be read from the table.
                PathIdentifier = (uint)rig.Vrfs.Locals.Find(vrf.Index, route.Prefix, route.Publisher) + 1,
                NextHop = route.NextHop ?? (isV6 ? IpAddress.Parse("2001:db8::9") : IpAddress.Parse("10.0.0.9")),
                Label = route.Label.Value,
                LocalPreference = route.LocalPreference ?? 100,
                Version = route.Version,
                Targets = [.. vrf.Settings.ExportTargets.Distinct().Order()],
                Owner = vrf.Settings.Name,
            };
            ModelPath? exported = path.Targets.Length == 0 ? null : ModelPolicy.Judge(vrf.Settings.ExportPolicy, path);
            yield return exported is null ? path with { Targets = [] }
                : route.IsByTarget ? exported with { Owner = null } : exported;
        }
    }

    private HashSet<(string, IpPrefix)> ComputeAggregates()
    {
        var active = new HashSet<(string, IpPrefix)>();
        Specifics = [];
        foreach (ModelVrf vrf in vrfs)
        {
            foreach (VrfAggregateSettings aggregate in vrf.Settings.Aggregates)
            {
                var count = Routes[vrf.Settings.Name].Keys.Count(route => Covers(aggregate.Prefix, route));
                Specifics[(vrf.Settings.Name, aggregate.Prefix)] = count;
                if (count != 0)
                {
                    active.Add((vrf.Settings.Name, aggregate.Prefix));
                }
            }
        }

        return active;
    }

    private void ComputeSuppressed()
    {
        foreach ((ModelDestination destination, SortedSet<int> links) in Links)
        {
            if (vrfs.Where(vrf => links.Contains(vrf.Index.Value)).Any(vrf => vrf.Settings.Aggregates.Any(aggregate =>
                aggregate.SuppressSpecifics && Active.Contains((vrf.Settings.Name, aggregate.Prefix))
                && Covers(aggregate.Prefix, destination.Prefix))))
            {
                Suppressed.Add(destination);
            }
        }
    }
}

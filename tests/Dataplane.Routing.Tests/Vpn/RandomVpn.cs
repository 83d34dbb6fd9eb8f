using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

/// <summary>
/// Random operations on a routing base with VRFs, written down beside it: a small world, so that everything meets everything. Compared with
/// <see cref="VpnModel"/> by <see cref="VpnComparison"/>.
/// </summary>
internal sealed class RandomVpn : INextHopResolver
{
    private static readonly RouteFamily[] Families = [RouteFamily.VpnIpv4, RouteFamily.VpnIpv4, RouteFamily.VpnIpv6, RouteFamily.VpnIpv4FlowSpec];
    private static readonly string[] Names = ["blue", "red", "green", "hub", "spoke", "azure", "edge", "shop"];

    private static readonly IpPrefix[] Prefixes4 = Array.ConvertAll(
        (string[])["10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "10.1.1.1/32", "10.1.1.2/32", "10.1.2.0/24", "10.2.0.0/16", "10.2.0.1/32", "0.0.0.0/0"],
        IpPrefix.Parse);

    private static readonly IpPrefix[] Prefixes6 = Array.ConvertAll(
        (string[])["2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::1/128", "2001:db8:2::/48", "::/0"], IpPrefix.Parse);

    private static readonly IpAddress[] NextHops =
        Array.ConvertAll((string[])["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.9", "2001:db8::9"], IpAddress.Parse);

    private static readonly ExtendedCommunity[] Targets =
        VpnRig.Targets("65000:1", "65000:2", "65000:3", "65000:4", "65000:5");

    private static readonly RouteDistinguisher[] Distinguishers =
        Array.ConvertAll((string[])["10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1", "65000:7"], text => RouteDistinguisher.Parse(text));

    private static readonly ModelPolicy[] Policies = [new(rejects: true), new(rejects: false)];

    private readonly Random _random;
    private readonly AttributeBlockBuilder _builder = new();
    private readonly HashSet<IpAddress> _unreachable = [];
    private readonly (SourceId Id, SourceKind Kind, uint RouterId)[] _peers;

    public RandomVpn(int seed)
    {
        _random = new(seed);
        Rig.Routing.NextHops.Resolver = this;
        _peers =
        [
            (Rig.Peer, SourceKind.Ibgp, 0x0A000001),
            (Rig.AddPeer("10.0.0.2"), SourceKind.Ibgp, 0x0A000002),
            (Rig.AddPeer("10.0.0.3", SourceKind.Ebgp), SourceKind.Ebgp, 0x0A000003),
            (Rig.AddPeer("10.0.0.10", SourceKind.Ebgp), SourceKind.Ebgp, 0x0A00000A),
        ];
        Follower = new(Rig);
    }

    public VpnRig Rig { get; } = new(isQuiet: true);

    public VpnFollower Follower { get; }

    public Dictionary<(ModelDestination Destination, SourceId Source, uint PathIdentifier), ModelPath> Paths { get; } = [];

    public Dictionary<string, ModelVrf> Vrfs { get; } = [];

    /// <summary>VRFs that are removed and still have routes.</summary>
    public int Removing { get; private set; }

    public bool IsReachable(IpAddress nextHop) => !_unreachable.Contains(nextHop);

    NextHopState INextHopResolver.Resolve(IpAddress nextHop) => new(IsReachable(nextHop), 0);

    /// <summary>Does something.</summary>
    public void Step()
    {
        switch (_random.Next(1000))
        {
            case < 520: Announce(); break;
            case < 680: Withdraw(); break;
            case < 780: WithVrf(SetLocal); break;
            case < 850: WithVrf(RemoveLocal); break;
            case < 890: WithVrf(ChangeVrf); break;
            case < 900: AddVrf(); break;
            case < 904: WithVrf(RemoveVrf); break;
            case < 930: WithVrf(ChangeMembers); break;
            case < 931: SourceDown(); break;
            case < 933: SourceStale(); break;
            case < 935: ChangeReachability(); break;
            default: Rig.Routing.Settle(1 + _random.Next(20)); break;
        }
    }

    /// <summary>Takes everything away again.</summary>
    public void RemoveAll()
    {
        foreach ((SourceId id, _, _) in _peers)
        {
            foreach (FamilyTable table in Rig.Routing.Families)
            {
                table.Sweep(id);
            }
        }

        Paths.Clear();
        foreach (ModelVrf vrf in Vrfs.Values.ToArray())
        {
            RemoveVrf(vrf);
        }

        Rig.Settle();
        Assert.Equal(0, Removing);
    }

    private T Any<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    private bool Chance(int oneOf) => _random.Next(oneOf) == 0;

    private ExtendedCommunity[] AnyTargets(int most) => [.. Enumerable.Range(0, _random.Next(most + 1)).Select(_ => Any(Targets))];

    private IpPrefix AnyPrefix() => Chance(4) ? Any(Prefixes6) : Any(Prefixes4);

    private ModelDestination AnyDestination()
    {
        RouteFamily family = Any(Families);
        RouteDistinguisher distinguisher = Chance(4) && Vrfs.Count != 0 ? Any(Vrfs.Values.ToArray()).Distinguisher : Any(Distinguishers);
        return new(family, family switch
        {
            RouteFamily.VpnIpv4 => Nlri.Of(Any(Prefixes4), distinguisher),
            RouteFamily.VpnIpv6 => Nlri.Of(Any(Prefixes6), distinguisher),
            _ => new(distinguisher, 0, (ulong)_random.Next(1, 4), 0),
        });
    }

    private void Announce()
    {
        (SourceId id, SourceKind kind, var routerId) = Any(_peers);
        var path = new ModelPath
        {
            Destination = AnyDestination(),
            Source = id,
            Kind = kind,
            RouterId = routerId,
            PathIdentifier = (uint)_random.Next(2),
            NextHop = Any(NextHops),
            Label = (uint)_random.Next(100, 103),
            LocalPreference = Chance(8) ? 200u : 100,
            Version = Chance(4) ? (uint)_random.Next(1, 3) : 0,
            NeighborAs = (uint)_random.Next(3),
            Origin = (byte)(Chance(8) ? 2 : 0),
            Med = (uint)_random.Next(3),
            Targets = [.. AnyTargets(3).Distinct().Order()],
        };
        path = path with { AsPathLength = path.NeighborAs == 0 ? 0 : 1, Label = path.Destination.Family.IsFlowSpec ? 0 : path.Label };
        Paths[(path.Destination, path.Source, path.PathIdentifier)] = path;
        AttributeSetId set = Intern(path);
        Rig.Routing.Attributes.Acquire(set);
        var label = path.Destination.Family.IsFlowSpec ? 0 : path.Label << 4 | 1;
        Rig.Routing[path.Destination.Family].Announce(path.Destination.Nlri, id, path.PathIdentifier, set, set, label);
    }

    private AttributeSetId Intern(ModelPath path)
    {
        _builder.Clear();
        _builder.SetOrigin(path.Origin);
        if (path.AsPathLength == 0)
        {
            _builder.SetAsPath();
        }
        else
        {
            _builder.SetAsPath(new AsNumber(path.NeighborAs));
        }

        _builder.SetNextHop(path.NextHop);
        _builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, path.LocalPreference);
        _builder.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, path.Med);
        ExtendedCommunity[] targets = [.. path.Targets];
        _random.Shuffle(targets);
        _builder.SetExtendedCommunities(path.Version == 0 ? targets : [.. targets, ExtendedCommunity.Mobility(path.Version)]);
        return Rig.Routing.Attributes.Intern(_builder.Block);
    }

    private void Withdraw()
    {
        if (Paths.Count == 0)
        {
            return;
        }

        // Whatever path comes first in the walk of a dictionary that changes all the time.
        (ModelDestination destination, SourceId source, var identifier) = Paths.Keys.Skip(_random.Next(Math.Min(Paths.Count, 50))).First();
        Paths.Remove((destination, source, identifier));
        Assert.True(Rig.Routing[destination.Family].Withdraw(destination.Nlri, source, identifier));
    }

    private void WithVrf(Action<ModelVrf> action)
    {
        if (Vrfs.TryGetValue(Any(Names), out ModelVrf? vrf))
        {
            action(vrf);
        }
    }

    private void SetLocal(ModelVrf vrf)
    {
        var route = new VrfLocalRoute
        {
            Prefix = AnyPrefix(),
            Label = new((uint)_random.Next(100, 103)),
            Publisher = new(Any<uint>([0, 1, 16, 17])),
            NextHop = Chance(3) ? Any(NextHops) : null,
            Version = Chance(4) ? (uint)_random.Next(1, 3) : 0,
            LocalPreference = Chance(8) ? 200u : null,
            Distinguisher = Chance(3) ? Any(Distinguishers) : null,
            IsByTarget = Chance(3),
        };
        vrf.Locals[(route.Prefix, route.Publisher)] = route;
        Rig.Vrfs.SetLocal(vrf.Index, route);
    }

    private void RemoveLocal(ModelVrf vrf)
    {
        if (vrf.Locals.Count == 0)
        {
            Assert.False(Rig.Vrfs.RemoveLocal(vrf.Index, Prefixes4[0], PublisherId.Static));
            return;
        }

        (IpPrefix prefix, PublisherId publisher) = Any(vrf.Locals.Keys.ToArray());
        vrf.Locals.Remove((prefix, publisher));
        Assert.True(Rig.Vrfs.RemoveLocal(vrf.Index, prefix, publisher));
    }

    private void AddVrf()
    {
        var name = Any(Names);
        if (Vrfs.ContainsKey(name))
        {
            return;
        }

        VrfSettings settings = Change(new VrfSettings { Name = name });
        VrfIndex index = Rig.Vrfs.Add(settings);
        Vrfs[name] = new() { Index = index, Settings = settings, Distinguisher = Rig.Vrfs[index].Distinguisher };
    }

    private void ChangeVrf(ModelVrf vrf)
    {
        vrf.Settings = Change(vrf.Settings);
        Rig.Vrfs.Update(vrf.Index, vrf.Settings);
        vrf.Distinguisher = Rig.Vrfs[vrf.Index].Distinguisher;
        Assert.Equal(vrf.Settings.Distinguisher ?? vrf.Distinguisher, vrf.Distinguisher);
    }

    private VrfSettings Change(VrfSettings settings)
    {
        settings = Chance(2) ? settings with { ImportTargets = AnyTargets(4) } : settings;
        settings = Chance(3) ? settings with { ExportTargets = AnyTargets(2) } : settings;
        settings = Chance(3) ? settings with { Aggregates = AnyAggregates() } : settings;
        settings = Chance(6) ? settings with { MaxPaths = _random.Next(1, 4) } : settings;
        settings = Chance(8) ? settings with { Distinguisher = Chance(2) ? Any(Distinguishers) : null } : settings;
        settings = Chance(8) ? settings with { AlwaysMember = Chance(2) } : settings;
        settings = Chance(8) ? settings with { ImportPolicy = Chance(2) ? Any(Policies) : null } : settings;
        return Chance(8) ? settings with { ExportPolicy = Chance(2) ? Policies[0] : null } : settings;
    }

    private VrfAggregateSettings[] AnyAggregates() =>
    [
        .. Enumerable.Range(0, _random.Next(4)).Select(_ => AnyPrefix()).Distinct()
            .Select(prefix => new VrfAggregateSettings(prefix, SuppressSpecifics: Chance(2))),
    ];

    private void RemoveVrf(ModelVrf vrf)
    {
        if (Chance(2))
        {
            Rig.Vrfs.Remove(vrf.Index);
        }
        else
        {
            // Its row stays until the last route has left it.
            Removing++;
            Rig.Vrfs.BeginRemove(vrf.Index, () => Removing--);
        }

        Assert.Throws<KeyNotFoundException>(() => Rig.Vrfs.AddMember(vrf.Index));
        Assert.False(Rig.Vrfs.TryFind(vrf.Settings.Name, out _));
        Vrfs.Remove(vrf.Settings.Name);
    }

    private void ChangeMembers(ModelVrf vrf)
    {
        if (vrf.Members == 0 || Chance(2))
        {
            vrf.Members++;
            Rig.Vrfs.AddMember(vrf.Index);
            return;
        }

        vrf.Members--;
        Rig.Vrfs.RemoveMember(vrf.Index);
    }

    private void SourceDown()
    {
        SourceId id = Any(_peers).Id;
        foreach (RouteFamily family in Families.Distinct())
        {
            Rig.Routing[family].BeginMarkStale(id, PathState.Stale);
            Rig.Routing[family].BeginSweep(id, PathState.Stale);
        }

        foreach (var key in Paths.Keys.Where(key => key.Source == id).ToArray())
        {
            Paths.Remove(key);
        }
    }

    // Graceful restart and its ends: what is still stale goes, or is kept for long.
    private void SourceStale()
    {
        SourceId id = Any(_peers).Id;
        PathState state = Chance(2) ? PathState.Stale : PathState.LlgrStale;
        var sweeps = Chance(2);
        foreach (RouteFamily family in Families.Distinct())
        {
            if (sweeps)
            {
                Rig.Routing[family].BeginSweep(id, state);
            }
            else
            {
                Rig.Routing[family].BeginMarkStale(id, state);
            }
        }

        foreach (var key in Paths.Keys.Where(key => key.Source == id).ToArray())
        {
            if (!sweeps)
            {
                Paths[key] = Paths[key] with { State = Paths[key].State | state };
            }
            else if ((Paths[key].State & state) != 0)
            {
                Paths.Remove(key);
            }
        }
    }

    private void ChangeReachability()
    {
        IpAddress nextHop = Any(NextHops);
        _ = _unreachable.Remove(nextHop) || _unreachable.Add(nextHop);
        Rig.Routing.NextHops.Reresolve();
    }
}

using System.Runtime.InteropServices;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// Puts the routes of VRFs into the datapath: next hops become tunnels, several of them a shared group, and whoever is a next hop may send
/// to the VRF (SEC-09). What a route used before is read back from the datapath, so that nothing is kept here per route. Owner thread: the
/// one that writes the datapath; where that is another than the routing thread, a <see cref="RouteInstallQueue"/> is in between.
/// </summary>
/// <param name="datapath">Where routes go.</param>
/// <param name="tunnels">Tunnels to next hops.</param>
/// <param name="isOwn">Whether an address is one of our own infrastructure addresses.</param>
public sealed class RouteInstaller(Datapath datapath, ITunnelDirectory tunnels, Func<IpAddress, bool> isOwn) : IVrfRouteListener
{
    private readonly List<VrfId?> _vrfs = [];
    private readonly Dictionary<TunnelId, TunnelUse> _tunnels = [];
    private readonly Dictionary<(VrfId Vrf, TunnelId Tunnel), int> _sources = [];
    private readonly LingeringSources _lingering = new(datapath);
    private readonly List<TunnelId> _held = [];
    private readonly List<TunnelId> _released = [];
    private readonly List<GroupMember> _members = [];
    private readonly HashSet<(IpAddress, Label20)> _seen = [];
    private readonly Dictionary<(VrfIndex Vrf, RouteFamily Family, uint Rule), byte[]> _rules = [];
    private VrfNextHop[] _nextHops = new VrfNextHop[8];

    /// <summary>What takes the same next hop of several.</summary>
    public LoadBalance LoadBalance { get; init; }

    /// <summary>Whether configuration makes an address a legitimate source of a VRF: then it stays so without routes. Null: of none.</summary>
    public Func<VrfId, IpAddress, bool>? IsConfiguredSource { get; init; }

    /// <summary>Takes the flow specifications of the VRFs; null passes them over.</summary>
    public FilterInstaller? Filters { get; init; }

    /// <summary>
    /// How long whoever was the next hop of a route may still send to the VRF after another has taken the route over: packets that it sends after a
    /// workload that moved away come from there (MOB-05). Zero: not at all.
    /// </summary>
    public TimeSpan RepairTime { get; init; }

    /// <summary>The clock of <see cref="RepairTime"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How often a route could not be installed: no room in the datapath, or none of its next hops has a tunnel.</summary>
    public long NotInstalled { get; private set; }

    /// <summary>Tunnels that routes use.</summary>
    public int TunnelCount => _tunnels.Count;

    /// <summary>From now on installs the routes of a VRF; routes of others are passed over.</summary>
    public void Bind(VrfIndex vrf, VrfId id)
    {
        while (_vrfs.Count <= vrf.Value)
        {
            _vrfs.Add(null);
        }

        _vrfs[vrf.Value] = id;
    }

    /// <summary>Installs a VRF's routes no more; those installed were removed before.</summary>
    public void Unbind(VrfIndex vrf)
    {
        if (vrf.Value < _vrfs.Count)
        {
            if (_vrfs[vrf.Value] is { } id)
            {
                _lingering.End(id);
            }

            _vrfs[vrf.Value] = null;
        }
    }

    /// <summary>Ends what <see cref="RepairTime"/> is over for; now and then.</summary>
    public void Expire() => _lingering.Expire(Time);

    /// <inheritdoc/>
    public void RouteChanged(VrfRouteView route)
    {
        if (route.Family.IsFlowSpec)
        {
            SetFilter(route.Vrf, route.Family, (uint)route.Nlri.Low, route.ReadFilter());
            Filters?.Apply();
            return;
        }

        if (_nextHops.Length < route.NextHopCount)
        {
            _nextHops = new VrfNextHop[VrfSettings.MostPaths];
        }

        Install(route.Vrf, route.Prefix, _nextHops.AsSpan(0, route.CopyNextHops(_nextHops)));
    }

    /// <inheritdoc/>
    public void RouteRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri)
    {
        if (family.IsFlowSpec)
        {
            SetFilter(vrf, family, (uint)nlri.Low, null);
            Filters?.Apply();
        }
        else
        {
            Remove(vrf, nlri.Prefix(family));
        }
    }

    /// <summary>Installs, replaces or removes a flow specification; <see cref="FilterInstaller.Apply()"/> brings it into force.</summary>
    /// <param name="vrf">The VRF.</param>
    /// <param name="family">The family it came by.</param>
    /// <param name="rule">The number that it has while it is there.</param>
    /// <param name="filter">The rule with its actions; null removes it.</param>
    public void SetFilter(VrfIndex vrf, RouteFamily family, uint rule, VrfFilter? filter)
    {
        if (Filters is null || Find(vrf) is not { } id)
        {
            return;
        }

        if (filter is not null)
        {
            _rules[(vrf, family, rule)] = filter.Octets.ToArray();
            Filters.Set(id, FilterOrigin.Signalled, filter);
        }
        else if (_rules.Remove((vrf, family, rule), out var octets))
        {
            Filters.Remove(id, FilterOrigin.Signalled, family.AddressFamily, octets);
        }
    }

    /// <summary>Installs or replaces a route.</summary>
    /// <returns>False when there is no route now: not one of its next hops can be used, or the datapath is full.</returns>
    public bool Install(VrfIndex vrf, IpPrefix prefix, ReadOnlySpan<VrfNextHop> nextHops)
    {
        if (Find(vrf) is not { } id)
        {
            return false;
        }

        CollectTunnels(id, prefix, _released);
        _held.Clear();
        _members.Clear();
        var isInstalled = false;
        try
        {
            isInstalled = nextHops.Length == 1 ? InstallOne(id, prefix, nextHops[0]) : InstallSeveral(id, prefix, nextHops);
        }
        catch (InvalidOperationException)
        {
            // No room in the datapath for a group or a tunnel: this prefix has no route, everything else goes on.
        }

        if (!isInstalled)
        {
            NotInstalled++;
            _ = datapath.RemoveRoute(id, prefix);
            _released.AddRange(_held);
        }

        ReleaseAll(id, isInstalled ? RepairTime : TimeSpan.Zero);
        return isInstalled;
    }

    /// <summary>Removes a route if it is installed.</summary>
    public void Remove(VrfIndex vrf, IpPrefix prefix)
    {
        if (Find(vrf) is { } id)
        {
            CollectTunnels(id, prefix, _released);
            _ = datapath.RemoveRoute(id, prefix);
            ReleaseAll(id, TimeSpan.Zero);
        }
    }

    private VrfId? Find(VrfIndex vrf) => vrf.Value < _vrfs.Count ? _vrfs[vrf.Value] : null;

    private bool InstallOne(VrfId vrf, IpPrefix prefix, VrfNextHop nextHop)
    {
        IpAddress owner = nextHop.Address.Unmapped;
        if (isOwn(owner))
        {
            // Whether it is used is for the datapath to say, and may change with an interface (FWD-10).
            _ = datapath.SetRoute(vrf, prefix, new SuppliedRoute(null, nextHop.Label));
            return true;
        }

        return TryHold(vrf, owner, out TunnelId tunnel) && datapath.SetRoute(vrf, prefix, new SuppliedRoute(tunnel, nextHop.Label));
    }

    private bool InstallSeveral(VrfId vrf, IpPrefix prefix, ReadOnlySpan<VrfNextHop> nextHops)
    {
        _seen.Clear();
        foreach (VrfNextHop nextHop in nextHops)
        {
            IpAddress owner = nextHop.Address.Unmapped;
            if (!_seen.Add((owner, nextHop.Label)))
            {
                continue;
            }

            if (!isOwn(owner))
            {
                if (TryHold(vrf, owner, out TunnelId tunnel))
                {
                    _members.Add(GroupMember.Remote(tunnel, nextHop.Label));
                }
            }
            else if (datapath.TryFindInterface(nextHop.Label, out InterfaceId own, out InterfaceSettings? settings)
                && settings.Addresses.Contains(prefix))
            {
                // It may be one of another VPN here that shares what it has (ARC-09).
                _members.Add(GroupMember.Local(own, owner, nextHop.Label));
            }
            else if (datapath.TryFindVrf(nextHop.Label, out VrfId ownVrf))
            {
                // Our aggregate beside the same one of others; of another VPN, a hub (ARC-13).
                _members.Add(GroupMember.Lookup(ownVrf, owner, nextHop.Label));
            }
        }

        return _members.Count != 0
            && datapath.SetRoute(vrf, prefix, SuppliedRoute.To(datapath.ShareGroup(new() { Members = [.. _members], LoadBalance = LoadBalance })));
    }

    // One use for each next hop of a route, of the tunnel and of the source in the VRF.
    private bool TryHold(VrfId vrf, IpAddress remote, out TunnelId tunnel)
    {
        if (!tunnels.TryGet(remote, out tunnel))
        {
            return false;
        }

        ref TunnelUse use = ref CollectionsMarshal.GetValueRefOrAddDefault(_tunnels, tunnel, out _);
        use = new(remote, use.Count + 1);
        ref var sources = ref CollectionsMarshal.GetValueRefOrAddDefault(_sources, (vrf, tunnel), out _);
        if (++sources == 1)
        {
            _lingering.Forget(vrf, remote);
            datapath.AllowIngress(vrf, remote);
        }

        _held.Add(tunnel);
        return true;
    }

    private void CollectTunnels(VrfId vrf, IpPrefix prefix, List<TunnelId> into)
    {
        into.Clear();
        if (!datapath.TryFindRoute(vrf, prefix, out SuppliedRoute route))
        {
            return;
        }

        if (route.Group is not { } group)
        {
            if (route.Tunnel is { } tunnel)
            {
                into.Add(tunnel);
            }

            return;
        }

        foreach (GroupMember member in datapath.Group(group).Members)
        {
            if (member.Tunnel is { } tunnel)
            {
                into.Add(tunnel);
            }
        }
    }

    private void ReleaseAll(VrfId vrf, TimeSpan linger)
    {
        foreach (TunnelId tunnel in _released)
        {
            ref var sources = ref CollectionsMarshal.GetValueRefOrNullRef(_sources, (vrf, tunnel));
            ref TunnelUse use = ref CollectionsMarshal.GetValueRefOrNullRef(_tunnels, tunnel);
            IpAddress remote = use.Remote;
            if (--sources == 0)
            {
                _ = _sources.Remove((vrf, tunnel));
                if (IsConfiguredSource?.Invoke(vrf, remote) != true)
                {
                    _lingering.Release(vrf, remote, linger, Time);
                }
            }

            use = use with { Count = use.Count - 1 };
            if (use.Count == 0)
            {
                _ = _tunnels.Remove(tunnel);
                tunnels.Release(remote, tunnel);
            }
        }

        _released.Clear();
    }

    private readonly record struct TunnelUse(IpAddress Remote, int Count);
}

using System.Runtime.InteropServices;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

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
    private readonly List<TunnelId> _held = [];
    private readonly List<TunnelId> _released = [];
    private readonly List<GroupMember> _members = [];
    private readonly HashSet<(IpAddress, Label20)> _seen = [];
    private VrfNextHop[] _nextHops = new VrfNextHop[8];

    /// <summary>What takes the same next hop of several.</summary>
    public LoadBalance LoadBalance { get; init; }

    /// <summary>Whether configuration makes an address a legitimate source of a VRF: then it stays so without routes. Null: of none.</summary>
    public Func<VrfId, IpAddress, bool>? IsConfiguredSource { get; init; }

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
            _vrfs[vrf.Value] = null;
        }
    }

    /// <inheritdoc/>
    public void RouteChanged(VrfRouteView route)
    {
        if (route.Family.IsFlowSpec)
        {
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
        if (!family.IsFlowSpec)
        {
            Remove(vrf, nlri.Prefix(family));
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

        ReleaseAll(id);
        return isInstalled;
    }

    /// <summary>Removes a route if it is installed.</summary>
    public void Remove(VrfIndex vrf, IpPrefix prefix)
    {
        if (Find(vrf) is { } id)
        {
            CollectTunnels(id, prefix, _released);
            _ = datapath.RemoveRoute(id, prefix);
            ReleaseAll(id);
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
            else if (datapath.TryFindInterface(vrf, nextHop.Label, out InterfaceId own, out InterfaceSettings? settings)
                && settings.Addresses.Contains(prefix))
            {
                _members.Add(GroupMember.Local(own, owner, nextHop.Label));
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

    private void ReleaseAll(VrfId vrf)
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
                    _ = datapath.RemoveIngress(vrf, remote);
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

using System.Collections.Concurrent;
using Dataplane.Forwarding;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Vpn;

namespace Dataplane.Host.Gateway;

/// <summary>
/// Takes the routes of a gateway's VRFs into the datapath of the forwarder in the same process. The routing thread queues them, the slow path's
/// thread, which alone writes the datapath, installs them.
/// </summary>
/// <param name="configuration">What the forwarder was started with: its VRFs' rows follow the order of the file.</param>
internal sealed class ForwarderLink(DataplaneConfiguration configuration) : IVrfFollower
{
    private const int MostInstallsPerTurn = 512;
    private readonly RouteInstallQueue _queue = new();

    // By index. Written by the routing thread, before a route of the VRF is queued.
    private readonly ConcurrentDictionary<VrfIndex, string> _names = [];
    private IInstalledRoutes? _follower;

    /// <summary>Has somebody told of the routes that are written. Routing thread.</summary>
    public void Follow(IInstalledRoutes follower)
    {
        _follower = follower;
        _queue.Removed = (vrf, prefix) => follower.Removed(_names[vrf], prefix);
        _queue.Written = (vrf, prefix, nextHops, since, isInstalled) => follower.Written(_names[vrf], prefix, nextHops, since, isInstalled, _queue.Count);
    }

    /// <summary>Has a running forwarder install what is queued.</summary>
    public void Connect(Forwarder forwarder)
    {
        SlowPathThread slowPath = forwarder.SlowPath;
        slowPath.SetWork(InstallInto(forwarder.Tables, slowPath.Service.Processor.UnderlayNeighbors.Require));
    }

    /// <summary>What installs, on the thread that writes the datapath, a piece of what is queued and says how much it was.</summary>
    /// <param name="tables">The datapath.</param>
    /// <param name="require">Asks for an underlay neighbour that a tunnel needs.</param>
    public Func<int> InstallInto(ForwardingTables tables, Action<PortId, IpAddress> require)
    {
        var installer = new RouteInstaller(tables.Datapath, new ForwarderTunnels(tables, require), configuration.Infrastructure.IsOurs)
        {
            Filters = tables.Filters,
            RepairTime = configuration.Signaling?.RepairTime ?? TimeSpan.Zero,
        };
        return () =>
        {
            installer.Expire();
            return _queue.Drain(installer, MostInstallsPerTurn);
        };
    }

    /// <inheritdoc/>
    public void VrfAdded(VrfIndex index, string name)
    {
        int row = configuration.Vrfs.Index().FirstOrDefault(entry => entry.Item.Name == name, (-1, null!)).Index;
        _names[index] = name;
        if (row >= 0)
            _queue.Bind(index, new VrfId((uint)row));
    }

    /// <inheritdoc/>
    public void VrfRemoved(VrfIndex index) => _queue.Unbind(index);

    /// <inheritdoc/>
    public void RouteChanged(VrfRouteView route) =>
        _queue.RouteChanged(route, _follower is null || route.Family.IsFlowSpec ? 0 : _follower.Since(_names[route.Vrf], route));

    /// <inheritdoc/>
    public void RouteRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri) => _queue.RouteRemoved(vrf, family, nlri);
}

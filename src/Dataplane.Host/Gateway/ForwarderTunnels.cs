using Dataplane.Forwarding;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Host.Gateway;

/// <summary>
/// Tunnels to the next hops of routes: those of the configuration, and others made as they are needed and removed when no route uses
/// them. Owner thread: the slow path's.
/// </summary>
internal sealed class ForwarderTunnels : ITunnelDirectory
{
    private readonly Dictionary<IpAddress, TunnelId> _configured;
    private readonly ForwardingTables _tables;
    private readonly Action<PortId, IpAddress> _require;
    private readonly UnderlayRoutes _underlay;

    /// <summary>Makes tunnels in a datapath.</summary>
    /// <param name="tables">The datapath with the tunnels of its configuration.</param>
    /// <param name="require">Asks for an underlay neighbour that a tunnel needs.</param>
    public ForwarderTunnels(ForwardingTables tables, Action<PortId, IpAddress> require)
    {
        _tables = tables;
        _require = require;
        _underlay = new UnderlayRoutes(tables.Configuration);
        _configured = tables.Remotes.Where(static remote => remote.Tunnel is not null)
            .ToDictionary(static remote => remote.Address, static remote => remote.Tunnel!.Value);
    }

    /// <inheritdoc/>
    public bool TryGet(IpAddress remote, out TunnelId tunnel)
    {
        if (_configured.TryGetValue(remote, out tunnel))
            return true;
        if (_tables.Learnt.TryGetValue(remote, out RemoteForwarder? made))
        {
            tunnel = made.Tunnel!.Value;
            return true;
        }
        DataplaneConfiguration configuration = _tables.Configuration;
        if (!configuration.Infrastructure.Has(remote.Family) || _underlay.Find(remote) is not { } way)
            return false;
        tunnel = _tables.Datapath.AddTunnel(ForwardingTables.TunnelTo(configuration, remote, way));
        _tables.Learnt.Add(remote, new RemoteForwarder(remote, tunnel, way));
        _require(way.Port, way.NextHop);
        return true;
    }

    /// <inheritdoc/>
    public void Release(IpAddress remote, TunnelId tunnel)
    {
        if (_tables.Learnt.Remove(remote))
            _tables.Datapath.RemoveTunnel(tunnel);
    }
}

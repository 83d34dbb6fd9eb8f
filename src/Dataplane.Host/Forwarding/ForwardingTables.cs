using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration;
using Dataplane.Net;
using Dataplane.Routing.Vpn;
using ConfiguredRole = Dataplane.Host.Configuration.PortRole;
using Control = Dataplane.Forwarding.Control;
using Layout = Dataplane.Forwarding.Layout;

namespace Dataplane.Host.Forwarding;

/// <summary>A device that a port of the configuration got.</summary>
/// <param name="DpdkPort">DPDK's port id.</param>
/// <param name="Mac">The port's MAC address.</param>
internal readonly record struct PortBinding(ushort DpdkPort, MacAddress Mac);

/// <summary>A port in the datapath.</summary>
/// <param name="Id">Its row there.</param>
/// <param name="Settings">What it is.</param>
/// <param name="Mac">Its MAC address.</param>
internal sealed record LivePort(PortId Id, PortConfiguration Settings, MacAddress Mac);

/// <summary>A remote forwarder that routes or tunnels name.</summary>
/// <param name="Address">Its infrastructure address.</param>
/// <param name="Tunnel">The tunnel to it; null when no underlay route leads there.</param>
/// <param name="Way">Where the tunnel leaves; null likewise.</param>
internal sealed record RemoteForwarder(IpAddress Address, TunnelId? Tunnel, UnderlayHop? Way);

/// <summary>An interface in the datapath.</summary>
/// <param name="Id">Its row and name there.</param>
/// <param name="Settings">What it was made from.</param>
/// <param name="IsSignalled">Whether signaling brought it, and not the configuration.</param>
internal sealed record LiveInterface(InterfaceId Id, InterfaceConfiguration Settings, bool IsSignalled = false);

/// <summary>
/// The datapath filled from a configuration. Rows follow the order of the file: port and VRF n of the configuration are
/// <see cref="PortId"/> and <see cref="VrfId"/> n; so are interfaces to begin with, which may come and go, as may further ports.
/// </summary>
internal sealed partial class ForwardingTables : IDisposable
{
    private readonly RowNames _rows;
    private volatile LivePort[] _ports;
    private volatile LiveInterface[] _interfaces;

    private ForwardingTables(
        DataplaneConfiguration configuration, LivePort[] ports, Datapath datapath, IReadOnlyList<RemoteForwarder> remotes,
        RowNames rows, LiveInterface[] interfaces)
    {
        _rows = rows;
        _ports = ports;
        _interfaces = interfaces;
        Configuration = configuration;
        Datapath = datapath;
        Remotes = remotes;
        VrfNames = rows.Vrfs.ToDictionary(static row => row.Key, static row => new VrfId((uint)row.Value), StringComparer.Ordinal);
        Filters = new FilterInstaller(datapath, FindVrf, problem => Warn?.Invoke(problem));
    }

    /// <summary>What they were filled from.</summary>
    public DataplaneConfiguration Configuration { get; }

    /// <summary>The ports that there are now, those of the configuration first. Any thread.</summary>
    public IReadOnlyList<LivePort> Ports => _ports;

    /// <summary>The tables.</summary>
    public Datapath Datapath { get; }

    /// <summary>The interfaces that there are now. Any thread.</summary>
    public IReadOnlyList<LiveInterface> Interfaces => _interfaces;

    /// <summary>Remote forwarders that signalled routes lead to and the configuration does not name. Thread that writes the datapath.</summary>
    public Dictionary<IpAddress, RemoteForwarder> Learnt { get; } = [];

    /// <summary>The remote forwarders of the configuration: first those of <c>tunnels</c>, then the next hops of routes as they come.</summary>
    public IReadOnlyList<RemoteForwarder> Remotes { get; }

    /// <summary>Builds them.</summary>
    /// <param name="configuration">A configuration that the loader found sound.</param>
    /// <param name="clockHz">Ticks per second of the workers' clock.</param>
    /// <param name="ports">The devices, in the order of the configuration's ports.</param>
    /// <param name="suppliesRoutes">Whether the routes of VRFs are installed; false where a gateway in the process does it.</param>
    /// <exception cref="ForwarderException">A table is full.</exception>
    public static ForwardingTables Build(DataplaneConfiguration configuration, ulong clockHz, IReadOnlyList<PortBinding> ports, bool suppliesRoutes = true)
    {
        var datapath = Datapath.Create(Options(configuration, clockHz));
        try
        {
            LivePort[] live = [.. ports.Select((device, row) => AddPort(datapath, configuration.Ports[row], device))];
            List<RemoteForwarder> remotes = AddTunnels(datapath, configuration);
            AddVrfs(datapath, configuration, suppliesRoutes);
            var rows = new RowNames(configuration);
            LiveInterface[] interfaces = [.. configuration.Interfaces.Select(row => Add(datapath, rows, row))];
            if (suppliesRoutes)
                AddRoutes(datapath, configuration, remotes);
            var tables = new ForwardingTables(configuration, live, datapath, remotes, rows, interfaces);
            tables.ChangeFilters(configuration);
            return tables;
        }
        catch (Exception problem)
        {
            datapath.Dispose();
            if (problem is InvalidOperationException or ArgumentException)
                throw new ForwarderException($"the forwarding tables cannot be filled: {problem.Message}", problem);
            throw;
        }
    }

    /// <summary>A tunnel to a remote forwarder.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="remote">The forwarder's address.</param>
    /// <param name="way">Where the tunnel leaves.</param>
    /// <param name="own">What <c>tunnels</c> says about it; null when nothing.</param>
    public static TunnelSettings TunnelTo(
        DataplaneConfiguration configuration, IpAddress remote, UnderlayHop way, TunnelConfiguration? own = null) => new()
        {
            Remote = remote,
            Encapsulation = (own?.Encapsulation ?? configuration.Encapsulation.Default) switch
            {
                EncapsulationType.MplsInUdp => Encapsulation.MplsInUdp,
                EncapsulationType.MplsInIp => Encapsulation.MplsInIp,
                _ => Encapsulation.MplsInGre,
            },
            Port = way.Port,
            UnderlayNextHop = way.NextHop,
            PathMtu = own?.Mtu ?? configuration.Ports[way.Port.Value].Mtu,
            Ttl = (byte)configuration.Encapsulation.Ttl,
            ZeroUdp6Checksum = configuration.Encapsulation.Udp6ZeroChecksum,
        };

    /// <summary>Frees them. No worker may run.</summary>
    public void Dispose() => Datapath.Dispose();

    private static DatapathOptions Options(DataplaneConfiguration configuration, ulong clockHz) => new()
    {
        Ports = configuration.Limits.Ports,
        Interfaces = configuration.Limits.Interfaces,
        Vrfs = configuration.Limits.Vrfs,
        Tunnels = configuration.Limits.Tunnels,
        Groups = 1024 + configuration.Vrfs.Sum(static vrf => vrf.Routes.Count(static route => route.NextHops.Count != 0)),
        Workers = Math.Max(configuration.Workers.Cores.Count, 1),
        ClockHz = clockHz,
        PuntRate = (uint)configuration.Limits.PuntRate,
        VirtualMac4 = configuration.FirstHop.Mac,
        VirtualMac6 = configuration.FirstHop.Mac6,
        FirstHop4 = configuration.FirstHop.Address,
        FirstHop6 = configuration.FirstHop.Address6,
        TunnelEnd4 = configuration.Infrastructure.Address,
        TunnelEnd6 = configuration.Infrastructure.Address6,
        CoreAddresses = [.. configuration.Ports.SelectMany(static port => port.Addresses).Select(static own => own.Address).Distinct()],
        AcceptZeroUdp6Checksum = configuration.Encapsulation.Udp6ZeroChecksum,
        DefaultClass = Class(configuration.Encapsulation.Class),
    };

    private static LivePort AddPort(Datapath datapath, PortConfiguration port, PortBinding device)
    {
        PortId id = datapath.AddPort(new PortSettings
        {
            Role = port.Role switch
            {
                ConfiguredRole.Core => Layout.PortRole.Core,
                ConfiguredRole.Access => Layout.PortRole.Access,
                _ => Layout.PortRole.Local,
            },
            DpdkPort = device.DpdkPort,
            Mac = device.Mac,
            Mtu = port.Mtu,
            ElectionVlan = port.Vrrp is { } vrrp ? (ushort)(vrrp.Vlan ?? 0) : null,
        });
        return new LivePort(id, port, device.Mac);
    }

    private static List<RemoteForwarder> AddTunnels(Datapath datapath, DataplaneConfiguration configuration)
    {
        var underlay = new UnderlayRoutes(configuration);
        Dictionary<IpAddress, TunnelConfiguration> configured = configuration.Tunnels.ToDictionary(static tunnel => tunnel.Remote);
        IEnumerable<IpAddress> nextHops = configuration.Vrfs.SelectMany(static vrf => vrf.Routes).SelectMany(static route => route.Owners);
        var remotes = new List<RemoteForwarder>();
        foreach (IpAddress remote in configuration.Tunnels.Select(static tunnel => tunnel.Remote).Concat(nextHops).Distinct())
        {
            if (configuration.Infrastructure.IsOurs(remote))
                continue;
            if (underlay.Find(remote) is not { } way)
            {
                remotes.Add(new RemoteForwarder(remote, null, null));
                continue;
            }
            TunnelId tunnel = datapath.AddTunnel(TunnelTo(configuration, remote, way, configured.GetValueOrDefault(remote)));
            remotes.Add(new RemoteForwarder(remote, tunnel, way));
        }
        return remotes;
    }

    private static void AddVrfs(Datapath datapath, DataplaneConfiguration configuration, bool suppliesRoutes)
    {
        foreach (VrfConfiguration vrf in configuration.Vrfs)
        {
            VrfId id = datapath.AddVrf(vrf.Label, vrf.RouterAddresses);
            foreach (IpAddress source in vrf.AcceptFrom)
                datapath.AllowIngress(id, source);
            if (!suppliesRoutes)
                continue;
            // Our own address is the next hop of confirmed local routes, but never the source of what arrives (SEC-09).
            foreach (IpAddress owner in vrf.Routes.SelectMany(static route => route.Owners).Where(owner => !configuration.Infrastructure.IsOurs(owner)))
                datapath.AllowIngress(id, owner);
        }
    }

    private static void AddRoutes(Datapath datapath, DataplaneConfiguration configuration, List<RemoteForwarder> remotes)
    {
        Dictionary<IpAddress, RemoteForwarder> byAddress = remotes.ToDictionary(static remote => remote.Address);
        for (int i = 0; i < configuration.Vrfs.Count; i++)
        {
            var id = new VrfId((uint)i);
            foreach (VrfRoute route in configuration.Vrfs[i].Routes)
            {
                if (route is not { NextHop: { } nextHop, Label: { } label })
                    AddMultipath(datapath, configuration, id, route, byAddress);
                else if (!byAddress.TryGetValue(nextHop, out RemoteForwarder? remote))
                    datapath.SetRoute(id, route.Prefix, new SuppliedRoute(null, label));
                else if (remote.Tunnel is { } tunnel)
                    datapath.SetRoute(id, route.Prefix, new SuppliedRoute(tunnel, label));
            }
        }
    }

    // Next hops that no underlay route leads to are left out; so are own ones that are no VRF and do not own the prefix (FWD-10).
    private static void AddMultipath(
        Datapath datapath, DataplaneConfiguration configuration, VrfId vrf, VrfRoute route, Dictionary<IpAddress, RemoteForwarder> byAddress)
    {
        var members = new List<GroupMember>(route.NextHops.Count);
        foreach (RouteNextHop hop in route.NextHops)
        {
            if (byAddress.TryGetValue(hop.Remote, out RemoteForwarder? remote))
            {
                if (remote.Tunnel is { } tunnel)
                    members.Add(GroupMember.Remote(tunnel, hop.Label, hop.Weight));
                continue;
            }
            int owner = configuration.Interfaces.Index()
                .Where(row => row.Item.Label == hop.Label && row.Item.Addresses.Contains(route.Prefix))
                .Select(static row => row.Index).FirstOrDefault(-1);
            if (owner >= 0)
                members.Add(GroupMember.Local(new InterfaceId((uint)owner), hop.Remote, hop.Label, hop.Weight));
            else if (datapath.TryFindVrf(hop.Label, out VrfId ownVrf))
                members.Add(GroupMember.Lookup(ownVrf, hop.Remote, hop.Label, hop.Weight));
        }
        if (members.Count == 0)
            return;
        GroupId group = datapath.ShareGroup(new GroupSettings { Members = members, LoadBalance = route.LoadBalance });
        datapath.SetRoute(vrf, route.Prefix, SuppliedRoute.To(group));
    }

    private static Control.ForwardingClass Class(Host.Configuration.ForwardingClass marking) =>
        new((byte)marking.Dscp, (byte)marking.TrafficClass);
}

using Dataplane.Forwarding;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Gateway;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Host.EndSystem;

/// <summary>Writes VPNs, interfaces and routes that signaling brings into the datapath. Owner thread: the slow path's.</summary>
internal sealed class ForwarderWriter
{
    private readonly Dictionary<string, Vpn> _vpns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Placed> _interfaces = new(StringComparer.Ordinal);

    // Routes with several next hops of which one may be an interface here: it is a member of a group then, and cannot go before the group changes.
    private readonly Dictionary<(string Vpn, IpPrefix Prefix), VrfNextHop[]> _shared = [];
    private readonly ForwardingTables _tables;
    private readonly DataplaneConfiguration _configuration;
    private readonly RouteInstaller _installer;
    private readonly Action<string> _failed;
    private readonly Stack<VrfIndex> _freeIndexes = new();
    private int _nextIndex;

    /// <summary>Writes into tables.</summary>
    /// <param name="tables">The datapath.</param>
    /// <param name="require">Asks for an underlay neighbour that a tunnel needs.</param>
    /// <param name="failed">Told what could not be done.</param>
    public ForwarderWriter(ForwardingTables tables, Action<PortId, IpAddress> require, Action<string> failed)
    {
        _failed = failed;
        _tables = tables;
        _configuration = tables.Configuration;
        _installer = new(tables.Datapath, new ForwarderTunnels(tables, require), _configuration.Infrastructure.IsOurs)
        {
            IsConfiguredSource = IsConfiguredSource,
        };
    }

    /// <summary>Routes that could not be installed.</summary>
    public long NotInstalled => _installer.NotInstalled;

    /// <summary>A VRF for a VPN: that of the configuration with its name, or one of its own.</summary>
    public void AddVpn(string name, Label20 label)
    {
        bool isConfigured = _tables.FindVrf(name) is not null;
        try
        {
            VrfId id = _tables.FindVrf(name) ?? _tables.AddVrf(name, label);
            var vpn = new Vpn(id, _freeIndexes.TryPop(out VrfIndex index) ? index : new VrfIndex(_nextIndex++), isConfigured);
            _vpns.Add(name, vpn);
            _installer.Bind(vpn.Index, id);
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
        {
            _failed($"VPN {name} has no VRF: {problem.Message}");
        }
    }

    /// <summary>Ends it.</summary>
    public void RemoveVpn(string name)
    {
        if (!_vpns.Remove(name, out Vpn? vpn))
            return;
        _installer.Unbind(vpn.Index);
        _freeIndexes.Push(vpn.Index);
        try
        {
            if (!vpn.IsConfigured)
                _tables.RemoveVrf(name);
        }
        catch (InvalidOperationException problem)
        {
            _failed($"the VRF of {name} stays: {problem.Message}");
        }
    }

    /// <summary>Puts an interface there, in the place of one of its key; nothing when it is there already.</summary>
    /// <returns>Null, or why it is not there; then none of its key is.</returns>
    public string? SetInterface(ForwardedInterface wanted)
    {
        if (!_vpns.ContainsKey(wanted.Vpn))
            return $"there is no room for VPN {wanted.Vpn} in the forwarder";
        if (_interfaces.TryGetValue(wanted.Key, out Placed? placed) && IsSame(placed.As, wanted))
            return null;
        PortConfiguration? port = _configuration.Ports.FirstOrDefault(port => port.Name == wanted.Port);
        if (port is null)
        {
            RemoveInterface(wanted.Key);
            return $"the forwarder has no port {wanted.Port}";
        }
        RemoveInterface(wanted.Key);
        try
        {
            LiveInterface live = _tables.AddInterface(
                new InterfaceConfiguration
                {
                    Name = wanted.Key,
                    Port = wanted.Port,
                    Vlan = wanted.Vlan is { } vlan ? VlanTags.Single(vlan) : VlanTags.None,
                    Mac = wanted.Mac,
                    Vrf = wanted.Vpn,
                    Label = wanted.Label,
                    Addresses = wanted.Addresses,
                    Mtu = port.Mtu,
                    Class = _configuration.Encapsulation.Class,
                },
                wanted.IsLookedUp);
            _interfaces.Add(wanted.Key, new Placed(wanted, live));
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
        {
            return problem.Message;
        }
        InstallShared(wanted.Vpn, wanted.Label);
        return null;
    }

    /// <summary>Takes an interface away.</summary>
    public void RemoveInterface(string key)
    {
        if (!_interfaces.Remove(key, out Placed? placed))
            return;
        ForwardedInterface was = placed.As;
        foreach (var (route, nextHops) in _shared.Where(entry => entry.Key.Vpn == was.Vpn && entry.Value.Any(hop => hop.Label == was.Label)))
            _ = _installer.Install(_vpns[was.Vpn].Index, route.Prefix, [.. nextHops.Where(hop => hop.Label != was.Label || !IsOwn(hop))]);
        _tables.RemoveInterface(placed.Live, was.IsLookedUp);
    }

    /// <summary>Has packets with a label looked up in the VRF (MOB-05).</summary>
    public void Repair(string vpn, Label20 label)
    {
        if (_vpns.TryGetValue(vpn, out Vpn? found))
            _tables.Datapath.LookUpLabel(found.Id, label);
    }

    /// <summary>Ends it.</summary>
    public void EndRepair(Label20 label) => _tables.Datapath.ForgetLabel(label);

    /// <summary>Installs a route, or replaces it.</summary>
    public void Install(string vpn, IpPrefix prefix, VrfNextHop[] nextHops)
    {
        if (!_vpns.TryGetValue(vpn, out Vpn? found))
            return;
        if (nextHops.Length > 1 && nextHops.Any(IsOwn))
            _shared[(vpn, prefix)] = nextHops;
        else
            _ = _shared.Remove((vpn, prefix));
        _ = _installer.Install(found.Index, prefix, nextHops);
    }

    /// <summary>Removes a route.</summary>
    public void Remove(string vpn, IpPrefix prefix)
    {
        _ = _shared.Remove((vpn, prefix));
        if (_vpns.TryGetValue(vpn, out Vpn? found))
            _installer.Remove(found.Index, prefix);
    }

    private void InstallShared(string vpn, Label20 label)
    {
        foreach (var (route, nextHops) in _shared.Where(entry => entry.Key.Vpn == vpn && entry.Value.Any(hop => hop.Label == label)))
            _ = _installer.Install(_vpns[vpn].Index, route.Prefix, nextHops);
    }

    private bool IsOwn(VrfNextHop hop) => _configuration.Infrastructure.IsOurs(hop.Address.Unmapped);

    private bool IsConfiguredSource(VrfId id, IpAddress source) =>
        id.Value < _configuration.Vrfs.Count && _configuration.Vrfs[(int)id.Value].AcceptFrom.Contains(source);

    private static bool IsSame(ForwardedInterface left, ForwardedInterface right) =>
        left with { Addresses = right.Addresses } == right && left.Addresses.SequenceEqual(right.Addresses);

    private sealed record Vpn(VrfId Id, VrfIndex Index, bool IsConfigured);

    private sealed record Placed(ForwardedInterface As, LiveInterface Live);
}

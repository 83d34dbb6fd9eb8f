using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Gateway;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.FlowSpec;
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
            RepairTime = _configuration.Signaling?.RepairTime ?? TimeSpan.Zero,
        };
    }

    /// <summary>Routes that could not be installed.</summary>
    public long NotInstalled => _installer.NotInstalled;

    /// <summary>A VRF for a VPN: that of the configuration with its name, or one of its own. The former has its label, or else gets this one while it is in use.</summary>
    public void AddVpn(string name, Label20 label)
    {
        bool isConfigured = _tables.FindVrf(name) is not null;
        try
        {
            VrfId id = _tables.FindVrf(name) ?? _tables.AddVrf(name, label);
            if (isConfigured && !HasOwnLabel(name))
                _tables.Datapath.SetAggregateLabel(id, label);
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
            else if (!HasOwnLabel(name))
                _tables.Datapath.SetAggregateLabel(vpn.Id, null);
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
        PortConfiguration? port = _tables.FindPort(wanted.Port)?.Settings;
        if (port is null)
        {
            RemoveInterface(wanted.Key);
            return $"the forwarder has no port {wanted.Port}";
        }
        var row = new InterfaceConfiguration
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
        };
        try
        {
            if (placed is not null && placed.As.Label == wanted.Label && _tables.ChangeInterface(placed.Live, row, wanted.IsLookedUp) is { } changed)
            {
                _interfaces[wanted.Key] = new Placed(wanted, changed);
            }
            else
            {
                RemoveInterface(wanted.Key);
                _interfaces.Add(wanted.Key, new Placed(wanted, _tables.AddInterface(row, wanted.IsLookedUp)));
            }
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
        {
            RemoveInterface(wanted.Key);
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
        _tables.RemoveInterface(placed.Live);
    }

    /// <summary>Has packets with a label looked up in the VRF (MOB-05).</summary>
    public void Repair(string vpn, Label20 label)
    {
        if (_vpns.TryGetValue(vpn, out Vpn? found))
            _tables.Datapath.LookUpLabel(found.Id, label);
    }

    /// <summary>Ends it.</summary>
    public void EndRepair(Label20 label) => _tables.Datapath.ForgetLabel(label);

    /// <summary>Ends what has lasted long enough; now and then.</summary>
    public void Expire() => _installer.Expire();

    /// <summary>Whether a next hop is this forwarder.</summary>
    public bool IsOwn(VrfNextHop hop) => _configuration.Infrastructure.IsOurs(hop.Address.Unmapped);

    /// <summary>The tunnel that the route of just this prefix leads through; null when it is none, or several.</summary>
    public TunnelId? TunnelOf(string vpn, IpPrefix prefix) =>
        (_vpns.TryGetValue(vpn, out Vpn? found) ? found.Id : _tables.FindVrf(vpn)) is { } id && _tables.Datapath.TryFindRoute(id, prefix, out SuppliedRoute route)
            ? route.Tunnel : null;

    /// <summary>The interface that has just this prefix; null for none.</summary>
    public InterfaceId? OwnerOf(string vpn, IpPrefix prefix) =>
        _interfaces.Values.FirstOrDefault(placed => placed.As.Vpn == vpn && placed.As.Addresses.Contains(prefix))?.Live.Id;

    /// <summary>Installs a route, or replaces it.</summary>
    /// <returns>False when there is none now.</returns>
    public bool Install(string vpn, IpPrefix prefix, VrfNextHop[] nextHops)
    {
        if (!_vpns.TryGetValue(vpn, out Vpn? found))
            return false;
        if (nextHops.Length > 1 && nextHops.Any(IsOwn))
            _shared[(vpn, prefix)] = nextHops;
        else
            _ = _shared.Remove((vpn, prefix));
        return _installer.Install(found.Index, prefix, nextHops);
    }

    /// <summary>Removes a route.</summary>
    public void Remove(string vpn, IpPrefix prefix)
    {
        _ = _shared.Remove((vpn, prefix));
        if (_vpns.TryGetValue(vpn, out Vpn? found))
            _installer.Remove(found.Index, prefix);
    }

    private bool HasOwnLabel(string vrf) => _configuration.Vrfs.Any(row => row.Name == vrf && row.Label is not null);

    /// <summary>Adds a flow specification to a VRF, or replaces it; <see cref="ApplyFilters"/> brings it into force.</summary>
    public void SetFilter(string vpn, VrfFilter filter)
    {
        if (_vpns.TryGetValue(vpn, out Vpn? found))
            _tables.Filters.Set(found.Id, FilterOrigin.Signalled, filter);
    }

    /// <summary>Removes one.</summary>
    public void RemoveFilter(string vpn, VrfFilter filter)
    {
        if (_vpns.TryGetValue(vpn, out Vpn? found))
            _tables.Filters.Remove(found.Id, FilterOrigin.Signalled, filter.Family, filter.Octets);
    }

    /// <summary>Writes the flow specifications that have changed.</summary>
    public void ApplyFilters() => _tables.Filters.Apply();

    private void InstallShared(string vpn, Label20 label)
    {
        foreach (var (route, nextHops) in _shared.Where(entry => entry.Key.Vpn == vpn && entry.Value.Any(hop => hop.Label == label)))
            _ = _installer.Install(_vpns[vpn].Index, route.Prefix, nextHops);
    }

    private bool IsConfiguredSource(VrfId id, IpAddress source) =>
        id.Value < _configuration.Vrfs.Count && _configuration.Vrfs[(int)id.Value].AcceptFrom.Contains(source);

    private static bool IsSame(ForwardedInterface left, ForwardedInterface right) =>
        left with { Addresses = right.Addresses } == right && left.Addresses.SequenceEqual(right.Addresses);

    private sealed record Vpn(VrfId Id, VrfIndex Index, bool IsConfigured);

    private sealed record Placed(ForwardedInterface As, LiveInterface Live);
}

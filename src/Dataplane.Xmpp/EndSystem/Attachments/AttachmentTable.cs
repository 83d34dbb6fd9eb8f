using Dataplane.Net;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>
/// The virtual interfaces of an end system: judges requests, chooses VLANs and names of leaves, sees to it that versions never decrease. What it holds
/// is what <see cref="AttachmentState"/> keeps. Routing loop.
/// </summary>
/// <param name="options">What may be.</param>
public sealed class AttachmentTable(AttachmentOptions options)
{
    private readonly Dictionary<string, Attachment> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Vpn, IpPrefix Prefix), string> _byAddress = [];
    private readonly HashSet<string> _leaves = new(StringComparer.Ordinal);
    private readonly HashSet<ushort> _vlans = [];
    private ushort _nextVlan = options.FirstVlan;

    /// <summary>The interfaces.</summary>
    public IReadOnlyCollection<Attachment> All => _byId.Values;

    /// <summary>Instance numbers of addresses.</summary>
    public VersionRegister Versions { get; } = new();

    /// <summary>The highest version of an address that is known from elsewhere, from gateways; null: nothing is.</summary>
    public Func<string, IpPrefix, uint>? KnownElsewhere { get; set; }

    /// <summary>An interface; null when there is none of that name.</summary>
    public Attachment? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Judges a request and works out what the interface becomes; changes nothing.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public AttachmentProblem? Plan(AttachmentRequest request, out Attachment? planned)
    {
        planned = null;
        Attachment? before = Find(request.Id);
        ushort? vlan = null;
        if ((CheckNames(request, before) ?? CheckPlace(request, before, out vlan) ?? CheckAddresses(request)) is { } problem)
        {
            return problem;
        }

        if (CheckVersion(request, before, out var version) is { } contradiction)
        {
            return contradiction;
        }

        var wanted = new Attachment
        {
            Id = request.Id,
            Vpn = request.Vpn,
            Port = request.Device is null ? request.Port : request.Id,
            Device = request.Device,
            Vlan = vlan,
            Mac = request.Mac,
            Version = version,
            Addresses = NameLeaves(request, before),
        };
        if (options.Check?.Invoke(wanted) is { } found)
        {
            return found;
        }

        planned = wanted;
        return null;
    }

    /// <summary>Puts an interface there, in the place of one of its name.</summary>
    /// <param name="planned">From <see cref="Plan"/>, with no change in between; or from the state kept.</param>
    /// <returns>Which one was there before; null for none.</returns>
    public Attachment? Set(Attachment planned)
    {
        Attachment? before = Remove(planned.Id);
        _byId.Add(planned.Id, planned);
        if (planned.Vlan is { } vlan)
        {
            _ = _vlans.Add(vlan);
        }

        if (planned.Vlan is { } chosen && chosen != before?.Vlan)
        {
            _nextVlan = chosen >= options.LastVlan ? options.FirstVlan : Math.Max((ushort)(chosen + 1), options.FirstVlan);
        }

        foreach (AttachedAddress address in planned.Addresses)
        {
            _byAddress.Add((planned.Vpn, address.Prefix), planned.Id);
            _ = _leaves.Add(address.Leaf);
            Versions.Raise(planned.Vpn, address.Prefix, planned.Version);
        }

        return before;
    }

    /// <summary>Takes an interface away.</summary>
    /// <returns>What it was; null when there was none.</returns>
    public Attachment? Remove(string id)
    {
        if (!_byId.Remove(id, out Attachment? removed))
        {
            return null;
        }

        foreach (AttachedAddress address in removed.Addresses)
        {
            _ = _byAddress.Remove((removed.Vpn, address.Prefix));
            _ = _leaves.Remove(address.Leaf);
        }

        if (removed.Vlan is { } vlan && !_byId.Values.Any(other => other.Vlan == vlan))
        {
            _ = _vlans.Remove(vlan);
        }

        return removed;
    }

    private static bool IsName(string text) => text.Length is > 0 and <= 64 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private AttachmentProblem? CheckNames(AttachmentRequest request, Attachment? before) =>
        !IsName(request.Id) ? new("id", "a name has 1 to 64 printable ASCII characters and no space")
        : before is null && _byId.Count >= options.MostAttachments
            ? new("id", $"there are {options.MostAttachments} interfaces, which is the most", IsConflict: true)
        : !VpnName.IsValid(request.Vpn, options.LongestVpnName)
            ? new("vpn", $"the name of a VPN has 1 to {options.LongestVpnName} printable ASCII characters and no space")
        : null;

    private AttachmentProblem? CheckPlace(AttachmentRequest request, Attachment? before, out ushort? vlan)
    {
        vlan = null;
        if (request.Vlan is { } given)
        {
            if (given is < 1 or > 4094)
            {
                return new("vlan", $"{given} is no VLAN; they are 1 to 4094");
            }

            vlan = (ushort)given;
        }

        if (request.Device is { } device)
        {
            return CheckDevice(request, before, device);
        }

        if (options.Ports is not { } ports)
        {
            return request.Port is not null ? new("port", "this end system has no ports of its own: an external forwarder serves it, by VLAN")
                : request.Mac is not null ? new("mac", "belongs to ports of a forwarder on this end system, and there is none")
                : PlaceInVlan(request.Id, before, ref vlan);
        }

        if (request.Port is not { } port)
        {
            return new("port", $"is missing, and so is 'device'; {Names(ports.Keys)}");
        }

        if (!ports.TryGetValue(port, out var takesVlans))
        {
            return new("port", $"there is no port '{port}' for interfaces; {Names(ports.Keys)}");
        }

        if (vlan is not null && !takesVlans)
        {
            return new("vlan", $"{port} is a local port: what is on it has no VLAN");
        }

        // A local port is one interface's, whatever the MAC.
        var id = _byId.Values.FirstOrDefault(other => other.Id != request.Id && other.Port == port
            && (!takesVlans || (other.Vlan == request.Vlan && (other.Mac is null || request.Mac is null || other.Mac == request.Mac))))?.Id;
        return id is null ? null
            : new(takesVlans ? "vlan" : "port", takesVlans && request.Vlan is { } taken
                ? $"VLAN {taken} of port {port} is that of interface '{id}'" : $"port {port} is taken by interface '{id}'", IsConflict: true);
    }

    private AttachmentProblem? CheckDevice(AttachmentRequest request, Attachment? before, string device) =>
        options.CheckDevice is not { } check ? new("device", "this end system has no forwarder to plug it into: an external one serves it, by VLAN")
        : request.Port is not null ? new("device", "is in the place of 'port': give one of them")
        : request.Vlan is not null ? new("vlan", "what has a device of its own has no VLAN")
        : options.Ports?.ContainsKey(request.Id) == true ? new("id", $"'{request.Id}' is a port of the configuration; a device's port has the interface's name", IsConflict: true)
        : before is not null && before.Device != device
            ? new("device", $"'{request.Id}' is on {before.Device ?? $"port {before.Port}"}; detach it first", IsConflict: true)
        : check(device) is { } reason ? new("device", reason)
        : null;

    // EXT-03: a VLAN of its own for every interface; one that is free again is not used again at once.
    private AttachmentProblem? PlaceInVlan(string id, Attachment? before, ref ushort? vlan)
    {
        if (vlan is { } given)
        {
            var owner = _byId.Values.FirstOrDefault(other => other.Vlan == given && other.Id != id)?.Id;
            return owner is null ? null : new("vlan", $"VLAN {given} is that of interface '{owner}'", IsConflict: true);
        }

        if (before?.Vlan is { } kept)
        {
            vlan = kept;
            return null;
        }

        var candidate = _nextVlan;
        for (var tried = 0; tried <= options.LastVlan - options.FirstVlan; tried++)
        {
            if (!_vlans.Contains(candidate))
            {
                vlan = candidate;
                return null;
            }

            candidate = candidate >= options.LastVlan ? options.FirstVlan : (ushort)(candidate + 1);
        }

        return new("vlan", $"the VLANs {options.FirstVlan} to {options.LastVlan} are all taken", IsConflict: true);
    }

    private AttachmentProblem? CheckAddresses(AttachmentRequest request)
    {
        var seen = new HashSet<IpPrefix>();
        foreach (IpPrefix prefix in request.Addresses)
        {
            if (prefix.Address.IsMulticast || prefix.Address.IsLoopback || prefix.Address.IsLinkLocal)
            {
                return new("addresses", $"{prefix} is not an address that can be reached from elsewhere");
            }

            if (!seen.Add(prefix))
            {
                return new("addresses", $"{prefix} is there twice");
            }

            if (_byAddress.TryGetValue((request.Vpn, prefix), out var owner) && owner != request.Id)
            {
                return new("addresses", $"{prefix} in {request.Vpn} is an address of interface '{owner}'", IsConflict: true);
            }
        }

        return null;
    }

    private AttachmentProblem? CheckVersion(AttachmentRequest request, Attachment? before, out uint version)
    {
        version = request.Version ?? 0;
        if (request.Addresses.Count == 0)
        {
            return null;
        }

        var highest = request.Addresses.Max(prefix => Versions.Highest(request.Vpn, prefix));
        if (request.Version is { } given)
        {
            IpPrefix higher = request.Addresses.FirstOrDefault(prefix => Versions.Highest(request.Vpn, prefix) > given);
            return highest <= given ? null
                : new("version", $"{given} is lower than {highest}, which {higher} in {request.Vpn} had before; versions never decrease", IsConflict: true);
        }

        // The same interface with the same addresses is the same instance.
        if (before is not null && before.Vpn == request.Vpn && before.Version >= highest
            && request.Addresses.All(prefix => before.Addresses.Any(address => address.Prefix == prefix)))
        {
            version = before.Version;
            return null;
        }

        var known = KnownElsewhere is { } elsewhere ? request.Addresses.Max(prefix => elsewhere(request.Vpn, prefix)) : 0;
        highest = Math.Max(highest, known);
        if (highest == uint.MaxValue)
        {
            return new("version", $"there is none higher than {highest}", IsConflict: true);
        }

        version = highest + 1;
        return null;
    }

    // AMB-05: the documented name when it is free on this end system, else with the VPN's.
    private AttachedAddress[] NameLeaves(AttachmentRequest request, Attachment? before)
    {
        var named = new AttachedAddress[request.Addresses.Count];
        for (var i = 0; i < named.Length; i++)
        {
            IpPrefix prefix = request.Addresses[i];
            var leaf = before is not null && before.Vpn == request.Vpn
                ? before.Addresses.FirstOrDefault(address => address.Prefix == prefix).Leaf : null;
            if (leaf is null)
            {
                leaf = $"{options.SystemId}:{prefix}";

                // What the interface itself had in another VPN is still known to gateways by that name.
                leaf = _leaves.Contains(leaf) ? $"{options.SystemId}:{request.Vpn}:{prefix}" : leaf;
            }

            named[i] = new(prefix, leaf);
        }

        return named;
    }

    private static string Names(IEnumerable<string> names)
    {
        string[] known = [.. names.Order(StringComparer.Ordinal).Take(9)];
        return known.Length == 0 ? "the configuration has none for interfaces" : $"there are {string.Join(", ", known.Take(8))}{(known.Length > 8 ? " and more" : "")}";
    }
}

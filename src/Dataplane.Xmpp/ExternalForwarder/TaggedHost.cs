using Dataplane.Net;
using Dataplane.Xmpp.EndSystem.Interfaces;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.ExternalForwarder;

/// <summary>A host that is served by VLAN: its interfaces and the addresses that it published. Routing loop.</summary>
public sealed class TaggedHost
{
    private readonly Dictionary<ushort, TaggedInterface> _interfaces = [];
    private readonly Dictionary<LeafKey, HostLeaf> _leaves = [];

    internal TaggedHost(Jid jid) => Jid = jid;

    /// <summary>Its bare address.</summary>
    public Jid Jid { get; }

    /// <summary>What it is called in keys and leaves.</summary>
    public string SystemId => Jid.Local ?? Jid.Domain;

    /// <summary>Its session; null while it has none.</summary>
    public IXmppChannel? Channel { get; internal set; }

    /// <summary>Its interfaces.</summary>
    public IReadOnlyCollection<TaggedInterface> Interfaces => _interfaces.Values;

    /// <summary>What it is allowed, as of its session.</summary>
    internal HostAdmission Admission { get; set; } = null!;

    /// <summary>Its sessions so far: what was not told in this one is of an earlier one.</summary>
    internal int Epoch { get; set; }

    /// <summary>When what is of earlier sessions goes; null: nothing is.</summary>
    internal long? SweepAt { get; set; }

    /// <summary>When its last session was lost, of those that were.</summary>
    internal long LostAt { get; set; }

    internal int LeafCount => _leaves.Count;

    internal IEnumerable<HostLeaf> Leaves => _leaves.Values;

    internal TaggedInterface? Find(ushort vlan) => _interfaces.GetValueOrDefault(vlan);

    internal HostLeaf? Find(LeafKey key) => _leaves.GetValueOrDefault(key);

    internal List<TaggedInterface> InterfacesOf(string vpn) => [.. _interfaces.Values.Where(bound => bound.Vpn == vpn)];

    internal void Add(TaggedInterface bound) => _interfaces[bound.Vlan] = bound;

    internal void Remove(TaggedInterface bound) => _ = _interfaces.Remove(bound.Vlan);

    internal void Add(HostLeaf leaf) => _leaves[leaf.Key] = leaf;

    internal void Remove(HostLeaf leaf) => _ = _leaves.Remove(leaf.Key);

    /// <summary>An interface as the forwarder shall have it.</summary>
    public BoundInterface Describe(TaggedInterface bound) => new()
    {
        Key = KeyOf(bound.Vlan),
        Vpn = bound.Vpn,
        Port = Admission.Port,
        Vlan = bound.Vlan,
        Mac = Admission.Mac,
        Addresses =
        [
            .. _leaves.Values.Where(leaf => leaf.Vlan == bound.Vlan)
                .GroupBy(static leaf => leaf.Prefix).Select(static same => same.MaxBy(static leaf => leaf.Version)!)
                .Select(leaf => new BoundAddress(leaf.Prefix, UpstreamNameOf(leaf.Key), leaf.Version)),
        ],
    };

    internal string KeyOf(ushort vlan) => $"{SystemId}/{vlan}";

    // AMB-17: the name that the host gave; one that does not begin with its system-id could be another host's. Ids of items are their VPN's own (AMB-05).
    internal string UpstreamNameOf(LeafKey key) => key.Item is { } item ? $"{SystemId}:{key.Node}:{item}"
        : key.Node.StartsWith(SystemId + ":", StringComparison.Ordinal) ? key.Node : $"{SystemId}:{key.Node}";
}

/// <summary>An interface of a host: a subscription with its VLAN (XMP-08).</summary>
public sealed class TaggedInterface
{
    internal TaggedInterface(string vpn, ushort vlan, int epoch)
    {
        Vpn = vpn;
        Vlan = vlan;
        Epoch = epoch;
    }

    /// <summary>The VPN.</summary>
    public string Vpn { get; }

    /// <summary>The VLAN, unique on its host (EXT-03).</summary>
    public ushort Vlan { get; }

    /// <summary>Id of the subscription (AMB-18).</summary>
    public string SubscriptionId => $"vlan-{Vlan}";

    internal int Epoch { get; set; }
}

/// <summary>An address that a host published.</summary>
internal sealed class HostLeaf(LeafKey key)
{
    public LeafKey Key { get; } = key;

    public IpPrefix Prefix { get; set; }

    public uint Version { get; set; }

    /// <summary>What the entry says about its VLAN (AMB-18).</summary>
    public ushort? Told { get; set; }

    /// <summary>The interface that it belongs to; null until it is associated.</summary>
    public ushort? Vlan { get; set; }

    public int Epoch { get; set; }

    /// <summary>When it is forgotten unless it is associated.</summary>
    public long PendingUntil { get; set; }
}

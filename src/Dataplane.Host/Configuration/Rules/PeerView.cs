using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>A peer or a range of peers with the options that count for it, and where in the file each of them is said.</summary>
internal sealed class PeerView
{
    private readonly SourceMap _source;
    private readonly object _record;
    private readonly PeerOptionKeys _keys;

    private PeerView(
        SourceMap source, object record, PeerOptionKeys keys, PeerOptions own, PeerGroupConfiguration? group, string name, IpAddress address, bool isRange)
    {
        (_source, _record, _keys) = (source, record, keys);
        (Group, Name, Address, IsRange) = (group, name, address, isRange);
        Options = own.Over(group?.Options);
    }

    /// <summary>What it is called in messages: its address or range.</summary>
    public string Name { get; }

    /// <summary>Its address; of a range the network's.</summary>
    public IpAddress Address { get; }

    /// <summary>Whether it is a range.</summary>
    public bool IsRange { get; }

    /// <summary>Its group; null for none.</summary>
    public PeerGroupConfiguration? Group { get; }

    /// <summary>The options that count.</summary>
    public PeerOptions Options { get; }

    /// <summary>All peers and ranges of a configuration, in file order; not those whose group is not there, which has been reported.</summary>
    public static IReadOnlyList<PeerView> All(BgpConfiguration bgp, SourceMap source)
    {
        var groups = new Dictionary<string, PeerGroupConfiguration>(StringComparer.Ordinal);
        foreach (var group in bgp.PeerGroups)
        {
            _ = groups.TryAdd(group.Name, group);
        }

        return
        [
            .. bgp.Peers.Where(peer => source.IsSound(peer, PeerKeys.Address, PeerKeys.PeerGroup) && IsThere(peer.Group)).Select(peer => new PeerView(
                source, peer, PeerKeys.OfPeer, peer.Options, Of(peer.Group), $"peer {peer.Address}", peer.Address, false)),
            .. bgp.DynamicPeers.Where(range => source.IsSound(range, PeerKeys.Range, PeerKeys.RangeGroup) && IsThere(range.Group)).Select(range => new PeerView(
                source, range, PeerKeys.OfRange, range.Options, Of(range.Group), $"range {range.Range}", range.Range.Address, true)),
        ];

        bool IsThere(string? name) => name is null || groups.ContainsKey(name);

        PeerGroupConfiguration? Of(string? name) => name is null ? null : groups.GetValueOrDefault(name);
    }

    /// <summary>Where an option that counts is said: at the peer, in its group, or, when nowhere, the peer itself.</summary>
    public SourceLocation At(Func<PeerOptionKeys, ConfigurationKey> option)
    {
        if (_source.IsGiven(_record, option(_keys)))
        {
            return _source.At(_record, option(_keys));
        }

        return Group is not null && _source.IsGiven(Group, option(PeerKeys.OfGroup))
            ? _source.At(Group, option(PeerKeys.OfGroup))
            : _source.At(_record);
    }

    /// <summary>Where it is itself.</summary>
    public SourceLocation Location => _source.At(_record);

    /// <summary>Whether no error has been reported for an option that counts.</summary>
    public bool IsSound(Func<PeerOptionKeys, ConfigurationKey> option) =>
        _source.IsSound(_record, option(_keys)) && (Group is null || _source.IsSound(Group, option(PeerKeys.OfGroup)));
}

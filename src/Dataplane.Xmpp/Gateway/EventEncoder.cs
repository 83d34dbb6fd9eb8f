using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// Writes changes of a VRF as event messages: routes as they are selected now, without distinguishers and route targets (SIG-12), and without anything of
/// who published (XMP-12). Routing thread.
/// </summary>
internal sealed class EventEncoder(RoutingBase routing, RouteTokens tokens, SignalingGatewaySettings settings, SignalingCounters counters)
{
    private readonly StanzaText _text = new();
    private readonly List<int> _gaps = [];
    private readonly List<EntryNextHop> _nextHops = [];
    private readonly HashSet<(IpAddress, Label20)> _seen = [];
    private readonly List<string> _withdrawn = [];

    /// <summary>Encodes what stands at some positions of a feed, or at the first of them if it is much.</summary>
    public FeedBatch Encode(VrfFeed feed, FeedShape shape, long start, long limit, bool isSnapshot)
    {
        _text.Clear();
        _gaps.Clear();
        _withdrawn.Clear();
        var changes = 0;
        var isOpen = false;
        var position = start;
        for (; position < limit && _text.Length < settings.MessageOctets; position++)
        {
            if (!feed.TryRead(position, out FeedKey key, out var isGone) || (isSnapshot && isGone))
            {
                continue;
            }

            VrfFilter? filter = isGone || feed.Rules is null ? null : ReadRule(feed, key);
            VpnEntry? entry = isGone || feed.Rules is not null ? null : Read(feed.Vrf, key.Prefix, shape.Profile);
            if (entry is null && filter is null && isSnapshot)
            {
                continue;
            }

            changes++;
            var token = tokens.Of(feed.Name, key, feed.Rules);
            if (entry is null && filter is null && shape.Profile == WireProfile.Esv05)
            {
                _withdrawn.Add(token);
                continue;
            }

            if (!isOpen)
            {
                isOpen = true;
                Begin(shape);
                EventWriter.BeginItems(_text, shape.Node);
            }

            if (filter is not null)
            {
                EventWriter.WriteItem(_text, token, filter);
            }
            else if (entry is null)
            {
                EventWriter.WriteRetract(_text, token);
            }
            else
            {
                EventWriter.WriteItem(_text, shape.Profile, token, entry);
            }
        }

        if (isOpen)
        {
            EventWriter.EndItems(_text);
            End();
        }

        foreach (var token in _withdrawn)
        {
            Begin(shape);
            EventWriter.WriteDisassociate(_text, shape.Node, token);
            End();
            Begin(shape);
            EventWriter.WriteDelete(_text, token);
            End();
        }

        counters.Encodings++;
        return new(start, position, isSnapshot, changes, new AddressedStanzas(_text.ToArray(), [.. _gaps]));
    }

    /// <summary>A message of its own for a subscriber.</summary>
    public byte[] Single(GatewayClient client, Action<StanzaText> write)
    {
        _text.Clear();
        _text.Raw("<message to='"u8).Raw(client.To).Raw("' from='"u8).Text(client.From).Raw("'>"u8);
        write(_text);
        _text.Raw("</message>"u8);
        return _text.ToArray();
    }

    /// <summary>A route of a VRF as subscribers see it; null when there is none that leads anywhere.</summary>
    public VpnEntry? Read(VrfIndex vrf, IpPrefix prefix, WireProfile profile)
    {
        if (routing.Vrfs is not { } vrfs || !vrfs.TryFindRoute(vrf, prefix, out VrfRouteView route))
        {
            return null;
        }

        _nextHops.Clear();
        _seen.Clear();
        foreach (VrfCandidate candidate in route.Candidates)
        {
            if (!candidate.IsNextHop)
            {
                break;
            }

            if (candidate.NextHop is { IsUnspecified: false } nextHop && _seen.Add((nextHop.Unmapped, candidate.Label)))
            {
                _nextHops.Add(new(nextHop.Unmapped, candidate.Label, EncapsulationsOf(candidate.Attributes)));
            }
        }

        if (_nextHops.Count == 0)
        {
            return null;
        }

        AttributeSummary best = routing.Attributes.Summary(route.Best.Attributes);
        return new()
        {
            Prefix = prefix,
            NextHops = [.. _nextHops],
            Version = best.Version,
            LocalPreference = profile == WireProfile.EndSystem06 ? best.LocalPreference : null,
        };
    }

    /// <summary>A flow specification of a VRF as it is now; null when there is none.</summary>
    private VrfFilter? ReadRule(VrfFeed feed, in FeedKey key)
    {
        RouteFamily family = FlowSpecNode.FamilyOf(feed.Rules!.Value);
        return routing.FlowSpecs.TryFind(Convert.FromHexString(key.Rule!), out var number)
            && routing.Vrfs!.TryFindRoute(feed.Vrf, family, new Nlri(default, 0, number, 0), out VrfRouteView route) ? route.ReadFilter() : null;
    }

    private TunnelEncapsulations EncapsulationsOf(AttributeSetId attributes)
    {
        var encapsulations = TunnelEncapsulations.None;
        if (routing.Attributes[attributes].TryGet(AttributeCode.ExtendedCommunities, out ReadOnlySpan<byte> communities))
        {
            for (; communities.Length >= ExtendedCommunity.Size; communities = communities[ExtendedCommunity.Size..])
            {
                encapsulations |= TunnelEncapsulationNames.Of(new(BinaryPrimitives.ReadUInt64BigEndian(communities)));
            }
        }

        return encapsulations;
    }

    private void Begin(FeedShape shape)
    {
        _text.Raw("<message to='"u8);
        _gaps.Add(_text.Length);
        _text.Raw("' from='"u8).Text(shape.From).Raw("'>"u8);
    }

    private void End() => _text.Raw("</message>"u8);
}

using Dataplane.Host.Configuration.Keys;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>The speaker itself, and its peers among themselves.</summary>
internal static class BgpRules
{
    /// <summary>Checks <c>bgp</c>.</summary>
    public static void Check(RuleContext context)
    {
        if (context.Configuration.Bgp is not { } bgp || !context.Configuration.IsGateway)
        {
            return;
        }

        CheckListen(context, bgp);
        CheckLabels(context, bgp);
        context.RequireUniqueNames(bgp.PeerGroups, PeerKeys.GroupName, static group => group.Name, "peer group");
        CheckGroups(context, bgp);
        CheckPeers(context, bgp);
        CheckRanges(context, bgp);
        foreach (var peer in PeerView.All(bgp, context.Source))
        {
            PeerRules.Check(context, bgp, peer);
            PeerFamilyRules.Check(context, bgp, peer);
            PeerSecretRules.Check(context, peer);
        }
    }

    private static void CheckListen(RuleContext context, BgpConfiguration bgp)
    {
        var seen = new Dictionary<(IpAddress, ushort), ListenConfiguration>();
        foreach (var endpoint in (bgp.Listen ?? []).Where(e => context.Source.IsSound(e, BgpKeys.ListenAddress, BgpKeys.ListenPort)))
        {
            if (!seen.TryAdd((endpoint.Address, endpoint.Port), endpoint))
            {
                context.Error(endpoint, BgpKeys.ListenAddress,
                    $"{endpoint.Address} port {endpoint.Port} is listed twice; the first is on line "
                    + $"{context.LineOf(seen[(endpoint.Address, endpoint.Port)], BgpKeys.ListenAddress)}, remove one of them");
            }
        }

        if (bgp.Listen is { Count: 0 } && bgp.DynamicPeers.Count > 0 && context.Source.IsSound(bgp, BgpKeys.Listen))
        {
            context.Error(bgp, BgpKeys.Listen, "nothing is listened on, but 'dynamic-peers' wait for connections; list an endpoint");
        }
    }

    private static void CheckLabels(RuleContext context, BgpConfiguration bgp)
    {
        var (first, last) = bgp.LabelRange;
        if (!context.Source.IsSound(bgp.LabelRange, BgpKeys.FirstLabel, BgpKeys.LastLabel))
        {
            return;
        }

        if (first > last)
        {
            context.Error(bgp.LabelRange, BgpKeys.LastLabel, $"no label is from {first} to {last}; 'last' is the greater one");
            return;
        }

        foreach (var vrf in context.Configuration.Vrfs.Where(vrf => vrf.Label is { } label && label.Value >= first && label.Value <= last))
        {
            context.Error(vrf, VrfKeys.Label, InRange(vrf.Label!.Value, $"VRF '{vrf.Name}'"));
        }

        foreach (var item in context.Configuration.Interfaces.Where(item => item.Label.Value >= first && item.Label.Value <= last))
        {
            context.Error(item, InterfaceKeys.Label, InRange(item.Label, $"interface '{item.Name}'"));
        }

        string InRange(Label20 label, string owner) =>
            $"label {label} of {owner} is one of those that the gateway assigns itself, {first} to {last}; take another or change 'bgp.label-range'";
    }

    private static void CheckGroups(RuleContext context, BgpConfiguration bgp)
    {
        if (!bgp.PeerGroups.All(group => context.Source.IsSound(group, PeerKeys.GroupName)))
        {
            return;
        }

        var names = bgp.PeerGroups.Select(static group => group.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var peer in bgp.Peers.Where(peer => peer.Group is { } group && !names.Contains(group)))
        {
            context.Error(peer, PeerKeys.PeerGroup, $"there is no peer group '{peer.Group}'; {RuleContext.Known("peer groups", names)}");
        }

        foreach (var range in bgp.DynamicPeers.Where(range => range.Group is { } group && !names.Contains(group)))
        {
            context.Error(range, PeerKeys.RangeGroup, $"there is no peer group '{range.Group}'; {RuleContext.Known("peer groups", names)}");
        }
    }

    private static void CheckPeers(RuleContext context, BgpConfiguration bgp)
    {
        var seen = new Dictionary<IpAddress, PeerConfiguration>();
        foreach (var peer in bgp.Peers.Where(peer => context.Source.IsSound(peer, PeerKeys.Address)))
        {
            if (!seen.TryAdd(peer.Address, peer))
            {
                context.Error(peer, PeerKeys.Address,
                    $"there are two peers with the address {peer.Address}; the first is on line {context.LineOf(seen[peer.Address], PeerKeys.Address)}, remove one of them");
            }
            else if (context.Configuration.Infrastructure.IsOurs(peer.Address)
                || bgp.Listen?.Any(endpoint => endpoint.Address == peer.Address && endpoint.Port == (peer.Options.Port ?? 179)) == true)
            {
                context.Error(peer, PeerKeys.Address, $"{peer.Address} is our own address; list other speakers only");
            }
        }
    }

    private static void CheckRanges(RuleContext context, BgpConfiguration bgp)
    {
        var ranges = bgp.DynamicPeers.Where(range => context.Source.IsSound(range, PeerKeys.Range)).ToList();
        for (var i = 0; i < ranges.Count; i++)
        {
            var range = ranges[i];
            var same = ranges.Take(i).FirstOrDefault(other => other.Range == range.Range);
            if (same is not null)
            {
                context.Error(range, PeerKeys.Range,
                    $"there are two ranges {range.Range}; the first is on line {context.LineOf(same, PeerKeys.Range)}, remove one of them");
                continue;
            }

            var around = ranges.Where(other => other != range && other.Range.Contains(range.Range)).MaxBy(static other => other.Range.Length);
            if (around is not null)
            {
                context.Warning(range, PeerKeys.Range,
                    $"range {range.Range} lies inside of {around.Range} on line {context.LineOf(around, PeerKeys.Range)}; peers from it get these options, not those");
            }
        }
    }
}

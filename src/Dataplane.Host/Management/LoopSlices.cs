using Dataplane.Bgp.Speaker;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Vpn;

namespace Dataplane.Host.Management;

/// <summary>
/// Reads what there is many of on the routing thread: a number of items per visit, so that sessions and routes never wait for a question about all
/// peers or all VRFs. What goes between two visits is left out, what comes may be. Any thread.
/// </summary>
internal static class LoopSlices
{
    /// <summary>Peers per visit: a snapshot of one takes some ten microseconds.</summary>
    public const int Peers = 32;

    /// <summary>VRFs per visit.</summary>
    public const int Vrfs = 128;

    /// <summary>Rows of a table, or route targets, per visit.</summary>
    public const int Rows = 1024;

    /// <summary>Reads items.</summary>
    /// <param name="loop">The routing thread.</param>
    /// <param name="keys">What there is; a cheap list, made at the first visit.</param>
    /// <param name="perVisit">Most items per visit.</param>
    /// <param name="read">Reads one; null when it is no longer there. Routing thread.</param>
    /// <param name="cancellation">Ends it between two visits.</param>
    public static async Task<List<TItem>> ReadAsync<TKey, TItem>(
        RoutingLoop loop, Func<IReadOnlyList<TKey>> keys, int perVisit, Func<TKey, TItem?> read, CancellationToken cancellation = default)
        where TItem : class
    {
        IReadOnlyList<TKey> all = await loop.InvokeAsync(keys);
        var items = new List<TItem>(all.Count);
        for (var at = 0; at < all.Count; at += perVisit)
        {
            cancellation.ThrowIfCancellationRequested();
            await loop.InvokeAsync(() =>
            {
                for (var i = at; i < Math.Min(at + perVisit, all.Count); i++)
                {
                    if (read(all[i]) is { } item)
                    {
                        items.Add(item);
                    }
                }
            });
        }

        return items;
    }

    /// <summary>All peers as they are.</summary>
    public static Task<List<PeerSnapshot>> ReadPeersAsync(GatewayAccess gateway, CancellationToken cancellation = default) => ReadAsync<IpAddress, PeerSnapshot>(
        gateway.Loop, () => [.. gateway.Speaker.Peers.Select(static peer => peer.Address)], Peers, gateway.Speaker.Snapshot, cancellation);

    /// <summary>All VRFs.</summary>
    public static Task<List<VrfView>> ReadVrfsAsync(GatewayAccess gateway, CancellationToken cancellation = default) => ReadAsync<Vrf, VrfView>(
        gateway.Loop,
        () => gateway.Routes.Vrfs is { } vrfs ? [.. vrfs.All] : [],
        Vrfs,
        vrf => gateway.Routes.Vrfs!.TryFind(vrf.Name, out VrfIndex index) && index == vrf.Index ? VrfView.Of(gateway.Routes.Vrfs, vrf) : null,
        cancellation);
}

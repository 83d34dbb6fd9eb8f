using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Routing.Loop;

namespace Dataplane.Host.EndSystem;

/// <summary>
/// How long it takes from an address or a notification to the entry in the forwarding tables, and from there to the first packet (MGT-09). Always on.
/// Owner thread: the slow path's; scrapes read the histograms.
/// </summary>
/// <remarks>
/// Workers count per interface and per tunnel, not per route. So the first packet is the first one that is delivered to the interface with the
/// address, or leaves through the tunnel that the route leads to, after the entry was written, whatever else the tunnel carries. Counters are looked
/// at in each turn of the thread, about a millisecond apart, and only those of the last few entries written: older ones are given up, as are those that see nothing
/// for long.
/// </remarks>
internal sealed class RouteTimes(Datapath datapath, TimeProvider time)
{
    /// <summary>Entries whose first packet is looked for, at most.</summary>
    public const int MostWatched = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<Watch> _watched = new(MostWatched);

    /// <summary>From when an address is given to us to the entry that its own route, come back from the gateway, makes.</summary>
    public PropagationHistogram PublishToEntry { get; } = new();

    /// <summary>From reading a notification to the entry of a route to another forwarder.</summary>
    public PropagationHistogram NotificationToEntry { get; } = new();

    /// <summary>From the entry of an own address to the first packet delivered to its interface.</summary>
    public PropagationHistogram EntryToDelivery { get; } = new();

    /// <summary>From the entry of a route to another forwarder to the first packet that leaves through its tunnel.</summary>
    public PropagationHistogram EntryToTunnel { get; } = new();

    /// <summary>Entries that were given up before a packet was seen.</summary>
    public long Unseen { get; private set; }

    /// <summary>The entry of an address of ours has been written.</summary>
    public void Confirmed(long since, InterfaceId? owner)
    {
        PublishToEntry.Add(time.GetElapsedTime(since));
        if (owner is { } id)
            Add(new Watch(EntryToDelivery, id, null, datapath.PacketsTo(id), time.GetTimestamp()));
    }

    /// <summary>The entry of a route to another forwarder has been written.</summary>
    public void Installed(long since, TunnelId? tunnel)
    {
        NotificationToEntry.Add(time.GetElapsedTime(since));
        if (tunnel is { } id)
            Add(new Watch(EntryToTunnel, null, id, datapath.PacketsThrough(id), time.GetTimestamp()));
    }

    /// <summary>Looks for first packets.</summary>
    public void Look()
    {
        for (int i = _watched.Count - 1; i >= 0; i--)
        {
            Watch watch = _watched[i];
            ulong now = watch.Owner is { } owner ? datapath.PacketsTo(owner) : datapath.PacketsThrough(watch.Tunnel!.Value);
            TimeSpan elapsed = time.GetElapsedTime(watch.Since);
            if (now != watch.Before)
                watch.Into.Add(elapsed);
            else if (elapsed < Patience)
                continue;
            else
                Unseen++;
            _watched.RemoveAt(i);
        }
    }

    // The oldest make room: what was written last is what traffic comes for.
    private void Add(Watch watch)
    {
        if (_watched.Count == MostWatched)
        {
            _watched.RemoveAt(0);
            Unseen++;
        }
        _watched.Add(watch);
    }

    private readonly record struct Watch(PropagationHistogram Into, InterfaceId? Owner, TunnelId? Tunnel, ulong Before, long Since);
}

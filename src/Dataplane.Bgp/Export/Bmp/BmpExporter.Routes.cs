using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Export.Bmp;

/// <content>Routes: what changes goes to all stations that want its view.</content>
public sealed partial class BmpExporter
{
    /// <summary>The name of the Loc-RIB: the RFC's for the default table (RFC 9069 §5.2.1).</summary>
    private const string TableName = "global";

    private static readonly BmpViews[] AllViews =
        [BmpViews.AdjRibInPre, BmpViews.AdjRibInPost, BmpViews.AdjRibOutPre, BmpViews.AdjRibOutPost, BmpViews.LocRib];

    private readonly BmpOutput[] _outputs = [new(), new(), new(), new(), new()];
    private readonly BmpBatch _locRib;
    private readonly CodecOptions _locRibCodec;
    private BmpViews _wanted;
    private bool _isPending;

    /// <summary>Routes that are written at once.</summary>
    internal BmpBatch Batch { get; }

    /// <summary>The views that connected stations want: for others nothing needs to be told.</summary>
    public BmpViews Wanted => _wanted;

    /// <summary>An UPDATE of a peer was taken into the tables.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="message">The message with its header, as it came.</param>
    /// <param name="update">What it says.</param>
    public void UpdateReceived(SourceId source, ReadOnlySpan<byte> message, DecodedUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        if ((_wanted & (BmpViews.AdjRibInPre | BmpViews.AdjRibInPost)) == 0 || !_peers.TryGetValue(source, out BmpPeer? peer))
        {
            return;
        }

        if ((_wanted & BmpViews.AdjRibInPre) != 0)
        {
            if (update.Faults.Count == 0)
            {
                BmpPeerFlags flags = peer.Codec.FourOctetAs ? BmpPeerFlags.None : BmpPeerFlags.TwoOctetAs;
                Write(BmpViews.AdjRibInPre, peer.Header(flags, _loop.Time.GetUtcNow()), message);
            }
            else
            {
                Collect(source, update, BmpViews.AdjRibInPre);
            }
        }

        if ((_wanted & BmpViews.AdjRibInPost) != 0)
        {
            Collect(source, update, BmpViews.AdjRibInPost);
            if (update.EndOfRib is not null)
            {
                Write(BmpViews.AdjRibInPost, peer.Header(BmpPeerFlags.PostPolicy, _loop.Time.GetUtcNow()), message);
            }
        }
    }

    /// <summary>UPDATEs were queued for a peer.</summary>
    /// <param name="source">To whom.</param>
    /// <param name="messages">Whole messages; others than UPDATE are passed over.</param>
    public void UpdatesSent(SourceId source, ReadOnlySpan<byte> messages)
    {
        if ((_wanted & BmpViews.AdjRibOutPost) != 0 && _peers.ContainsKey(source))
        {
            BmpBatch.ForEach(messages, BmpViews.AdjRibOutPost, source, WriteSent);
        }
    }

    /// <summary>Import policies were asked again: what they accept now is told anew.</summary>
    public void PolicyApplied()
    {
        foreach (StationState station in _stations.Where(station => station.Session is not null && (station.Views & BmpViews.AdjRibInPost) != 0))
        {
            BmpViews views = station.Walk is null ? BmpViews.AdjRibInPost : station.Views;
            station.Walk = new(this, views) { WithRejected = true };
        }

        _loop.Wake();
    }

    /// <inheritdoc/>
    void IBestPathListener.BestPathChanged(FamilyTable table, DestinationId destination, in BestChange change)
    {
        if ((_wanted & (BmpViews.LocRib | BmpViews.AdjRibOutPre)) == 0 || change.Kind == BestChangeKind.OtherPaths)
        {
            return;
        }

        AddBest(_locRib, table, destination, change.New, _wanted);
        _isPending = true;
        if (_locRib.Count >= BmpBatch.Enough)
        {
            FlushLocRib();
        }

        _loop.Wake();
    }

    /// <summary>Adds the best path of a destination as the Loc-RIB and as what peers would be sent before policy.</summary>
    internal void AddBest(BmpBatch batch, FamilyTable table, DestinationId destination, PathId best, BmpViews views)
    {
        Nlri nlri = table.NlriOf(destination);
        AttributeSetId set = best.IsNone ? default : table.Row(best).Accepted;
        var entry = new NlriEntry(nlri, 0, best.IsNone ? 0 : table.Row(best).Label);
        if ((views & BmpViews.LocRib) != 0)
        {
            batch.Add(BmpViews.LocRib, default, table.Family, set, entry);
        }

        if ((views & BmpViews.AdjRibOutPre) != 0)
        {
            foreach (BmpPeer peer in _peers.Values)
            {
                if (peer.Codec.Families.Contains(table.Family))
                {
                    // Its own route does not go back to a peer: to the station it is withdrawn, should it have had another one.
                    var isOwn = !best.IsNone && table.Row(best).Source == peer.Source;
                    batch.Add(BmpViews.AdjRibOutPre, peer.Source, table.Family, isOwn ? default : set, entry);
                }
            }
        }
    }

    /// <summary>How the routes of a view and peer are written.</summary>
    internal CodecOptions CodecOf(BmpViews view, SourceId source) => view switch
    {
        BmpViews.LocRib => _locRibCodec,
        BmpViews.AdjRibInPre or BmpViews.AdjRibInPost => _peers.TryGetValue(source, out BmpPeer? peer) ? peer.Received : _locRibCodec,
        _ => _peers.TryGetValue(source, out BmpPeer? peer) ? peer.Sent : _locRibCodec,
    };

    /// <summary>The header of a message of a view and peer; null when the peer is gone.</summary>
    internal BmpPeerHeader? HeaderOf(BmpViews view, SourceId source, DateTimeOffset? time) => view switch
    {
        BmpViews.LocRib => LocRibHeader(time),
        _ when !_peers.ContainsKey(source) => null,
        BmpViews.AdjRibInPre => _peers[source].Header(BmpPeerFlags.None, time),
        BmpViews.AdjRibInPost => _peers[source].Header(BmpPeerFlags.PostPolicy, time),
        BmpViews.AdjRibOutPre => _peers[source].Header(BmpPeerFlags.AdjRibOut, time),
        _ => _peers[source].Header(BmpPeerFlags.AdjRibOut | BmpPeerFlags.PostPolicy, time),
    };

    private void Collect(SourceId source, DecodedUpdate update, BmpViews view)
    {
        foreach (RouteGroup group in update.Withdrawn)
        {
            foreach (ref readonly NlriEntry route in group.Routes)
            {
                Batch.Add(view, source, group.Family, default, route);
            }
        }

        foreach (RouteGroup group in update.Announced)
        {
            FamilyTable table = Routes[group.Family];
            foreach (ref readonly NlriEntry route in group.Routes)
            {
                // As the tables have it now: policy, or the bound on prefixes, may have kept it out.
                PathId path = table.TryFind(route.Nlri, out DestinationId destination)
                    ? table.FindPath(destination, source, route.PathIdentifier)
                    : PathId.None;
                AttributeSetId set = path.IsNone ? default
                    : view == BmpViews.AdjRibInPre ? table.Row(path).Received : table.Row(path).Accepted;
                Batch.Add(view, source, group.Family, set, route);
            }
        }

        Batch.Flush(sorted: false, CodecOf, WriteNow);
    }

    private void WriteNow(BmpViews view, SourceId source, ReadOnlySpan<byte> update)
    {
        if (HeaderOf(view, source, _loop.Time.GetUtcNow()) is { } header)
        {
            Write(view, header, update);
        }
    }

    private void WriteSent(BmpViews view, SourceId source, ReadOnlySpan<byte> update)
    {
        BmpPeer peer = _peers[source];
        BmpPeerFlags flags = BmpPeerFlags.AdjRibOut | BmpPeerFlags.PostPolicy | (peer.Codec.FourOctetAs ? default : BmpPeerFlags.TwoOctetAs);
        Write(view, peer.Header(flags, _loop.Time.GetUtcNow()), update);
    }

    private void Write(BmpViews view, in BmpPeerHeader header, ReadOnlySpan<byte> update)
    {
        BmpOutput output = _outputs[Array.IndexOf(AllViews, view)];
        BmpWriter.WriteRouteMonitoring(output.Writer, header, update);
        if (output.Length >= BmpOutput.Enough)
        {
            Flush(view);
        }

        if (!_isPending)
        {
            _isPending = true;
            _loop.Wake();
        }
    }

    private void FlushLocRib() => _locRib.Flush(sorted: false, CodecOf, WriteNow);

    private void FlushRoutes()
    {
        if (!_isPending)
        {
            return;
        }

        FlushLocRib();
        _isPending = false;
        foreach (BmpViews view in AllViews)
        {
            Flush(view);
        }
    }

    private void Flush(BmpViews view) => _outputs[Array.IndexOf(AllViews, view)].Flush(
        _stations.Where(station => station.Session is not null && (station.Views & view) != 0).Select(station => station.Session!));

    private void RefreshWanted() => _wanted = _stations.Where(station => station.Session is not null)
        .Aggregate(BmpViews.None, (views, station) => views | station.Views);
}

using System.Buffers;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>
/// The walk over the tables that a station is sent after it connected, some destinations at a time. Changes are sent meanwhile: a destination may
/// be told twice, the same way; one that was withdrawn before the walk came there is never told. It ends each family with the End-of-RIB of each
/// peer that was up when it began. Routing thread.
/// </summary>
internal sealed class BmpWalk
{
    private const int DestinationsPerStep = 256;
    private const BmpViews Incoming = BmpViews.AdjRibInPre | BmpViews.AdjRibInPost;

    private readonly BmpExporter _exporter;
    private readonly BmpViews _views;
    private readonly HashSet<BmpPeer> _present;
    private readonly ArrayBufferWriter<byte> _updates = new();
    private SharedBuffer _buffer = null!;
    private int _family;
    private int _next;

    public BmpWalk(BmpExporter exporter, BmpViews views)
    {
        _exporter = exporter;
        _views = views;
        _present = new(exporter.Peers.Values, ReferenceEqualityComparer.Instance);
    }

    /// <summary>Routes that policy rejects are told too, as withdrawals: they may have been accepted before.</summary>
    public bool WithRejected { get; init; }

    /// <summary>Sends the next piece.</summary>
    /// <returns>Whether there is more.</returns>
    public bool Step(BmpSession session)
    {
        if (_family >= RouteFamilies.Count)
        {
            return false;
        }

        FamilyTable table = _exporter.Routes.Families[_family];
        _buffer = SharedBuffer.Rent(BmpOutput.Enough);
        var end = Math.Min(_next + DestinationsPerStep, table.DestinationCapacity);
        for (; _next < end; _next++)
        {
            var destination = new DestinationId(_next);
            if (table.Exists(destination))
            {
                Add(table, destination);
            }
        }

        _exporter.Batch.Flush(sorted: true, _exporter.CodecOf, Write);
        if (_next >= table.DestinationCapacity)
        {
            EndFamily(table.Family);
            _family++;
            _next = 0;
        }

        var goesOn = _family < RouteFamilies.Count;
        goesOn &= _buffer.Length == 0 || session.TrySend(_buffer);
        _buffer.Release();
        return goesOn;
    }

    private void Add(FamilyTable table, DestinationId destination)
    {
        BmpBatch batch = _exporter.Batch;
        if ((_views & Incoming) != 0)
        {
            Nlri nlri = table.NlriOf(destination);
            foreach (PathId path in table.PathsOf(destination))
            {
                ref readonly PathRow row = ref table.Row(path);
                if (row.State != PathState.None || !_exporter.Peers.ContainsKey(row.Source))
                {
                    continue; // stale: it belongs to a session that stations know to be down
                }

                var entry = new NlriEntry(nlri, row.PathIdentifier, row.Label);
                if ((_views & BmpViews.AdjRibInPre) != 0)
                {
                    batch.Add(BmpViews.AdjRibInPre, row.Source, table.Family, row.Received, entry);
                }

                if ((_views & BmpViews.AdjRibInPost) != 0 && (!row.Accepted.IsNone || WithRejected))
                {
                    batch.Add(BmpViews.AdjRibInPost, row.Source, table.Family, row.Accepted, entry);
                }
            }
        }

        PathId best = table.BestOf(destination);
        if (!best.IsNone)
        {
            _exporter.AddBest(batch, table, destination, best, _views);
        }

        if ((_views & BmpViews.AdjRibOutPost) != 0)
        {
            foreach (BmpPeer peer in _exporter.Peers.Values)
            {
                AddSent(peer, table.Family, destination);
            }
        }
    }

    private void AddSent(BmpPeer peer, RouteFamily family, DestinationId destination) =>
        _exporter.Subject?.ForEachSent(peer.Source, family, destination, (in NlriEntry route, AttributeBlock attributes) =>
        {
            AttributeSetId set = _exporter.Routes.Attributes.Intern(attributes);
            _exporter.Batch.Add(BmpViews.AdjRibOutPost, peer.Source, family, set, route);
            _exporter.Routes.Attributes.Release(set); // the batch has its own reference
        });

    private void EndFamily(RouteFamily family)
    {
        UpdateEncoder.EncodeEndOfRib(family, _updates);
        foreach (BmpViews view in (ReadOnlySpan<BmpViews>)
            [BmpViews.AdjRibInPre, BmpViews.AdjRibInPost, BmpViews.AdjRibOutPre, BmpViews.AdjRibOutPost])
        {
            foreach (BmpPeer peer in (_views & view) != 0 ? _exporter.Peers.Values : [])
            {
                if (peer.Codec.Families.Contains(family) && _present.Contains(peer))
                {
                    Write(view, peer.Source, _updates.WrittenSpan);
                }
            }
        }

        if ((_views & BmpViews.LocRib) != 0)
        {
            Write(BmpViews.LocRib, default, _updates.WrittenSpan);
        }

        _updates.ResetWrittenCount();
    }

    // When each route came is not told: the routes of a message did not come at one time.
    private void Write(BmpViews view, SourceId source, ReadOnlySpan<byte> update)
    {
        if (_exporter.HeaderOf(view, source, null) is { } header)
        {
            BmpWriter.WriteRouteMonitoring(_buffer, header, update);
        }
    }
}

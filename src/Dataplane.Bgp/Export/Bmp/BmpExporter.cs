using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>What stations are told about this speaker.</summary>
public sealed record BmpIdentity
{
    /// <summary>Our AS.</summary>
    public required AsNumber As { get; init; }

    /// <summary>Our BGP identifier.</summary>
    public required uint RouterId { get; init; }

    /// <summary>What we are called, unless a station's settings say otherwise.</summary>
    public required string SystemName { get; init; }

    /// <summary>What we are: name and version of the program.</summary>
    public required string SystemDescription { get; init; }
}

/// <summary>
/// The BGP Monitoring Protocol (RFC 7854) with Adj-RIB-Out (RFC 8671) and Loc-RIB (RFC 9069): tells stations of sessions, of the routes of each view
/// that they want, and numbers. UPDATEs of peers go on as they came unless something was wrong with them; all else is written from the tables. A
/// new connection is sent the tables piece by piece while changes go on being sent; the walk waits for the station, changes do not:
/// a station that falls too far behind is cut and starts over. Routing thread, but for <see cref="IBmpStationObserver"/>.
/// </summary>
/// <remarks>
/// This file: stations and sessions. <c>BmpExporter.Routes.cs</c>: routes. <c>BmpExporter.Statistics.cs</c>: numbers. <see cref="BmpWalk"/>: the tables.
/// <see cref="BmpStation"/>, <see cref="BmpSession"/>: connections.
/// </remarks>
public sealed partial class BmpExporter : IWorkSource, IBestPathListener, IBmpStationObserver, IDisposable
{
    private readonly RoutingLoop _loop;
    private readonly BmpIdentity _identity;
    private readonly List<StationState> _stations = [];
    private readonly Dictionary<SourceId, BmpPeer> _peers = [];
    private readonly BmpOutput _everybody = new();
    private readonly IBmpSubject? _subject;

    /// <summary>An exporter without stations; to be made before the loop starts, or on it.</summary>
    /// <param name="loop">The routing thread.</param>
    /// <param name="routes">The tables.</param>
    /// <param name="identity">What we are.</param>
    /// <param name="subject">Who knows statistics and Adj-RIBs-Out; none: there are none.</param>
    public BmpExporter(RoutingLoop loop, RoutingBase routes, BmpIdentity identity, IBmpSubject? subject = null)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(routes);
        _loop = loop;
        _identity = identity;
        _subject = subject;
        Routes = routes;
        Batch = new(routes.Attributes, routes.FlowSpecs);
        _locRib = new(routes.Attributes, routes.FlowSpecs);
        _locRibCodec = new() { ExtendedMessages = true, FlowSpecs = routes.FlowSpecs };
        routes.AddListener(this);
        loop.AddWork(this);
    }

    /// <summary>The tables.</summary>
    internal RoutingBase Routes { get; }

    /// <summary>Who knows statistics and Adj-RIBs-Out.</summary>
    internal IBmpSubject? Subject => _subject;

    /// <summary>Sessions that are established.</summary>
    internal IReadOnlyDictionary<SourceId, BmpPeer> Peers => _peers;

    /// <summary>The stations, for management.</summary>
    public IReadOnlyList<BmpStationStatus> Status => [.. _stations.Select(station => station.Status())];

    /// <summary>Makes the stations those that settings have: connections to stations that stay stay.</summary>
    public void Apply(IReadOnlyList<BmpSettings> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach (StationState gone in _stations.Where(station => !settings.Contains(station.Station.Settings)).ToList())
        {
            _ = _stations.Remove(gone);
            Terminate(gone, BmpTermination.AdministrativelyClosed);
            _ = DisposeAsync(gone);
        }

        foreach (BmpSettings added in settings.Where(wanted => !_stations.Exists(station => station.Station.Settings == wanted)).ToList())
        {
            var station = new BmpStation(added, this, _loop.Time);
            _stations.Add(new(station, _loop, this));
            station.Start();
        }

        RefreshWanted();
    }

    /// <summary>A session is established. Before its first UPDATE.</summary>
    public void PeerUp(BmpPeer peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        FlushRoutes();
        peer = peer.Prepared();
        _peers[peer.Source] = peer;
        if (IsConnected)
        {
            WritePeerUp(peer, _everybody.Writer);
            FlushEverybody();
        }
    }

    /// <summary>A session is over: stations forget its routes.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="notification">The NOTIFICATION that ended it; null when there was none.</param>
    /// <param name="wasSent">Whether we sent it, or closed the connection; otherwise the peer did.</param>
    public void PeerDown(SourceId source, NotificationMessage? notification, bool wasSent)
    {
        if (!_peers.Remove(source, out BmpPeer? peer) || !IsConnected)
        {
            return;
        }

        FlushRoutes();
        BmpPeerDownReason reason = (notification, wasSent) switch
        {
            (null, true) => BmpPeerDownReason.LocalWithoutNotification,
            (null, false) => BmpPeerDownReason.RemoteWithoutNotification,
            (_, true) => BmpPeerDownReason.LocalNotification,
            _ => BmpPeerDownReason.RemoteNotification,
        };

        // An event of the state machine is asked for where there is no NOTIFICATION; 0 says that none is applicable (RFC 7854 §4.9).
        byte[] data = notification?.Encode() ?? (wasSent ? [0, 0] : []);
        BmpWriter.WritePeerDown(_everybody.Writer, peer.Header(BmpPeerFlags.None, _loop.Time.GetUtcNow()), reason, data);
        FlushEverybody();
    }

    /// <inheritdoc/>
    public bool Work(WorkTurn turn)
    {
        FlushRoutes();
        var isBusy = false;
        foreach (StationState station in _stations)
        {
            while (station is { Walk: not null, Session: { HasRoom: true } session })
            {
                if (turn.IsOver)
                {
                    isBusy = true;
                    break;
                }

                if (!station.Walk.Step(session))
                {
                    station.Walk = null;
                }
            }

            while (station is { Count: { } count, Session: not null })
            {
                if (turn.IsOver)
                {
                    isBusy = true;
                    break;
                }

                if (!count.Step())
                {
                    station.Count = null;
                    SendStatistics(station, count);
                }
            }
        }

        return isBusy;
    }

    /// <summary>Tells the stations that the export ends and closes the connections.</summary>
    public void Dispose()
    {
        FlushRoutes();
        _loop.RemoveWork(this);
        foreach (FamilyTable table in Routes.Families)
        {
            table.RemoveListener(this);
        }

        foreach (StationState station in _stations)
        {
            Terminate(station, BmpTermination.AdministrativelyClosed);
        }

        Task.WaitAll([.. _stations.Select(DisposeAsync)]);
        _stations.Clear();
    }

    void IBmpStationObserver.Drained() => _loop.Wake();

    void IBmpStationObserver.Connected(BmpStation station, BmpSession session) => _loop.Post(() =>
    {
        if (_stations.Find(candidate => candidate.Station == station) is { } state)
        {
            FlushRoutes();
            Begin(state, session);
        }
    });

    void IBmpStationObserver.Disconnected(BmpStation station, BmpSession session) => _loop.Post(() =>
    {
        if (_stations.Find(candidate => candidate.Session == session) is { } state)
        {
            state.End();
            RefreshWanted();
        }
    });

    /// <summary>The header of the Loc-RIB (RFC 9069 §4).</summary>
    internal BmpPeerHeader LocRibHeader(DateTimeOffset? time) =>
        new(BmpPeerType.LocRib, BmpPeerFlags.None, default, _identity.As, _identity.RouterId, time);

    private bool IsConnected => _stations.Exists(station => station.Session is not null);

    private static async Task DisposeAsync(StationState state)
    {
        state.End();
        await state.Station.DisposeAsync().ConfigureAwait(false);
    }

    private void Begin(StationState state, BmpSession session)
    {
        var first = SharedBuffer.Rent(16 * 1024);
        BmpWriter.WriteInitiation(first, state.Station.Settings.SystemName ?? _identity.SystemName, _identity.SystemDescription);
        if ((state.Views & BmpViews.LocRib) != 0)
        {
            WriteLocRibUp(first);
        }

        foreach (BmpPeer peer in _peers.Values)
        {
            WritePeerUp(peer, first);
        }

        state.Begin(session, new(this, state.Views));
        _ = session.TrySend(first);
        first.Release();
        RefreshWanted();
        _loop.Wake();
    }

    private void Terminate(StationState state, BmpTermination reason)
    {
        if (state.Session is not { } session)
        {
            return;
        }

        var last = SharedBuffer.Rent(256);
        if ((state.Views & BmpViews.LocRib) != 0)
        {
            BmpWriter.WriteLocRibDown(last, LocRibHeader(_loop.Time.GetUtcNow()), TableName);
        }

        BmpWriter.WriteTermination(last, reason);
        _ = session.TrySend(last);
        last.Release();
        session.Finish();
    }

    private void FlushEverybody() => _everybody.Flush(_stations.Where(station => station.Session is not null).Select(station => station.Session!));

    private static void WritePeerUp(BmpPeer peer, SharedBuffer to) => BmpWriter.WritePeerUp(
        to,
        peer.Header(BmpPeerFlags.None, peer.Since),
        peer.LocalAddress,
        peer.LocalPort,
        peer.Port,
        peer.SentOpen.Encode(),
        peer.ReceivedOpen.Encode());

    private void WriteLocRibUp(SharedBuffer to)
    {
        // There is no session: an OPEN is made up that says how the UPDATEs are to be read, and stands for both (RFC 9069 §5.2).
        var families = default(FamilySet);
        foreach (RouteFamily family in RouteFamilies.All)
        {
            families = families.With(family);
        }

        var open = new OpenMessage
        {
            As = _identity.As,
            HoldTime = 0,
            RouterId = _identity.RouterId,
            Capabilities = new() { FourOctetAs = _identity.As, Families = families, ExtendedMessages = true },
        }.Encode();
        BmpWriter.WritePeerUp(to, LocRibHeader(_loop.Time.GetUtcNow()), default, 0, 0, open, open, TableName);
    }
}

using System.Net;
using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>Follows a speaker for its <see cref="BmpExporter"/>. Made and disposed on the routing thread, or before it starts.</summary>
public sealed class BmpFeed : ISpeakerObserver, IBmpSubject, IDisposable
{
    private readonly BgpSpeaker _speaker;
    private readonly Dictionary<SourceId, IpAddress> _addresses = [];
    private byte[] _message = new byte[MessageHeader.Maximum];
    private int _messageLength;

    /// <summary>Follows a speaker; its settings have the stations.</summary>
    /// <param name="speaker">The speaker.</param>
    /// <param name="systemDescription">Name and version of the program.</param>
    public BmpFeed(BgpSpeaker speaker, string systemDescription)
    {
        ArgumentNullException.ThrowIfNull(speaker);
        _speaker = speaker;
        var identity = new BmpIdentity
        {
            As = speaker.Settings.As,
            RouterId = speaker.Settings.RouterId,
            SystemName = Dns.GetHostName(),
            SystemDescription = systemDescription,
        };
        Exporter = new(speaker.Loop, speaker.Routes, identity, this);
        foreach (PeerSnapshot peer in speaker.Snapshot())
        {
            if (peer is { Session: { } session, Ends: { } ends })
            {
                Up(peer.Source, peer.Address, session, ends, peer.Since);
            }
        }

        speaker.Observers.Add(this);
        Exporter.Apply(speaker.Settings.Bmp);
    }

    /// <summary>The exporter.</summary>
    public BmpExporter Exporter { get; }

    /// <inheritdoc/>
    public SpeakerInterest Interest =>
        ((Exporter.Wanted & (Settings.BmpViews.AdjRibInPre | Settings.BmpViews.AdjRibInPost)) != 0
            ? SpeakerInterest.Received | SpeakerInterest.Updates
            : SpeakerInterest.None)
        | ((Exporter.Wanted & Settings.BmpViews.AdjRibOutPost) != 0 ? SpeakerInterest.Sent : SpeakerInterest.None);

    /// <inheritdoc/>
    public void SessionUp(IPeerView peer, NegotiatedSession session, LinkEnds ends) =>
        Up(peer.Source, peer.Address, session, ends, _speaker.Loop.Time.GetUtcNow());

    /// <inheritdoc/>
    public void SessionDown(IPeerView peer, SessionEnd end, bool keepsRoutes)
    {
        _ = _addresses.Remove(peer.Source);
        Exporter.PeerDown(
            peer.Source, end.Notification, end.Reason is SessionEndReason.NotificationSent or SessionEndReason.PeerReconnected);
    }

    /// <inheritdoc/>
    public void MessageReceived(IPeerView peer, MessageType type, ReadOnlySpan<byte> message)
    {
        if (type == MessageType.Update)
        {
            _message = message.Length <= _message.Length ? _message : new byte[MessageHeader.MaximumExtended];
            message.CopyTo(_message);
            _messageLength = message.Length;
        }
    }

    /// <inheritdoc/>
    public void UpdateTaken(IPeerView peer, DecodedUpdate update) =>
        Exporter.UpdateReceived(peer.Source, _message.AsSpan(0, _messageLength), update);

    /// <inheritdoc/>
    public void MessagesSent(IPeerView peer, ReadOnlySpan<byte> messages) => Exporter.UpdatesSent(peer.Source, messages);

    /// <inheritdoc/>
    public void AddStatistics(SourceId source, BmpCounters to)
    {
        if (!_addresses.TryGetValue(source, out IpAddress address) || _speaker.Snapshot(address) is not { } peer)
        {
            return;
        }

        to.RejectedByPolicy(peer.Families.Sum(family => (long)family.Received - family.Accepted));
        to.Loops(peer.Refused[RouteRefusal.AsLoop], peer.Refused[RouteRefusal.ClusterLoop], peer.Refused[RouteRefusal.OriginatorLoop]);
        to.TreatedAsWithdraw(peer.Outcomes.TreatedAsWithdrawn);
        to.Advertised([.. peer.Families.Select(static family => (family.Family, family.Advertised))]);
    }

    /// <inheritdoc/>
    public void ForEachSent(SourceId source, RouteFamily family, DestinationId destination, SentRoute each)
    {
        if (_addresses.TryGetValue(source, out IpAddress address))
        {
            _speaker.ForEachSent(address, family, destination, each);
        }
    }

    /// <summary>Tells the stations that the export ends.</summary>
    public void Dispose()
    {
        _speaker.Observers.Remove(this);
        Exporter.Dispose();
    }

    private void Up(SourceId source, IpAddress address, NegotiatedSession session, LinkEnds ends, DateTimeOffset since)
    {
        _addresses[source] = address;
        Exporter.PeerUp(new()
        {
            Source = source,
            Address = address,
            Port = ends.RemotePort,
            LocalAddress = ends.Local,
            LocalPort = ends.LocalPort,
            SentOpen = session.LocalOpen,
            ReceivedOpen = session.RemoteOpen,
            Codec = session.Codec with { FlowSpecs = _speaker.Routes.FlowSpecs },
            Since = since,
        });
    }
}

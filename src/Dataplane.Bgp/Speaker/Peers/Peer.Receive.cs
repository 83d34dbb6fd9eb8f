using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.In;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Loop;

namespace Dataplane.Bgp.Speaker.Peers;

/// <content>Received messages.</content>
internal sealed partial class Peer
{
    // Then the next peer has its turn: none waits for another's million routes.
    private const int MessagesPerTurn = 16;
    private const int MessagesBetweenLooksAtTheClock = 16;

    private readonly Dictionary<ConnectionId, ReceivedBatch> _batches = [];
    private readonly List<ConnectionId> _receiving = [];
    private readonly DecodedUpdate _update = new();

    /// <summary>Handles a bounded number of received messages.</summary>
    /// <returns>Whether more are there.</returns>
    public bool Receive(WorkTurn turn)
    {
        if (_connections.Count == 0)
        {
            return false;
        }

        _receiving.Clear();
        _receiving.AddRange(_connections.Keys);
        var hasMore = false;
        foreach (ConnectionId id in _receiving)
        {
            hasMore |= Receive(id, turn);
        }

        return hasMore;
    }

    private bool Receive(ConnectionId id, WorkTurn turn)
    {
        var handled = 0;
        var updates = 0;
        while (_connections.TryGetValue(id, out BgpConnection? connection))
        {
            if (!_batches.TryGetValue(id, out ReceivedBatch? batch))
            {
                if (!connection.TryReceive(out batch))
                {
                    break;
                }

                _batches.Add(id, batch);
            }

            var isOver = false;
            while (!isOver && batch.TryNext(out MessageType type, out ReadOnlySpan<byte> message))
            {
                Counters.CountReceived(type);
                TellReceived(type, message);
                ReadOnlySpan<byte> body = message[MessageHeader.Size..];
                if (_session is null && type is MessageType.Update or MessageType.RouteRefresh && _fsm.IsHeldBack(id))
                {
                    Dispatch(SessionEvent.Keepalive(id)); // the session that it belongs to is there from now on
                }

                if (type == MessageType.Update && _session is { } session && session.Connection == connection)
                {
                    updates++;
                    _host.Latency.Received(batch.ReceivedAt);
                    ReceiveUpdate(id, session, body);
                }
                else
                {
                    ReceiveOther(id, connection, type, body);
                }

                handled++;
                isOver = !_connections.ContainsKey(id) || handled >= MessagesPerTurn || _host.IsRoundFull
                    || (handled % MessagesBetweenLooksAtTheClock == 0 && turn.IsOver);
            }

            if (isOver)
            {
                break;
            }

            EndBatch(id, batch);
        }

        if (updates > 0)
        {
            _update.Clear(); // it holds the flow specifications that were in the last one
        }

        if (updates > 0 && _connections.ContainsKey(id))
        {
            Dispatch(SessionEvent.Update(id)); // once for all: it restarts the hold timer
        }

        return _connections.ContainsKey(id) && handled > 0;
    }

    private void EndBatch(ConnectionId id, ReceivedBatch batch)
    {
        _ = _batches.Remove(id);
        NotificationMessage? error = batch.Error;
        var isEnd = batch.IsEnd;
        if (isEnd && batch.Failure is { } failure)
        {
            LastError = failure.Message;
        }

        batch.Release();
        if (error is not null)
        {
            Dispatch(SessionEvent.MessageError(id, error));
        }
        else if (isEnd)
        {
            Dispatch(SessionEvent.ConnectionFailed(id));
        }
    }

    private void DropReceived(ConnectionId id)
    {
        if (_batches.Remove(id, out ReceivedBatch? batch))
        {
            batch.Release();
        }
    }

    private void ReceiveOther(ConnectionId id, BgpConnection connection, MessageType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case MessageType.Open:
                if (OpenMessage.Decode(body, out OpenMessage? open) is { } fault)
                {
                    Dispatch(SessionEvent.MessageError(id, fault));
                    break;
                }

                if (open!.Capabilities.ExtendedMessages && Settings.ExtendedMessage)
                {
                    connection.AllowExtendedMessages();
                }

                Dispatch(SessionEvent.Open(id, open));
                break;
            case MessageType.Keepalive:
                Dispatch(SessionEvent.Keepalive(id));
                break;
            case MessageType.Notification:
                _ = NotificationMessage.TryDecode(body, out NotificationMessage notification);
                LastError = notification.Is(CeaseReason.CollisionResolution) ? LastError : $"received {notification}";
                Dispatch(SessionEvent.Notification(id, notification));
                break;
            case MessageType.RouteRefresh:
                ReceiveRefresh(id, body);
                break;
            default:
                Dispatch(SessionEvent.Update(id));
                break;
        }
    }

    private void ReceiveUpdate(ConnectionId id, PeerSession session, ReadOnlySpan<byte> body)
    {
        UpdateDecoder.Decode(body, session.Codec, _update);
        if (_update.Faults.Count > 0)
        {
            Counters.Count(_update);
        }

        if (_update.Outcome.Action == UpdateAction.ResetSession)
        {
            Dispatch(SessionEvent.MessageError(id, _update.Outcome.Error ?? NotificationMessage.Of(UpdateError.Unspecific)));
            return;
        }

        foreach (RouteGroup group in _update.Withdrawn)
        {
            if (Takes(group.Family, out PeerFamily? family))
            {
                _in.Withdraw(family, group.Routes);
            }
        }

        foreach (RouteGroup group in _update.Announced)
        {
            if (Takes(group.Family, out PeerFamily? family) && !group.Routes.IsEmpty)
            {
                _in.Announce(family, group.Attributes, group.Routes);
                CheckLimit(family);
            }
        }

        if (_update.Outcome.Disabled.Bits != 0)
        {
            Disable(_update.Outcome.Disabled);
        }

        TellUpdate();
        if (_update.EndOfRib is { } ended && Takes(ended, out PeerFamily? of))
        {
            EndOfRibReceived(of);
        }
    }

    private bool Takes(RouteFamily family, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PeerFamily? row) =>
        _families.TryGetValue(family, out row) && row.IsUp && !row.IsDisabled;

    /// <summary>RFC 7606 §2: the families' routes are removed and further ones ignored while the session lasts.</summary>
    private void Disable(FamilySet families)
    {
        foreach (RouteFamily family in families)
        {
            if (Takes(family, out PeerFamily? row))
            {
                row.IsDisabled = true;
                Warn($"{family.Name} is disabled for this session: its routes cannot be read");
                RemoveRoutes(row);
            }
        }
    }

    private void CheckLimit(PeerFamily family)
    {
        if (family.Settings.MaxPrefixes is not { } limit)
        {
            return;
        }

        var count = family.Table.PathCountOf(Source);
        if (count <= limit)
        {
            if (!family.IsWarned && count >= (long)limit * family.Settings.WarnPercent / 100)
            {
                family.IsWarned = true;
                Warn($"{count} prefixes of {family.Family.Name} of at most {limit}");
            }

            return;
        }

        if (family.Settings.MaxPrefixAction == MaxPrefixAction.WarnOnly)
        {
            if (!family.IsOverWarned)
            {
                family.IsOverWarned = true;
                Warn($"more than {limit} prefixes of {family.Family.Name}");
            }

            return;
        }

        // RFC 4486 §4: AFI, SAFI, and the bound.
        Span<byte> data = stackalloc byte[7];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(data, family.Family.Afi);
        data[2] = family.Family.Safi;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(data[3..], (uint)limit);
        TimeSpan? again = family.Settings.MaxPrefixAction == MaxPrefixAction.RestartAfter ? family.Settings.MaxPrefixRestart : null;
        Warn($"more than {limit} prefixes of {family.Family.Name}: the session ends");
        Dispatch(SessionEvent.AutomaticStop(NotificationMessage.Of(CeaseReason.MaximumPrefixes, data), again));
    }

    private void TellReceived(MessageType type, ReadOnlySpan<byte> message)
    {
        foreach (ISpeakerObserver observer in _host.Observers.All)
        {
            if ((observer.Interest & SpeakerInterest.Received) != 0)
            {
                observer.MessageReceived(this, type, message);
            }
        }
    }

    private void TellUpdate()
    {
        foreach (ISpeakerObserver observer in _host.Observers.All)
        {
            if ((observer.Interest & SpeakerInterest.Updates) != 0)
            {
                observer.UpdateTaken(this, _update);
            }
        }
    }

    private void Warn(string text)
    {
        foreach (ISpeakerObserver observer in _host.Observers.All)
        {
            observer.Warning(this, text);
        }
    }
}

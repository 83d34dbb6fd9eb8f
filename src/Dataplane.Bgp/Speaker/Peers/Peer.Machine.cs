using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Speaker.Peers;

/// <content>Events to the machine, and what it wants done.</content>
internal sealed partial class Peer
{
    private readonly Dictionary<ConnectionId, BgpConnection> _connections = [];
    private readonly Queue<SessionEvent> _events = new();
    private readonly List<SessionAction> _actions = [];
    private bool _isDispatching;
    private long _sentAtSendHold;

    /// <summary>A connection of the peer was accepted.</summary>
    public void LinkAccepted(IByteLink link)
    {
        ConnectionId id = _fsm.NextConnection();
        Open(id, link);
        Dispatch(SessionEvent.Accepted(id));
    }

    /// <summary>The connection that the machine asked for is up.</summary>
    public void LinkMade(ConnectionId id, IByteLink link)
    {
        Open(id, link);
        Dispatch(SessionEvent.Connected(id));
    }

    /// <summary>The connection that the machine asked for could not be made.</summary>
    public void LinkFailed(ConnectionId id, string why)
    {
        LastError = why;
        Dispatch(SessionEvent.ConnectionFailed(id));
    }

    private void Open(ConnectionId id, IByteLink link)
    {
        BgpConnection connection = _host.Open(this, link);
        _connections.Add(id, connection);
        connection.Start();
    }

    // Actions may lead to events; they wait until the actions before them are done.
    private void Dispatch(in SessionEvent what)
    {
        _events.Enqueue(what);
        if (_isDispatching)
        {
            return;
        }

        _isDispatching = true;
        try
        {
            while (_events.TryDequeue(out SessionEvent next))
            {
                _actions.Clear();
                _fsm.Handle(next, _actions);
                for (var i = 0; i < _actions.Count; i++)
                {
                    Perform(_actions[i]);
                }
            }
        }
        finally
        {
            _isDispatching = false;
        }
    }

    private void Perform(in SessionAction action)
    {
        switch (action.Kind)
        {
            case SessionActionKind.Connect:
                _host.Connect(this, action.Connection);
                break;
            case SessionActionKind.Close:
                Close(action.Connection, action.Notification);
                break;
            case SessionActionKind.SendOpen:
                Send(action.Connection, MessageType.Open, action.OpenMessage!.Encode());
                break;
            case SessionActionKind.SendKeepalive:
                Send(action.Connection, MessageType.Keepalive, MessageHeader.Keepalive());
                break;
            case SessionActionKind.StartTimer:
                StartTimer(action);
                break;
            case SessionActionKind.StopTimer:
                _timers.Stop(action.Timer);
                break;
            case SessionActionKind.Warn:
                LastError = action.Text;
                foreach (ISpeakerObserver observer in _host.Observers.All)
                {
                    observer.Warning(this, action.Text!);
                }

                break;
            case SessionActionKind.StateChanged:
                ChangedAt = _host.Loop.Time.GetUtcNow();
                foreach (ISpeakerObserver observer in _host.Observers.All)
                {
                    observer.StateChanged(this, action.OldState, action.NewState);
                }

                break;
            case SessionActionKind.SessionUp:
                SessionUp(_connections[action.Connection], action.Session!);
                break;
            case SessionActionKind.SessionDown:
                SessionDown(action.End!);
                break;
        }
    }

    private void StartTimer(in SessionAction action)
    {
        if (action.Timer.Kind == SessionTimerKind.SendHold)
        {
            _sentAtSendHold = _connections.GetValueOrDefault(action.Timer.Connection)?.SentOctets ?? 0;
        }

        _timers.Start(action.Timer, action.Duration);
    }

    /// <summary>Whether the peer has taken octets since the send hold timer was started, or none wait.</summary>
    private bool HasSent() =>
        _session is not { } session || session.Connection.QueuedBytes == 0 || session.Connection.SentOctets != _sentAtSendHold;

    private void Send(ConnectionId id, MessageType type, byte[] message)
    {
        if (!_connections.TryGetValue(id, out BgpConnection? connection))
        {
            return;
        }

        Counters.CountSent(type);
        SharedBuffer buffer = SharedBuffer.Of(message);
        _ = connection.SendControl(buffer);
        buffer.Release();
        TellSent(message);
    }

    private void TellSent(ReadOnlySpan<byte> messages)
    {
        foreach (ISpeakerObserver observer in _host.Observers.All)
        {
            if ((observer.Interest & SpeakerInterest.Sent) != 0)
            {
                observer.MessagesSent(this, messages);
            }
        }
    }

    private void Close(ConnectionId id, NotificationMessage? last)
    {
        if (!_connections.Remove(id, out BgpConnection? connection))
        {
            _host.GiveUp(this, id);
            return;
        }

        if (last is not null)
        {
            Counters.CountSent(MessageType.Notification);
            LastError = last.Is(CeaseReason.CollisionResolution) ? LastError : $"sent {last}";
            TellSent(last.Encode());
        }

        DropReceived(id);
        connection.Close(last);
    }

    private void CloseConnections()
    {
        foreach (BgpConnection connection in _connections.Values)
        {
            connection.Close(null);
        }

        _connections.Clear();
    }
}

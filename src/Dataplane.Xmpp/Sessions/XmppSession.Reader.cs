using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <content>The reader, and what it hands to the loop.</content>
internal sealed partial class XmppSession
{
    // So many stanzas of a session, then it is the others' turn on the loop.
    private const int StanzasPerTurn = 16;

    private readonly TaskCompletionSource _readerDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _inboxLock = new();
    private readonly Queue<Stanza> _inbox = new();
    private TaskCompletionSource? _room;
    private SessionEnd? _end;
    private bool _isScheduled;
    private bool _isOpen;
    private bool _isFinished;
    private bool _hasDrained;
    private long _lastReceived;

    private async Task ReadAsync()
    {
        var actions = new List<StreamAction>(2);
        try
        {
            while (!IsOver)
            {
                await WaitForRoomAsync().ConfigureAwait(false);
                StreamItem item = await _transport.ReadAsync(_cutOff.Token).ConfigureAwait(false);
                if (IsOver)
                {
                    break;
                }

                if (item.Kind == StreamItemKind.None)
                {
                    End(new(SessionEndReason.Lost, null, "the connection ended in the middle of the stream"), "");
                    break;
                }

                Volatile.Write(ref _lastReceived, _loop.Time.GetTimestamp());
                _counters.CountStanza();
                actions.Clear();
                _gate.Accept(item, actions);
                Perform(actions);
            }

            await _transport.DrainAsync(_cutOff.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (StreamTransport.IsFailure(exception))
        {
            End(new(SessionEndReason.Lost, null, exception.Message), "");
        }
        finally
        {
            _readerDone.SetResult();
        }
    }

    private void Perform(List<StreamAction> actions)
    {
        string lastWords = "";
        foreach (StreamAction action in actions)
        {
            switch (action.Kind)
            {
                case StreamActionKind.Deliver:
                    Deliver(action.Stanza!);
                    break;
                case StreamActionKind.End:
                    End(action.End, lastWords);
                    return;
                case StreamActionKind.Send when actions[^1].Kind == StreamActionKind.End:
                    lastWords += System.Text.Encoding.UTF8.GetString(action.Octets.Span);
                    break;
                default:
                    SendControl(action.Octets);
                    break;
            }
        }
    }

    private void Deliver(Stanza stanza)
    {
        stanza.ReceivedAt = Volatile.Read(ref _lastReceived);
        lock (_inboxLock)
        {
            _inbox.Enqueue(stanza);
            Schedule();
        }
    }

    private void PostEnd(SessionEnd end)
    {
        lock (_inboxLock)
        {
            _end = end;
            Schedule();
        }

        ReleaseReader();
    }

    // Under the lock. One message to the loop stands for all that waits.
    private void Schedule()
    {
        if (!_isScheduled)
        {
            _isScheduled = true;
            _loop.Post(static session => ((XmppSession)session!).Work(), this);
        }
    }

    private void Work()
    {
        try
        {
            for (int i = 0; i < StanzasPerTurn && TryTake(out Stanza? stanza); i++)
            {
                _handler.Received(this, stanza!);
            }
        }
        finally
        {
            EndTurn();
        }
    }

    private void EndTurn()
    {
        bool hasDrained;
        SessionEnd? end;
        lock (_inboxLock)
        {
            hasDrained = _hasDrained;
            _hasDrained = false;
            _isScheduled = false;
            end = _inbox.Count == 0 ? _end : null;
            if (_inbox.Count > 0)
            {
                Schedule();
            }
        }

        if (end is { } over)
        {
            Finish(over);
        }
        else if (hasDrained && !IsOver)
        {
            _handler.Drained(this);
        }
    }

    private bool TryTake(out Stanza? stanza)
    {
        lock (_inboxLock)
        {
            bool isThere = _inbox.TryDequeue(out stanza);
            if (_inbox.Count <= _settings.WaitingStanzas / 2)
            {
                ReleaseReader();
            }

            return isThere;
        }
    }

    // On the loop; once.
    private void Finish(SessionEnd end)
    {
        if (_isFinished)
        {
            return;
        }

        _isFinished = true;
        StopPings();
        lock (_inboxLock)
        {
            _inbox.Clear();
        }

        _closed(this, end);
        if (_isOpen)
        {
            _counters.CountClosed(end.Reason);
            _handler.Closed(this, end);
        }
    }

    private async ValueTask WaitForRoomAsync()
    {
        while (!IsOver)
        {
            Task room;
            lock (_inboxLock)
            {
                if (_inbox.Count < _settings.WaitingStanzas && Volatile.Read(ref _controlOctets) <= _settings.ControlOctets)
                {
                    return;
                }

                _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            await room.ConfigureAwait(false);
        }
    }

    private void ReleaseReader()
    {
        lock (_inboxLock)
        {
            _room?.TrySetResult();
            _room = null;
        }
    }
}

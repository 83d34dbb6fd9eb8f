using Dataplane.Routing.Loop;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <summary>
/// A bound stream. A reader on the pool passes what comes through the <see cref="StanzaGate"/>; what is for the handler goes to the routing loop,
/// and reading stops while too much waits there. A bounded queue is emptied by <see cref="SessionWriters"/>. A timer of the loop pings a silent peer.
/// </summary>
internal sealed partial class XmppSession : IXmppChannel
{
    private readonly StreamTransport _transport;
    private readonly StanzaGate _gate;
    private readonly SessionContext _context;
    private readonly SessionSettings _settings;
    private readonly RoutingLoop _loop;
    private readonly IXmppSessionHandler _handler;
    private readonly XmppCounters _counters;
    private readonly Action<XmppSession, SessionEnd> _closed;
    private readonly CancellationTokenSource _cutOff = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isOver;

    /// <summary>A session that is not open yet.</summary>
    /// <param name="transport">The stream, bound.</param>
    /// <param name="gate">What happens to what comes.</param>
    /// <param name="peer">Who is at the other end.</param>
    /// <param name="local">Who we are.</param>
    /// <param name="identity">What the peer proved.</param>
    /// <param name="context">What it shares with others.</param>
    /// <param name="closed">Is told on the loop that the session is over, before the handler.</param>
    public XmppSession(
        StreamTransport transport, StanzaGate gate, Jid peer, Jid local, PeerIdentity identity, SessionContext context, Action<XmppSession, SessionEnd> closed)
    {
        _transport = transport;
        _gate = gate;
        Peer = peer;
        Local = local;
        Identity = identity;
        _context = context;
        _settings = context.Settings;
        _loop = context.Loop;
        _handler = context.Handler;
        _counters = context.Counters;
        _closed = closed;
        _watch = new(_settings.PingInterval, _settings.PingMisses);
        _lastReceived = _loop.Time.GetTimestamp();
    }

    /// <inheritdoc/>
    public Jid Peer { get; }

    /// <inheritdoc/>
    public Jid Local { get; }

    /// <inheritdoc/>
    public PeerIdentity Identity { get; }

    /// <summary>Completes when the connection is gone.</summary>
    public Task Done => _done.Task;

    private bool IsOver => Volatile.Read(ref _isOver) != 0;

    /// <inheritdoc/>
    public void Close(StreamErrorCondition? error = null, string? text = null) =>
        End(new(SessionEndReason.LocalClose, error, text), error is { } condition ? StreamText.Error(new(condition, text ?? "")) : "");

    /// <summary>Opens it: the handler hears of it, reading begins. On the loop.</summary>
    public void Open()
    {
        _counters.CountOpened();
        _isOpen = true;
        _handler.Opened(this);
        StartPings();
        _ = Task.Run(ReadAsync);
    }

    /// <summary>Closes it for a newer one. On the loop; when it returns the handler has heard of it.</summary>
    public void Displace()
    {
        const string text = "a newer session took this one's place";
        var end = new SessionEnd(SessionEndReason.Displaced, StreamErrorCondition.Conflict, text);
        End(end, StreamText.Error(new(StreamErrorCondition.Conflict, text)));

        // It may have ended by itself a moment ago; then that counts, and what the peer said before.
        lock (_inboxLock)
        {
            end = _end ?? end;
        }

        while (end.Reason != SessionEndReason.Displaced && TryTake(out Stanza? stanza))
        {
            _handler.Received(this, stanza!);
        }

        Finish(end);
    }

    /// <summary>Ends what was never opened.</summary>
    public void Refuse(StreamErrorCondition error, string text)
    {
        End(new(SessionEndReason.LocalClose, error, text), StreamText.Error(new(error, text)));
        _ = Task.Run(ReadAsync);
    }

    // The first end counts. The handler hears of it after the stanzas that came before.
    private void End(SessionEnd end, string lastWords)
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            PostEnd(end);
            _ = Task.Run(() => CloseAsync(end, lastWords));
        }
    }

    private async Task CloseAsync(SessionEnd end, string lastWords)
    {
        try
        {
            if (end.Reason != SessionEndReason.Lost)
            {
                using var limit = new CancellationTokenSource(_settings.Linger, _loop.Time);
                using CancellationTokenRegistration cut = limit.Token.Register(static transport => ((StreamTransport)transport!).Dispose(), _transport);
                await FinishWritesAsync(lastWords + StreamText.End).ConfigureAwait(false);
                await _transport.EndWritesAsync().ConfigureAwait(false);
                ReleaseReader();
                await _readerDone.Task.WaitAsync(limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (StreamTransport.IsFailure(exception))
        {
            // The peer is gone, or does not read; nobody here is interested any more.
        }
        finally
        {
            await _cutOff.CancelAsync().ConfigureAwait(false);
            _transport.Dispose();
            ReleaseReader();
            await _readerDone.Task.ConfigureAwait(false);
            _transport.DisposeReader();
            DropQueue();
            _cutOff.Dispose();
            _done.SetResult();
        }
    }
}

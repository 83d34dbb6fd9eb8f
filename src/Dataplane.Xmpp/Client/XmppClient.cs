using System.Net;
using System.Net.Sockets;
using Dataplane.Routing.Loop;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Client;

/// <summary>
/// Keeps one session with a server that can be reached at one or several endpoints: connects, negotiates, and again with back-off when it fails or
/// the session is lost. The handler hears of each session on the routing loop. Started and stopped by any thread.
/// </summary>
public sealed class XmppClient : IAsyncDisposable
{
    private readonly RoutingLoop _loop;
    private readonly XmppClientSettings _settings;
    private readonly SessionContext _context;
    private readonly BackOff _backOff;
    private readonly CancellationTokenSource _stopping = new();
    private TlsCredentials? _tls;
    private Task? _running;
    private string? _lastFailure;

    /// <summary>A client that does not connect yet.</summary>
    /// <param name="loop">The routing loop, where the handler is called.</param>
    /// <param name="settings">What it is to do.</param>
    /// <param name="handler">What its sessions mean.</param>
    /// <exception cref="ArgumentException">There is nowhere to connect to, or neither a certificate nor leave for plaintext.</exception>
    public XmppClient(RoutingLoop loop, XmppClientSettings settings, IXmppSessionHandler handler)
    {
        if (settings.Endpoints.Count == 0 || settings.Jid.IsNone || !settings.Jid.IsBare || settings.Jid.Local is null)
        {
            throw new ArgumentException("A client needs an address without a resource, and somewhere to connect to.", nameof(settings));
        }

        if (settings.Tls is null && (!settings.AllowPlaintext || settings.Endpoints.Any(static endpoint => endpoint.IsDirectTls)))
        {
            throw new ArgumentException("There is no certificate, and plaintext is not allowed.", nameof(settings));
        }

        _loop = loop;
        _settings = settings;
        _tls = settings.Tls;
        _context = new(loop, settings.Session, handler, Counters);
        _backOff = new(settings.FirstBackOff, settings.LongestBackOff, Random.Shared);
    }

    /// <summary>What is counted.</summary>
    public XmppCounters Counters { get; } = new();

    /// <summary>Told on any thread what an operator may want to read.</summary>
    public Action<XmppNotice>? Noticed { get; set; }

    /// <summary>Why the last attempt or session ended; null: none did.</summary>
    public string? LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>Begins to connect.</summary>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public void Start()
    {
        if (_running is not null)
        {
            throw new InvalidOperationException("The client was started before.");
        }

        if (_settings.AllowPlaintext)
        {
            Noticed?.Invoke(new(XmppNoticeKind.PlaintextAllowed, null, _settings.Jid, "a server without TLS is accepted: it is who it says, nothing is proved"));
        }

        _running = Task.Run(RunAsync);
    }

    /// <summary>Uses other certificates for connections from now on; the session stays.</summary>
    public void SetTls(TlsCredentials tls) => Volatile.Write(ref _tls, tls);

    /// <summary>Closes the session in order and connects no more. The loop has to run meanwhile.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await (_running ?? Task.CompletedTask).ConfigureAwait(false);
        }
    }

    private async Task RunAsync()
    {
        for (int attempt = 0; !_stopping.IsCancellationRequested; attempt++)
        {
            XmppEndpoint endpoint = _settings.Endpoints[attempt % _settings.Endpoints.Count];
            string failure;
            try
            {
                failure = await RunAsync(endpoint).ConfigureAwait(false);
            }
            catch (Exception exception) when (StreamTransport.IsFailure(exception))
            {
                failure = exception.InnerException?.Message ?? exception.Message;
            }

            if (!_stopping.IsCancellationRequested)
            {
                TimeSpan wait = _backOff.Next();
                Volatile.Write(ref _lastFailure, failure);
                Noticed?.Invoke(new(
                    XmppNoticeKind.Disconnected, null, _settings.Jid, $"{endpoint}: {failure}; again in {wait.TotalSeconds:0.0} s"));
                await Task.Delay(wait, _loop.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // One attempt, and the session that comes of it; says why it ended.
    private async Task<string> RunAsync(XmppEndpoint endpoint)
    {
        string domain = endpoint.ServerName ?? _settings.ServerName ?? _settings.Jid.Domain;
        using var limit = new CancellationTokenSource(_settings.Session.NegotiationTimeout, _loop.Time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        StreamTransport transport = await ConnectAsync(endpoint, ended.Token).ConfigureAwait(false);
        (XmppSession Session, Task<SessionEnd> Over)? bound = null;
        try
        {
            PeerIdentity identity = endpoint.IsDirectTls
                ? await transport.AuthenticateAsClientAsync(Volatile.Read(ref _tls)!.ForClient(domain, isDirect: true), ended.Token).ConfigureAwait(false)
                : new(transport.Remote, isPlaintext: true);
            var negotiation = new ClientNegotiation(new(domain, _settings.Jid, _settings.Resource, _settings.Tls is not null, _settings.AllowPlaintext), identity);
            string? failure = await NegotiateAsync(transport, negotiation, domain, ended.Token).ConfigureAwait(false);
            if (failure is not null)
            {
                return failure;
            }

            bound = Bound(transport, negotiation, domain);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return "the server took too long";
        }
        finally
        {
            if (bound is null)
            {
                transport.Dispose();
                transport.DisposeReader();
            }
        }

        return await FollowAsync(bound.Value.Session, bound.Value.Over).ConfigureAwait(false);
    }

    private async Task<StreamTransport> ConnectAsync(XmppEndpoint endpoint, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellation).ConfigureAwait(false);
            Counters.CountConnection();
            return new(new NetworkStream(socket, ownsSocket: true), (IPEndPoint)socket.RemoteEndPoint!, _settings.Session.Limits, _loop.Time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Null: bound; otherwise why not.
    private async Task<string?> NegotiateAsync(
        StreamTransport transport, ClientNegotiation negotiation, string domain, CancellationToken cancellation)
    {
        var actions = new List<StreamAction>();
        negotiation.Start(actions);
        while (true)
        {
            // What TLS adds is done after what was there before.
            for (int i = 0; i < actions.Count; i++)
            {
                switch (actions[i].Kind)
                {
                    case StreamActionKind.Send:
                        await transport.WriteAsync(actions[i].Octets, cancellation).ConfigureAwait(false);
                        break;
                    case StreamActionKind.StartTls when transport.UnreadOctets > 0:
                        return "the server sent something between STARTTLS and TLS";
                    case StreamActionKind.StartTls:
                        PeerIdentity identity = await transport.AuthenticateAsClientAsync(
                            Volatile.Read(ref _tls)!.ForClient(domain, isDirect: false), cancellation).ConfigureAwait(false);
                        transport.Restart();
                        negotiation.TlsEstablished(identity, actions);
                        break;
                    case StreamActionKind.Restart:
                        transport.Restart();
                        break;
                    case StreamActionKind.Bound:
                        return null;
                    default:
                        return actions[i].End.Text ?? actions[i].End.Error?.ToString() ?? actions[i].End.Reason.ToString();
                }
            }

            actions.Clear();
            StreamItem item = await transport.ReadAsync(cancellation).ConfigureAwait(false);
            if (item.Kind == StreamItemKind.None)
            {
                return "the server closed the connection";
            }

            negotiation.Accept(item, actions);
        }
    }

    private (XmppSession Session, Task<SessionEnd> Over) Bound(StreamTransport transport, ClientNegotiation negotiation, string domain)
    {
        transport.AllowStanzas();
        Jid server = Jid.Parse(domain), local = negotiation.Bound!.Value;
        var over = new TaskCompletionSource<SessionEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        var session = new XmppSession(
            transport, new ClientGate(server, local), server, local, negotiation.Identity, _context, (_, end) => over.TrySetResult(end));
        _loop.Post(session.Open);
        return (session, over.Task);
    }

    private async Task<string> FollowAsync(XmppSession session, Task<SessionEnd> over)
    {
        long began = _loop.Time.GetTimestamp();
        using (_stopping.Token.Register(static session => ((XmppSession)session!).Close(), session))
        {
            SessionEnd end = await over.ConfigureAwait(false);
            await session.Done.ConfigureAwait(false);
            if (_loop.Time.GetElapsedTime(began) >= _settings.StableAfter)
            {
                _backOff.Reset();
            }

            return $"the session ended: {end.Reason}{(end.Error is { } error ? $" ({error})" : "")}{(end.Text is null ? "" : $", {end.Text}")}";
        }
    }
}

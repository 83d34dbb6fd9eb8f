using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Dataplane.Routing.Loop;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Server;

/// <summary>
/// Accepts clients (RFC 6120): TLS with certificates on both sides, SASL EXTERNAL, one session per bare address; a newer session displaces the
/// older one (XMP-03). Connections that are not bound yet are bounded in number, per address and in time. Started and stopped by any thread; the
/// registry of sessions belongs to the routing loop.
/// </summary>
public sealed partial class XmppServer : IAsyncDisposable
{
    private const int Backlog = 1024;

    private readonly RoutingLoop _loop;
    private readonly XmppServerSettings _settings;
    private readonly SessionContext _context;
    private readonly ServerProfile _profile;
    private readonly Dictionary<Jid, XmppSession> _sessions = [];
    private readonly List<(Socket Socket, XmppListenEndpoint Endpoint)> _listeners = [];
    private readonly List<Task> _accepting = [];
    private readonly CancellationTokenSource _stopping = new();
    private TlsCredentials? _tls;

    /// <summary>A server that does not listen yet.</summary>
    /// <param name="loop">The routing loop, where the handler is called.</param>
    /// <param name="settings">What it is to do.</param>
    /// <param name="handler">What sessions mean.</param>
    /// <exception cref="ArgumentException">A name is no domain, or there is neither a certificate nor leave for plaintext.</exception>
    public XmppServer(RoutingLoop loop, XmppServerSettings settings, IXmppSessionHandler handler)
    {
        if (settings.Tls is null && (!settings.AllowPlaintext || settings.Endpoints.Any(static endpoint => endpoint.IsDirectTls)))
        {
            throw new ArgumentException("There is no certificate, and plaintext is not allowed.", nameof(settings));
        }

        _loop = loop;
        _settings = settings;
        _tls = settings.Tls;
        _context = new(loop, settings.Session, handler, Counters);
        string[] names = [.. settings.ClientDomains.Prepend(settings.Name).Select(Domain).Distinct()];
        _profile = new(
            names[0],
            new(names, settings.RequireCertifiedSource),
            settings.Tls is not null,
            settings.AllowPlaintext,
            settings.Session.Limits,
            static () => RandomNumberGenerator.GetHexString(16, lowercase: true));
    }

    /// <summary>What is counted.</summary>
    public XmppCounters Counters { get; } = new();

    /// <summary>Told on any thread what an operator may want to read.</summary>
    public Action<XmppNotice>? Noticed { get; set; }

    /// <summary>Where it listens, with the ports that the system chose.</summary>
    public IReadOnlyList<XmppListenEndpoint> Endpoints => [.. _listeners.Select(static listener => listener.Endpoint)];

    /// <summary>Connections that are not bound yet.</summary>
    public int Unbound => Volatile.Read(ref _unbound);

    /// <summary>Sessions, in no order. On the loop.</summary>
    public IReadOnlyCollection<IXmppChannel> Sessions => _sessions.Values;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SocketException">An address is not there or taken.</exception>
    public void Start()
    {
        if (_settings.AllowPlaintext)
        {
            Notice(new(XmppNoticeKind.PlaintextAllowed, null, null, $"{_settings.Name} admits clients without TLS: they are whom they name, nothing is proved"));
        }

        try
        {
            foreach (XmppListenEndpoint endpoint in _settings.Endpoints)
            {
                Listen(endpoint);
            }
        }
        catch
        {
            _listeners.ForEach(static listener => listener.Socket.Dispose());
            throw;
        }

        _accepting.AddRange(_listeners.Select(listener => Task.Run(() => AcceptAsync(listener.Socket, listener.Endpoint.IsDirectTls))));
    }

    /// <summary>Uses other certificates for connections from now on; sessions stay.</summary>
    public void SetTls(TlsCredentials tls) => Volatile.Write(ref _tls, tls);

    /// <summary>Closes all sessions with <c>system-shutdown</c> and stops listening. The loop has to run meanwhile.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _listeners.ForEach(static listener => listener.Socket.Dispose());
        await Task.WhenAll(_accepting).ConfigureAwait(false);
        XmppSession[] sessions = await _loop.InvokeAsync(() => _sessions.Values.ToArray()).ConfigureAwait(false);
        foreach (XmppSession session in sessions)
        {
            session.Close(StreamErrorCondition.SystemShutdown, "the server ends");
        }

        await Task.WhenAll(sessions.Select(static session => session.Done)).ConfigureAwait(false);
    }

    private static string Domain(string name) => Jid.TryParse(name, out Jid jid) && jid.Local is null && jid.IsBare
        ? jid.Domain
        : throw new ArgumentException($"'{name}' is not a domain.", nameof(name));

    private void Listen(XmppListenEndpoint endpoint)
    {
        IPAddress address = endpoint.Address.ToSystem();
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listeners.Add((socket, endpoint));
        if (endpoint.Address.IsV6)
        {
            socket.DualMode = false;
        }

        socket.Bind(new IPEndPoint(address, endpoint.Port));
        socket.Listen(Backlog);
        _listeners[^1] = (socket, endpoint with { Port = (ushort)((IPEndPoint)socket.LocalEndPoint!).Port });
    }

    private async Task AcceptAsync(Socket listener, bool isDirectTls)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                Take(socket, isDirectTls);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // The connection was gone before it was accepted, or the process is out of descriptors and tries again in a while.
                Notice(new(XmppNoticeKind.AcceptFailed, null, null, exception.Message));
                if (exception.SocketErrorCode == SocketError.TooManyOpenSockets)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    private void Take(Socket socket, bool isDirectTls)
    {
        try
        {
            var remote = (IPEndPoint)socket.RemoteEndPoint!;
            if (!TryCount(remote.Address))
            {
                Counters.CountRefused();
                Notice(new(XmppNoticeKind.Refused, remote, null, "too many connections that are not bound yet"));
                socket.Dispose();
                return;
            }

            socket.NoDelay = true;
            Counters.CountConnection();
            var transport = new StreamTransport(new NetworkStream(socket, ownsSocket: true), remote, _settings.Session.Limits, _loop.Time);
            _ = Task.Run(() => NegotiateAsync(transport, isDirectTls));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
        }
    }

    // On the loop.
    private void Register(XmppSession session)
    {
        Jid address = session.Peer.Bare;
        if (_stopping.IsCancellationRequested)
        {
            session.Refuse(StreamErrorCondition.SystemShutdown, "the server ends");
            return;
        }

        if (_sessions.TryGetValue(address, out XmppSession? older))
        {
            Notice(new(XmppNoticeKind.Displaced, session.Identity.Remote, session.Peer, $"displaces {older.Peer} from {older.Identity.Remote}"));
            older.Displace();
        }
        else if (_sessions.Count >= _settings.MaximumSessions)
        {
            Counters.CountRefused();
            Notice(new(XmppNoticeKind.Refused, session.Identity.Remote, session.Peer, "too many sessions"));
            session.Refuse(StreamErrorCondition.ResourceConstraint, "too many sessions");
            return;
        }

        _sessions[address] = session;
        session.Open();
    }

    // On the loop.
    private void Ended(XmppSession session, SessionEnd end)
    {
        if (_sessions.TryGetValue(session.Peer.Bare, out XmppSession? current) && ReferenceEquals(current, session))
        {
            _ = _sessions.Remove(session.Peer.Bare);
        }
    }

    private void Notice(XmppNotice notice) => Noticed?.Invoke(notice);
}

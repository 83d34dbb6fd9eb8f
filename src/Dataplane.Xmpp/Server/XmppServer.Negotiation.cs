using System.Net;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Server;

/// <content>Connections until they are bound.</content>
public sealed partial class XmppServer
{
    private readonly Dictionary<IPAddress, int> _unboundByAddress = [];
    private int _unbound;

    private bool TryCount(IPAddress address)
    {
        lock (_unboundByAddress)
        {
            int there = _unboundByAddress.GetValueOrDefault(address);
            if (_unbound >= _settings.MaximumUnbound || there >= _settings.MaximumUnboundPerAddress)
            {
                return false;
            }

            _unboundByAddress[address] = there + 1;
            _unbound++;
            return true;
        }
    }

    private void Uncount(IPAddress address)
    {
        lock (_unboundByAddress)
        {
            int left = _unboundByAddress[address] - 1;
            _unbound--;
            if (left == 0)
            {
                _ = _unboundByAddress.Remove(address);
            }
            else
            {
                _unboundByAddress[address] = left;
            }
        }
    }

    private async Task NegotiateAsync(StreamTransport transport, bool isDirectTls)
    {
        bool isBound = false;
        using (var limit = new CancellationTokenSource(_settings.Session.NegotiationTimeout, _loop.Time))
        {
            try
            {
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
                PeerIdentity identity = isDirectTls
                    ? await StartTlsAsync(transport, isDirect: true, ended.Token).ConfigureAwait(false)
                    : new(transport.Remote, isPlaintext: true);
                isBound = await NegotiateAsync(transport, new(_profile, identity), limit.Token, ended.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (StreamTransport.IsFailure(exception))
            {
                Notice(new(XmppNoticeKind.NotBound, transport.Remote, null, exception.Message));
            }
        }

        Uncount(transport.Remote.Address);
        if (!isBound)
        {
            await HangUpAsync(transport).ConfigureAwait(false);
        }
    }

    private async Task<bool> NegotiateAsync(
        StreamTransport transport, ServerNegotiation negotiation, CancellationToken limit, CancellationToken ended)
    {
        var actions = new List<StreamAction>();
        while (true)
        {
            actions.Clear();
            try
            {
                StreamItem item = await transport.ReadAsync(ended).ConfigureAwait(false);
                if (item.Kind == StreamItemKind.None)
                {
                    return false;
                }

                negotiation.Accept(item, actions);
            }
            catch (OperationCanceledException)
            {
                negotiation.Fail(
                    limit.IsCancellationRequested
                        ? new(StreamErrorCondition.ConnectionTimeout, "the stream was not bound in time")
                        : new(StreamErrorCondition.SystemShutdown, "the server ends"),
                    actions);
            }

            foreach (StreamAction action in actions)
            {
                switch (action.Kind)
                {
                    case StreamActionKind.Send:
                        using (var stalled = new CancellationTokenSource(_settings.Session.Linger, _loop.Time))
                        {
                            await transport.WriteAsync(action.Octets, stalled.Token).ConfigureAwait(false);
                        }

                        break;
                    case StreamActionKind.StartTls when transport.UnreadOctets > 0:
                        // What was sent in the clear after the request would be taken for what TLS protects.
                        Counters.CountViolation();
                        Notice(new(XmppNoticeKind.NotBound, transport.Remote, null, "octets between STARTTLS and TLS"));
                        return false;
                    case StreamActionKind.StartTls:
                        negotiation.TlsEstablished(await StartTlsAsync(transport, isDirect: false, ended).ConfigureAwait(false));
                        transport.Restart();
                        break;
                    case StreamActionKind.Restart:
                        transport.Restart();
                        break;
                    case StreamActionKind.Bound:
                        Bound(transport, negotiation);
                        return true;
                    default:
                        Report(transport, negotiation, action.End);
                        return false;
                }
            }

            if (negotiation.TakeFailure() is { } failure)
            {
                Counters.CountAuthenticationFailure();
                Notice(new(XmppNoticeKind.NotAuthenticated, transport.Remote, null, $"{failure}: {negotiation.Identity}"));
            }
        }
    }

    private async Task<PeerIdentity> StartTlsAsync(StreamTransport transport, bool isDirect, CancellationToken cancellation)
    {
        try
        {
            return await transport.AuthenticateAsServerAsync(Volatile.Read(ref _tls)!.ForServer(isDirect), cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (StreamTransport.IsFailure(exception))
        {
            Counters.CountTlsFailure();
            Notice(new(XmppNoticeKind.TlsFailed, transport.Remote, null, exception.InnerException?.Message ?? exception.Message));
            throw new IOException("TLS failed", exception);
        }
    }

    private void Bound(StreamTransport transport, ServerNegotiation negotiation)
    {
        transport.AllowStanzas();
        Jid client = negotiation.Jid!.Value;
        var session = new XmppSession(
            transport, new ServerGate(_profile, client, _settings.Features), client, negotiation.Local, negotiation.Identity, _context, Ended);
        _loop.Post(() => Register(session));
    }

    private void Report(StreamTransport transport, ServerNegotiation negotiation, SessionEnd end)
    {
        if (end.Reason == SessionEndReason.Violation)
        {
            Counters.CountViolation();
        }

        Notice(new(XmppNoticeKind.NotBound, transport.Remote, negotiation.Jid, $"{end.Reason} {end.Error}: {end.Text}"));
    }

    // The end of our stream, then the peer may read it before the connection is gone.
    private async Task HangUpAsync(StreamTransport transport)
    {
        using var linger = new CancellationTokenSource(_settings.Session.Linger, _loop.Time);
        try
        {
            await transport.WriteAsync(System.Text.Encoding.UTF8.GetBytes(StreamText.End), linger.Token).ConfigureAwait(false);
            await transport.EndWritesAsync().ConfigureAwait(false);
            await transport.DrainAsync(linger.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (StreamTransport.IsFailure(exception))
        {
            // The peer is gone.
        }
        finally
        {
            transport.Dispose();
            transport.DisposeReader();
        }
    }
}

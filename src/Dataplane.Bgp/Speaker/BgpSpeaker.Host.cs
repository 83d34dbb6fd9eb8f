using System.Net.Sockets;
using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Bgp.Transport;
using Dataplane.Routing;
using Dataplane.Routing.Loop;

namespace Dataplane.Bgp.Speaker;

/// <content>What peers ask of it.</content>
public sealed partial class BgpSpeaker : IPeerHost
{
    private readonly Dictionary<(Peer Peer, ConnectionId Connection), CancellationTokenSource> _connecting = [];

    TimeSpan IPeerHost.MembershipDeferral => _options.MembershipDeferral;

    bool IPeerHost.ForwardingOutlivesUs => _options.ForwardingOutlivesUs;

    OutgoingFamily IPeerHost.Outgoing(RouteFamily family) => _outgoing[(int)family];

    void IPeerHost.Connect(Peer peer, ConnectionId connection)
    {
        var cancellation = new CancellationTokenSource();
        _connecting.Add((peer, connection), cancellation);
        _ = ConnectAsync(peer, connection, cancellation.Token);
    }

    void IPeerHost.GiveUp(Peer peer, ConnectionId connection)
    {
        if (_connecting.Remove((peer, connection), out CancellationTokenSource? cancellation))
        {
            cancellation.Cancel();
        }
    }

    BgpConnection IPeerHost.Open(Peer peer, IByteLink link)
    {
        var limits = new ConnectionLimits
        {
            SendHighMark = peer.Settings.Transport.SendQueueBytes,
            ReceiveMark = peer.Settings.Transport.ReceiveQueueBytes,
        };
        return new(link, limits, peer, peer.Transport, Loop.Time);
    }

    IEnumerable<Nlri> IPeerHost.CountingMemberships(SourceId source) => _externalMemberships.Of(source);

    void IPeerHost.Wake() => Loop.Wake();

    void IPeerHost.SessionChanged(Peer peer)
    {
        if (peer.State == SessionState.Established)
        {
            _forgetTimers.GetValueOrDefault(peer)?.Stop();
        }
        else if (_forgetTimers.TryGetValue(peer, out LoopTimer? timer) && !timer.IsRunning)
        {
            timer.Restart(peer.Range!.ForgetAfter);
        }

        CheckRestart();
    }

    private async Task ConnectAsync(Peer peer, ConnectionId connection, CancellationToken cancellation)
    {
        IByteLink? link = null;
        var why = "";
        try
        {
            link = await _connector
                .ConnectAsync(peer.Settings, HopPolicy.Of(peer.Settings.Transport, IsExternal(peer.Settings)), cancellation)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            why = exception.Message;
        }

        Loop.Post(() =>
        {
            if (!_connecting.Remove((peer, connection), out CancellationTokenSource? own))
            {
                link?.Dispose();
                return;
            }

            own.Dispose();
            if (link is null)
            {
                peer.LinkFailed(connection, why);
            }
            else
            {
                peer.LinkMade(connection, link);
            }
        });
    }
}

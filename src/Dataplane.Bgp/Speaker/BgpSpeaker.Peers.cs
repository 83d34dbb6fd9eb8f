using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Policy;

namespace Dataplane.Bgp.Speaker;

/// <content>Settings and peers.</content>
public sealed partial class BgpSpeaker
{
    private readonly Dictionary<Peer, LoopTimer> _forgetTimers = [];

    /// <summary>
    /// Takes new settings into effect: peers come and go, and those that changed are reset only when what was negotiated would be another.
    /// </summary>
    /// <returns>The addresses of peers whose sessions were reset for it.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">An address to listen at is not there or taken; everything else is in force.</exception>
    public IReadOnlyList<IpAddress> Apply(SpeakerSettings settings)
    {
        SpeakerSettings old = Settings;
        Settings = settings;
        if (!_isRunning)
        {
            return [];
        }

        Memberships.SetAs(settings.As);
        _externalMemberships.SetMost(settings.ExternalMembershipPaths);
        Routes.BestPath = BestPathOf(settings);
        var wanted = settings.Peers.ToDictionary(peer => peer.Address);
        foreach (Peer peer in _order.ToArray())
        {
            PeerRangeSettings? range = peer.IsDynamic ? RangeOf(peer.Address) : null;
            if (wanted.ContainsKey(peer.Address) ? peer.IsDynamic : range is null)
            {
                Remove(peer, NotificationMessage.Of(CeaseReason.PeerDeconfigured));
            }
        }

        var reset = new List<IpAddress>();
        foreach (PeerSettings peer in settings.Peers)
        {
            if (!_peers.TryGetValue(peer.Address, out Peer? present))
            {
                Add(peer, null).Start();
            }
            else if (present.Apply(peer, null, old))
            {
                reset.Add(peer.Address);
            }
        }

        foreach (Peer peer in _order)
        {
            if (peer.IsDynamic && RangeOf(peer.Address) is { } range && peer.Apply(Of(range, peer.Address), range, old))
            {
                reset.Add(peer.Address);
            }
        }

        SetDefaultMembership();
        if (!old.Listen.SequenceEqual(settings.Listen))
        {
            Listen(settings.Listen);
        }

        SetAcceptRules();
        Loop.Wake();
        return reset;
    }

    /// <summary>Takes other policies into effect: routes are judged anew, no session is reset.</summary>
    public void Apply(IPolicyCatalog? policies)
    {
        _context.Policies = policies;
        foreach (Peer peer in _order)
        {
            peer.PoliciesChanged();
        }

        Loop.Wake();
    }

    private Peer Add(PeerSettings settings, PeerRangeSettings? range)
    {
        var peer = new Peer(this, settings, range);
        _peers.Add(settings.Address, peer);
        _order.Add(peer);
        foreach (ISpeakerObserver observer in Observers.All)
        {
            observer.PeerAdded(peer);
        }

        SetDefaultMembership();
        return peer;
    }

    private void Remove(Peer peer, NotificationMessage? last)
    {
        _ = _peers.Remove(peer.Address);
        _ = _order.Remove(peer);
        if (_forgetTimers.Remove(peer, out LoopTimer? timer))
        {
            timer.Stop();
        }

        peer.Dispose(last, keepRoutes: false);
        foreach (ISpeakerObserver observer in Observers.All)
        {
            observer.PeerRemoved(peer);
        }
    }

    private void MembershipCounts(SourceId source, Nlri membership, bool counts)
    {
        foreach (Peer peer in _order)
        {
            if (peer.Source == source)
            {
                peer.MembershipCounts(membership, counts);
                return;
            }
        }
    }

    private void SetDefaultMembership() => Memberships.SetDefault(_order.Exists(peer => peer.Settings.DefaultRouteTarget));

    private void Listen(IReadOnlyList<ListenEndpoint> endpoints)
    {
        foreach (BgpListener listener in _listeners)
        {
            listener.Dispose();
        }

        _listeners.Clear();
        foreach (ListenEndpoint endpoint in endpoints)
        {
            _listeners.Add(BgpListener.Start(endpoint, link => Loop.Post(() => Accept(link)), ListenerCounters));
        }
    }

    private void SetAcceptRules()
    {
        var rules = Settings.Peers.Select(peer => RuleOf(IpPrefix.Host(peer.Address), peer))
            .Concat(Settings.Ranges.Select(range => RuleOf(range.Range, range.Template)));
        var list = new AcceptList(rules);
        foreach (BgpListener listener in _listeners)
        {
            listener.SetRules(list);
        }
    }

    private AcceptRule RuleOf(IpPrefix peers, PeerSettings peer) =>
        new(peers, peer.Transport.Password, HopPolicy.Of(peer.Transport, IsExternal(peer)));

    private bool IsExternal(PeerSettings peer) => peer.As != (peer.LocalAs?.As ?? Settings.As);

    /// <summary>A connection was accepted.</summary>
    internal void Accept(IByteLink link)
    {
        if (!_isRunning)
        {
            link.Dispose();
            return;
        }

        IpAddress address = link.Ends.Remote;
        if (_peers.TryGetValue(address, out Peer? peer))
        {
            peer.LinkAccepted(link);
            return;
        }

        if (RangeOf(address) is not { } range)
        {
            ListenerCounters.CountRefused(RefusalReason.UnknownPeer);
            link.Dispose();
            return;
        }

        if (_order.Count(other => other.IsDynamic && range.Range.Contains(other.Address)) >= range.MaxPeers)
        {
            ListenerCounters.CountRefused(RefusalReason.RangeFull);
            Warn($"the range {range.Range} has {range.MaxPeers} peers: {address} is refused");
            link.Dispose();
            return;
        }

        peer = Add(Of(range, address), range);
        LoopTimer timer = Loop.CreateTimer(() => Forget(peer));
        _forgetTimers.Add(peer, timer);
        timer.Restart(range.ForgetAfter);
        peer.Start();
        peer.LinkAccepted(link);
    }

    private PeerRangeSettings? RangeOf(IpAddress address)
    {
        PeerRangeSettings? found = null;
        foreach (PeerRangeSettings range in Settings.Ranges)
        {
            if (range.Range.Family == address.Family && range.Range.Contains(address)
                && (found is null || range.Range.Length > found.Range.Length))
            {
                found = range;
            }
        }

        return found;
    }

    private static PeerSettings Of(PeerRangeSettings range, IpAddress address) =>
        range.Template with { Address = address, Transport = range.Template.Transport with { Passive = true } };

    // A dynamic peer that is not there, and of which nothing is kept.
    private void Forget(Peer peer)
    {
        if (peer.State == Fsm.SessionState.Established)
        {
            return;
        }

        if (peer.HasStale || peer.HasConnection)
        {
            _forgetTimers[peer].Restart(peer.Range!.ForgetAfter);
        }
        else
        {
            Remove(peer, NotificationMessage.Of(CeaseReason.PeerDeconfigured));
        }
    }

    private void Warn(string text)
    {
        foreach (ISpeakerObserver observer in Observers.All)
        {
            observer.Warning(null, text);
        }
    }
}

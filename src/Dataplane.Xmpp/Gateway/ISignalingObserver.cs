using Dataplane.Net;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Gateway;

/// <summary>Is told what happens at a gateway (MGT-09). Routing thread; every member does nothing unless it is implemented.</summary>
public interface ISignalingObserver
{
    /// <summary>A session is there.</summary>
    void SessionOpened(IXmppChannel channel)
    {
    }

    /// <summary>A session has ended.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="end">How.</param>
    /// <param name="keepsState">Whether what the client published stays for now.</param>
    void SessionClosed(IXmppChannel channel, SessionEnd end, bool keepsState)
    {
    }

    /// <summary>An operator should look: a second session of an address, a client that is cut or bears a name it must not have.</summary>
    void Alarm(string text)
    {
    }

    /// <summary>A request was done.</summary>
    void Done(Jid client, PubSubRequest request)
    {
    }

    /// <summary>A request was refused.</summary>
    void Refused(Jid client, RefusalReason reason, string text)
    {
    }

    /// <summary>A publication went into a VRF, from where it goes to subscribers and into BGP.</summary>
    void Published(Jid client, string vrf, in Routing.Vpn.VrfLocalRoute route)
    {
    }

    /// <summary>A publication has left a VRF.</summary>
    void Withdrawn(Jid client, string vrf, IpPrefix prefix, string why)
    {
    }

    /// <summary>Changes of a VRF went to one of its subscribers.</summary>
    void Notified(Jid client, string vrf, NotifiedChanges changes)
    {
    }
}

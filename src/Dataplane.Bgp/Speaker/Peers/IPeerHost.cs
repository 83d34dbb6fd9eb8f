using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Transport;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Peers;

/// <summary>What a peer needs of the speaker. Routing thread.</summary>
internal interface IPeerHost
{
    /// <summary>The loop.</summary>
    RoutingLoop Loop { get; }

    /// <summary>The routes.</summary>
    RoutingBase Routes { get; }

    /// <summary>The speaker's settings.</summary>
    SpeakerSettings Settings { get; }

    /// <summary>The policies.</summary>
    IPolicyCatalog? Policies { get; }

    /// <summary>Observers of sessions and messages.</summary>
    ObserverList Observers { get; }

    /// <summary>Measures how long updates take.</summary>
    RoundLatency Latency { get; }

    /// <summary>Whether so many routes wait for selection that those of other messages are to come later.</summary>
    bool IsRoundFull { get; }

    /// <summary>Whether our own restart is going on: nothing is advertised yet (RFC 4724 §4.1).</summary>
    bool IsRestarting { get; }

    /// <summary>Whether this process has come back after peers kept its routes (RFC 4724).</summary>
    bool HasRestarted { get; }

    /// <summary>Whether forwarding goes on while this process is away.</summary>
    bool ForwardingOutlivesUs { get; }

    /// <summary>The bound on waiting for a peer's memberships (RFC 4684 §6).</summary>
    TimeSpan MembershipDeferral { get; }

    /// <summary>The Adj-RIB-Out of a family.</summary>
    OutgoingFamily Outgoing(RouteFamily family);

    /// <summary>Begins to make a connection; <see cref="Peer.LinkMade"/> or <see cref="Peer.LinkFailed"/> answers.</summary>
    void Connect(Peer peer, ConnectionId connection);

    /// <summary>Gives up to make a connection.</summary>
    void GiveUp(Peer peer, ConnectionId connection);

    /// <summary>Wraps a link that is up.</summary>
    BgpConnection Open(Peer peer, IByteLink link);

    /// <summary>The memberships of an external peer that count (RFC 4684 §3.1).</summary>
    IEnumerable<Nlri> CountingMemberships(SourceId source);

    /// <summary>The peer has received data, or something of it is to be sent: the loop is to look for work. Any thread.</summary>
    void Wake();

    /// <summary>A session came up, went down, or sent End-of-RIB.</summary>
    void SessionChanged(Peer peer);

    /// <summary>A peer has sent an End-of-RIB; the routes before it may still wait for selection.</summary>
    void EndOfRibReceived();
}

using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Speaker;

/// <summary>A peer as observers and management see it. Routing thread.</summary>
public interface IPeerView
{
    /// <summary>Its address.</summary>
    IpAddress Address { get; }

    /// <summary>Its settings; of a dynamic peer, the template with its address.</summary>
    PeerSettings Settings { get; }

    /// <summary>Whether it came out of a range.</summary>
    bool IsDynamic { get; }

    /// <summary>The source of its paths in every table.</summary>
    SourceId Source { get; }

    /// <summary>The state of its session.</summary>
    SessionState State { get; }

    /// <summary>What the established session negotiated; null in other states.</summary>
    NegotiatedSession? Session { get; }
}

using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Xmpp.Propagation;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// How long what end-systems publish and withdraw takes to those who shall know: from when the request, or the end of the session,
/// was read from its socket until the last subscriber of the VPN it concerns was told, as far as there are any; and until it left for BGP peers, which is timed where the
/// peers are. Always on; of at most some thousand changes at a time (MGT-09). Routing thread.
/// </summary>
public sealed class PropagationTimes
{
    private readonly PropagationHistogram[] _subscribers = PropagationHistogram.OfEach<PropagationCause>();
    private readonly PropagationHistogram[] _peers = PropagationHistogram.OfEach<PropagationCause>();
    private readonly PropagationMarks<(VrfIndex Vrf, IpPrefix Prefix)> _marks;
    private readonly TimeProvider _time;

    /// <summary>Nothing is counted so far.</summary>
    public PropagationTimes(TimeProvider time)
    {
        _time = time;
        _marks = new(time);
    }

    /// <summary>Told of the beginning of a change that BGP peers may hear of: which histogram takes the time until they do, and since when it runs.</summary>
    public Action<PropagationHistogram, long>? TimeToPeers { get; set; }

    /// <summary>Changes that were not timed since too many were under way.</summary>
    public long Untimed => _marks.Untimed;

    /// <summary>Times until the last subscriber was told.</summary>
    public PropagationHistogram ToSubscribers(PropagationCause cause) => _subscribers[(int)cause];

    /// <summary>Times until the first message that carries it was queued for a BGP peer.</summary>
    public PropagationHistogram ToPeers(PropagationCause cause) => _peers[(int)cause];

    /// <summary>A route of a VRF was changed.</summary>
    public void Began(PropagationCause cause, long at, VrfIndex vrf, IpPrefix prefix)
    {
        TimeToPeers?.Invoke(_peers[(int)cause], at);
        _marks.Set((vrf, prefix), cause, at);
    }

    /// <summary>The VRF has selected: whether the change of a prefix is one that is timed.</summary>
    internal bool TryTake(VrfIndex vrf, IpPrefix prefix, out PropagationCause cause, out long at) => _marks.TryTake((vrf, prefix), out cause, out at);

    /// <summary>The last subscriber has been told.</summary>
    internal void Told(PropagationCause cause, long at) => _subscribers[(int)cause].Add(_time.GetElapsedTime(at));
}

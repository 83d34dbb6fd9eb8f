using Dataplane.Routing.Loop;
using Dataplane.Xmpp.Propagation;

namespace Dataplane.Xmpp.ExternalForwarder;

/// <summary>
/// How long what hosts behind an external forwarder publish and withdraw takes to the servers: from when the request, or the end of the session, was
/// read from its socket until the last server that has a session with us has acknowledged it. With the gateway in the same process it is timed on there,
/// to subscribers and peers. Always on; of at most some thousand changes at a time (MGT-09). Routing thread.
/// </summary>
public sealed class HostTimes
{
    private readonly PropagationHistogram[] _servers = PropagationHistogram.OfEach<PropagationCause>();
    private readonly PropagationMarks<string> _marks;
    private readonly TimeProvider _time;

    internal HostTimes(TimeProvider time)
    {
        _time = time;
        _marks = new(time);
    }

    /// <summary>Changes that were not timed since too many were under way.</summary>
    public long Untimed => _marks.Untimed;

    /// <summary>Times until the last server has acknowledged.</summary>
    public PropagationHistogram ToServers(PropagationCause cause) => _servers[(int)cause];

    /// <summary>All servers know a leaf as it is now, or that it is no more.</summary>
    public void Acknowledged(string leaf)
    {
        if (TryTake(leaf, out PropagationCause cause, out var at))
        {
            _servers[(int)cause].Add(_time.GetElapsedTime(at));
        }
    }

    /// <summary>A leaf goes on to who times it from here: what changed it and since when it is timed; false for what is not timed.</summary>
    public bool TryTake(string leaf, out PropagationCause cause, out long at) => _marks.TryTake(leaf, out cause, out at);

    /// <summary>A host, or its end, changes what a leaf says.</summary>
    internal void Began(PropagationCause cause, long at, string leaf) => _marks.Set(leaf, cause, at);
}

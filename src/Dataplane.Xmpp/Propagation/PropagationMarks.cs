namespace Dataplane.Xmpp.Propagation;

/// <summary>
/// Changes that have begun and are not known yet to those who shall know: what began each, and when; at most some thousand, each for half a minute, since
/// one that changes nothing never ends. One thread.
/// </summary>
/// <typeparam name="TPlace">What is changed: of each, only the last change is under way.</typeparam>
/// <param name="time">The source of time.</param>
internal sealed class PropagationMarks<TPlace>(TimeProvider time)
    where TPlace : notnull
{
    private const int MostWaiting = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Dictionary<TPlace, Mark> _waiting = [];

    /// <summary>Changes that were not timed since too many were under way.</summary>
    public long Untimed { get; private set; }

    /// <summary>A change has begun.</summary>
    /// <param name="place">What it changes.</param>
    /// <param name="cause">What made it.</param>
    /// <param name="at">Since when it is timed, in ticks of the source of time.</param>
    public void Set(TPlace place, PropagationCause cause, long at)
    {
        if (_waiting.Count >= MostWaiting && !_waiting.ContainsKey(place))
        {
            Sweep();
        }

        if (_waiting.Count < MostWaiting || _waiting.ContainsKey(place))
        {
            _waiting[place] = new(cause, at, time.GetTimestamp());
        }
        else
        {
            Untimed++;
        }
    }

    /// <summary>A change goes on, or has ended: whether it is one that is timed.</summary>
    public bool TryTake(TPlace place, out PropagationCause cause, out long at)
    {
        (cause, at) = (default, 0);
        if (!_waiting.Remove(place, out Mark mark))
        {
            return false;
        }

        // One that changed nothing, as what is published again after a reconnection, is not what makes this change.
        (cause, at) = (mark.Cause, mark.At);
        return time.GetElapsedTime(mark.Noted) < Patience;
    }

    private void Sweep()
    {
        foreach ((TPlace place, Mark mark) in _waiting)
        {
            if (time.GetElapsedTime(mark.Noted) >= Patience)
            {
                _ = _waiting.Remove(place);
            }
        }
    }

    private readonly record struct Mark(PropagationCause Cause, long At, long Noted);
}

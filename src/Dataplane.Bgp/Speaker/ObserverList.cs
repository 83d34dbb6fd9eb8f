namespace Dataplane.Bgp.Speaker;

/// <summary>The observers of a speaker. Routing thread.</summary>
public sealed class ObserverList
{
    private readonly List<ISpeakerObserver> _observers = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<ISpeakerObserver> All => _observers;

    /// <summary>Adds one; it is told of what happens from now on.</summary>
    public void Add(ISpeakerObserver observer) => _observers.Add(observer);

    /// <summary>Removes one.</summary>
    public void Remove(ISpeakerObserver observer) => _observers.Remove(observer);

    /// <summary>Whether any of them wants to see something.</summary>
    public bool Wants(SpeakerInterest interest)
    {
        foreach (ISpeakerObserver observer in _observers)
        {
            if ((observer.Interest & interest) != 0)
            {
                return true;
            }
        }

        return false;
    }
}

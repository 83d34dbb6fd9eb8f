namespace Dataplane.Xmpp.Gateway;

/// <summary>What one message, or several at once, told a subscriber. Routing thread, and only while an observer is told of it.</summary>
public readonly struct NotifiedChanges
{
    private readonly VrfFeed _feed;
    private readonly FeedBatch _batch;

    internal NotifiedChanges(VrfFeed feed, FeedBatch batch) => (_feed, _batch) = (feed, batch);

    /// <summary>Routes and withdrawals in it.</summary>
    public int Count => _batch.Changes;

    /// <summary>The prefixes, or the octets of flow specifications, and whether each has gone. Allocates.</summary>
    public IEnumerable<(string Route, bool IsGone)> Routes
    {
        get
        {
            for (var position = _batch.Start; position < _batch.End; position++)
            {
                if (_feed.TryRead(position, out FeedKey key, out var isGone) && !(isGone && _batch.IsSnapshot))
                {
                    yield return (key.Rule is { } octets ? $"0x{octets}" : key.Prefix.ToString(), isGone);
                }
            }
        }
    }
}

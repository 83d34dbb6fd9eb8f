using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Gateway;

/// <summary>How events of a VRF are written; equal for subscribers that hear the same octets.</summary>
/// <param name="Node">The VPN's name, as they call it.</param>
/// <param name="Profile">Their profile.</param>
/// <param name="From">The address that events come from.</param>
internal readonly record struct FeedShape(string Node, WireProfile Profile, string From);

/// <summary>Encoded messages about positions of a feed, without the address of the subscriber.</summary>
/// <param name="Start">The first position.</param>
/// <param name="End">The position behind the last one.</param>
/// <param name="IsSnapshot">Whether what has gone is left out.</param>
/// <param name="Changes">Routes and withdrawals in it.</param>
/// <param name="Stanzas">The messages.</param>
internal sealed record FeedBatch(long Start, long End, bool IsSnapshot, int Changes, AddressedStanzas Stanzas);

/// <summary>Batches of a shape that may be asked for again: as long as subscribers lag, and nothing in them has changed.</summary>
internal sealed class FeedBatches
{
    private const int Most = 1024;

    private readonly Dictionary<long, List<FeedBatch>> _bySegment = [];

    /// <summary>A batch that begins at a position and does not go beyond another one.</summary>
    public FeedBatch? Find(long start, long limit, bool isSnapshot)
    {
        if (_bySegment.TryGetValue(start / VrfFeed.Segment, out List<FeedBatch>? batches))
        {
            foreach (FeedBatch batch in batches)
            {
                if (batch.Start == start && batch.End <= limit && batch.IsSnapshot == isSnapshot)
                {
                    return batch;
                }
            }
        }

        return null;
    }

    /// <summary>Keeps a batch.</summary>
    public void Add(FeedBatch batch)
    {
        if (_bySegment.Count >= Most)
        {
            _bySegment.Clear();
        }

        if (!_bySegment.TryGetValue(batch.Start / VrfFeed.Segment, out List<FeedBatch>? batches))
        {
            _bySegment.Add(batch.Start / VrfFeed.Segment, batches = []);
        }

        batches.Add(batch);
    }

    /// <summary>Something in a segment has changed.</summary>
    public void Forget(long segment) => _bySegment.Remove(segment);
}

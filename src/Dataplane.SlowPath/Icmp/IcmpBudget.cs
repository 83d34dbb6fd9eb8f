namespace Dataplane.SlowPath;

/// <summary>One token bucket per key: what of the forwarder's own ICMP messages a VRF or port may cause per second.</summary>
internal sealed class IcmpBudget<TKey>(int ratePerSecond, TimerQueue timers)
    where TKey : notnull
{
    private readonly Dictionary<TKey, TokenBucket> _buckets = [];

    internal bool TryTake(TKey key)
    {
        var now = timers.Now;
        if (!_buckets.TryGetValue(key, out var bucket))
        {
            bucket = new TokenBucket(ratePerSecond, now);
            _buckets.Add(key, bucket);
        }
        return bucket.TryTake(now);
    }
}

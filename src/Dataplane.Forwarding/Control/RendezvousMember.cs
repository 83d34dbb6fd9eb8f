using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <summary>
/// A member of a group in weighted rendezvous hashing (ADR-0004): it ranks all buckets in an order of its own, and a bucket
/// goes to the member with the lowest score there. Everything follows from the member's identity and weight, in integers
/// and in single IEEE multiplications, so that all forwarders agree to the last bit.
/// <para>
/// The order is a permutation of the buckets keyed by the identity; the n-th of B buckets has the score of the n-th smallest
/// of B exponential variables, 1/B + 1/(B−1) + … + 1/(B−n), divided by the weight. That is −ln(u)/w with values of u that
/// fill the interval evenly rather than at random, which halves the variance of the shares.
/// </para>
/// </summary>
internal readonly struct RendezvousMember
{
    private const int Shift = (GroupRow.BucketBits + 1) / 2;
    private const uint Mask = GroupRow.BucketCount - 1;
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private static readonly double[] Waits = ExponentialOrderStatistics();

    private readonly uint _a0;
    private readonly uint _a1;
    private readonly uint _a2;
    private readonly uint _b0;
    private readonly uint _b1;
    private readonly uint _b2;
    private readonly uint _inverse0;
    private readonly uint _inverse1;
    private readonly uint _inverse2;

    /// <summary>A member by the <see cref="KeyOf"/> its identity and its weight.</summary>
    internal RendezvousMember(ulong key, int weight)
    {
        Key = key;
        Slowness = 1.0 / weight;
        ulong first = Mix(key + Golden);
        ulong second = Mix(key + unchecked(2 * Golden));
        _a0 = (uint)first & Mask | 1;
        _b0 = (uint)(first >> GroupRow.BucketBits) & Mask;
        _a1 = (uint)(first >> 2 * GroupRow.BucketBits) & Mask | 1;
        _b1 = (uint)second & Mask;
        _a2 = (uint)(second >> GroupRow.BucketBits) & Mask | 1;
        _b2 = (uint)(second >> 2 * GroupRow.BucketBits) & Mask;
        _inverse0 = Inverse(_a0);
        _inverse1 = Inverse(_a1);
        _inverse2 = Inverse(_a2);
    }

    /// <summary>Decides between equal scores: the lower key wins.</summary>
    internal ulong Key { get; }

    /// <summary>Reciprocal of the weight.</summary>
    internal double Slowness { get; }

    /// <summary>True for a slot without a member, made by <c>default</c>.</summary>
    internal bool IsNone => Slowness == 0;

    /// <summary>The scale of scores: that of a wait of 1 with weight 1.</summary>
    internal static double ScoreUnit => 1L << 40;

    /// <summary>The identity as a number: owner and label, over IPv4 with the mapped address (RFC 4291 section 2.5.5.2).</summary>
    internal static ulong KeyOf(IpAddress owner, Label20 label)
    {
        (ulong high, ulong low) = owner.Family == AddressFamily.Ipv6
            ? (owner.V6.High, owner.V6.Low) : (0ul, 0xFFFF_0000_0000ul | owner.V4.Value);
        ulong x = Mix(high + Golden);
        x = Mix((x ^ low) + Golden);
        return Mix((x ^ label.Value) + Golden);
    }

    /// <summary>The bucket with the given rank, 0 for the one it wants most.</summary>
    internal uint BucketAt(uint rank)
    {
        uint x = rank * _a0 + _b0 & Mask;
        x ^= x >> Shift;
        x = x * _a1 + _b1 & Mask;
        x ^= x >> Shift;
        x = x * _a2 + _b2 & Mask;
        return x ^ x >> Shift;
    }

    /// <summary>Undoes <see cref="BucketAt"/>: the shift is over half of the bits, and so its own inverse.</summary>
    internal uint RankOf(uint bucket)
    {
        uint x = bucket ^ bucket >> Shift;
        x = (x - _b2) * _inverse2 & Mask;
        x ^= x >> Shift;
        x = (x - _b1) * _inverse1 & Mask;
        x ^= x >> Shift;
        return (x - _b0) * _inverse0 & Mask;
    }

    /// <summary>Score at the bucket with the given rank; rises with the rank.</summary>
    internal double ScoreAt(uint rank) => Waits[rank] * Slowness;

    /// <summary>Score at a bucket.</summary>
    internal double ScoreOf(uint bucket) => Waits[RankOf(bucket)] * Slowness;

    // Whole numbers below 2^44, so exact.
    private static double[] ExponentialOrderStatistics()
    {
        var waits = new double[GroupRow.BucketCount];
        long wait = 0;
        for (int i = 0; i < waits.Length; i++)
        {
            wait += (1L << 40) / (waits.Length - i);
            waits[i] = wait;
        }
        return waits;
    }

    // Newton's iteration doubles the right bits, of which an odd number has three to begin with.
    private static uint Inverse(uint odd)
    {
        uint x = odd;
        for (int i = 0; i < 4; i++)
            x *= 2 - odd * x;
        return x & Mask;
    }

    // The finalizer of SplitMix64.
    private static ulong Mix(ulong x)
    {
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
        x = (x ^ x >> 27) * 0x94D049BB133111EB;
        return x ^ x >> 31;
    }
}

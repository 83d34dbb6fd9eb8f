using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Control;

/// <summary>
/// The owners of a group's buckets by weighted rendezvous, in a scratch table that serves one group after the other:
/// either built from the members, or loaded from a published row and changed. Both ways give the same table. Owner thread:
/// the control thread.
/// </summary>
internal sealed unsafe class BucketTable
{
    private readonly ushort[] _owners = new ushort[GroupRow.BucketCount];
    private readonly double[] _scores = new double[GroupRow.BucketCount];

    /// <summary>Member number by bucket.</summary>
    internal ReadOnlySpan<ushort> Owners => _owners;

    /// <summary>An upper bound of the scores that win, which tells where a new member need not look any further.</summary>
    internal double WorstScore { get; private set; }

    /// <summary>Works out all buckets. Each member walks down its own order, as far as it may still win.</summary>
    /// <param name="members">By number; numbers without a member are left out.</param>
    internal void Build(ReadOnlySpan<RendezvousMember> members)
    {
        double weights = 0;
        foreach (RendezvousMember member in members)
            weights += member.IsNone ? 0 : 1 / member.Slowness;
        Array.Clear(_owners);
        WorstScore = 0;
        if (weights == 0)
            return;
        // Beyond this score a bucket is still free with a probability of e^-2 / B. Any limit gives the same table.
        double limit = (Math.Log(GroupRow.BucketCount) + 2) / weights * RendezvousMember.ScoreUnit;
        Array.Fill(_scores, double.PositiveInfinity);
        for (int number = 0; number < members.Length; number++)
        {
            ref readonly RendezvousMember member = ref members[number];
            if (member.IsNone)
                continue;
            for (uint rank = 0; rank < GroupRow.BucketCount; rank++)
            {
                double score = member.ScoreAt(rank);
                if (score > limit)
                    break;
                uint bucket = member.BucketAt(rank);
                double best = _scores[bucket];
                if (score < best || (score == best && member.Key < members[_owners[bucket]].Key))
                {
                    _scores[bucket] = score;
                    _owners[bucket] = (ushort)number;
                }
            }
        }
        for (uint bucket = 0; bucket < GroupRow.BucketCount; bucket++)
        {
            if (double.IsPositiveInfinity(_scores[bucket]))
                _scores[bucket] = Award(members, bucket);
            WorstScore = Math.Max(WorstScore, _scores[bucket]);
        }
    }

    /// <summary>Takes over the table of a published row.</summary>
    internal void Load(GroupRow* row, double worstScore)
    {
        for (uint bucket = 0; bucket < GroupRow.BucketCount; bucket++)
            _owners[bucket] = (ushort)GroupRow.NumberOf(row, bucket);
        WorstScore = worstScore;
    }

    /// <summary>Gives the buckets of members that left to the best of those who stay.</summary>
    /// <param name="members">By number, without those that left.</param>
    internal void Remove(ReadOnlySpan<RendezvousMember> members)
    {
        for (uint bucket = 0; bucket < GroupRow.BucketCount; bucket++)
        {
            if (members[_owners[bucket]].IsNone)
                WorstScore = Math.Max(WorstScore, Award(members, bucket));
        }
    }

    /// <summary>Gives a new member the buckets it wins.</summary>
    /// <param name="members">By number, at least the new one and the owners of buckets.</param>
    /// <param name="number">The new member.</param>
    internal void Add(ReadOnlySpan<RendezvousMember> members, int number)
    {
        ref readonly RendezvousMember member = ref members[number];
        for (uint rank = 0; rank < GroupRow.BucketCount; rank++)
        {
            double score = member.ScoreAt(rank);
            if (score > WorstScore)
                break;
            uint bucket = member.BucketAt(rank);
            ref readonly RendezvousMember owner = ref members[_owners[bucket]];
            double best = owner.ScoreOf(bucket);
            if (score < best || (score == best && member.Key < owner.Key))
                _owners[bucket] = (ushort)number;
        }
    }

    /// <summary>Writes the table in <paramref name="width"/> bits per bucket.</summary>
    internal void Pack(byte* to, uint width)
    {
        if (width == 0)
            return;
        ulong word = 0;
        int filled = 0;
        foreach (ushort owner in _owners)
        {
            word |= (ulong)owner << filled;
            filled += (int)width;
            while (filled >= 8)
            {
                *to++ = (byte)word;
                word >>= 8;
                filled -= 8;
            }
        }
    }

    private double Award(ReadOnlySpan<RendezvousMember> members, uint bucket)
    {
        double best = double.PositiveInfinity;
        for (int number = 0; number < members.Length; number++)
        {
            ref readonly RendezvousMember member = ref members[number];
            if (member.IsNone)
                continue;
            double score = member.ScoreOf(bucket);
            if (score < best || (score == best && member.Key < members[_owners[bucket]].Key))
            {
                best = score;
                _owners[bucket] = (ushort)number;
            }
        }
        return best;
    }
}

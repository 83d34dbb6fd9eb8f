using System.Diagnostics;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;
using Xunit.Abstractions;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>Who owns which bucket: the promises of rendezvous hashing, and the figures of ADR-0004.</summary>
[Trait("Requirement", "FWD-20")]
[Trait("Requirement", "CHN-26")]
public sealed class BucketTableTests(ITestOutputHelper output)
{
    private const double Buckets = GroupRow.BucketCount;

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(300)]
    public void The_order_in_which_members_are_learnt_means_nothing(int count)
    {
        RendezvousMember[] members = Members(count, weight: i => 1 + i % 5);
        ulong[] owners = OwnersOf(members);
        var random = new Random(1);
        for (int i = 0; i < 3; i++)
        {
            random.Shuffle(members);
            Assert.Equal(owners, OwnersOf(members));
        }
    }

    /// <summary>From 1 to 200 members and back, one at a time (SCL-11).</summary>
    [Fact]
    [Trait("Requirement", "SCL-11")]
    public void A_change_moves_only_the_buckets_of_the_member_it_is_about()
    {
        RendezvousMember[] members = Members(200, weight: i => 1 + i % 3);
        ulong[] before = OwnersOf(members[..1]);
        int moved = 0;
        for (int count = 2; count <= members.Length; count += count < 20 ? 1 : 20)
        {
            // What lies between two steps of the loop is added at once.
            ulong[] after = OwnersOf(members[..count]);
            HashSet<ulong> added = [.. members[..count].Select(member => member.Key)];
            added.ExceptWith(before);
            for (int i = 0; i < after.Length; i++)
            {
                Assert.True(after[i] == before[i] || added.Contains(after[i]));
                moved += after[i] == before[i] ? 0 : 1;
            }
            before = after;
        }
        Assert.NotEqual(0, moved);
    }

    /// <summary>The winner is the argmin of all members' scores, also where the build takes no look at them.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(1024)]
    public void The_table_is_what_the_definition_says(int count)
    {
        RendezvousMember[] members = Members(count, weight: i => 1 + i * i % 100);
        ulong[] owners = OwnersOf(members);
        for (uint bucket = 0; bucket < Buckets; bucket += 97)
        {
            RendezvousMember best = members.MinBy(member => (member.ScoreOf(bucket), member.Key));
            Assert.Equal(best.Key, owners[bucket]);
        }
    }

    [Fact]
    public void A_members_order_is_a_permutation_and_is_undone()
    {
        foreach (RendezvousMember member in Members(50))
        {
            var seen = new bool[GroupRow.BucketCount];
            for (uint rank = 0; rank < Buckets; rank++)
            {
                uint bucket = member.BucketAt(rank);
                Assert.False(seen[bucket]);
                seen[bucket] = true;
                Assert.Equal(rank, member.RankOf(bucket));
            }
        }
    }

    /// <summary>
    /// Shares of buckets. Each member's is that of its weight but for a random part of about √(1/2n) at n buckets expected;
    /// what is allowed here is five of those.
    /// </summary>
    [Theory]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(16, false)]
    [InlineData(64, false)]
    [InlineData(16, true)]
    [InlineData(64, true)]
    [InlineData(200, false)]
    [InlineData(300, true)]
    [InlineData(512, false)]
    [InlineData(1024, false)]
    [InlineData(1024, true)]
    public void Members_own_buckets_in_proportion_to_their_weights(int count, bool weighted)
    {
        int WeightOf(int i) => weighted ? 1 + i % 10 : 1;
        RendezvousMember[] members = Members(count, WeightOf);
        long start = Stopwatch.GetTimestamp();
        var table = new BucketTable();
        table.Build(members);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        var owned = new int[count];
        foreach (ushort owner in table.Owners)
            owned[owner]++;
        double weights = Enumerable.Range(0, count).Sum(WeightOf);
        double worst = 0;
        double squares = 0;
        double normal = 0;
        for (int i = 0; i < count; i++)
        {
            double expected = Buckets * WeightOf(i) / weights;
            double error = owned[i] / expected - 1;
            worst = Math.Max(worst, Math.Abs(error));
            squares += error * error;
            normal = Math.Max(normal, Math.Abs(error) / Math.Sqrt(0.5 / expected));
        }
        output.WriteLine($"{count} members, weights {(weighted ? "1-10" : "1")}: worst {worst:P2}, rms {Math.Sqrt(squares / count):P2}, "
            + $"worst in sigmas {normal:F1}, built in {time.TotalMilliseconds:F1} ms");
        Assert.InRange(normal, 0, 5);
        if (count <= 64 && !weighted)
            Assert.InRange(worst, 0, 0.05);
    }

    private static ulong[] OwnersOf(RendezvousMember[] members)
    {
        var table = new BucketTable();
        table.Build(members);
        var owners = new ulong[GroupRow.BucketCount];
        for (int i = 0; i < owners.Length; i++)
            owners[i] = members[table.Owners[i]].Key;
        return owners;
    }

    private static RendezvousMember[] Members(int count, Func<int, int>? weight = null)
    {
        var members = new RendezvousMember[count];
        for (int i = 0; i < count; i++)
        {
            IpAddress owner = IpAddress.Parse(i % 2 == 0 ? $"10.255.{i / 256}.{i % 256}" : $"2001:db8:f::{i:x}");
            members[i] = new RendezvousMember(RendezvousMember.KeyOf(owner, new Label20(16 + (uint)i % 3)), weight?.Invoke(i) ?? 1);
        }
        return members;
    }
}

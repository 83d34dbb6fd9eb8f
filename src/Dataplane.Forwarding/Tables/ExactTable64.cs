using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Open-addressing table from a 64-bit key to a 64-bit value in buckets of one cache line: four keys, four values. A probe
/// goes from bucket to bucket and ends at one with a slot that was never used. The reader's side: any thread inside an epoch.
/// <para>
/// A slot takes another key only after an epoch: a reader between key and value would get the wrong value. Until then it is
/// <see cref="Removed"/>, afterwards <see cref="Vacant"/> or, where no key lies beyond its bucket, <see cref="Unused"/> again.
/// </para>
/// <para>
/// Any number of buckets will do, so that growth need not double memory: the hash, 32 bits, is scaled to it. Addresses
/// come from tenants, therefore its factors are drawn at random: nobody can choose keys that collide. It multiplies twice,
/// halves by 32-bit factors, as vectors can: after one multiplication, for one draw in fifteen, the hosts of many subnets
/// crowded into runs of buckets (up to 250 to pass instead of 0.07). Buckets in order hold hashes in order, which makes a
/// rebuild one sweep.
/// </para>
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe partial struct ExactTable64
{
    /// <summary>Entries of a bucket.</summary>
    internal const int SlotsPerBucket = 4;

    /// <summary>Words of a bucket.</summary>
    internal const int BucketWords = 2 * SlotsPerBucket;

    /// <summary>Key of a slot that no probe needs to look beyond.</summary>
    internal const ulong Unused = 0;

    /// <summary>Key of a removed entry.</summary>
    internal const ulong Removed = ulong.MaxValue;

    /// <summary>Key of a slot that may be taken, in a bucket that probes pass.</summary>
    internal const ulong Vacant = ulong.MaxValue - 1;

    /// <summary>Number of buckets, below 2^32. They follow this header.</summary>
    [FieldOffset(0)]
    internal ulong Buckets;

    /// <summary>Random odd factor of the key's lower half.</summary>
    [FieldOffset(8)]
    internal uint LowFactor;

    /// <summary>Random odd factor of the key's upper half.</summary>
    [FieldOffset(12)]
    internal uint HighFactor;

    /// <summary>Random odd factor of the folded sum of those products.</summary>
    [FieldOffset(16)]
    internal uint LastFactor;

    /// <summary>Bytes of a table with this many buckets.</summary>
    internal static nuint SizeOf(ulong buckets) => (nuint)(64 + 64 * buckets);

    /// <summary>The first bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong* First(ExactTable64* table) => (ulong*)(table + 1);

    /// <summary>Where a key's probe sequence begins: the index of a bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Home(ExactTable64* table, ulong key)
    {
        ulong hash = (ulong)(uint)key * table->LowFactor + (key >> 32) * table->HighFactor;
        hash = (ulong)(uint)(hash ^ hash >> 32) * table->LastFactor;
        return Scale((uint)(hash ^ hash >> 32), table->Buckets);
    }

    /// <summary>The bucket of that index: four keys, then four values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong* Bucket(ExactTable64* table, ulong index) => First(table) + index * BucketWords;

    /// <summary>The index that a probe goes on with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Next(ExactTable64* table, ulong index) => index + 1 == table->Buckets ? 0 : index + 1;

    /// <summary>Scales a 32-bit hash to a range, keeping its order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Scale(ulong hash, ulong buckets) => hash * buckets >> 32;

    /// <summary>The value stored under <paramref name="key"/>, or 0 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Find(ExactTable64* table, ulong key)
    {
        ulong* bucket = Bucket(table, Home(table, key));
        uint hits = Avx2Match.Hits64(bucket, key);
        return hits != 0 ? ValueAt(bucket, hits) : Avx2Match.Open64(bucket) ? 0 : FindBeyond<Avx2Match>(table, bucket, key);
    }

    // A value is loaded after its key.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ValueAt(ulong* bucket, uint hits) =>
        Volatile.Read(ref bucket[SlotsPerBucket + BitOperations.TrailingZeroCount(hits)]);
}

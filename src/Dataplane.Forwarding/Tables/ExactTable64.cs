using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Open-addressing table from a 64-bit key to a 64-bit value in buckets of one cache line: four keys, four values. Key 0
/// marks a slot never used (a probe ends there), all ones a removed one. The reader's side: any thread inside an epoch.
/// A removed slot is never reused in place (a reader between key and value would get the wrong value); the writer
/// rebuilds the table instead.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe partial struct ExactTable64
{
    /// <summary>Entries of a bucket.</summary>
    internal const int SlotsPerBucket = 4;

    /// <summary>Key of a slot that was never used.</summary>
    internal const ulong Unused = 0;

    /// <summary>Key of a removed entry.</summary>
    internal const ulong Removed = ulong.MaxValue;

    /// <summary>Number of buckets minus one; a power of two minus one. The buckets follow this header.</summary>
    [FieldOffset(0)]
    internal ulong BucketMask;

    /// <summary>Bytes of a table with this many buckets.</summary>
    internal static nuint SizeOf(ulong buckets) => (nuint)(64 + 64 * buckets);

    /// <summary>The first bucket of a key's probe sequence: four keys, then four values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong* Bucket(ExactTable64* table, ulong index) =>
        (ulong*)(table + 1) + (index & table->BucketMask) * 8;

    /// <summary>Spreads a key over the buckets (the finalizer of MurmurHash3, one round).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Hash(ulong key)
    {
        key ^= key >> 32;
        key *= 0x9E3779B97F4A7C15;
        return key >> 29 ^ key >> 7;
    }

    /// <summary>The value stored under <paramref name="key"/>, or 0 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Find(ExactTable64* table, ulong key)
    {
        // Each key is one aligned word, so a vector load sees every one of them whole; a value is loaded after its key.
        Vector256<ulong> wanted = Vector256.Create(key);
        for (ulong index = Hash(key); ; index++)
        {
            ulong* bucket = Bucket(table, index);
            Vector256<ulong> keys = Vector256.LoadAligned(bucket);
            uint hits = Vector256.Equals(keys, wanted).ExtractMostSignificantBits();
            if (hits != 0)
                return Volatile.Read(ref bucket[SlotsPerBucket + BitOperations.TrailingZeroCount(hits)]);
            if (Vector256.EqualsAny(keys, Vector256<ulong>.Zero))
                return 0;
        }
    }
}

using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;

namespace Dataplane.Benchmarks.Structures;

/// <summary>Host routes in a cuckoo table: two buckets of four keys and four values each for a key, loaded to 90 %. An
/// insertion may push others from bucket to bucket, which readers of a shared table would have to be kept from seeing.
/// Shorter prefixes as in the product.</summary>
internal sealed unsafe class Cuckoo : IRouteStructure
{
    private const int BucketWords = 8;
    private readonly SharedHosts _shorter;
    private readonly ulong _buckets;
    private readonly ulong* _table;
    private readonly ulong _first = 0x9E3779B97F4A7C15;
    private readonly ulong _second = 0xC2B2AE3D27D4EB4F;
    private uint _victim = 1;

    internal Cuckoo(int vrfs, int hosts)
    {
        _shorter = new SharedHosts(vrfs, tries: false);
        _buckets = (ulong)(hosts / 4 / 0.9) + 16;
        _table = (ulong*)NativeBlock.AllocateTable((nuint)_buckets * 64);
    }

    public string Name => "cuckoo table (2 x 4, 90 % full) + prefix list per VRF";

    public long Bytes => (long)_buckets * 64 + _shorter.Bytes;

    public void Set(uint vrf, uint address, int length, ulong leaf)
    {
        if (length != 32)
        {
            _shorter.Set(vrf, address, length, leaf);
            return;
        }
        ulong key = RouteTable.Key4(VrfRow.AccessSpace(vrf), BinaryPrimitives.ReverseEndianness(address));
        ulong* slot = Find(key);
        if (slot != null)
        {
            slot[4] = leaf;
            return;
        }
        ulong* bucket = Bucket(key, _first);
        for (int kicks = 0; kicks < 10_000; kicks++)
        {
            if (Put(Bucket(key, _first), key, leaf) || Put(Bucket(key, _second), key, leaf))
                return;
            _victim = _victim * 1664525 + 1013904223;
            ulong* victim = bucket + (_victim >> 30);
            (key, victim[0]) = (victim[0], key);
            (leaf, victim[4]) = (victim[4], leaf);
            bucket = Bucket(key, _first) == bucket ? Bucket(key, _second) : Bucket(key, _first);
        }
        throw new InvalidOperationException("the cuckoo table is full");
    }

    public void RemoveHost(uint vrf, uint address) =>
        *Find(RouteTable.Key4(VrfRow.AccessSpace(vrf), BinaryPrimitives.ReverseEndianness(address))) = 0;

    public void Lookup(ulong* keys, ulong* leaves, int count)
    {
        ulong** seconds = stackalloc ulong*[64];
        ulong* rest = stackalloc ulong[64];
        ulong* found = stackalloc ulong[64];
        byte* missed = stackalloc byte[64];
        for (int i = 0; i < count; i++)
        {
            ulong* bucket = Bucket(keys[i], _first);
            leaves[i] = (ulong)bucket;
            Sse.Prefetch0(bucket);
            seconds[i] = Bucket(keys[i], _second);
            Sse.Prefetch0(seconds[i]);
        }
        int misses = 0;
        for (int i = 0; i < count; i++)
        {
            var bucket = (ulong*)leaves[i];
            Vector256<ulong> wanted = Vector256.Create(keys[i]);
            uint hits = Vector256.Equals(Vector256.LoadAligned(bucket), wanted).ExtractMostSignificantBits();
            if (hits == 0)
            {
                bucket = seconds[i];
                hits = Vector256.Equals(Vector256.LoadAligned(bucket), wanted).ExtractMostSignificantBits();
            }
            if (hits != 0)
            {
                leaves[i] = bucket[4 + BitOperations.TrailingZeroCount(hits)];
                continue;
            }
            rest[misses] = keys[i];
            missed[misses++] = (byte)i;
        }
        if (misses == 0)
            return;
        _shorter.Lookup(rest, found, misses);
        for (int i = 0; i < misses; i++)
            leaves[missed[i]] = found[i];
    }

    public void Dispose()
    {
        _shorter.Dispose();
        NativeBlock.FreeTable(_table, (nuint)_buckets * 64);
    }

    private static bool Put(ulong* bucket, ulong key, ulong leaf)
    {
        for (int i = 0; i < 4; i++)
        {
            if (bucket[i] != 0)
                continue;
            bucket[4 + i] = leaf;
            bucket[i] = key;
            return true;
        }
        return false;
    }

    private ulong* Find(ulong key)
    {
        ulong* first = Bucket(key, _first);
        ulong* second = Bucket(key, _second);
        for (int i = 0; i < 4; i++)
        {
            if (first[i] == key)
                return first + i;
            if (second[i] == key)
                return second + i;
        }
        return null;
    }

    private ulong* Bucket(ulong key, ulong factor)
    {
        ulong hash = key * factor;
        hash = (hash ^ hash >> 32) * 0xD6E8FEB86659FD93;
        return _table + ((hash >> 32) * _buckets >> 32) * BucketWords;
    }
}

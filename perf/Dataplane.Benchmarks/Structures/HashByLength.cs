using System.Buffers.Binary;
using System.Numerics;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;

namespace Dataplane.Benchmarks.Structures;

/// <summary>All prefixes of all VRFs in the exact-match table, keyed by (space, length, address); a word per VRF says which
/// lengths it has. A lookup probes them from the longest down, the misses of a batch together.</summary>
internal sealed unsafe class HashByLength : IRouteStructure
{
    private const int LengthShift = 58;
    private readonly EpochSlot* _slot = NativeBlock.AllocateArray<EpochSlot>(1);
    private readonly ulong* _epoch = NativeBlock.AllocateArray<ulong>(1);
    private readonly ExactTable64** _table = (ExactTable64**)NativeBlock.AllocateArray<nint>(1);
    private readonly uint* _lengths;
    private readonly ExactTable64Writer _writer;
    private readonly int _vrfs;

    internal HashByLength(int vrfs)
    {
        _vrfs = vrfs;
        _lengths = NativeBlock.AllocateArray<uint>((nuint)vrfs);
        _writer = new ExactTable64Writer(_table, new EpochReclaimer(_epoch, _slot, 1));
    }

    public string Name => "one exact table, probed length by length";

    public long Bytes => _writer.Bytes + _vrfs * sizeof(uint);

    public void Set(uint vrf, uint address, int length, ulong leaf)
    {
        if (length != 32)
            _lengths[vrf] |= 1u << length;
        _writer.Set(Key(RouteTable.Key4(VrfRow.AccessSpace(vrf), BinaryPrimitives.ReverseEndianness(address)), length), leaf);
    }

    public void RemoveHost(uint vrf, uint address) =>
        _writer.Remove(Key(RouteTable.Key4(VrfRow.AccessSpace(vrf), BinaryPrimitives.ReverseEndianness(address)), 32));

    public void Lookup(ulong* keys, ulong* leaves, int count)
    {
        byte* missed = stackalloc byte[64];
        byte* still = stackalloc byte[64];
        byte* next = stackalloc byte[64];
        ulong* probes = stackalloc ulong[64];
        ulong* found = stackalloc ulong[64];
        uint* lengths = stackalloc uint[64];
        int left = ExactTable64.FindBatch<Avx2Match>(*_table, keys, leaves, count, missed);
        for (int i = 0; i < left; i++)
            lengths[missed[i]] = _lengths[((keys[missed[i]] >> 32) - 1) / 2];
        while (left != 0)
        {
            int asked = 0;
            for (int i = 0; i < left; i++)
            {
                byte index = missed[i];
                if (lengths[index] == 0)
                    continue;
                int length = BitOperations.Log2(lengths[index]);
                lengths[index] ^= 1u << length;
                uint mask = length == 0 ? 0 : BinaryPrimitives.ReverseEndianness(uint.MaxValue << (32 - length));
                probes[asked] = Key(keys[index] & (0xFFFFFFFF_00000000 | mask), length);
                missed[asked++] = index;
            }
            left = ExactTable64.FindBatch<Avx2Match>(*_table, probes, found, asked, still);
            for (int i = 0; i < asked; i++)
                leaves[missed[i]] = found[i];
            for (int i = 0; i < left; i++)
                next[i] = missed[still[i]];
            new ReadOnlySpan<byte>(next, left).CopyTo(new Span<byte>(missed, left));
        }
    }

    public void Dispose()
    {
        _writer.Dispose();
        NativeBlock.Free(_lengths);
        NativeBlock.Free(_table);
        NativeBlock.Free(_slot);
        NativeBlock.Free(_epoch);
    }

    // Length 32 is the plain key, so that hosts need no other one.
    private static ulong Key(ulong key, int length) => length == 32 ? key : key | (ulong)(length + 1) << LengthShift;
}

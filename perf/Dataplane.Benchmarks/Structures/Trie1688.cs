using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;
using Dataplane.Forwarding.Memory;

namespace Dataplane.Benchmarks.Structures;

/// <summary>A 16-8-8 trie per VRF with leaf pushing: 256 KiB for the root, 1 KiB for each node below. An entry is a child
/// (bit 31) or the depth of its prefix (bits 30–25) and the index of its leaf.</summary>
internal sealed unsafe class Trie1688 : IRouteStructure
{
    private const uint ChildBit = 1u << 31;
    private const int DepthShift = 25;
    private const uint IndexMask = (1u << DepthShift) - 1;
    private const int PoolNodes = 2048;
    private readonly uint** _roots;
    private readonly int _vrfs;
    private readonly List<nint> _pools = [];
    private readonly Dictionary<(uint Vrf, int Length, uint Address), uint> _shorter = [];
    private readonly Stack<uint> _freeLeaves = new();
    private readonly ulong* _leaves;
    private readonly nuint _leafCapacity;
    private uint _nodeCount;
    private uint _leafCount = 1;

    internal Trie1688(int vrfs, int routes)
    {
        _vrfs = vrfs;
        _roots = (uint**)NativeBlock.AllocateArray<nint>((nuint)vrfs);
        for (int v = 0; v < vrfs; v++)
            _roots[v] = (uint*)NativeBlock.Allocate(65536 * sizeof(uint));
        _leafCapacity = (nuint)routes + 1024;
        _leaves = (ulong*)NativeBlock.AllocateTable(_leafCapacity * sizeof(ulong));
    }

    public string Name => "16-8-8 trie per VRF";

    public long Bytes => _vrfs * 65536L * sizeof(uint) + _nodeCount * 1024L + _leafCount * sizeof(ulong);

    public void Set(uint vrf, uint address, int length, ulong leaf)
    {
        uint* entry = length == 32 ? HostEntry(vrf, address) : null;
        if (entry != null && Depth(*entry) == 32)
        {
            _leaves[*entry & IndexMask] = leaf;
            return;
        }
        uint index = _freeLeaves.TryPop(out uint free) ? free : _leafCount++;
        _leaves[index] = leaf;
        uint value = (uint)length << DepthShift | index;
        if (length != 32)
            _shorter[(vrf, length, address)] = value;
        if (length <= 16)
            Fill(_roots[vrf] + (address >> 16), 1 << (16 - length), value);
        else if (length <= 24)
            Fill(Child(_roots[vrf] + (address >> 16)) + (address >> 8 & 255), 1 << (24 - length), value);
        else
            Fill(Child(Child(_roots[vrf] + (address >> 16)) + (address >> 8 & 255)) + (address & 255), 1 << (32 - length), value);
    }

    public void RemoveHost(uint vrf, uint address)
    {
        uint* entry = HostEntry(vrf, address);
        _freeLeaves.Push(*entry & IndexMask);
        uint cover = 0;
        for (int length = 31; length >= 0 && cover == 0; length--)
            _shorter.TryGetValue((vrf, length, length == 0 ? 0 : address & uint.MaxValue << (32 - length)), out cover);
        *entry = cover;
    }

    public void Lookup(ulong* keys, ulong* leaves, int count)
    {
        uint** entries = stackalloc uint*[64];
        uint* values = stackalloc uint[64];
        for (int i = 0; i < count; i++)
        {
            uint address = BinaryPrimitives.ReverseEndianness((uint)keys[i]);
            entries[i] = _roots[((keys[i] >> 32) - 1) / 2] + (address >> 16);
            Sse.Prefetch0(entries[i]);
        }
        for (int shift = 8; shift >= 0; shift -= 8)
        {
            for (int i = 0; i < count; i++)
            {
                values[i] = *entries[i];
                if ((values[i] & ChildBit) == 0)
                    continue;
                entries[i] = Node(values[i]) + (BinaryPrimitives.ReverseEndianness((uint)keys[i]) >> shift & 255);
                Sse.Prefetch0(entries[i]);
            }
        }
        for (int i = 0; i < count; i++)
        {
            values[i] = *entries[i] & IndexMask;
            Sse.Prefetch0(_leaves + values[i]);
        }
        for (int i = 0; i < count; i++)
            leaves[i] = _leaves[values[i]];
    }

    public void Dispose()
    {
        for (int v = 0; v < _vrfs; v++)
            NativeBlock.Free(_roots[v]);
        NativeBlock.Free(_roots);
        foreach (nint pool in _pools)
            NativeBlock.FreeTable((void*)pool, PoolNodes * 1024);
        NativeBlock.FreeTable(_leaves, _leafCapacity * sizeof(ulong));
    }

    private static int Depth(uint entry) => (int)(entry >> DepthShift & 63);

    private uint* HostEntry(uint vrf, uint address)
    {
        uint* entry = _roots[vrf] + (address >> 16);
        if ((*entry & ChildBit) == 0)
            return null;
        entry = Node(*entry) + (address >> 8 & 255);
        return (*entry & ChildBit) == 0 ? null : Node(*entry) + (address & 255);
    }

    private uint* Node(uint entry) => (uint*)_pools[(int)((entry & ~ChildBit) / PoolNodes)] + (entry & ~ChildBit) % PoolNodes * 256;

    private uint* Child(uint* entry)
    {
        if ((*entry & ChildBit) != 0)
            return Node(*entry);
        if (_nodeCount % PoolNodes == 0)
            _pools.Add((nint)NativeBlock.AllocateTable(PoolNodes * 1024));
        uint old = *entry;
        *entry = ChildBit | _nodeCount++;
        uint* node = Node(*entry);
        new Span<uint>(node, 256).Fill(old);
        return node;
    }

    private void Fill(uint* entries, int count, uint value)
    {
        for (int i = 0; i < count; i++)
        {
            if ((entries[i] & ChildBit) != 0)
                Fill(Node(entries[i]), 256, value);
            else if (Depth(entries[i]) <= Depth(value))
                entries[i] = value;
        }
    }
}

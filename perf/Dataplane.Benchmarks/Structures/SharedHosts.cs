using System.Buffers.Binary;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;

namespace Dataplane.Benchmarks.Structures;

/// <summary>The product's: host routes of all VRFs in one exact-match table; shorter prefixes of a VRF in a list of
/// (value, mask) compared with vectors, or, to compare, always in a tree bitmap.</summary>
internal sealed unsafe class SharedHosts : IRouteStructure
{
    private readonly bool _tries;
    private readonly DatapathRoot* _root = (DatapathRoot*)NativeBlock.Allocate((nuint)sizeof(DatapathRoot));
    private readonly EpochSlot* _slot = NativeBlock.AllocateArray<EpochSlot>(1);
    private readonly ulong* _epoch = NativeBlock.AllocateArray<ulong>(1);
    private readonly ExactTable64Writer _hosts;
    private readonly PrefixSetWriter _lists;
    private readonly SlabAllocator _nodes = new(TrieNode.LargestBytes);
    private readonly TreeBitmapWriter _trie;
    private readonly int _vrfs;

    internal SharedHosts(int vrfs, bool tries)
    {
        (_vrfs, _tries) = (vrfs, tries);
        var epochs = new EpochReclaimer(_epoch, _slot, 1);
        _root->Vrfs = NativeBlock.AllocateArray<VrfRow>((nuint)vrfs);
        _root->Vectors = VectorLevels.Widest;
        _hosts = new ExactTable64Writer(&_root->Hosts4, epochs);
        _lists = new PrefixSetWriter(epochs);
        _trie = new TreeBitmapWriter(_nodes, epochs);
    }

    public string Name => _tries ? "shared exact table + tree bitmap per VRF" : "shared exact table + prefix list per VRF";

    public long Bytes => _hosts.Bytes + _lists.UsedBytes + _nodes.UsedBytes + _vrfs * sizeof(VrfRow);

    public void Set(uint vrf, uint address, int length, ulong leaf)
    {
        if (length == 32)
            _hosts.Set(Key(vrf, address), leaf);
        else if (_tries)
            _trie.Set((TrieNode**)&_root->Vrfs[vrf].Access4, (ulong)address << 32, 0, length, new Leaf(leaf));
        else
            _lists.Set(&_root->Vrfs[vrf].Access4, false, (ulong)address << 32, 0, length, new Leaf(leaf));
    }

    public void RemoveHost(uint vrf, uint address) => _hosts.Remove(Key(vrf, address));

    public void Lookup(ulong* keys, ulong* leaves, int count) => RouteTable.Lookup4(_root, keys, leaves, count);

    public void Dispose()
    {
        _hosts.Dispose();
        _lists.Dispose();
        _nodes.Dispose();
        NativeBlock.Free(_root->Vrfs);
        NativeBlock.Free(_root);
        NativeBlock.Free(_slot);
        NativeBlock.Free(_epoch);
    }

    private static ulong Key(uint vrf, uint address) => RouteTable.Key4(VrfRow.AccessSpace(vrf), BinaryPrimitives.ReverseEndianness(address));
}

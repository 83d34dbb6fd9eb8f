using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>Longest-prefix match of the whole burst (FWD-02).</content>
internal static unsafe partial class FastPath
{
    private static void LookupStage(DatapathRoot* root, Batch* batch)
    {
        int count = batch->Count;
        ulong* headers = batch->Headers;
        ulong* keys = batch->Keys;
        ulong* leaves = batch->Leaves;
        uint* vrfs = batch->Vrfs;
        byte* allFlags = batch->Flags;
        ExactTable64* hosts4 = root->Hosts4;
        ExactTable128* hosts6 = root->Hosts6;

        // First touch every bucket of the burst, so that the misses overlap.
        for (int i = 0; i < count; i++)
        {
            var ip = (byte*)headers[i];
            uint space = VrfRow.AccessSpace(vrfs[i]);
            if ((allFlags[i] & PacketFlags.V6) == 0)
            {
                ulong key = Key4(space, ip);
                keys[i] = key;
                Sse.Prefetch0(ExactTable64.Bucket(hosts4, ExactTable64.Hash(key)));
            }
            else
            {
                Sse.Prefetch0(ExactTable128.At(hosts6, ExactTable128.Hash(space, Wire(ip + 24), Wire(ip + 32))));
            }
        }
        for (int i = 0; i < count; i++)
        {
            byte flags = allFlags[i];
            if ((flags & (PacketFlags.V6 | PacketFlags.CoreView)) == 0)
            {
                ulong host = ExactTable64.Find(hosts4, keys[i]);
                leaves[i] = host != 0 ? host : LookupTrie4(root, vrfs[i], (byte*)headers[i]).Bits;
                continue;
            }
            bool v6 = (flags & PacketFlags.V6) != 0;
            leaves[i] = ((flags & PacketFlags.CoreView) == 0
                ? LookupAccess(root, vrfs[i], (byte*)headers[i], v6)
                : LookupCore(root, vrfs[i], (byte*)headers[i], v6)).Bits;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Leaf LookupTrie4(DatapathRoot* root, uint vrf, byte* ip) =>
        TreeBitmap.Lookup(root->Vrfs[vrf].Access4, (ulong)BinaryPrimitives.ReverseEndianness(*(uint*)(ip + 16)) << 32, 0);

    /// <summary>One lookup outside a burst, for the control side.</summary>
    internal static Leaf LookupOne(DatapathRoot* root, uint vrf, IpAddress address, bool coreView)
    {
        bool v6 = address.Family == AddressFamily.Ipv6;
        byte* ip = stackalloc byte[HeaderSize.Ipv6];
        if (v6)
            address.V6.CopyTo(new Span<byte>(ip + 24, 16));
        else
            address.V4.CopyTo(new Span<byte>(ip + 16, 4));
        return coreView ? LookupCore(root, vrf, ip, v6) : LookupAccess(root, vrf, ip, v6);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Leaf LookupAccess(DatapathRoot* root, uint vrf, byte* ip, bool v6)
    {
        VrfRow* row = root->Vrfs + vrf;
        uint space = VrfRow.AccessSpace(vrf);
        return v6 ? Lookup6(root, row->Access6, space, ip) : Lookup4(root, row->Access4, space, ip);
    }

    // Traffic from the core may use local routes at once (FWD-10); of two routes the longer wins, of equals the local one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Leaf LookupCore(DatapathRoot* root, uint vrf, byte* ip, bool v6)
    {
        VrfRow* row = root->Vrfs + vrf;
        uint space = VrfRow.LocalSpace(vrf);
        Leaf local = v6 ? Lookup6(root, row->Local6, space, ip) : Lookup4(root, row->Local4, space, ip);
        Leaf supplied = LookupAccess(root, vrf, ip, v6);
        return local.Kind != LeafKind.None && (supplied.Kind == LeafKind.None || local.PrefixLength >= supplied.PrefixLength)
            ? local : supplied;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Leaf Lookup4(DatapathRoot* root, TrieNode* trie, uint space, byte* ip)
    {
        ulong host = ExactTable64.Find(root->Hosts4, Key4(space, ip));
        if (host != 0)
            return new Leaf(host);
        return TreeBitmap.Lookup(trie, (ulong)BinaryPrimitives.ReverseEndianness(*(uint*)(ip + 16)) << 32, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Leaf Lookup6(DatapathRoot* root, TrieNode* trie, uint space, byte* ip)
    {
        ulong host = ExactTable128.Find(root->Hosts6, space, Wire(ip + 24), Wire(ip + 32));
        if (host != 0)
            return new Leaf(host);
        return TreeBitmap.Lookup(trie, BinaryPrimitives.ReverseEndianness(Wire(ip + 24)),
            BinaryPrimitives.ReverseEndianness(Wire(ip + 32)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Key4(uint space, byte* ip) => (ulong)space << 32 | *(uint*)(ip + 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Wire(byte* at) => *(ulong*)at;
}

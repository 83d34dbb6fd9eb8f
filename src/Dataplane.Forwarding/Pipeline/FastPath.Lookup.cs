using System.Runtime.CompilerServices;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>
/// Longest-prefix match of the whole burst (FWD-02): columns <see cref="Batch.Headers"/>, <see cref="Batch.Vrfs"/>,
/// <see cref="Batch.Keys"/> and <see cref="Batch.Flags"/> in, <see cref="Batch.Leaves"/> out, one for every packet. A burst of nothing but one family for
/// the access view, the usual one, goes straight through <see cref="RouteTable"/>; any other is sorted by family and view.
/// </content>
internal static unsafe partial class FastPath
{
    private static void LookupStage(DatapathRoot* root, Batch* batch)
    {
        int views = batch->Seen & (PacketFlags.V6 | PacketFlags.CoreView);
        if (views == 0)
            RouteTable.Lookup4(root, batch->Keys, batch->Leaves, batch->Count);
        else if (views == PacketFlags.V6 && (batch->Common & PacketFlags.V6) != 0)
            LookupAll6(root, batch);
        else
            LookupMixed(root, batch);
    }

    // Nothing but IPv6 for the access view.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LookupAll6(DatapathRoot* root, Batch* batch)
    {
        ulong* firsts = stackalloc ulong[Batch.Capacity];
        ulong* seconds = stackalloc ulong[Batch.Capacity];
        uint* spaces = stackalloc uint[Batch.Capacity];
        nint count = batch->Count;
        for (nint i = 0; i < count; i++)
        {
            var ip = (byte*)batch->Headers[i];
            spaces[i] = VrfRow.AccessSpace(batch->Vrfs[i]);
            firsts[i] = Wire(ip + 24);
            seconds[i] = Wire(ip + 32);
        }
        RouteTable.Lookup6(root, spaces, firsts, seconds, batch->Leaves, (int)count);
    }

    /// <summary>One lookup outside a burst, for the control side.</summary>
    internal static Leaf LookupOne(DatapathRoot* root, uint vrf, IpAddress address, bool coreView)
    {
        bool v6 = address.Family == AddressFamily.Ipv6;
        byte* ip = stackalloc byte[HeaderSize.Ipv6];
        if (v6)
            address.V6.CopyTo(new Span<byte>(ip + 24, 16));
        else
            address.V4.CopyTo(new Span<byte>(ip + 16, 4));
        return LookupSingle(root, vrf, ip, (byte)((v6 ? PacketFlags.V6 : 0) | (coreView ? PacketFlags.CoreView : 0)));
    }

    // A packet that the access view sends to the core view.
    private static Leaf LookupCore(DatapathRoot* root, uint vrf, byte* ip, bool v6) =>
        LookupSingle(root, vrf, ip, (byte)((v6 ? PacketFlags.V6 : 0) | PacketFlags.CoreView));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Leaf LookupSingle(DatapathRoot* root, uint vrf, byte* ip, byte flags)
    {
        Unsafe.SkipInit(out Batch batch);
        batch.Headers[0] = (ulong)ip;
        batch.Vrfs[0] = vrf;
        batch.Keys[0] = RouteTable.Key4(VrfRow.AccessSpace(vrf), *(uint*)(ip + 16));
        batch.Flags[0] = flags;
        batch.Seen = flags;
        batch.Common = flags;
        batch.Count = 1;
        LookupStage(root, &batch);
        return new Leaf(batch.Leaves[0]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LookupMixed(DatapathRoot* root, Batch* batch)
    {
        byte* members = stackalloc byte[Batch.Capacity];
        for (int family = 0; family <= PacketFlags.V6; family++)
        {
            int count = 0;
            int core = 0;
            for (int i = 0; i < batch->Count; i++)
            {
                members[count] = (byte)i;
                if ((batch->Flags[i] & PacketFlags.V6) != family)
                    continue;
                count++;
                core |= batch->Flags[i] & PacketFlags.CoreView;
            }
            if (count == 0)
                continue;
            LookupView(root, batch, members, count, family != 0, local: false);
            if (core == 0)
                continue;
            int inCore = 0;
            for (int i = 0; i < count; i++)
            {
                byte member = members[i];
                members[inCore] = member;
                inCore += (batch->Flags[member] & PacketFlags.CoreView) != 0 ? 1 : 0;
            }
            LookupView(root, batch, members, inCore, family != 0, local: true);
        }
    }

    // Traffic from the core may use local routes at once (FWD-10): the local view comes second, and of two routes the longer
    // wins, of equals the local one.
    private static void LookupView(DatapathRoot* root, Batch* batch, byte* members, int count, bool v6, bool local)
    {
        ulong* leaves = stackalloc ulong[Batch.Capacity];
        ulong* firsts = stackalloc ulong[Batch.Capacity];
        ulong* seconds = stackalloc ulong[Batch.Capacity];
        uint* spaces = stackalloc uint[Batch.Capacity];
        for (int i = 0; i < count; i++)
        {
            byte member = members[i];
            var ip = (byte*)batch->Headers[member];
            uint vrf = batch->Vrfs[member];
            spaces[i] = local ? VrfRow.LocalSpace(vrf) : VrfRow.AccessSpace(vrf);
            if (v6)
            {
                firsts[i] = Wire(ip + 24);
                seconds[i] = Wire(ip + 32);
            }
            else
            {
                firsts[i] = RouteTable.Key4(spaces[i], *(uint*)(ip + 16));
            }
        }
        if (v6)
            RouteTable.Lookup6(root, spaces, firsts, seconds, leaves, count);
        else
            RouteTable.Lookup4(root, firsts, leaves, count);
        for (int i = 0; i < count; i++)
        {
            ulong* leaf = batch->Leaves + members[i];
            if (!local || Longer(new Leaf(leaves[i]), new Leaf(*leaf)))
                *leaf = leaves[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Longer(Leaf local, Leaf supplied) =>
        local.Kind != LeafKind.None && (supplied.Kind == LeafKind.None || local.PrefixLength >= supplied.PrefixLength);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Wire(byte* at) => *(ulong*)at;
}

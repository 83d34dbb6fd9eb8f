using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Layout;

/// <summary>Layouts that two runtimes share: a change here must be meant, and must bump the layout version.</summary>
public sealed unsafe class LayoutTests
{
    private static readonly Type[] Shared =
    [
        .. typeof(DatapathRoot).Assembly.GetTypes().Where(type => type is { IsValueType: true, IsEnum: false, Namespace: "Dataplane.Forwarding.Layout" }),
        typeof(EpochSlot), typeof(TrieNode), typeof(ExactTable64), typeof(ExactTable128), typeof(ExactTable128.Entry),
        typeof(Mbuf), typeof(FastCalls),
    ];

    public static TheoryData<Type> SharedStructs() => [.. Shared];

    [Theory]
    [MemberData(nameof(SharedStructs))]
    public void Shared_structs_hold_no_references(Type type)
    {
        MethodInfo check = typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!;
        Assert.Equal(false, check.MakeGenericMethod(type).Invoke(null, null));
    }

    [Fact]
    public void Every_shared_struct_is_among_those_tested()
    {
        Assert.Contains(typeof(WorkerBlock), Shared);
        Assert.Contains(typeof(Batch), Shared);
        Assert.Contains(typeof(PuntTag), Shared);
        Assert.InRange(Shared.Length, 25, 100);
    }

    [Fact]
    public void Sizes_are_what_they_were()
    {
        Assert.Equal(240, sizeof(DatapathRoot));
        Assert.Equal(776, sizeof(WorkerBlock));
        Assert.Equal(184, sizeof(WorkerCounters));
        Assert.Equal(3528, sizeof(Batch));
        Assert.Equal(24, sizeof(TxBuffer));
        Assert.Equal(384, sizeof(PortRow));
        Assert.Equal(256, sizeof(InterfaceRow));
        Assert.Equal(64, sizeof(VrfRow));
        Assert.Equal(128, sizeof(TunnelRow));
        Assert.Equal(64, sizeof(GroupRow));
        Assert.Equal(8, sizeof(Leaf));
        Assert.Equal(8, sizeof(LabelEntry));
        Assert.Equal(8, sizeof(SourcePrefix4));
        Assert.Equal(32, sizeof(SourcePrefix6));
        Assert.Equal(16, sizeof(PacketCount));
        Assert.Equal(32, sizeof(Ledger));
        Assert.Equal(16, sizeof(PuntBudget));
        Assert.Equal(6, sizeof(RxQueue));
        Assert.Equal(24, sizeof(StageCount));
        Assert.Equal(248, sizeof(FilterRow));
        Assert.Equal(56, sizeof(FilterTable));
        Assert.Equal(24, sizeof(FilterCount));
        Assert.Equal(16, sizeof(FilterBucket));
        Assert.Equal(64, sizeof(ExactTable64));
        Assert.Equal(64, sizeof(ExactTable128));
        Assert.Equal(32, sizeof(ExactTable128.Entry));
        Assert.Equal(16, sizeof(TrieNode));
        Assert.Equal(1040, TrieNode.LargestBytes);
        Assert.Equal(128, sizeof(Mbuf));
        Assert.Equal(88, sizeof(FastCalls));
    }

    /// <summary>
    /// All fields of all shared structs, where they lie and in which order. When this fails, and the change was meant, raise
    /// <see cref="DatapathRoot.LayoutVersion"/> and take over the new values: a host must refuse a worker library that was
    /// built before.
    /// </summary>
    [Fact]
    public void A_change_of_layout_comes_with_a_new_version()
    {
        var text = new StringBuilder();
        foreach (Type type in Shared.Where(type => type.DeclaringType is null).OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(type.Name);
            FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
            foreach (FieldInfo field in fields.OrderBy(field => (int)Marshal.OffsetOf(type, field.Name)))
                text.Append(CultureInfo.InvariantCulture, $" {field.Name}@{(int)Marshal.OffsetOf(type, field.Name)}");
            text.Append('\n');
        }
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
        Assert.True((DatapathRoot.LayoutVersion, hash) == (8u, "c9150562ac02fa52"), $"version {DatapathRoot.LayoutVersion}, fields {hash}:\n{text}");
    }

    [Fact]
    public void Rows_never_share_a_cache_line_with_another_row()
    {
        Assert.Equal(0, sizeof(PortRow) % NativeBlock.CacheLine);
        Assert.Equal(0, sizeof(VrfRow) % NativeBlock.CacheLine);
        Assert.Equal(0, sizeof(TunnelRow) % NativeBlock.CacheLine);
        Assert.Equal(0, sizeof(InterfaceRow) % NativeBlock.CacheLine);
        void* block = NativeBlock.Allocate(1);
        Assert.Equal(0, (nint)block % NativeBlock.CacheLine);
        NativeBlock.Free(block);
    }

    [Fact]
    public void An_epoch_slot_is_alone_on_two_cache_lines()
    {
        Assert.Equal(128, sizeof(EpochSlot));
        Assert.Equal(0, (int)Marshal.OffsetOf<EpochSlot>(nameof(EpochSlot.Announced)));
        EpochSlot* slots = NativeBlock.AllocateArray<EpochSlot>(2);
        Assert.Equal(0, (nint)slots % NativeBlock.CacheLine);
        Assert.Equal(128, (nint)(slots + 1) - (nint)slots);
        NativeBlock.Free(slots);
    }

    [Fact]
    public void What_control_writes_is_not_on_the_line_that_the_worker_writes()
    {
        int control = (int)Marshal.OffsetOf<WorkerBlock>(nameof(WorkerBlock.StagesWanted)) + sizeof(int);
        int worker = (int)Marshal.OffsetOf<WorkerBlock>(nameof(WorkerBlock.State));
        Assert.True(worker - control >= NativeBlock.CacheLine);
    }

    [Fact]
    public void Tags_fit_the_private_area_of_an_mbuf()
    {
        Assert.Equal(28, sizeof(PuntTag));
        Assert.Equal(12, sizeof(InjectTag));
        Assert.True(sizeof(PuntTag) <= MbufArena.PrivateBytes);
        Assert.True(sizeof(InjectTag) <= MbufArena.PrivateBytes);
        Assert.Equal(0, (int)Marshal.OffsetOf<PuntTag>(nameof(PuntTag.Reason)));
        Assert.Equal(4, (int)Marshal.OffsetOf<PuntTag>(nameof(PuntTag.Port)));
        Assert.Equal(6, (int)Marshal.OffsetOf<PuntTag>(nameof(PuntTag.L3Offset)));
        Assert.Equal(8, (int)Marshal.OffsetOf<PuntTag>(nameof(PuntTag.Mtu)));
        Assert.Equal(12, (int)Marshal.OffsetOf<PuntTag>(nameof(PuntTag.Interface)));
        Assert.Equal(16, (int)Marshal.OffsetOf<PuntTag>(nameof(PuntTag.Vrf)));
        Assert.Equal(20, (int)Marshal.OffsetOf<PuntTag>(nameof(PuntTag.OutInterface)));
        Assert.Equal(24, (int)Marshal.OffsetOf<PuntTag>(nameof(PuntTag.Tunnel)));
        Assert.Equal(0, (int)Marshal.OffsetOf<InjectTag>(nameof(InjectTag.Kind)));
        Assert.Equal(2, (int)Marshal.OffsetOf<InjectTag>(nameof(InjectTag.Port)));
        Assert.Equal(4, (int)Marshal.OffsetOf<InjectTag>(nameof(InjectTag.Vrf)));
        Assert.Equal(8, (int)Marshal.OffsetOf<InjectTag>(nameof(InjectTag.Interface)));
    }

    [Fact]
    public void The_outer_header_template_is_the_first_thing_of_a_tunnel_row_and_takes_the_longest_header()
    {
        Assert.Equal(0, (int)Marshal.OffsetOf<TunnelRow>(nameof(TunnelRow.Template)));
        Assert.Equal(80, TunnelRow.TemplateBytes);
        int longest = 14 + Dataplane.Forwarding.Control.Datapath.Overhead(Encapsulation.MplsInUdp, Net.AddressFamily.Ipv6);
        Assert.Equal(66, longest);
        Assert.True(longest <= TunnelRow.TemplateBytes);
        Assert.True(TunnelRow.TemplateBytes <= Mbuf.DefaultHeadroom);
        Assert.True(14 + 4 + 4 <= InterfaceRow.HeaderBytes);
    }

    /// <summary>The headers overlap in what neither uses, so that delivery needs one line.</summary>
    [Fact]
    public void What_delivery_needs_is_one_cache_line_of_an_interface()
    {
        int header4 = (int)Marshal.OffsetOf<InterfaceRow>(nameof(InterfaceRow.Header4));
        int header6 = (int)Marshal.OffsetOf<InterfaceRow>(nameof(InterfaceRow.Header6));
        const int Longest = 14 + 4 + 4;
        Assert.Equal(0, InterfaceRow.DeliveryOffset % NativeBlock.CacheLine);
        Assert.Equal(InterfaceRow.DeliveryOffset + NativeBlock.CacheLine, header6 + InterfaceRow.HeaderBytes);
        Assert.True(header6 + InterfaceRow.HeaderBytes - Longest >= header4 + InterfaceRow.HeaderBytes);
        Assert.True(header4 + InterfaceRow.HeaderBytes - Longest > (int)Marshal.OffsetOf<InterfaceRow>(nameof(InterfaceRow.DeliveredHeaderLength)));
    }

    [Fact]
    public void Reason_counts_cover_every_reason()
    {
        Assert.Equal(ReasonNames.DropReasonCount, Enum.GetValues<DropReason>().Length);
        Assert.Equal(ReasonNames.PuntReasonCount, Enum.GetValues<PuntReason>().Length);
        Assert.Equal("gre-unsupported", ReasonNames.Name(DropReason.GreUnsupported));
        Assert.Equal("underlay-unresolved", ReasonNames.Name(PuntReason.UnderlayUnresolved));
        Assert.Equal(
            Enum.GetValues<DropReason>().Length + Enum.GetValues<PuntReason>().Length - 1,
            Enum.GetValues<DropReason>().Select(ReasonNames.Name).Concat(Enum.GetValues<PuntReason>().Select(ReasonNames.Name)).Distinct().Count());
    }

    [Fact]
    public void A_leaf_keeps_its_parts_apart()
    {
        foreach (LeafKind kind in Enum.GetValues<LeafKind>())
        {
            foreach (int length in new[] { 0, 1, 32, 64, 127, 128 })
            {
                foreach (uint index in new[] { 0u, 1u, 4095u, uint.MaxValue })
                {
                    foreach (uint label in new[] { 0u, 16u, 0x80000u, 0xFFFFFu })
                    {
                        Leaf leaf = Leaf.Create(kind, length, index, label);
                        Assert.Equal((kind, length, index, label), (leaf.Kind, leaf.PrefixLength, leaf.Index, leaf.Label));
                    }
                }
            }
        }
        Assert.Equal(LeafKind.None, Leaf.None.Kind);
    }

    [Fact]
    public void A_label_entry_keeps_its_parts_apart()
    {
        var entry = LabelEntry.ForInterface(4095, 1023);
        Assert.Equal((LabelKind.Interface, 4095u, 1023u), (entry.Kind, entry.Interface, entry.Vrf));
        entry = LabelEntry.ForInterface(0, 0);
        Assert.Equal((LabelKind.Interface, 0u, 0u), (entry.Kind, entry.Interface, entry.Vrf));
        entry = LabelEntry.ForAggregate(0xFFFFFF);
        Assert.Equal((LabelKind.Aggregate, 0xFFFFFFu), (entry.Kind, entry.Vrf));
        Assert.Equal(LabelKind.None, new LabelEntry(0).Kind);
    }
}

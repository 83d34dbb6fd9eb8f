using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dataplane.Dpdk.Tests;

/// <summary>Mirrored structs: the C side asserts its own at compile time, here both sides meet.</summary>
public sealed unsafe class LayoutTests
{
    public LayoutTests() => ShimLibrary.EnsureLoaded();

    /// <summary>In the order of the ids in native/include/dataplane_mbuf.h.</summary>
    public static TheoryData<int, string> MbufFields()
    {
        string[] fields =
        [
            nameof(Mbuf.BufAddr), nameof(Mbuf.DataOff), nameof(Mbuf.RefCnt), nameof(Mbuf.NbSegs), nameof(Mbuf.Port),
            nameof(Mbuf.OlFlags), nameof(Mbuf.PacketType), nameof(Mbuf.PktLen), nameof(Mbuf.DataLen), nameof(Mbuf.VlanTci),
            nameof(Mbuf.RssHash), nameof(Mbuf.BufLen), nameof(Mbuf.Pool), nameof(Mbuf.Next), nameof(Mbuf.PrivSize),
        ];
        TheoryData<int, string> data = [];
        for (int id = 0; id < fields.Length; id++)
            data.Add(id, fields[id]);
        return data;
    }

    [Theory]
    [MemberData(nameof(MbufFields))]
    public void Mbuf_field_lies_where_DPDK_has_it(int id, string field) =>
        Assert.Equal(Shim.MbufOffset(id), (int)Marshal.OffsetOf<Mbuf>(field));

    [Fact]
    public void Mbuf_has_every_mirrored_field_and_the_size_of_DPDKs()
    {
        Assert.Equal(-Errno.Invalid, Shim.MbufOffset(MbufFields().Count));
        Assert.Equal(typeof(Mbuf).GetFields().Count(field => !field.IsStatic), MbufFields().Count);
        Assert.Equal(Shim.MbufSize(), sizeof(Mbuf));
        Assert.Equal(Mbuf.HeaderBytes, sizeof(Mbuf));
    }

    [Fact]
    public void Call_table_is_blittable_and_as_large_as_the_shims()
    {
        Assert.False(RuntimeHelpers.IsReferenceOrContainsReferences<FastCalls>());
        Assert.Equal(Shim.FastCallsSize(), sizeof(FastCalls));
        Assert.Equal(11 * sizeof(void*), sizeof(FastCalls));
    }

    [Fact]
    public void Call_table_is_full_and_can_be_copied()
    {
        FastCalls copy = *FastCalls.Native;
        foreach (nint address in new ReadOnlySpan<nint>(&copy, sizeof(FastCalls) / sizeof(nint)))
            Assert.NotEqual(0, address);
        ulong before = copy.Tsc();
        Assert.True(copy.Tsc() > before);
    }

    [Fact]
    public void Port_structs_have_the_sizes_that_the_shim_asserts()
    {
        Assert.Equal(120, sizeof(PortInformation.Native));
        Assert.Equal(64, sizeof(PortStatistics));
    }
}

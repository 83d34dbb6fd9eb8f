using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dataplane.Golden;

/// <summary>The comparison itself: it finds each kind of difference, and none where there is none.</summary>
public sealed class ComparisonTests : IDisposable
{
    private const int FileHeader = 24;
    private const int RecordHeader = 16;
    private readonly TemporaryFolder _folder = new();

    // Frames of MPLS-in-UDP over IPv6, whose outer checksum covers the entropy port.
    private readonly GoldenCase _golden = GoldenCase.Load("encap-udp-v4-over-v6");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Equal_captures_have_no_differences() => Assert.Empty(Compare(_ => { }));

    [Theory]
    [InlineData(RecordHeader)]
    [InlineData(RecordHeader + 14 + 40 + 8 + 4)]
    [InlineData(4)]
    public void A_changed_octet_or_time_is_found(int offset) => Assert.Contains("core0 frame 1", Compare(octets => octets[FileHeader + offset] ^= 1));

    [Fact]
    public void A_missing_frame_is_found()
    {
        var octets = File.ReadAllBytes(Expected);
        File.WriteAllBytes(_folder["core0.pcap"], octets[..FileHeader]);
        Assert.Contains("missing", FrameComparison.Differences("core0", Expected, _folder["core0.pcap"]));
    }

    [Fact]
    public void Another_entropy_port_with_its_checksum_is_no_difference() => Assert.Empty(Compare(octets => ChangePort(octets, 60000)));

    [Fact]
    public void An_entropy_port_out_of_range_is_found() => Assert.Contains("49152", Compare(octets => ChangePort(octets, 40000)));

    [Fact]
    public void Tshark_objects_to_a_wrong_checksum_and_to_a_cut_packet()
    {
        var octets = File.ReadAllBytes(Expected);
        octets[FileHeader + RecordHeader + 14 + 40 + 6] ^= 0x55;
        File.WriteAllBytes(_folder["core0.pcap"], octets);
        Assert.Equal(["udp.checksum.status bad"], Tshark.Decode(_folder["core0.pcap"])[0].Wrong);
        _ = Assert.Single(Tshark.Objectionable(_folder["core0.pcap"]));
        Assert.Empty(Tshark.Objectionable(Expected));
    }

    [Fact]
    public void Counters_that_do_not_add_up_are_found()
    {
        var counters = JsonNode.Parse(File.ReadAllText(GoldenCase.Load("mixed-ledger").Counters))!;
        Assert.Empty(CounterComparison.Violations(Element(counters)));
        foreach (var (table, row) in new[] { ("drops", "unknown-label"), ("punts", "arp"), ("slowPath", "answered") })
        {
            var changed = counters.DeepClone();
            changed[table]![row] = changed[table]![row]!.GetValue<int>() + 1;
            _ = Assert.Single(CounterComparison.Violations(Element(changed)));
            _ = Assert.Single(CounterComparison.Differences(Element(counters), Element(changed)));
        }
        var lost = counters.DeepClone();
        lost["ledger"]!["received"]!["tx"] = 1;
        _ = Assert.Single(CounterComparison.Violations(Element(lost)));
        _ = lost["interfaces"]!.AsObject().Remove("vm1");
        lost["vrfs"]!["green"] = 1;
        Assert.Equal(3, CounterComparison.Differences(Element(counters), Element(lost)).Count);
    }

    private static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node);

    private static void ChangePort(byte[] octets, ushort port)
    {
        var frame = octets.AsSpan(FileHeader + RecordHeader);
        EntropyPort.WithPort(frame, EntropyPort.UdpOffset(frame), port).CopyTo(frame);
    }

    private string Expected => _golden.Outputs.Single(output => output.Port == "core0").File;

    private string Compare(Action<byte[]> change)
    {
        var octets = File.ReadAllBytes(Expected);
        change(octets);
        File.WriteAllBytes(_folder["core0.pcap"], octets);
        return FrameComparison.Differences("core0", Expected, _folder["core0.pcap"]);
    }
}

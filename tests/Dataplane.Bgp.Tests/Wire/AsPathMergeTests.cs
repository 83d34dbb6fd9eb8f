using Dataplane.Bgp.Wire;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>RFC 6793 §4.2.3, both ways.</summary>
public class AsPathMergeTests
{
    [Theory]
    // AS_PATH (two octets), AS4_PATH, the path that they stand for
    [InlineData("02 03 fde9 5ba0 fdea", "02 02 fa56ea01 0000fdea", "65001 4200000001 65002")]
    [InlineData("02 03 fde9 5ba0 fdea", "02 03 0000fde9 fa56ea01 0000fdea", "65001 4200000001 65002")]
    [InlineData("02 01 fde9", "02 02 fa56ea01 0000fdea", "65001")] // longer than AS_PATH: ignored
    [InlineData("02 02 fde9 5ba0", "", "65001 23456")]
    [InlineData("02 02 fde9 5ba0 01 02 fdea fdeb", "01 02 fa56ea01 fa56ea02", "65001 23456 {4200000001,4200000002}")] // a set counts as one
    [InlineData("02 02 fde9 5ba0 01 02 fdea fdeb", "02 01 fa56ea01 01 02 0000fdea 0000fdeb", "65001 4200000001 {65002,65003}")]
    [InlineData("02 01 fde9 02 01 5ba0", "02 01 fa56ea01", "65001 4200000001")]
    [InlineData("02 02 fde9 5ba0", "03 01 0000fe00 02 01 fa56ea01", "65001 4200000001")] // confederation segments of AS4_PATH are left out
    public void A_path_is_put_together(string path, string as4Path, string expected)
    {
        RawUpdate raw = RawUpdate.Announcing().Replace(AttributeCode.AsPath, 0x40, Hex(path));
        raw = as4Path.Length > 0 ? raw.With(0xC0, 17, Hex(as4Path)) : raw;

        string[] lines = UpdateText.Of(Sessions.Decode(raw.Body(), Sessions.TwoOctet));

        Assert.Contains($"  AsPath {expected}", lines);
        Assert.DoesNotContain(lines, line => line.Contains("As4", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("03 01 fe00 02 02 fde9 5ba0", "02 01 fa56ea01", "(65024) 65001 4200000001")] // a leading one stays, and does not count
    [InlineData("03 01 fe00 02 01 5ba0", "02 01 fa56ea01", "(65024) 4200000001")]
    public void Confederation_segments_that_lead_are_kept(string path, string as4Path, string expected)
    {
        CodecOptions options = Sessions.TwoOctet with { IsConfederation = true, PeerAs = new(65024) };
        byte[] body = RawUpdate.Announcing().Replace(AttributeCode.AsPath, 0x40, Hex(path)).With(0xC0, 17, Hex(as4Path)).Body();

        Assert.Contains($"  AsPath {expected}", UpdateText.Of(Sessions.Decode(body, options)));
    }

    [Theory]
    // AGGREGATOR, AS4_AGGREGATOR, aggregator and path that they stand for
    [InlineData("5ba0 c0000201", "fa56ea09 c0000202", "fa56ea09c0000202", "65001 4200000001")]
    [InlineData("5ba0 c0000201", "", "00005ba0c0000201", "65001 4200000001")]
    [InlineData("fdea c0000201", "fa56ea09 c0000202", "0000fdeac0000201", "65001 23456")] // not AS_TRANS: neither AS4_ attribute counts
    public void An_aggregator_decides_whether_the_four_octet_attributes_count(string aggregator, string as4, string expected, string path)
    {
        RawUpdate raw = RawUpdate.Announcing().Replace(AttributeCode.AsPath, 0x40, Hex("02 02 fde9 5ba0")).With(0xC0, 17, Hex("02 01 fa56ea01"))
            .With(0xC0, 7, Hex(aggregator));
        raw = as4.Length > 0 ? raw.With(0xC0, 18, Hex(as4)) : raw;

        string[] lines = UpdateText.Of(Sessions.Decode(raw.Body(), Sessions.TwoOctet));

        Assert.Contains($"  Aggregator {expected}", lines);
        Assert.Contains($"  AsPath {path}", lines);
    }

    [Fact]
    public void A_path_that_is_too_long_in_four_octets_withdraws()
    {
        byte[] segment = [2, 255, .. Enumerable.Range(0, 255).SelectMany(_ => new byte[] { 0xFD, 0xE9 })];
        byte[] path = [.. Enumerable.Repeat(segment, 70).SelectMany(octets => octets)];

        DecodedUpdate update = Sessions.Decode(
            RawUpdate.Announcing().Without(AttributeCode.AsPath).With(0x50, 2, path).Body(), Sessions.TwoOctet with { ExtendedMessages = true });

        Assert.Equal(UpdateAction.TreatAsWithdraw, update.Outcome.Action);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}

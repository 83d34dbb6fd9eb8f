using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Routing.Tests.FlowSpec;

public sealed class FlowSpecRuleTests
{
    [Theory]
    [InlineData("", AddressFamily.Ipv4, FlowSpecFault.Empty)]
    [InlineData("00", AddressFamily.Ipv4, FlowSpecFault.UnknownComponent)]
    [InlineData("0d8101", AddressFamily.Ipv4, FlowSpecFault.UnknownComponent)]
    [InlineData("0e8101", AddressFamily.Ipv6, FlowSpecFault.UnknownComponent)]
    [InlineData("038106 01180a0000", AddressFamily.Ipv4, FlowSpecFault.ComponentOrder)]
    [InlineData("038106 038111", AddressFamily.Ipv4, FlowSpecFault.ComponentOrder)]
    [InlineData("01", AddressFamily.Ipv4, FlowSpecFault.Truncated)]
    [InlineData("01180a00", AddressFamily.Ipv4, FlowSpecFault.Truncated)]
    [InlineData("01210a00000000", AddressFamily.Ipv4, FlowSpecFault.PrefixLength)]
    [InlineData("0120", AddressFamily.Ipv6, FlowSpecFault.Truncated)]
    [InlineData("018100", AddressFamily.Ipv6, FlowSpecFault.PrefixLength)]
    [InlineData("012020", AddressFamily.Ipv6, FlowSpecFault.PrefixOffset)]
    [InlineData("010001", AddressFamily.Ipv6, FlowSpecFault.PrefixOffset)]
    [InlineData("010000", AddressFamily.Ipv6, FlowSpecFault.None)]
    [InlineData("0100", AddressFamily.Ipv4, FlowSpecFault.None)]
    [InlineData("03", AddressFamily.Ipv4, FlowSpecFault.Truncated)]
    [InlineData("0301 06", AddressFamily.Ipv4, FlowSpecFault.Truncated)] // no end of list
    [InlineData("0391 06", AddressFamily.Ipv4, FlowSpecFault.Truncated)]
    [InlineData("0b91 0006", AddressFamily.Ipv4, FlowSpecFault.ValueLength)]
    [InlineData("0c91 0006", AddressFamily.Ipv4, FlowSpecFault.ValueLength)]
    [InlineData("09a1 00000006", AddressFamily.Ipv4, FlowSpecFault.ValueLength)]
    [InlineData("0991 0006", AddressFamily.Ipv4, FlowSpecFault.None)]
    [InlineData("04b1 0000000000000006", AddressFamily.Ipv4, FlowSpecFault.None)]
    public void FaultsAreNamed(string hex, AddressFamily family, FlowSpecFault fault)
    {
        var octets = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(fault, FlowSpecRule.Validate(octets, family));
        Assert.Equal(fault == FlowSpecFault.None, FlowSpecRule.TryDecode(octets, family, out _, out FlowSpecFault again));
        Assert.Equal(fault, again);
    }

    [Fact]
    public void MoreThanALengthFieldCanSayIsAFault()
    {
        byte[] octets = [4, .. Enumerable.Repeat<byte[]>([1, 80], 2100).SelectMany(term => term)];
        Assert.Equal(FlowSpecFault.TooLong, FlowSpecRule.Validate(octets, AddressFamily.Ipv4));
    }

    [Fact]
    public void CanonicalFormDropsWhatDoesNotCount()
    {
        // AND and a reserved bit in the first operator, a value longer than needed, bits behind a prefix.
        var octets = Convert.FromHexString("01140a28ff" + "03d90006");
        Assert.True(FlowSpecRule.TryDecode(octets, AddressFamily.Ipv4, out FlowSpecRule? rule, out _));
        Assert.Equal("dst 10.40.240.0/20; proto =6", rule.ToString());
        Assert.Equal("01140A28F0" + "038106", Convert.ToHexString(rule.Encode()));
    }

    [Theory]
    [InlineData("", "it has no component")]
    [InlineData("dest 10.0.0.0/8", "'dest' is no component")]
    [InlineData("dst 10.0.0.0/33", "'10.0.0.0/33' is no IPv4 prefix")]
    [InlineData("dst 10.0.0.1/8", "'10.0.0.1/8' is no IPv4 prefix")]
    [InlineData("dst 2001:db8::/32", "is no IPv4 prefix")]
    [InlineData("dst", "'' is no IPv4 prefix")]
    [InlineData("flow-label =1", "'flow-label' is no component")]
    [InlineData("proto 6", "'6' is no list of comparisons for Protocol")]
    [InlineData("proto", "'' is no list of comparisons for Protocol")]
    [InlineData("proto =6&", "is no list")]
    [InlineData("proto =6; proto =17", "'proto' stands twice")]
    [InlineData("dscp =256", "is no list")]
    [InlineData("port =18446744073709551616", "is no list")]
    [InlineData("tcp-flags nonsense", "is no list")]
    [InlineData("0x038", "it is not an even number of hexadecimal digits")]
    [InlineData("0x0301", "the octets are no flow specification: Truncated")]
    public void TextsThatAreNoRulesAreExplained(string text, string explanation)
    {
        Assert.False(FlowSpecRule.TryParse(text, AddressFamily.Ipv4, out _, out var error));
        Assert.Contains(explanation, error, StringComparison.Ordinal);
    }

    [Fact]
    public void ComponentsOfATextMayStandInAnyOrder() => Assert.Equal(
        FlowSpecRule.Parse("dst 10.0.0.0/8; proto =6 true; dport >1&!=7", AddressFamily.Ipv4),
        FlowSpecRule.Parse("dport >1&!=7;proto =6  true ; dst 10.0.0.0/8", AddressFamily.Ipv4));

    [Fact]
    public void WhatIsOutOfOrderIsNoRule() => Assert.Throws<ArgumentException>(() => new FlowSpecRule(
        AddressFamily.Ipv4,
        new FlowSpecMatch(FlowSpecComponentType.Port, [new(false, FlowSpecTerm.Equal, 80)]),
        new FlowSpecMatch(FlowSpecComponentType.Protocol, [new(false, FlowSpecTerm.Equal, 6)])));

    [Fact]
    public void EveryRuleSurvivesOctetsAndText()
    {
        var random = new Random(8956);
        for (var i = 0; i < 5_000; i++)
        {
            AddressFamily family = random.Next(2) == 0 ? AddressFamily.Ipv4 : AddressFamily.Ipv6;
            FlowSpecRule rule = FlowSpecSamples.Rule(random, family);
            var octets = rule.Encode();
            Assert.Equal(FlowSpecFault.None, FlowSpecRule.Validate(octets, family));
            Assert.True(FlowSpecRule.TryDecode(octets, family, out FlowSpecRule? decoded, out _));
            Assert.Equal(rule, decoded);
            Assert.Equal(octets, decoded.Encode());
            Assert.Equal(rule, FlowSpecRule.Parse(rule.ToString(), family));
        }
    }

    [Fact]
    public void AnyOctetsAreDecodedOrHaveAFault() => Prop.ForAll<byte[], bool>((octets, isV6) =>
    {
        AddressFamily family = isV6 ? AddressFamily.Ipv6 : AddressFamily.Ipv4;
        if (!FlowSpecRule.TryDecode(octets, family, out FlowSpecRule? rule, out FlowSpecFault fault))
        {
            return fault != FlowSpecFault.None;
        }

        return FlowSpecRule.TryDecode(rule.Encode(), family, out FlowSpecRule? again, out _) && rule.Equals(again);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void DamagedRulesAreDecodedOrHaveAFault()
    {
        var random = new Random(8955);
        for (var i = 0; i < 20_000; i++)
        {
            AddressFamily family = random.Next(2) == 0 ? AddressFamily.Ipv4 : AddressFamily.Ipv6;
            var octets = FlowSpecSamples.Rule(random, family).Encode();
            octets[random.Next(octets.Length)] ^= (byte)(1 << random.Next(8));
            Span<byte> cut = octets.AsSpan(0, random.Next(octets.Length + 1));
            Assert.Equal(
                FlowSpecRule.Validate(cut, family) == FlowSpecFault.None,
                FlowSpecRule.TryDecode(cut, family, out _, out _));
        }
    }
}

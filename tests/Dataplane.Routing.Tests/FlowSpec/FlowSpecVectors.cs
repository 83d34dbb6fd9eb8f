using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Tests.FlowSpec;

/// <summary>Values from the RFCs' examples and from the wire of GoBGP 3.10 and ExaBGP 4.2.21, with what they were told to announce.</summary>
public sealed class FlowSpecVectors
{
    public static TheoryData<string, AddressFamily, string> Examples => new()
    {
        // RFC 8955 §4.3
        { "0118c00002 038106 048119", AddressFamily.Ipv4, "dst 192.0.2.0/24; proto =6; port =25" },
        { "0118c00002 0218cb0071 0403894 58b911f90", AddressFamily.Ipv4, "dst 192.0.2.0/24; src 203.0.113.0/24; port >=137&<=139 =8080" },
        { "0120c0000201 0c8005", AddressFamily.Ipv4, "dst 192.0.2.1/32; fragment df+ff" },

        // RFC 8956 §3.8
        { "01200020010db8 026840123456789a 038106", AddressFamily.Ipv6, "dst 2001:db8::/32; src ::1234:5678:9a00:0/104/64; proto =6" },
        { "01200020010db8 0268412468acf134", AddressFamily.Ipv6, "dst 2001:db8::/32; src ::1234:5678:9a00:0/104/65" },

        // GoBGP
        { "01180a2800038111058135", AddressFamily.Ipv4, "dst 10.40.0.0/24; proto =17; dport =53" },
        {
            "01180a00000218140000038106040150131f90d522b80781080881000981120a0340d505dc0b812e0c8202", AddressFamily.Ipv4,
            "dst 10.0.0.0/24; src 20.0.0.0/24; proto =6; port =80 >=8080&<=8888; icmp-type =8; icmp-code =0; tcp-flags =syn+ack; length >=64&<=1500; dscp =46; fragment !isf"
        },
        { "01100a01068650098002", AddressFamily.Ipv4, "dst 10.1.0.0/16; sport !=80; tcp-flags syn" },
        { "01300020010db800010b810a0c8104", AddressFamily.Ipv6, "dst 2001:db8:1::/48; dscp =10; fragment =ff" },

        // ExaBGP
        {
            "01180a2b0002180a2a00040150120400d4080007810808810009000280100a02c854012c120190d401f40b010c810e0c8000", AddressFamily.Ipv4,
            "dst 10.43.0.0/24; src 10.42.0.0/24; port =80 >1024&<2048; icmp-type =8; icmp-code =0; tcp-flags syn ack; length >200&<300 >400&<500; dscp =12 =14; fragment 0x0"
        },
        { "01180a2c000c00048008", AddressFamily.Ipv4, "dst 10.44.0.0/24; fragment ff lf" },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    [Trait("Requirement", "SIG-20")]
    public void OctetsAndTextSayTheSame(string hex, AddressFamily family, string text)
    {
        var octets = Hex(hex);
        Assert.Equal(FlowSpecFault.None, FlowSpecRule.Validate(octets, family));
        Assert.Equal(text, FlowSpecRule.Text(octets, family));
        Assert.True(FlowSpecRule.TryDecode(octets, family, out FlowSpecRule? decoded, out _));
        var parsed = FlowSpecRule.Parse(text, family);
        Assert.Equal(decoded, parsed);
        Assert.Equal(octets, parsed.Encode());
        Assert.Equal(decoded, FlowSpecRule.Parse("0x" + hex.Replace(" ", "", StringComparison.Ordinal), family));
    }

    [Fact]
    public void FlowLabelIsWrittenWithFourOctetsAndReadWithOne()
    {
        var rule = FlowSpecRule.Parse("flow-label =100", AddressFamily.Ipv6);
        Assert.Equal("0DA100000064", Convert.ToHexString(rule.Encode())); // RFC 8956 §3.7
        Assert.Equal("flow-label =100", FlowSpecRule.Text(Hex("0d8164"), AddressFamily.Ipv6)); // GoBGP and ExaBGP
    }

    [Fact]
    public void AnOffsetInTheFormOfTheDraftIsAFault() =>

        // GoBGP 3.10 and ExaBGP 4.2.21 write the bits before the offset too, as drafts of RFC 8956 had it: its readers take them for the next component.
        Assert.Equal(
            FlowSpecFault.UnknownComponent,
            FlowSpecRule.Validate(Hex("01200020010db80268400000000000000000123456789a038106"), AddressFamily.Ipv6));

    [Theory]
    [InlineData("8006000046160000", "rate:9600")]
    [InlineData("8006fde800000000", "discard")]
    [InlineData("80060000c6160000", "discard")] // negative: RFC 8955 §7.1
    [InlineData("800c000042c80000", "rate-packets:100")]
    [InlineData("8007000000000003", "action:sample+continue")]
    [InlineData("8008fde800000005", "redirect:65000:5")]
    [InlineData("81080a0909090005", "redirect:10.9.9.9:5")]
    [InlineData("8208fa56ea000005", "redirect:4200000000:5")]
    [InlineData("800900000000002e", "mark:46")]
    [InlineData("010c0a0909090001", "copy-to:10.9.9.9")]
    public void ActionsHaveAText(string hex, string text)
    {
        var community = new ExtendedCommunity(Convert.ToUInt64(hex, 16));
        Assert.True(FlowSpecAction.TryRead(community, out FlowSpecAction action));
        Assert.Equal(text, action.ToString());
        Assert.True(FlowSpecAction.TryParse(text, out FlowSpecAction parsed));
        Assert.Equal(action with { As = 0 }, parsed);
        Assert.True(FlowSpecAction.TryRead(parsed.Community, out FlowSpecAction again));
        Assert.Equal(parsed, again);
        if (action.Rate != 0 || action.Kind > FlowSpecActionKind.RatePackets)
        {
            Assert.Equal(community, action.Community);
        }
    }

    [Theory]
    [InlineData("0002fde800000001")] // a route target
    [InlineData("800600007fc00000")] // not a number
    public void OtherCommunitiesAreNoActions(string hex) =>
        Assert.False(FlowSpecAction.TryRead(new(Convert.ToUInt64(hex, 16)), out _));

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}

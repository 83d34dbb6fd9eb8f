using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Tests.FlowSpec;

public sealed class FlowSpecOrderTests
{
    [Theory]
    [InlineData("dst 10.0.0.0/8; proto =6", "dst 10.0.0.0/8")] // the one that says more
    [InlineData("dst 10.0.0.0/8", "src 10.0.0.0/8")] // the lower type
    [InlineData("dst 10.1.0.0/16", "dst 10.0.0.0/8")] // inside: the longer
    [InlineData("dst 10.0.0.0/8", "dst 11.1.0.0/16")] // beside: the lower address
    [InlineData("proto =6", "proto =17")] // the lower octets
    [InlineData("proto =6 =17", "proto =6")] // 01… before 81…: the end-of-list bit is part of the octets
    public void TheLeftOneGoesFirst(string first, string second) => AssertOrder(first, second, AddressFamily.Ipv4);

    [Theory]
    [InlineData("src ::1234:5678:9a00:0/104/64", "src ::1234:5678:9a00:0/104/65")] // the lower offset
    [InlineData("src ::1234:5678:9a00:0/104/64", "src ::1234:5678:0:0/96/64")] // the longer
    [InlineData("src 2001:db8::/48", "src 2001:db9::/48")]
    public void TheLeftOneGoesFirstInIpv6(string first, string second) => AssertOrder(first, second, AddressFamily.Ipv6);

    [Fact]
    public void LongerListsGoFirstWhenTheShorterIsTheirBeginning() =>

        // Only a list of another value length can begin with a whole other list: made of octets, not of text.
        Assert.True(FlowSpecOrder.Compare([4, 0x11, 0, 0x81, 0x81, 1], [4, 0x11, 0, 0x82, 0x81, 1], AddressFamily.Ipv4) < 0);

    [Fact]
    public void TheOrderIsTotal()
    {
        var random = new Random(51);
        List<byte[]> rules = [.. Enumerable.Range(0, 60).Select(_ => FlowSpecSamples.Rule(random, AddressFamily.Ipv6).Encode())];
        foreach (var a in rules)
        {
            foreach (var b in rules)
            {
                var order = Compare(a, b);
                Assert.Equal(Math.Sign(order), -Math.Sign(Compare(b, a)));
                Assert.Equal(order == 0, a.SequenceEqual(b));
                Assert.All(rules, c => Assert.False(order < 0 && Compare(b, c) < 0 && Compare(a, c) >= 0));
            }
        }

        static int Compare(byte[] a, byte[] b) => FlowSpecOrder.Compare(a, b, AddressFamily.Ipv6);
    }

    private static void AssertOrder(string first, string second, AddressFamily family)
    {
        byte[] a = FlowSpecRule.Parse(first, family).Encode(), b = FlowSpecRule.Parse(second, family).Encode();
        Assert.True(FlowSpecOrder.Compare(a, b, family) < 0);
        Assert.True(FlowSpecOrder.Compare(b, a, family) > 0);
        Assert.Equal(0, FlowSpecOrder.Compare(a, a, family));
    }
}

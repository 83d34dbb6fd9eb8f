using System.Text.RegularExpressions;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>Inner MTU over an underlay of 1500 bytes: 1472 in GRE over IPv4, 1452 in GRE over IPv6.</summary>
[Collection(TwoSitesCollection.Name)]
public sealed partial class PacketSizeTests(TwoSites sites)
{
    private const int Ipv4AndIcmp = 28;
    private const int Ipv6AndIcmp = 48;

    [Theory]
    [Trait("Requirement", "FWD-23")]
    [InlineData("red-a", "red-b", 4, 1472)]
    [InlineData("red-b", "red-a", 4, 1472)]
    [InlineData("red-a", "red-b", 6, 1472)]
    [InlineData("blue-a", "blue-b", 4, 1452)]
    [InlineData("blue-b", "blue-a", 6, 1452)]
    public void ThePacketThatFitsPassesAndOneByteMoreIsAnswered(string from, string to, int family, int innerMtu)
    {
        Guest guest = sites.GuestNamed(from);
        string target = sites.GuestNamed(to).Address(family);
        int payload = innerMtu - (family == 4 ? Ipv4AndIcmp : Ipv6AndIcmp);
        ForgetPathMtu(guest);
        PingResult fits = guest.Ping(target, count: 1, "-M", "do", "-s", $"{payload}");
        Assert.True(fits.Received == 1, fits.Text);

        PingResult tooLong = guest.Ping(target, count: 1, "-M", "do", "-s", $"{payload + 1}");
        Assert.Equal(0, tooLong.Received);
        Assert.Matches(NextHopMtu(), tooLong.Text);
        Assert.Equal(innerMtu, int.Parse(NextHopMtu().Match(tooLong.Text).Groups[1].ValueSpan));
        ForgetPathMtu(guest);
    }

    /// <summary>Without DF the forwarder cuts the packet in two before it encapsulates.</summary>
    [Fact]
    [Trait("Requirement", "FWD-23")]
    public void AnIpv4PacketWithoutDfIsFragmented()
    {
        ForgetPathMtu(sites.RedA);
        PingResult ping = sites.RedA.Ping(sites.RedB.Address4, count: 2, "-M", "dont", "-s", $"{1490 - Ipv4AndIcmp}");
        Assert.True(ping.Received == 2, ping.Text);
    }

    /// <summary>
    /// What the guests cut themselves passes like anything else, once both know the path's MTU. Of IPv4 only what fits a slot
    /// of the driver's ring: net_af_packet has the kernel put IPv4 fragments together again before it delivers.
    /// </summary>
    [Theory]
    [InlineData("red-a", "red-b", 4, 1900)]
    [InlineData("blue-a", "blue-b", 6, 4000)]
    public void FragmentsOfGuestsPass(string from, string to, int family, int payloadBytes)
    {
        Guest guest = sites.GuestNamed(from);
        string target = sites.GuestNamed(to).Address(family);
        _ = guest.Ping(target, count: 2, "-W", "1", "-s", $"{payloadBytes}");
        PingResult ping = guest.Ping(target, count: 3, "-s", $"{payloadBytes}");
        Assert.True(ping.Received == 3, ping.Text);
    }

    private static void ForgetPathMtu(Guest guest)
    {
        guest.Space.Require("ip", "route", "flush", "cache");
        guest.Space.Require("ip", "-6", "route", "flush", "cache");
    }

    [GeneratedRegex("mtu ?[=:]? ?(\\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex NextHopMtu();
}

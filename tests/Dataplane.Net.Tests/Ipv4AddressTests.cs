using System.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Net.Tests;

public sealed class Ipv4AddressTests
{
    [Fact]
    public void AgreesWithTheBaseLibrary() => Prop.ForAll<uint>(number =>
    {
        var address = new Ipv4Address(number);
        var octets = new byte[4];
        address.CopyTo(octets);
        var expected = new IPAddress(octets);
        return address.ToString() == expected.ToString()
            && Ipv4Address.Parse(expected.ToString()) == address
            && Ipv4Address.Read(octets) == address
            && address.ToSystem().Equals(expected)
            && Ipv4Address.From(expected) == address;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.")]
    [InlineData("1.2.3.4.")]
    [InlineData("1.2.3.4.5")]
    [InlineData(".1.2.3")]
    [InlineData("1..2.3")]
    [InlineData("256.0.0.1")]
    [InlineData("1.2.3.0400")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.00")]
    [InlineData("1.2.3.-4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("0x1.2.3.4")]
    [InlineData("1.2.3.٤")]
    public void RefusesWhatIsNoDottedQuad(string? text)
    {
        Assert.False(Ipv4Address.TryParse(text, out var value));
        Assert.True(value.IsUnspecified);
        if (text is not null)
        {
            Assert.Throws<FormatException>(() => Ipv4Address.Parse(text));
        }
    }

    [Theory]
    [InlineData("0.0.0.0", "unspecified")]
    [InlineData("127.255.0.1", "loopback")]
    [InlineData("169.254.0.1", "link-local")]
    [InlineData("169.253.255.255", "")]
    [InlineData("169.255.0.0", "")]
    [InlineData("223.255.255.255", "")]
    [InlineData("224.0.0.0", "multicast")]
    [InlineData("239.255.255.255", "multicast")]
    [InlineData("240.0.0.0", "")]
    [InlineData("255.255.255.255", "broadcast")]
    public void KnowsItsKind(string text, string kind)
    {
        var address = Ipv4Address.Parse(text);
        Assert.Equal(kind == "unspecified", address.IsUnspecified);
        Assert.Equal(kind == "loopback", address.IsLoopback);
        Assert.Equal(kind == "link-local", address.IsLinkLocal);
        Assert.Equal(kind == "multicast", address.IsMulticast);
        Assert.Equal(kind == "broadcast", address.IsLimitedBroadcast);
    }

    [Fact]
    public void FirstOctetIsTheMostSignificant()
    {
        Assert.Equal(0xC633_6428u, Ipv4Address.Parse("198.51.100.40").Value);
        Assert.True(Ipv4Address.Parse("9.255.255.255").CompareTo(Ipv4Address.Parse("10.0.0.0")) < 0);
    }

    [Fact]
    public void NeverReadsOrWritesPastTheEnd()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Ipv4Address.Read(new byte[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Ipv4Address(1).CopyTo(new byte[3]));
        Assert.Throws<ArgumentException>(() => Ipv4Address.From(IPAddress.IPv6Loopback));
    }
}

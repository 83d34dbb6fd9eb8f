using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Net.Tests;

public sealed class IpAddressTests
{
    [Theory]
    [InlineData("198.51.100.25", AddressFamily.Ipv4)]
    [InlineData("2001:db8:1::25", AddressFamily.Ipv6)]
    [InlineData("::ffff:1.2.3.4", AddressFamily.Ipv6)]
    public void ParsesEitherFamily(string text, AddressFamily family)
    {
        var address = IpAddress.Parse(text);
        Assert.Equal(family, address.Family);
        Assert.Equal(text, address.ToString());
        Assert.Equal(address, IpAddress.From(address.ToSystem()));
        Assert.Equal(family == AddressFamily.Ipv4 ? 4 : 16, address.Size);
        Assert.Equal(address.Size * 8, address.Bits);
        var octets = new byte[address.Size];
        address.CopyTo(octets);
        Assert.Equal(address.ToSystem().GetAddressBytes(), octets);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("host.example")]
    [InlineData("1.2.3.4/32")]
    [InlineData("::1/128")]
    public void RefusesEverythingElse(string? text) => Assert.False(IpAddress.TryParse(text, out _));

    [Fact]
    public void SameNumberOfAnotherFamilyIsAnotherAddress()
    {
        IpAddress v4 = new Ipv4Address(1);
        IpAddress v6 = new Ipv6Address(0, 1);
        Assert.NotEqual(v4, v6);
        Assert.True(v4.CompareTo(v6) < 0);
        Assert.Throws<InvalidOperationException>(() => v4.V6);
        Assert.Throws<InvalidOperationException>(() => v6.V4);
        Assert.Equal("0.0.0.0", default(IpAddress).ToString());
    }

    [Theory]
    [InlineData("224.0.0.1", true, false, false, false)]
    [InlineData("ff02::1", true, false, false, false)]
    [InlineData("169.254.0.1", false, true, false, false)]
    [InlineData("fe80::1", false, true, false, false)]
    [InlineData("127.0.0.1", false, false, true, false)]
    [InlineData("::1", false, false, true, false)]
    [InlineData("0.0.0.0", false, false, false, true)]
    [InlineData("::", false, false, false, true)]
    public void KnowsItsKind(string text, bool multicast, bool linkLocal, bool loopback, bool unspecified)
    {
        var address = IpAddress.Parse(text);
        Assert.Equal(multicast, address.IsMulticast);
        Assert.Equal(linkLocal, address.IsLinkLocal);
        Assert.Equal(loopback, address.IsLoopback);
        Assert.Equal(unspecified, address.IsUnspecified);
    }

    [Fact]
    public void AnyTextIsAnsweredWithoutThrowing() => Prop.ForAll<string>(text =>
    {
        var parsed = IpAddress.TryParse(text, out var address);
        _ = IpPrefix.TryParse(text, out _, out var error);
        return !parsed || (IpAddress.Parse(address.ToString()) == address && error == PrefixError.None);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void ParsingAllocatesNothing()
    {
        string[] texts = ["198.51.100.25/32", "2001:db8:1::/64", "nonsense", "2001:db8::1.2.3.4/128"];
        static void ParseAll(string[] texts)
        {
            foreach (var text in texts)
            {
                _ = IpPrefix.TryParse(text, out _, out _);
                _ = MacAddress.TryParse(text, out _);
            }
        }

        ParseAll(texts);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ParseAll(texts);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}

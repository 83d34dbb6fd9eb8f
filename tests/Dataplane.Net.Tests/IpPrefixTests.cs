using System.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Net.Tests;

public sealed class IpPrefixTests
{
    [Theory]
    [InlineData("0.0.0.0/0", PrefixError.None)]
    [InlineData("198.51.100.40/32", PrefixError.None)]
    [InlineData("198.51.100.40", PrefixError.None)]
    [InlineData("198.51.100.0/24", PrefixError.None)]
    [InlineData("::/0", PrefixError.None)]
    [InlineData("2001:db8:1::25/128", PrefixError.None)]
    [InlineData("2001:db8:1::25", PrefixError.None)]
    [InlineData("2001:db8::/65", PrefixError.None)]
    [InlineData("198.51.100.1/24", PrefixError.HostBitsSet)]
    [InlineData("0.0.0.1/0", PrefixError.HostBitsSet)]
    [InlineData("2001:db8::1/64", PrefixError.HostBitsSet)]
    [InlineData("2001:db8::1/127", PrefixError.HostBitsSet)]
    [InlineData("198.51.100.0/33", PrefixError.LengthOutOfRange)]
    [InlineData("198.51.100.0/256", PrefixError.LengthOutOfRange)]
    [InlineData("2001:db8::/129", PrefixError.LengthOutOfRange)]
    [InlineData("198.51.100.0/", PrefixError.Syntax)]
    [InlineData("198.51.100.0/-1", PrefixError.Syntax)]
    [InlineData("198.51.100.0/024", PrefixError.Syntax)]
    [InlineData("198.51.100.0/24/24", PrefixError.Syntax)]
    [InlineData("198.51.100.0/255.255.255.0", PrefixError.Syntax)]
    [InlineData("198.51.100/24", PrefixError.Syntax)]
    [InlineData("2001:db8:/32", PrefixError.Syntax)]
    [InlineData("/24", PrefixError.Syntax)]
    [InlineData("", PrefixError.Syntax)]
    [InlineData(null, PrefixError.Syntax)]
    public void ParsesOrTellsWhy(string? text, PrefixError expected)
    {
        Assert.Equal(expected == PrefixError.None, IpPrefix.TryParse(text, out var prefix, out var error));
        Assert.Equal(expected, error);
        if (expected != PrefixError.None)
        {
            Assert.Equal(default, prefix);
            return;
        }

        Assert.Equal(text!.Contains('/') ? text : $"{text}/{prefix.Address.Bits}", prefix.ToString());
        Assert.Equal(prefix, IpPrefix.Parse(prefix.ToString()));
        Assert.Equal(prefix.Length == prefix.Address.Bits, prefix.IsHost);
    }

    [Fact]
    public void AgreesWithTheBaseLibrary() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var octets = new byte[random.Next(2) == 0 ? 4 : 16];
        random.NextBytes(octets);
        var address = IpAddress.From(new IPAddress(octets));
        var prefix = IpPrefix.Of(address, (byte)random.Next(address.Bits + 1));
        var system = IPNetwork.Parse(prefix.ToString()); // throws when host bits are left

        var probe = (byte[])octets.Clone();
        probe[random.Next(probe.Length)] ^= (byte)(1 << random.Next(8));
        var other = IpAddress.From(new IPAddress(probe));
        return prefix.Contains(address)
            && prefix.Contains(other) == system.Contains(new IPAddress(probe))
            && IpPrefix.Parse(prefix.ToString()) == prefix
            && prefix.Contains(IpPrefix.Host(other)) == prefix.Contains(other)
            && prefix.Contains(prefix);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void NeverContainsTheOtherFamily()
    {
        Assert.False(IpPrefix.Parse("0.0.0.0/0").Contains(IpAddress.Parse("::")));
        Assert.False(IpPrefix.Parse("::/0").Contains(IpAddress.Parse("0.0.0.0")));
        Assert.Throws<InvalidOperationException>(() => IpPrefix.Parse("::/0").V4);
        Assert.Throws<InvalidOperationException>(() => IpPrefix.Parse("0.0.0.0/0").V6);
    }

    [Fact]
    public void ALongerPrefixContainsNoShorterOne()
    {
        Assert.True(IpPrefix.Parse("10.0.0.0/8").Contains(IpPrefix.Parse("10.1.0.0/16")));
        Assert.False(IpPrefix.Parse("10.0.0.0/16").Contains(IpPrefix.Parse("10.0.0.0/8")));
        Assert.False(IpPrefix.Parse("2001:db8::/48").Contains(IpPrefix.Parse("2001:db8::/32")));
    }

    [Fact]
    public void MasksHaveAsManyOnesAsTheLengthSays()
    {
        for (var length = 0; length <= 32; length++)
        {
            Assert.Equal(length, System.Numerics.BitOperations.PopCount(Ipv4Prefix.MaskOf(length)));
        }

        for (var length = 0; length <= 128; length++)
        {
            var mask = Ipv6Prefix.MaskOf(length);
            Assert.Equal(length, System.Numerics.BitOperations.PopCount(mask.High) + System.Numerics.BitOperations.PopCount(mask.Low));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Ipv4Prefix.Of(default, 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ipv6Prefix.Of(default, 129));
    }
}

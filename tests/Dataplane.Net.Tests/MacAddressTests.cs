using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Net.Tests;

public sealed class MacAddressTests
{
    [Theory]
    [InlineData("02:aa:10:c0:ff:ee", 0x02AA10C0FFEEUL)]
    [InlineData("02-AA-10-C0-FF-EE", 0x02AA10C0FFEEUL)]
    [InlineData("00:00:00:00:00:00", 0UL)]
    [InlineData("ff:ff:ff:ff:ff:ff", 0xFFFFFFFFFFFFUL)]
    public void ParsesOctetsWithOneKindOfSeparator(string text, ulong value) =>
        Assert.Equal(new MacAddress(value), MacAddress.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("02:aa:10:c0:ff")]
    [InlineData("02:aa:10:c0:ff:ee:01")]
    [InlineData("02:aa:10:c0:ff-ee")]
    [InlineData("02:aa:10:c0:ff:eg")]
    [InlineData("2:aa:10:c0:ff:ee:")]
    [InlineData("02aa10c0ffee")]
    [InlineData("02.aa.10.c0.ff.ee")]
    [InlineData(" 2:aa:10:c0:ff:ee")]
    [InlineData("+2:aa:10:c0:ff:ee")]
    public void RefusesEverythingElse(string? text)
    {
        Assert.False(MacAddress.TryParse(text, out var value));
        Assert.True(value.IsZero);
        if (text is not null)
        {
            Assert.Throws<FormatException>(() => MacAddress.Parse(text));
        }
    }

    [Fact]
    public void TextAndOctetsRoundTrip() => Prop.ForAll<ulong>(number =>
    {
        var address = new MacAddress(number >> 16);
        Span<byte> octets = stackalloc byte[MacAddress.Size];
        address.CopyTo(octets);
        return MacAddress.Parse(address.ToString()) == address
            && MacAddress.Read(octets) == address
            && address.ToString() == Convert.ToHexStringLower(octets).Chunk(2).Select(o => new string(o)).Aggregate((a, b) => $"{a}:{b}");
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("ff:ff:ff:ff:ff:ff", true, true)]
    [InlineData("33:33:00:00:00:01", true, false)]
    [InlineData("01:00:5e:00:00:01", true, false)]
    [InlineData("00:00:5e:00:01:01", false, false)]
    [InlineData("fe:ff:ff:ff:ff:ff", false, false)]
    public void KnowsGroupsAndBroadcast(string text, bool multicast, bool broadcast)
    {
        var address = MacAddress.Parse(text);
        Assert.Equal(multicast, address.IsMulticast);
        Assert.Equal(broadcast, address.IsBroadcast);
        Assert.Equal(broadcast, address == MacAddress.Broadcast);
    }

    [Fact]
    public void NeverReadsOrWritesPastTheEnd()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MacAddress.Read(new byte[5]));
        var tooShort = new byte[5];
        Assert.Throws<ArgumentOutOfRangeException>(() => MacAddress.Broadcast.CopyTo(tooShort));
        Assert.All(tooShort, octet => Assert.Equal(0, octet));
        var longer = new byte[8];
        MacAddress.Broadcast.CopyTo(longer);
        Assert.Equal([255, 255, 255, 255, 255, 255, 0, 0], longer);
    }
}

using System.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Net.Tests;

public sealed class Ipv6AddressTests
{
    /// <summary>Addresses whose groups are often zero, so that every place and length of <c>::</c> turns up.</summary>
    private static Ipv6Address Sparse(Random random)
    {
        var octets = new byte[16];
        random.NextBytes(octets);
        var zeroGroups = random.Next(256);
        for (var group = 0; group < 8; group++)
        {
            if ((zeroGroups >> group & 1) != 0)
            {
                octets[group * 2] = octets[(group * 2) + 1] = 0;
            }
            else if (random.Next(4) == 0)
            {
                octets[group * 2] = 0;
            }
        }

        return Ipv6Address.Read(octets);
    }

    [Fact]
    public void AgreesWithTheBaseLibrary() => Prop.ForAll<int>(seed =>
    {
        var address = Sparse(new Random(seed));
        var octets = new byte[16];
        address.CopyTo(octets);
        var expected = new IPAddress(octets);
        var text = expected.ToString();

        // The base library writes dotted quads also where RFC 5952 does not; those texts are compared by value only.
        return (text.Contains('.') || text == address.ToString())
            && Ipv6Address.Parse(text) == address
            && Ipv6Address.Parse(address.ToString()) == address
            && IPAddress.Parse(address.ToString()).Equals(expected)
            && address.ToSystem().Equals(expected)
            && Ipv6Address.From(expected) == address;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void AcceptsAndRefusesTheTextsTheBaseLibraryDoes()
    {
        // Mutations of correct texts: mostly wrong, some right by luck. Brackets, zones and leading zeros in dotted quads
        // are ours to refuse, so they are kept out of the alphabet.
        const string Alphabet = "0123456789abcdefABCDEF:::.g ";
        var random = new Random(20);
        for (var i = 0; i < 50_000; i++)
        {
            var text = Sparse(random).ToString().ToCharArray().ToList();
            for (var edits = random.Next(1, 4); edits > 0 && text.Count > 0; edits--)
            {
                var at = random.Next(text.Count);
                switch (random.Next(3))
                {
                    case 0: text.RemoveAt(at); break;
                    case 1: text.Insert(at, Alphabet[random.Next(Alphabet.Length)]); break;
                    default: text[at] = Alphabet[random.Next(Alphabet.Length)]; break;
                }
            }

            var candidate = new string([.. text]);
            if (candidate.Contains('.'))
            {
                _ = Ipv6Address.TryParse(candidate, out _);
                continue;
            }

            var expected = IPAddress.TryParse(candidate, out var system) && system.AddressFamily == AddressFamilySystem;
            Assert.True(expected == Ipv6Address.TryParse(candidate, out var ours), candidate);
            if (expected)
            {
                Assert.Equal(Ipv6Address.From(system!), ours);
            }
        }
    }

    private const System.Net.Sockets.AddressFamily AddressFamilySystem = System.Net.Sockets.AddressFamily.InterNetworkV6;

    [Theory]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a")]
    [InlineData("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("2001:0:0:1:0:0:0:1", "2001:0:0:1::1")]
    [InlineData("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.1")]
    [InlineData("::ffff:c000:0201", "::ffff:192.0.2.1")]
    [InlineData("64:ff9b::192.0.2.33", "64:ff9b::c000:221")]
    [InlineData("1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    public void WritesTheCanonicalText(string text, string canonical) =>
        Assert.Equal(canonical, Ipv6Address.Parse(text).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData(":1::2")]
    [InlineData("1:")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("::1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("1::2:3:4:5:6:7:1.2.3.4")]
    [InlineData("::1.2.3.4:5")]
    [InlineData("::1.2.3")]
    [InlineData("1.2.3.4")]
    [InlineData("::12345")]
    [InlineData("::g")]
    [InlineData("::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("::1 ")]
    public void RefusesWhatIsNoAddress(string? text)
    {
        Assert.False(Ipv6Address.TryParse(text, out var value));
        Assert.True(value.IsUnspecified);
        if (text is not null)
        {
            Assert.Throws<FormatException>(() => Ipv6Address.Parse(text));
        }
    }

    [Theory]
    [InlineData("::", "unspecified")]
    [InlineData("::1", "loopback")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("febf::", "link-local")]
    [InlineData("fec0::", "")]
    [InlineData("fe7f::", "")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("2001:db8::", "")]
    public void KnowsItsKind(string text, string kind)
    {
        var address = Ipv6Address.Parse(text);
        Assert.Equal(kind == "unspecified", address.IsUnspecified);
        Assert.Equal(kind == "loopback", address.IsLoopback);
        Assert.Equal(kind == "link-local", address.IsLinkLocal);
        Assert.Equal(kind == "multicast", address.IsMulticast);
    }

    [Fact]
    public void SolicitedNodeKeepsTheLow24Bits() =>
        Assert.Equal("ff02::1:ff28:9c5a", Ipv6Address.Parse("fe80::2aa:ff:fe28:9c5a").SolicitedNode.ToString());

    [Fact]
    public void NeverReadsOrWritesPastTheEnd()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Ipv6Address.Read(new byte[15]));
        var tooShort = new byte[15];
        Assert.Throws<ArgumentOutOfRangeException>(() => new Ipv6Address(1, 1).CopyTo(tooShort));
        Assert.All(tooShort, octet => Assert.Equal(0, octet));
        Assert.Throws<ArgumentException>(() => Ipv6Address.From(IPAddress.Loopback));
    }
}

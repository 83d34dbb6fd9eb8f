using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Net.Tests;

public sealed class InternetChecksumTests
{
    /// <summary>RFC 1071 §4.1 word for word: the specification that the fast one is compared with.</summary>
    private static ushort Naive(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (var i = 0; i < data.Length; i += 2)
        {
            sum += (uint)data[i] << 8 | (i + 1 < data.Length ? data[i + 1] : 0u);
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    [Fact]
    public void MatchesTheExampleOfRfc1071()
    {
        byte[] data = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        Assert.Equal(0xddf2, InternetChecksum.Fold(InternetChecksum.Sum(data, 0)));
        Assert.Equal(unchecked((ushort)~0xddf2), InternetChecksum.Compute(data));
    }

    [Fact]
    public void MatchesACapturedIpv4Header()
    {
        var header = Convert.FromHexString("45000073000040004011b861c0a80001c0a800c7");
        Assert.True(InternetChecksum.IsValid(header));
        header.AsSpan(10, 2).Clear();
        Assert.Equal(0xb861, InternetChecksum.Compute(header));
        Assert.False(InternetChecksum.IsValid(header));
    }

    [Fact]
    public void UpdateMatchesTheExampleOfRfc1624()
    {
        // §4: HC = 0xDD2F, m = 0x5555, m' = 0x3285; equation 3 gives 0x0000 where equation 2 gave 0xFFFF.
        Assert.Equal(0x0000, InternetChecksum.Update(0xDD2F, 0x5555, 0x3285));
    }

    [Fact]
    public void AgreesWithTheNaiveSumForEveryLength()
    {
        var random = new Random(1071);
        for (var length = 0; length < 300; length++)
        {
            var data = new byte[length];
            random.NextBytes(data);
            Assert.Equal(Naive(data), InternetChecksum.Compute(data));
            Array.Fill(data, (byte)0xFF);
            Assert.Equal(Naive(data), InternetChecksum.Compute(data));
        }

        var large = new byte[65535];
        Array.Fill(large, (byte)0xFF);
        Assert.Equal(Naive(large), InternetChecksum.Compute(large));
    }

    [Fact]
    public void PartsAddUpInAnySplitAtAnEvenOffset() => Prop.ForAll<byte[], ushort, uint>((data, split, seed) =>
    {
        var at = data.Length == 0 ? 0 : split % data.Length & ~1;
        var whole = InternetChecksum.Sum(data, seed);
        var parts = InternetChecksum.Sum(data.AsSpan(at), InternetChecksum.Sum(data.AsSpan(0, at), seed));
        return InternetChecksum.Fold(whole) == InternetChecksum.Fold(parts)
            && InternetChecksum.Compute(data, seed) == (ushort)~InternetChecksum.Fold(whole);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void UpdateAgreesWithComputingAnew() => Prop.ForAll<byte[], ushort, ushort>((tail, oldWord, newWord) =>
    {
        // A header is never all zeros (its version is not), which is what makes the two representations of zero meet.
        byte[] data = [0x45, 0, (byte)(oldWord >> 8), (byte)oldWord, .. tail];
        var before = InternetChecksum.Compute(data);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), newWord);
        return InternetChecksum.Update(before, oldWord, newWord) == InternetChecksum.Compute(data);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void PseudoHeadersSumTheirOctets() => Prop.ForAll<ulong, ulong, ushort>((a, b, length) =>
    {
        var (source4, destination4) = (new Ipv4Address((uint)a), new Ipv4Address((uint)b));
        var octets4 = new byte[12];
        source4.CopyTo(octets4);
        destination4.CopyTo(octets4.AsSpan(4));
        octets4[9] = IpProtocol.Udp;
        BinaryPrimitives.WriteUInt16BigEndian(octets4.AsSpan(10), length);

        var (source6, destination6) = (new Ipv6Address(a, b), new Ipv6Address(b, a ^ length));
        var octets6 = new byte[40];
        source6.CopyTo(octets6);
        destination6.CopyTo(octets6.AsSpan(16));
        BinaryPrimitives.WriteUInt32BigEndian(octets6.AsSpan(32), length + 70_000u);
        octets6[39] = IpProtocol.Icmpv6;

        return Naive(octets4) == (ushort)~InternetChecksum.Fold(InternetChecksum.PseudoHeader(source4, destination4, IpProtocol.Udp, length))
            && Naive(octets6) == (ushort)~InternetChecksum.Fold(
                InternetChecksum.PseudoHeader(source6, destination6, IpProtocol.Icmpv6, length + 70_000));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void MatchesAUdpDatagramOverIpv6()
    {
        // One octet of data from ::1:1 to ::1:2, port 1 to 2, the sum worked out by hand:
        // words 1+1 + 1+2 (addresses), 9 (length), 17 (next header), 1 + 2 + 9 (UDP header), 0xAB00.
        byte[] datagram = [0, 1, 0, 2, 0, 9, 0, 0, 0xAB];
        var pseudo = InternetChecksum.PseudoHeader(Ipv6Address.Parse("::1:1"), Ipv6Address.Parse("::1:2"), IpProtocol.Udp, datagram.Length);
        Assert.Equal(unchecked((ushort)~(5 + 9 + 17 + 12 + 0xAB00)), InternetChecksum.Compute(datagram, pseudo));
    }
}

using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.SlowPath.Tests;

/// <summary>Properties of fragmentation over random datagrams; exact bytes are in the vectors.</summary>
public sealed class Ipv4FragmenterTests
{
    [Fact]
    [Trait("Requirement", "FWD-23")]
    public void Fragments_fit_are_valid_and_make_up_the_datagram()
    {
        var random = new Random(791);
        for (int round = 0; round < 2000; round++)
        {
            int headerLength = 20 + 4 * random.Next(11);
            int dataLength = random.Next(1, 9000);
            byte[] datagram = Datagram(random, headerLength, dataLength);
            bool moreFollow = random.Next(2) == 0;
            int offset = random.Next(100);
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), (ushort)(offset | (moreFollow ? 0x2000 : 0)));
            int mtu = random.Next(headerLength + 8, 2000);

            Assert.Equal(SlowPathDropReason.None, Ipv4Fragmenter.TrySplit(datagram, mtu, out var fragments));

            int next = offset * 8;
            for (int i = 0; i < fragments.Count; i++)
            {
                byte[] fragment = fragments[i];
                int fragmentHeader = (fragment[0] & 0xf) * 4;
                int flags = BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(6));
                Assert.InRange(fragment.Length, fragmentHeader + 1, mtu);
                Assert.Equal(fragment.Length, BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(2)));
                Assert.True(InternetChecksum.IsValid(fragment.AsSpan(0, fragmentHeader)));
                Assert.Equal(next, (flags & 0x1fff) * 8);
                Assert.Equal(moreFollow || i < fragments.Count - 1, (flags & 0x2000) != 0);
                int start = headerLength + next - offset * 8;
                Assert.Equal(
                    datagram.AsSpan(start, fragment.Length - fragmentHeader), fragment.AsSpan(fragmentHeader));
                Assert.Equal(datagram.AsSpan(8, 2), fragment.AsSpan(8, 2));
                Assert.Equal(datagram.AsSpan(12, 8), fragment.AsSpan(12, 8));
                next += fragment.Length - fragmentHeader;
            }
            Assert.Equal(dataLength, next - offset * 8);
        }
    }

    [Fact]
    public void An_mtu_without_room_for_eight_octets_is_refused()
    {
        var datagram = Datagram(new Random(1), 20, 100);
        Assert.Equal(SlowPathDropReason.MtuTooSmall, Ipv4Fragmenter.TrySplit(datagram, 27, out var none));
        Assert.Empty(none);
        Assert.Equal(SlowPathDropReason.None, Ipv4Fragmenter.TrySplit(datagram, 28, out var fragments));
        Assert.Equal(13, fragments.Count);
    }

    [Fact]
    public void A_fragment_that_would_end_beyond_the_longest_datagram_is_refused()
    {
        var datagram = Datagram(new Random(1), 20, 100);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), 0x1fff);
        Assert.Equal(SlowPathDropReason.Malformed, Ipv4Fragmenter.TrySplit(datagram, 68, out _));
    }

    /// <summary>Random data behind a header whose options are one well-formed option, copied or not.</summary>
    private static byte[] Datagram(Random random, int headerLength, int dataLength)
    {
        var datagram = new byte[headerLength + dataLength];
        random.NextBytes(datagram);
        datagram[0] = (byte)(0x40 | headerLength / 4);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)datagram.Length);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), 0);
        if (headerLength > 20)
        {
            datagram[20] = (byte)(random.Next(2) == 0 ? 0x88 : 0x07);
            datagram[21] = (byte)(headerLength - 20);
        }
        return datagram;
    }
}

namespace Dataplane.Net.Tests.Messages;

/// <summary>
/// Views and writers of ARP, ICMP and neighbour discovery against captured bytes, and against every truncation and
/// random octets: never a throw, never a read past the end.
/// </summary>
public sealed class MessageViewTests
{
    // who has 192.0.2.2 tell 192.0.2.1, 02:00:00:00:00:01
    private const string ArpRequest = "0001080006040001020000000001c0000201000000000000c0000202";

    // NS for fe80::1 from fe80::2 with source link-layer address 02:00:00:00:00:02, as scapy 2.5 makes it
    private const string Solicitation =
        "87007a9700000000fe8000000000000000000000000000010101020000000002";

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", ""));

    [Fact]
    public void ReadsAndWritesAnArpRequest()
    {
        var bytes = Hex(ArpRequest);
        Assert.True(ArpPacket.TryRead(bytes, out var arp));
        Assert.Equal(ArpPacket.Request, arp.Operation);
        Assert.Equal(MacAddress.Parse("02:00:00:00:00:01"), arp.SenderMac);
        Assert.Equal(Ipv4Address.Parse("192.0.2.1"), arp.SenderAddress);
        Assert.True(arp.TargetMac.IsZero);
        Assert.Equal(Ipv4Address.Parse("192.0.2.2"), arp.TargetAddress);

        var written = new byte[ArpPacket.Length];
        ArpPacket.Write(
            written, arp.Operation, arp.SenderMac, arp.SenderAddress, arp.TargetMac, arp.TargetAddress);
        Assert.Equal(bytes, written);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public void RefusesArpThatIsNotEthernetAndIpv4(int octet)
    {
        var bytes = Hex(ArpRequest);
        bytes[octet]++;
        Assert.False(ArpPacket.TryRead(bytes, out _));
    }

    [Fact]
    public void ReadsAndWritesASolicitationWithItsChecksum()
    {
        var bytes = Hex(Solicitation);
        var source = Ipv6Address.Parse("fe80::2");
        var destination = Ipv6Address.Parse("ff02::1:ff00:1");
        Assert.True(IcmpMessage.TryRead(bytes, out var message));
        Assert.True(message.HasValidChecksum(source, destination));
        Assert.False(message.HasValidChecksum(source, source));
        Assert.True(NeighborSolicitation.TryRead(message, out var solicitation));
        Assert.Equal(Ipv6Address.Parse("fe80::1"), solicitation.Target);
        Assert.Equal(MacAddress.Parse("02:00:00:00:00:02"), solicitation.Options.SourceLinkLayer);
        Assert.Null(solicitation.Options.TargetLinkLayer);

        var written = new byte[NeighborSolicitation.LengthWithOption];
        NeighborSolicitation.Write(written, solicitation.Target, MacAddress.Parse("02:00:00:00:00:02"));
        IcmpMessage.WriteChecksum(written, source, destination);
        Assert.Equal(bytes, written);
    }

    [Fact]
    public void ReadsTheFlagsOfAnAdvertisement()
    {
        var bytes = new byte[NeighborAdvertisement.LengthWithOption];
        NeighborAdvertisement.Write(
            bytes,
            NeighborAdvertisement.RouterFlag | NeighborAdvertisement.SolicitedFlag,
            Ipv6Address.Parse("2001:db8::1"),
            MacAddress.Parse("02:00:00:00:00:02"));
        Assert.Equal("88000000c000000020010db80000000000000000000000010201020000000002", Convert.ToHexStringLower(bytes));
        Assert.True(IcmpMessage.TryRead(bytes, out var message));
        Assert.True(NeighborAdvertisement.TryRead(message, out var advertisement));
        Assert.True(advertisement.IsSolicited);
        Assert.Equal(0u, advertisement.Flags & NeighborAdvertisement.OverrideFlag);
        Assert.Equal(MacAddress.Parse("02:00:00:00:00:02"), advertisement.Options.TargetLinkLayer);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("01", false)]
    [InlineData("0100020000000002", false)]
    [InlineData("0102020000000002", false)]
    [InlineData("0501000000000500", true)]
    [InlineData("0101020000000002 0e01000000000000", true)]
    [InlineData("0101020000000002 0e", false)]
    public void OptionsWithoutLengthOrBeyondTheEndAreRefused(string options, bool valid) =>
        Assert.Equal(valid, NeighborDiscoveryOptions.TryRead(Hex(options), out _));

    [Fact]
    public void OfSeveralOptionsOfATypeTheFirstCounts()
    {
        Assert.True(NeighborDiscoveryOptions.TryRead(Hex("0101020000000002 0101020000000003"), out var options));
        Assert.Equal(MacAddress.Parse("02:00:00:00:00:02"), options.SourceLinkLayer);
    }

    [Fact]
    public void ErrorTypesAreKnown()
    {
        Assert.Equal([3, 4, 5, 11, 12], Enumerable.Range(0, 256).Where(type => Icmpv4Type.IsError((byte)type)));
        Assert.Equal(
            [.. Enumerable.Range(0, 128), 137],
            Enumerable.Range(0, 256).Where(type => Icmpv6Type.IsErrorOrRedirect((byte)type)));
    }

    [Fact]
    public void TruncatedAndRandomBytesNeverThrow()
    {
        var random = new Random(4861);
        int solicitations = 0;
        for (int round = 0; round < 50_000; round++)
        {
            byte[] bytes = random.Next(2) == 0 ? Hex(Solicitation) : Hex(ArpRequest);
            for (int i = random.Next(4); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            ReadOnlySpan<byte> cut = bytes.AsSpan(0, random.Next(bytes.Length + 1));
            if (ArpPacket.TryRead(cut, out var arp))
            {
                Assert.True(cut.Length >= ArpPacket.Length);
                _ = (arp.Operation, arp.SenderMac, arp.SenderAddress, arp.TargetMac, arp.TargetAddress);
            }
            if (!IcmpMessage.TryRead(cut, out var message))
            {
                Assert.True(cut.Length < IcmpMessage.HeaderLength);
                continue;
            }
            _ = message.HasValidChecksum();
            solicitations += NeighborSolicitation.TryRead(message, out _) ? 1 : 0;
            _ = NeighborAdvertisement.TryRead(message, out _);
            _ = RouterSolicitation.TryRead(message, out _);
        }
        Assert.True(solicitations > 100);
    }
}

using Dataplane.Bgp.Wire;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>RFC 4271 §4.2, §6.2; RFC 5492; RFC 9072. Octets that tools wrote are in <see cref="RecordedMessagesTests"/>.</summary>
public class OpenMessageTests
{
    private const string Fixed = "04 fde8 005a 0a000001 ";

    [Fact]
    [Trait("Requirement", "SIG-01")]
    public void Everything_that_can_be_announced_is_written_and_read()
    {
        OpenMessage message = Everything();

        byte[] octets = message.Encode();

        Assert.Equal(FrameOutcome.Complete, MessageHeader.Read(octets, false, out MessageHeader header, out _));
        Assert.Equal(MessageType.Open, header.Type);
        Assert.Null(OpenMessage.Decode(octets.AsSpan(MessageHeader.Size), out OpenMessage? read));
        Assert.Equal(message, read);
    }

    [Fact]
    [Trait("Requirement", "SIG-01")]
    public void The_three_families_of_a_gateway_have_the_octets_of_RFC_4760()
    {
        var message = new OpenMessage
        {
            As = new(65000),
            HoldTime = 90,
            RouterId = 0x0A000009,
            Capabilities = new()
            {
                Families = FamilySet.Of(RouteFamily.VpnIpv4, RouteFamily.VpnIpv6, RouteFamily.RouteTargetConstraint),
                FourOctetAs = new(65000),
            },
        };

        Assert.Equal(
            "ffffffffffffffffffffffffffffffff0037" + "01" + "04" + "fde8" + "005a" + "0a000009" + "1a" + "0218"
            + "010400010080" + "010400020080" + "010400010084" + "41040000fde8",
            Convert.ToHexStringLower(message.Encode()));
    }

    [Fact]
    public void More_than_255_octets_of_parameters_take_the_extended_form()
    {
        OpenMessage message = Everything();
        message = message with
        {
            Capabilities = message.Capabilities with { Unknown = [.. Enumerable.Range(0, 4).Select(i => new UnknownCapability((CapabilityCode)(200 + i), new byte[60]))] },
        };

        byte[] octets = message.Encode();

        // RFC 9072 §2: 255, 255, then two octets of length
        Assert.Equal([255, 255], octets[(MessageHeader.Size + 9)..][..2]);
        Assert.Equal(octets.Length - MessageHeader.Size - 13, octets[MessageHeader.Size + 11] << 8 | octets[MessageHeader.Size + 12]);
        Assert.Null(OpenMessage.Decode(octets.AsSpan(MessageHeader.Size), out OpenMessage? read));
        Assert.Equal(message, read);
    }

    [Fact]
    public void The_extended_form_is_read_whatever_its_first_length_says_and_with_several_parameters()
    {
        Assert.Null(Decode(Fixed + "01 ff 000e 02 0002 0200 02 0006 410400010000", out OpenMessage? message));
        Assert.True(message!.Capabilities.RouteRefresh);
        Assert.Equal(65536u, message.As.Value);
    }

    [Fact]
    public void An_AS_number_that_does_not_fit_is_AS_TRANS_beside_the_capability()
    {
        var message = new OpenMessage { As = new(4200000001), HoldTime = 0, RouterId = 1, Capabilities = new() { FourOctetAs = new(4200000001) } };

        byte[] octets = message.Encode();

        Assert.Equal([0x5B, 0xA0], octets[(MessageHeader.Size + 1)..][..2]);
        Assert.Null(OpenMessage.Decode(octets.AsSpan(MessageHeader.Size), out OpenMessage? read));
        Assert.Equal(4200000001u, read!.As.Value);
    }

    [Theory]
    [InlineData("03 fde8 005a 0a000001 00", OpenError.UnsupportedVersion, "0004")]
    [InlineData("05 fde8 005a 0a000001 00", OpenError.UnsupportedVersion, "0004")]
    [InlineData("04 fde8 0001 0a000001 00", OpenError.UnacceptableHoldTime, "")]
    [InlineData("04 fde8 0002 0a000001 00", OpenError.UnacceptableHoldTime, "")]
    [InlineData("04 fde8 005a 00000000 00", OpenError.BadIdentifier, "")]
    [InlineData("04 0000 005a 0a000001 00", OpenError.BadPeerAs, "")] // RFC 7607
    [InlineData(Fixed + "08 02 06 41 04 00000000", OpenError.BadPeerAs, "")]
    [InlineData(Fixed + "02 01 00", OpenError.UnsupportedOptionalParameter, "")]
    [InlineData(Fixed + "01", OpenError.Unspecific, "")]
    [InlineData(Fixed + "00 02", OpenError.Unspecific, "")]
    [InlineData(Fixed + "02 02 01", OpenError.Unspecific, "")]
    [InlineData(Fixed + "01 02", OpenError.Unspecific, "")]
    [InlineData(Fixed + "03 02 01 02", OpenError.Unspecific, "")]
    [InlineData(Fixed + "04 02 02 02 01", OpenError.Unspecific, "")]
    [InlineData(Fixed + "ff ff 0003 02 0001", OpenError.Unspecific, "")]
    [InlineData("04 fde8 005a", OpenError.Unspecific, "")]
    public void What_is_wrong_has_a_subcode(string hex, OpenError subcode, string data)
    {
        NotificationMessage? error = Decode(hex, out OpenMessage? message);

        Assert.Equal(NotificationMessage.Of(subcode, Convert.FromHexString(data)), error);
        Assert.Null(message);
    }

    [Theory]
    [InlineData("0103000100")] // multiprotocol of three octets
    [InlineData("020100")] // route refresh with a value
    [InlineData("060100")]
    [InlineData("4003000000")]
    [InlineData("4103000001")]
    [InlineData("45050001800100")]
    [InlineData("4706000180000000")]
    [InlineData("05050001000100")]
    public void A_capability_of_another_shape_is_kept_and_does_not_count(string hex)
    {
        var length = hex.Length / 2;
        Assert.Null(Decode($"{Fixed} {length + 2:x2} 02 {length:x2} {hex}", out OpenMessage? message));

        UnknownCapability unknown = Assert.Single(message!.Capabilities.Unknown);
        Assert.Equal(hex, Convert.ToHexStringLower([(byte)unknown.Code, (byte)unknown.Value.Length, .. unknown.Value.ToArray()]));
        Assert.Equal(Capabilities.None with { Unknown = message.Capabilities.Unknown }, message.Capabilities);
    }

    [Fact]
    public void Entries_of_add_path_that_mean_nothing_are_ignored()
    {
        Assert.Null(Decode(Fixed + "10 02 0e 45 0c 000180 03 000280 00 000101 04", out OpenMessage? message));
        Assert.Equal(FamilySet.Of(RouteFamily.VpnIpv4), message!.Capabilities.AddPathReceive);
        Assert.Equal(FamilySet.Of(RouteFamily.VpnIpv4), message.Capabilities.AddPathSend);
    }

    private static NotificationMessage? Decode(string hex, out OpenMessage? message) =>
        OpenMessage.Decode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out message);

    private static OpenMessage Everything() => new()
    {
        As = new(65000),
        HoldTime = 90,
        RouterId = 0x0A000009,
        Capabilities = new()
        {
            Families = Sessions.AllFamilies,
            OtherFamilies = [(25, 70)],
            RouteRefresh = true,
            EnhancedRouteRefresh = true,
            ExtendedMessages = true,
            FourOctetAs = new(65000),
            ExtendedNextHop = FamilySet.Of(RouteFamily.Ipv4Unicast, RouteFamily.VpnIpv4),
            AddPathReceive = FamilySet.Of(RouteFamily.VpnIpv4, RouteFamily.VpnIpv6),
            AddPathSend = FamilySet.Of(RouteFamily.VpnIpv4),
            GracefulRestart = new()
            {
                Restarting = true,
                Notifications = true,
                RestartSeconds = 4095,
                Families = FamilySet.Of(RouteFamily.VpnIpv4, RouteFamily.VpnIpv6),
                ForwardingKept = FamilySet.Of(RouteFamily.VpnIpv4),
            },
            LongLived = [new(RouteFamily.VpnIpv4, true, 0xFFFFFF), new(RouteFamily.VpnIpv6, false, 3600)],
            Unknown = [new((CapabilityCode)73, new byte[] { 2, (byte)'p', (byte)'e', 0 })],
        },
    };
}

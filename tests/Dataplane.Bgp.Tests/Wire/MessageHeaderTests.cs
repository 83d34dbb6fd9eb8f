using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>RFC 4271 §6.1 and the limits of RFC 8654.</summary>
public class MessageHeaderTests
{
    [Theory]
    [InlineData(MessageType.Keepalive, 19, 19)]
    [InlineData(MessageType.Open, 29, 29)]
    [InlineData(MessageType.Update, 23, 23)]
    [InlineData(MessageType.Update, 4096, 4096)]
    [InlineData(MessageType.Notification, 21, 21)]
    [InlineData(MessageType.RouteRefresh, 23, 23)]
    [InlineData(MessageType.Update, 23, 4000)]
    public void A_whole_message_is_found(MessageType type, int length, int received)
    {
        var octets = new byte[received];
        MessageHeader.Write(octets, type, length);

        Assert.Equal(FrameOutcome.Complete, MessageHeader.Read(octets, extendedMessages: false, out MessageHeader header, out _));
        Assert.Equal(new(type, length), header);
    }

    [Fact]
    public void Part_of_a_message_is_waited_for_at_every_length()
    {
        var octets = new byte[60];
        MessageHeader.Write(octets, MessageType.Update, 60);

        for (var received = 0; received < 60; received++)
        {
            Assert.Equal(FrameOutcome.Incomplete, MessageHeader.Read(octets.AsSpan(0, received), extendedMessages: false, out _, out _));
        }
    }

    [Theory]
    [InlineData(MessageType.Update, 4097, true, true)]
    [InlineData(MessageType.Update, 65535, true, true)]
    [InlineData(MessageType.Update, 4097, false, false)]
    [InlineData(MessageType.Notification, 65535, true, true)]
    [InlineData(MessageType.Open, 4096, true, true)]
    [InlineData(MessageType.Open, 4097, true, false)]
    [InlineData(MessageType.Keepalive, 20, true, false)]
    [InlineData(MessageType.Open, 28, false, false)]
    [InlineData(MessageType.Update, 22, false, false)]
    [InlineData(MessageType.Notification, 20, false, false)]
    [InlineData(MessageType.RouteRefresh, 22, false, false)]
    public void Lengths_are_bounded_by_type_and_by_extended_messages(MessageType type, int length, bool extended, bool accepted)
    {
        var octets = new byte[length];
        MessageHeader.Write(octets, type, length);

        FrameOutcome outcome = MessageHeader.Read(octets, extended, out _, out NotificationMessage? error);

        Assert.Equal(accepted ? FrameOutcome.Complete : FrameOutcome.Error, outcome);
        Assert.Equal(accepted ? null : NotificationMessage.Of(HeaderError.BadMessageLength, [(byte)(length >> 8), (byte)length]), error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(18)]
    public void A_length_below_a_header_is_an_error(byte length)
    {
        var octets = MessageHeader.Keepalive();
        octets[17] = length;

        Assert.Equal(FrameOutcome.Error, MessageHeader.Read(octets, false, out _, out NotificationMessage? error));
        Assert.Equal(NotificationMessage.Of(HeaderError.BadMessageLength, [0, length]), error);
    }

    [Fact]
    public void Every_octet_of_the_marker_counts()
    {
        for (var at = 0; at < 16; at++)
        {
            var octets = MessageHeader.Keepalive();
            octets[at] = 0xFE;

            Assert.Equal(FrameOutcome.Error, MessageHeader.Read(octets, false, out _, out NotificationMessage? error));
            Assert.Equal(NotificationMessage.Of(HeaderError.ConnectionNotSynchronized), error);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(255)]
    public void Other_types_are_an_error(byte type)
    {
        var octets = MessageHeader.Keepalive();
        octets[18] = type;

        Assert.Equal(FrameOutcome.Error, MessageHeader.Read(octets, false, out _, out NotificationMessage? error));
        Assert.Equal(NotificationMessage.Of(HeaderError.BadMessageType, [type]), error);
    }
}

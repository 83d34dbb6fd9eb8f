using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>RFC 4271 §4.5, RFC 9003, RFC 8538, RFC 6608. Octets that tools wrote are in <see cref="RecordedMessagesTests"/>.</summary>
public class NotificationMessageTests
{
    [Theory]
    [InlineData("0602" + "0b" + "6d61696e74656e616e6365", "maintenance")]
    [InlineData("0604" + "02" + "c3b6", "ö")]
    [InlineData("0602", null)]
    [InlineData("0602" + "00", null)]
    [InlineData("0602" + "05" + "6162", null)] // longer than the data
    [InlineData("0603" + "02" + "6162", null)] // not one of the two
    [InlineData("0302" + "02" + "6162", null)]
    [InlineData("0602" + "02" + "ff61", "\uFFFDa")]
    public void The_text_is_read_where_there_is_one(string hex, string? expected)
    {
        Assert.True(NotificationMessage.TryDecode(Convert.FromHexString(hex), out NotificationMessage message));
        Assert.Equal(expected, message.Text);
    }

    [Fact]
    public void A_text_is_cut_to_255_octets_at_a_character_s_end()
    {
        NotificationMessage message = NotificationMessage.WithText(CeaseReason.AdministrativeShutdown, new string('a', 254) + "öö");

        Assert.Equal(255, message.Data.Length);
        Assert.Equal(new string('a', 254), message.Text);
        Assert.Equal(NotificationMessage.Of(CeaseReason.AdministrativeShutdown), NotificationMessage.WithText(CeaseReason.AdministrativeShutdown, ""));
    }

    [Fact]
    public void A_hard_reset_carries_what_it_stands_for()
    {
        NotificationMessage inner = NotificationMessage.WithText(CeaseReason.AdministrativeShutdown, "bye");

        NotificationMessage reset = inner.AsHardReset();

        Assert.Equal("ffffffffffffffffffffffffffffffff001b03" + "0609" + "0602" + "03627965", Convert.ToHexStringLower(reset.Encode()));
        Assert.True(reset.IsHardReset);
        Assert.Equal(inner, reset.Encapsulated);
        Assert.Equal("bye", reset.Encapsulated!.Text);
        Assert.Null(NotificationMessage.Of(CeaseReason.HardReset, [6]).Encapsulated);
    }

    [Fact]
    public void An_unexpected_message_names_its_type() => Assert.Equal(
        "ffffffffffffffffffffffffffffffff001603" + "0503" + "01",
        Convert.ToHexStringLower(NotificationMessage.Of(FsmError.UnexpectedInEstablished, MessageType.Open).Encode()));

    [Fact]
    public void Data_is_cut_to_the_message_limit() =>
        Assert.Equal(4096, NotificationMessage.Of(UpdateError.OptionalAttribute, new byte[65000]).Encode().Length);

    [Theory]
    [InlineData("")]
    [InlineData("06")]
    public void Less_than_two_octets_are_no_notification(string hex) =>
        Assert.False(NotificationMessage.TryDecode(Convert.FromHexString(hex), out _));

    [Fact]
    public void Messages_have_a_text_for_logs()
    {
        Assert.Equal("UpdateMessage/MalformedAsPath", NotificationMessage.Of(UpdateError.MalformedAsPath).ToString());
        Assert.Equal(
            "Cease/HardReset (Cease/AdministrativeReset \"x\")", NotificationMessage.WithText(CeaseReason.AdministrativeReset, "x").AsHardReset().ToString());
    }
}

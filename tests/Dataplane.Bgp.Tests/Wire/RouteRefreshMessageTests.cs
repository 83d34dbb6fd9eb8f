using Dataplane.Bgp.Wire;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>RFC 2918 and RFC 7313; the octets are what scapy 2.5 writes for <c>BGPRouteRefresh(afi=…, subtype=…, safi=…)</c>.</summary>
public class RouteRefreshMessageTests
{
    [Theory]
    [InlineData(RouteFamily.VpnIpv4, RouteRefreshKind.Request, "ffffffffffffffffffffffffffffffff00170500010080")]
    [InlineData(RouteFamily.VpnIpv6, RouteRefreshKind.Begin, "ffffffffffffffffffffffffffffffff00170500020180")]
    [InlineData(RouteFamily.RouteTargetConstraint, RouteRefreshKind.End, "ffffffffffffffffffffffffffffffff00170500010284")]
    public void Messages_are_written_and_read(RouteFamily family, RouteRefreshKind kind, string hex)
    {
        var message = new RouteRefreshMessage(family, kind);

        Assert.Equal(hex, Convert.ToHexStringLower(message.Encode()));
        Assert.Null(RouteRefreshMessage.Decode(Convert.FromHexString(hex).AsSpan(MessageHeader.Size), out RouteRefreshMessage read));
        Assert.Equal(message, read);
        Assert.True(read.TryGetFamily(out RouteFamily readFamily));
        Assert.Equal(family, readFamily);
    }

    [Theory]
    [InlineData("000101")] // short
    [InlineData("0001018000")] // BoRR with more than four octets
    [InlineData("0001028000")]
    public void A_wrong_length_is_answered_with_the_whole_message(string hex)
    {
        NotificationMessage? error = RouteRefreshMessage.Decode(Convert.FromHexString(hex), out _);

        Assert.Equal(ErrorCode.RouteRefreshMessage, error!.Code);
        Assert.Equal((byte)RouteRefreshError.InvalidMessageLength, error.Subcode);
        Assert.EndsWith("05" + hex, Convert.ToHexStringLower(error.Data.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Filters_behind_a_request_are_not_an_error() =>
        Assert.Null(RouteRefreshMessage.Decode(Convert.FromHexString("00010080" + "0180" + "0001ff"), out _));

    [Fact]
    public void A_family_that_is_not_held_is_told_apart()
    {
        Assert.Null(RouteRefreshMessage.Decode(Convert.FromHexString("00190046"), out RouteRefreshMessage message));
        Assert.False(message.TryGetFamily(out _));
    }
}

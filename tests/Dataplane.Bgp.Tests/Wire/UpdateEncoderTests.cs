using System.Buffers;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>What leaves: octets known from the RFCs, packing, and what a session cannot carry.</summary>
public class UpdateEncoderTests
{
    [Fact]
    [Trait("Requirement", "SIG-03")]
    public void A_VPN_IPv4_route_has_the_octets_of_the_RFCs()
    {
        AttributeBlockBuilder attributes = Attributes("10.0.0.1");
        attributes.SetExtendedCommunities([ExtendedCommunity.ParseRouteTarget("65000:1")]);

        byte[] message = Assert.Single(Reach(RouteFamily.VpnIpv4, attributes, Sessions.Internal, Vpn("65000:100", "10.1.1.0/24", 52013)));

        // Label 52013 with the bottom of the stack is 0c b2 d1; MP_REACH_NLRI comes first and has an extended length.
        Assert.Equal(
            "ffffffffffffffffffffffffffffffff004d02" + "0000" + "0036"
            + "900e0020" + "000180" + "0c" + "00000000000000000a000001" + "00" + "70" + "0cb2d1" + "0000fde800000064" + "0a0101"
            + "400101" + "00" + "400200" + "c01008" + "0002fde800000001",
            Convert.ToHexStringLower(message));
    }

    [Fact]
    [Trait("Requirement", "SIG-03")]
    public void A_withdrawn_VPN_route_has_the_withdraw_label()
    {
        byte[] message = Assert.Single(Unreach(RouteFamily.VpnIpv4, Sessions.Internal, Vpn("65000:100", "10.1.1.0/24", 52013)));

        Assert.Equal(
            "ffffffffffffffffffffffffffffffff002d02" + "0000" + "0016" + "900f0012" + "000180" + "70" + "800000" + "0000fde800000064" + "0a0101",
            Convert.ToHexStringLower(message));
    }

    [Theory]
    [Trait("Requirement", "SIG-03")]
    [InlineData(RouteFamily.VpnIpv6, "10.0.0.1", "18 0000000000000000 00000000000000000000ffff0a000001")] // IPv4-mapped in an IPv4 core
    [InlineData(RouteFamily.VpnIpv6, "::ffff:10.0.0.1", "18 0000000000000000 00000000000000000000ffff0a000001")]
    [InlineData(RouteFamily.VpnIpv6, "2001:db8::1", "18 0000000000000000 20010db8000000000000000000000001")]
    [InlineData(RouteFamily.VpnIpv4, "2001:db8::1", "18 0000000000000000 20010db8000000000000000000000001")] // RFC 8950
    [InlineData(RouteFamily.Ipv4Unicast, "2001:db8::1", "10 20010db8000000000000000000000001")]
    [InlineData(RouteFamily.Ipv6Unicast, "2001:db8::1", "10 20010db8000000000000000000000001")]
    [InlineData(RouteFamily.RouteTargetConstraint, "10.0.0.1", "04 0a000001")]
    [InlineData(RouteFamily.RouteTargetConstraint, "2001:db8::1", "10 20010db8000000000000000000000001")]
    public void Next_hops_have_the_form_of_the_family(RouteFamily family, string nextHop, string expected)
    {
        CodecOptions options = Sessions.Internal with { ExtendedNextHop = FamilySet.Of(RouteFamily.Ipv4Unicast, RouteFamily.VpnIpv4) };

        byte[] message = Assert.Single(Reach(family, Attributes(nextHop), options, new NlriEntry(default)));

        // Header, two lengths, attribute header, AFI and SAFI are before the length of the next hop.
        var hex = Convert.ToHexStringLower(message.AsSpan(MessageHeader.Size + 4 + 4 + 3));
        Assert.StartsWith(expected.Replace(" ", "", StringComparison.Ordinal) + "00", hex, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RouteFamily.Ipv4Unicast)]
    [InlineData(RouteFamily.VpnIpv4)]
    public void A_next_hop_that_the_session_cannot_carry_is_not_sent(RouteFamily family)
    {
        var to = new ArrayBufferWriter<byte>();

        EncodedUpdates written = UpdateEncoder.EncodeReach(family, Attributes("2001:db8::1").Block, [new NlriEntry(default)], Sessions.Internal, to);

        Assert.Equal(new(0, 0), written);
        Assert.Equal(0, to.WrittenCount);
    }

    [Fact]
    public void A_mapped_next_hop_is_IPv4_where_IPv6_was_not_negotiated()
    {
        byte[] message = Assert.Single(Reach(RouteFamily.VpnIpv4, Attributes("::ffff:10.0.0.1"), Sessions.Internal, Vpn("1:1", "10.0.0.0/8", 16)));

        Assert.Contains("  NextHop 10.0.0.1", UpdateText.Of(Sessions.Decode(message[MessageHeader.Size..], Sessions.Internal)));
    }

    [Theory]
    [InlineData(RouteFamily.Ipv4Unicast, false)]
    [InlineData(RouteFamily.VpnIpv4, false)]
    [InlineData(RouteFamily.VpnIpv4, true)]
    [InlineData(RouteFamily.VpnIpv6, false)]
    [InlineData(RouteFamily.RouteTargetConstraint, false)]
    public void Messages_are_filled_to_their_limit(RouteFamily family, bool extended)
    {
        CodecOptions options = Sessions.Internal with { ExtendedMessages = extended, AddPathSend = FamilySet.Of(family), AddPathReceive = FamilySet.Of(family) };
        NlriEntry[] routes = [.. Enumerable.Range(0, 5000).Select(i => Numbered(family, i))];

        byte[][] reach = Reach(family, Attributes("10.0.0.1"), options, routes);
        byte[][] unreach = Unreach(family, options, routes);

        foreach (byte[][] messages in new[] { reach, unreach })
        {
            Assert.All(messages, message => Assert.InRange(message.Length, 23, options.MaximumMessage));
            Assert.All(messages[..^1], message => Assert.InRange(message.Length, options.MaximumMessage - 35, options.MaximumMessage)); // no room for another route
        }

        NlriEntry[] announced = [.. reach.SelectMany(message => Sessions.Decode(message[MessageHeader.Size..], options).Announced[0].Routes.ToArray())];
        NlriEntry[] withdrawn = [.. unreach.SelectMany(message => Sessions.Decode(message[MessageHeader.Size..], options).Withdrawn[0].Routes.ToArray())];
        Assert.Equal(routes, announced);
        Assert.Equal(routes.Select(route => route with { Label = 0 }), withdrawn.Select(route => route with { Label = 0 }));
    }

    [Fact]
    public void A_route_whose_attributes_leave_no_room_is_not_sent()
    {
        AttributeBlockBuilder attributes = Attributes("10.0.0.1");
        attributes.Set(AttributeCode.Communities, AttributeFlags.Optional | AttributeFlags.Transitive, new byte[4040]);
        var to = new ArrayBufferWriter<byte>();
        NlriEntry route = Vpn("1:1", "10.0.0.0/8", 16);

        Assert.Equal(new(0, 0), UpdateEncoder.EncodeReach(RouteFamily.VpnIpv4, attributes.Block, [route], Sessions.Internal, to));
        Assert.Equal(0, to.WrittenCount);
        Assert.Equal(
            new(1, 1),
            UpdateEncoder.EncodeReach(RouteFamily.VpnIpv4, attributes.Block, [route], Sessions.Internal with { ExtendedMessages = true }, to));
    }

    [Theory]
    [InlineData(RouteFamily.Ipv4Unicast, "001702" + "0000" + "0000")]
    [InlineData(RouteFamily.VpnIpv4, "001e02" + "0000" + "0007" + "900f0003" + "000180")]
    [InlineData(RouteFamily.RouteTargetConstraint, "001e02" + "0000" + "0007" + "900f0003" + "000184")]
    [InlineData(RouteFamily.VpnIpv6FlowSpec, "001e02" + "0000" + "0007" + "900f0003" + "000286")]
    public void End_of_RIB_is_that_of_the_family(RouteFamily family, string expected)
    {
        var to = new ArrayBufferWriter<byte>();
        UpdateEncoder.EncodeEndOfRib(family, to);

        Assert.Equal(expected, Convert.ToHexStringLower(to.WrittenSpan[16..]));
        DecodedUpdate update = Sessions.Decode(to.WrittenSpan[MessageHeader.Size..].ToArray(), Sessions.Internal);
        Assert.Equal(family, update.EndOfRib);
        Assert.Equal(UpdateAction.Accept, update.Outcome.Action);
    }

    [Fact]
    public void A_two_octet_peer_gets_AS_TRANS_and_the_whole_path_beside_it()
    {
        AttributeBlockBuilder attributes = Attributes("10.0.0.1");
        attributes.SetAsPath(new(65001), new(4200000001));
        attributes.Set(AttributeCode.Aggregator, AttributeFlags.Optional | AttributeFlags.Transitive, Convert.FromHexString("fa56ea090a000001"));

        byte[] message = Assert.Single(Reach(RouteFamily.Ipv4Unicast, attributes, Sessions.TwoOctet, new NlriEntry(default)));

        var hex = Convert.ToHexStringLower(message);
        Assert.Contains("4002060202fde95ba0", hex, StringComparison.Ordinal);
        Assert.Contains("c007065ba00a000001", hex, StringComparison.Ordinal);
        Assert.Contains("c0110a02020000fde9fa56ea01", hex, StringComparison.Ordinal);
        Assert.Contains("c01208fa56ea090a000001", hex, StringComparison.Ordinal);
        string[] lines = UpdateText.Of(Sessions.Decode(message[MessageHeader.Size..], Sessions.TwoOctet));
        Assert.Contains("  AsPath 65001 4200000001", lines);
        Assert.Contains("  Aggregator fa56ea090a000001", lines);
    }

    [Fact]
    public void A_two_octet_peer_gets_no_four_octet_attributes_for_numbers_that_fit()
    {
        AttributeBlockBuilder attributes = Attributes("10.0.0.1");
        attributes.SetAsPath(new(65001), new(65002));

        byte[] message = Assert.Single(Reach(RouteFamily.Ipv4Unicast, attributes, Sessions.TwoOctet, new NlriEntry(default)));

        Assert.Contains("4002060202fde9fdea", Convert.ToHexStringLower(message), StringComparison.Ordinal);
        Assert.DoesNotContain("c011", Convert.ToHexStringLower(message), StringComparison.Ordinal);
    }

    [Fact]
    public void Path_identifiers_are_written_and_read()
    {
        CodecOptions options = Sessions.Internal with { AddPathSend = FamilySet.Of(RouteFamily.VpnIpv4), AddPathReceive = FamilySet.Of(RouteFamily.VpnIpv4) };
        NlriEntry route = Vpn("65000:1", "10.0.0.0/9", 100) with { PathIdentifier = 0xDEADBEEF };

        byte[] message = Assert.Single(Reach(RouteFamily.VpnIpv4, Attributes("10.0.0.1"), options, route));

        Assert.Contains("deadbeef" + "61" + "000641" + "0000fde800000001" + "0a00", Convert.ToHexStringLower(message), StringComparison.Ordinal);
        Assert.Equal(route, Sessions.Decode(message[MessageHeader.Size..], options).Announced[0].Routes[0]);
    }

    internal static AttributeBlockBuilder Attributes(string nextHop)
    {
        var attributes = new AttributeBlockBuilder();
        attributes.SetOrigin(0);
        attributes.SetAsPath();
        attributes.SetNextHop(IpAddress.Parse(nextHop));
        return attributes;
    }

    internal static NlriEntry Vpn(string distinguisher, string prefix, uint label) =>
        new(Nlri.Of(IpPrefix.Parse(prefix), RouteDistinguisher.Parse(distinguisher)), 0, label << 4 | 1);

    internal static byte[][] Reach(RouteFamily family, AttributeBlockBuilder attributes, CodecOptions options, params NlriEntry[] routes)
    {
        var to = new ArrayBufferWriter<byte>();
        EncodedUpdates written = UpdateEncoder.EncodeReach(family, attributes.Block, routes, options, to);
        Assert.Equal(routes.Length, written.Routes);
        return Split(to, written.Messages);
    }

    internal static byte[][] Unreach(RouteFamily family, CodecOptions options, params NlriEntry[] routes)
    {
        var to = new ArrayBufferWriter<byte>();
        EncodedUpdates written = UpdateEncoder.EncodeUnreach(family, routes, options, to);
        Assert.Equal(routes.Length, written.Routes);
        return Split(to, written.Messages);
    }

    private static byte[][] Split(ArrayBufferWriter<byte> octets, int expected)
    {
        var messages = new List<byte[]>();
        ReadOnlySpan<byte> rest = octets.WrittenSpan;
        while (!rest.IsEmpty)
        {
            Assert.Equal(FrameOutcome.Complete, MessageHeader.Read(rest, extendedMessages: true, out MessageHeader header, out _));
            messages.Add(rest[..header.Length].ToArray());
            rest = rest[header.Length..];
        }

        Assert.Equal(expected, messages.Count);
        return [.. messages];
    }

    private static NlriEntry Numbered(RouteFamily family, int number)
    {
        var address = new Ipv4Address(0x0A000000u + ((uint)number << 4));
        var target = new ExtendedCommunity(0x0002_FDE8_0000_0000UL | (uint)number);
        return family switch
        {
            RouteFamily.RouteTargetConstraint => new(Nlri.Membership(new(65000), target), (uint)number),
            RouteFamily.VpnIpv6 => new(
                Nlri.Of(new(new Ipv6Address(0x20010DB8_00000000UL, (ulong)number), 128), new((ulong)number)), (uint)number, (uint)number << 4 | 1),
            RouteFamily.VpnIpv4 => new(Nlri.Of(new(address, 28), new((ulong)number)), (uint)number, (uint)number << 4 | 1),
            _ => new(Nlri.Of(new(address, 28)), (uint)number),
        };
    }
}

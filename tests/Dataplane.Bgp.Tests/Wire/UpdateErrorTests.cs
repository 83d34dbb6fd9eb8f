using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>RFC 7606 §3, §4, §5: errors of the message as a whole.</summary>
public class UpdateErrorTests
{
    [Theory]
    [InlineData("0001 0000")] // withdrawn routes beyond the end
    [InlineData("ffff 0000")]
    [InlineData("0000 0001")] // attributes beyond the end
    [InlineData("0002 0000 0001")]
    [InlineData("0000")]
    [InlineData("")]
    public void Lengths_that_do_not_fit_the_message_reset_the_session(string hex)
    {
        DecodedUpdate update = Decode(Hex(hex));

        Assert.Equal(UpdateAction.ResetSession, update.Outcome.Action);
        Assert.Equal(NotificationMessage.Of(UpdateError.MalformedAttributeList), update.Outcome.Error);
    }

    [Theory]
    [InlineData(AttributeCode.Origin)]
    [InlineData(AttributeCode.AsPath)]
    [InlineData(AttributeCode.NextHop)]
    public void A_missing_mandatory_attribute_withdraws(AttributeCode code)
    {
        DecodedUpdate update = Decode(RawUpdate.Announcing().Without(code).Body());

        Assert.Equal(UpdateAction.TreatAsWithdraw, update.Outcome.Action);
        Assert.Equal([new(code, FaultKind.Missing, UpdateAction.TreatAsWithdraw)], update.Faults);
        Assert.Equal(1, update.Withdrawn[0].Routes.Length);
        Assert.Equal(0, update.Announced.Length);
    }

    [Fact]
    public void Next_hop_is_not_mandatory_beside_MP_REACH()
    {
        DecodedUpdate update = Decode(RawUpdate.AnnouncingVpn().Body());

        Assert.Equal(UpdateAction.Accept, update.Outcome.Action);
        Assert.True(update.Announced[0].Attributes.TryGet(AttributeCode.NextHop, out ReadOnlySpan<byte> nextHop));
        Assert.Equal([10, 0, 0, 1], nextHop.ToArray());
    }

    [Fact]
    public void Of_an_attribute_that_comes_again_the_first_counts()
    {
        DecodedUpdate update = Decode(RawUpdate.Announcing().With(0x80, 4, 0, 0, 0, 1).With(0x80, 4, 0, 0, 0, 2).With(0xC0, 99, 1).With(0xC0, 99, 2).Body());

        Assert.Equal(UpdateAction.DiscardAttribute, update.Outcome.Action);
        Assert.Equal(
            [
                new(AttributeCode.MultiExitDisc, FaultKind.Duplicate, UpdateAction.DiscardAttribute),
                new((AttributeCode)99, FaultKind.Duplicate, UpdateAction.DiscardAttribute),
            ],
            update.Faults);
        Assert.True(update.Announced[0].Attributes.TryGet(AttributeCode.MultiExitDisc, out ReadOnlySpan<byte> med));
        Assert.Equal(1, med[3]);
        Assert.True(update.Announced[0].Attributes.TryGet((AttributeCode)99, out ReadOnlySpan<byte> unknown));
        Assert.Equal(1, unknown[0]);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(15)]
    public void A_second_MP_attribute_resets_the_session(byte code)
    {
        byte[] value = code == 14 ? [0, 2, 1, 16, .. new byte[15], 1, 0, 16, 0x20, 0x01] : [0, 2, 1, 16, 0x20, 0x01];

        DecodedUpdate update = Decode(RawUpdate.Announcing().With(0x80, code, value).With(0x80, code, value).Body());

        Assert.Equal(UpdateAction.ResetSession, update.Outcome.Action);
        Assert.Equal(NotificationMessage.Of(UpdateError.MalformedAttributeList), update.Outcome.Error);
        Assert.Equal(0, update.Announced.Length + update.Withdrawn.Length);
    }

    [Theory]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0x80, 4 })]
    [InlineData(new byte[] { 0x90, 4, 0 })]
    [InlineData(new byte[] { 0x80, 4, 4, 0, 0, 0 })]
    [InlineData(new byte[] { 0x90, 99, 0xFF, 0xFF })]
    public void Attributes_that_run_over_their_end_withdraw(byte[] tail)
    {
        DecodedUpdate update = Decode(RawUpdate.Announcing().WithOctets(tail).Body());

        Assert.Equal(UpdateAction.TreatAsWithdraw, update.Outcome.Action);
        Assert.Equal(FaultKind.Framing, Assert.Single(update.Faults).Kind);
        Assert.Equal("192.0.2.0/24", update.Withdrawn[0].Routes[0].Nlri.Prefix(RouteFamily.Ipv4Unicast).ToString());
    }

    [Theory]
    [InlineData(14)]
    [InlineData(15)]
    public void Routes_in_an_attribute_that_runs_over_its_end_cannot_be_known(byte code)
    {
        DecodedUpdate update = Decode(RawUpdate.Announcing().WithOctets(0x80, code, 200, 0, 1, 1).Body());

        Assert.Equal(UpdateAction.ResetSession, update.Outcome.Action);
    }

    [Fact]
    public void An_error_beside_no_reachable_route_resets_the_session()
    {
        // RFC 7606 §5.2; attribute discard does not.
        Assert.Equal(UpdateAction.ResetSession, Decode(new RawUpdate().With(0x40, 1, 9).Body()).Outcome.Action);
        Assert.Equal(UpdateAction.ResetSession, Decode(new RawUpdate { Withdrawn = [8, 10] }.With(0x40, 1, 9).Body()).Outcome.Action);
        Assert.Equal(UpdateAction.DiscardAttribute, Decode(new RawUpdate { Withdrawn = [8, 10] }.With(0x40, 6, 9).Body()).Outcome.Action);
        Assert.Equal(NotificationMessage.Of(UpdateError.InvalidOrigin, [0x40, 1, 1, 9]), Decode(new RawUpdate().With(0x40, 1, 9).Body()).Outcome.Error);
    }

    [Fact]
    public void A_well_known_attribute_that_nobody_knows_resets_the_session()
    {
        DecodedUpdate update = Decode(RawUpdate.Announcing().With(0x40, 99, 1, 2).Body());

        Assert.Equal(UpdateAction.ResetSession, update.Outcome.Action);
        Assert.Equal(NotificationMessage.Of(UpdateError.UnrecognizedWellKnown, [0x40, 99, 2, 1, 2]), update.Outcome.Error);
    }

    [Fact]
    public void Unknown_optional_attributes_are_kept_as_partial_or_ignored()
    {
        DecodedUpdate update = Decode(RawUpdate.Announcing().With(0xC0, 99, 1).With(0x80, 98, 1).Body());

        Assert.Equal(UpdateAction.Accept, update.Outcome.Action);
        AttributeFlags flags = default;
        foreach (AttributeView attribute in update.Announced[0].Attributes)
        {
            Assert.NotEqual(98, (byte)attribute.Code);
            flags = (byte)attribute.Code == 99 ? attribute.Flags : flags;
        }

        Assert.Equal(AttributeFlags.Optional | AttributeFlags.Transitive | AttributeFlags.Partial, flags);
    }

    [Theory]
    [InlineData(new byte[] { 33, 1, 2, 3, 4, 5 })] // longer than an address
    [InlineData(new byte[] { 24, 1, 2 })] // cut off
    [InlineData(new byte[] { 8, 10, 24 })]
    public void Prefixes_that_cannot_be_read_reset_the_session(byte[] octets)
    {
        foreach (RawUpdate raw in new[] { RawUpdate.Announcing(octets), new RawUpdate { Withdrawn = octets } })
        {
            DecodedUpdate update = Decode(raw.Body());

            Assert.Equal(UpdateAction.ResetSession, update.Outcome.Action);
            Assert.Equal(NotificationMessage.Of(UpdateError.InvalidNetworkField), update.Outcome.Error);
        }
    }

    /// <summary>RFC 7606 §5.3, §7.11, §7.12: the routes of an MP attribute cannot be known.</summary>
    [Theory]
    [InlineData(0x80, 14, "0001 80 0c 0000000000000000 0a000001 00 79 000641 0000fde800000001 0a010101 80")] // 121 - 88 > 32
    [InlineData(0x80, 14, "0001 80 0c 0000000000000000 0a000001 00 57 000641 0000fde8000000")] // below label and RD
    [InlineData(0x80, 14, "0001 80 0c 0000000000000000 0a000001 00 70 000641 0000fde800000001 0a01")] // cut off
    [InlineData(0x80, 14, "0001 80 04 0a000001 00 70 000641 0000fde800000001 0a0101")] // next hop without RD
    [InlineData(0x80, 14, "0001 80 18 0000000000000000 20010db8000000000000000000000001 00 70 000641 0000fde800000001 0a0101")] // RFC 8950 was not negotiated
    [InlineData(0x80, 14, "0001 80 ff 0000000000000000 0a000001 00")]
    [InlineData(0xC0, 14, "0001 80 0c 0000000000000000 0a000001 00 70 000641 0000fde800000001 0a0101")] // flags
    [InlineData(0x80, 15, "0001 80 79 800000 0000fde800000001 0a010101 80")]
    [InlineData(0x80, 15, "0001 80 70 800000 0000fde8")]
    [InlineData(0x40, 15, "0001 80 70 800000 0000fde800000001 0a0101")]
    [InlineData(0x80, 14, "0001 84 04 0a000001 00 1f 0000fde8")] // RFC 4684 §4: half an origin AS
    [InlineData(0x80, 14, "0001 84 04 0a000001 00 61 0000fde8 0002fde8 00000001 80")]
    public void An_incorrect_MP_attribute_disables_its_family_or_resets_the_session(byte flags, byte code, string hex)
    {
        byte[] value = Hex(hex);
        Assert.True(RouteFamilies.TryGet((ushort)(value[0] << 8 | value[1]), value[2], out RouteFamily family));
        byte[] body = RawUpdate.Announcing().With(flags, code, value).Body();

        DecodedUpdate among = Decode(body);
        DecodedUpdate alone = Sessions.Decode(body, Sessions.Internal with { Families = FamilySet.Of(family) });

        Assert.Equal(UpdateAction.DisableFamily, among.Outcome.Action);
        Assert.Equal(FamilySet.Of(family), among.Outcome.Disabled);
        Assert.Contains(RouteFamily.Ipv4Unicast, among.Announced.ToArray().Select(group => group.Family)); // the rest of the message counts
        Assert.Equal(UpdateAction.ResetSession, alone.Outcome.Action);
        Assert.Equal((byte)UpdateError.OptionalAttribute, alone.Outcome.Error!.Subcode);
    }

    [Theory]
    [InlineData(14, new byte[] { 0, 1, 128, 0 })]
    [InlineData(15, new byte[] { 0, 1 })]
    [InlineData(15, new byte[0])]
    public void An_MP_attribute_too_short_for_its_family_resets_the_session(byte code, byte[] value) =>
        Assert.Equal(UpdateAction.ResetSession, Decode(RawUpdate.Announcing().With(0x80, code, value).Body()).Outcome.Action);

    [Fact]
    public void The_strongest_approach_wins()
    {
        RawUpdate raw = RawUpdate.Announcing().With(0x40, 6, 1).With(0xC0, 8, 1).With(0x80, 15, 0, 1, 128, 112, 1);

        DecodedUpdate update = Decode(raw.Body());

        Assert.Equal(UpdateAction.DisableFamily, update.Outcome.Action);
        Assert.Equal([UpdateAction.DiscardAttribute, UpdateAction.TreatAsWithdraw, UpdateAction.DisableFamily], update.Faults.Select(fault => fault.Action));
        Assert.Equal(0, update.Announced.Length); // what came with it is treated as withdrawn all the same
        Assert.Equal(UpdateAction.ResetSession, Decode(raw.With(0x40, 99).Body()).Outcome.Action);
    }

    [Fact]
    public void Routes_of_families_that_were_not_negotiated_are_ignored()
    {
        CodecOptions options = Sessions.Internal with { Families = FamilySet.Of(RouteFamily.Ipv4Unicast) };

        DecodedUpdate known = Sessions.Decode(RawUpdate.AnnouncingVpn().Body(), options);
        DecodedUpdate unknown = Sessions.Decode(RawUpdate.Announcing().With(0x80, 14, 0x40, 4, 71, 4, 10, 0, 0, 1, 0, 1, 2).Body(), options);

        Assert.Equal(UpdateAction.DiscardAttribute, known.Outcome.Action);
        Assert.Equal(FaultKind.UnexpectedFamily, Assert.Single(known.Faults).Kind);
        Assert.Equal(0, known.Announced.Length);
        Assert.Equal(UpdateAction.DiscardAttribute, unknown.Outcome.Action);
        Assert.Equal(1, unknown.Announced.Length);
    }

    [Fact]
    public void A_malformed_flow_specification_withdraws_the_others()
    {
        // Types must ascend (RFC 8955 §4.2); the second rule is fine.
        DecodedUpdate update = Decode(RawUpdate.Announcing()
            .With(0x80, 14, 0, 1, 133, 0, 0, 6, 3, 0x81, 6, 1, 8, 10, 3, 1, 8, 10).Body());

        Assert.Equal(UpdateAction.TreatAsWithdraw, update.Outcome.Action);
        Assert.Equal(FaultKind.FlowSpecification, Assert.Single(update.Faults).Kind);
        Assert.Equal([RouteFamily.Ipv4FlowSpec, RouteFamily.Ipv4Unicast], update.Withdrawn.ToArray().Select(group => group.Family).Order().Reverse());
    }

    private static DecodedUpdate Decode(byte[] body) => Sessions.Decode(body, Sessions.Internal);

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}

using System.Buffers.Binary;
using System.Globalization;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Bgp.Tests.Wire.Tshark;

/// <summary>What tshark reads in our octets is what we meant; what we read in recorded octets is what tshark reads.</summary>
public class TsharkAgreementTests
{
    private const string Attribute = "bgp.update.path_attribute.";

    /// <summary>Codes that both sides name, so that the list can be compared.</summary>
    private static readonly string[] MpCodes = ["14", "15"];

    [Fact]
    [Trait("Requirement", "SIG-01")]
    [Trait("Requirement", "SIG-03")]
    public void Tshark_reads_what_we_meant()
    {
        var flowSpecs = new FlowSpecStore();
        CodecOptions options = Sessions.Internal with { FlowSpecs = flowSpecs };
        var source = new RandomUpdates(4271, flowSpecs);
        var meant = new List<RandomUpdates.Update>();
        var messages = new List<byte[]>();
        for (var i = 0; i < 400; i++)
        {
            // Path identifiers are not on this session, and RT-Constraint and VPN-IPv6 prefixes not among tshark's fields (GoBGP reads those).
            RandomUpdates.Update update = source.Next(
                RouteFamily.Ipv4Unicast, RouteFamily.Ipv6Unicast, RouteFamily.VpnIpv4, RouteFamily.VpnIpv6, RouteFamily.RouteTargetConstraint,
                RouteFamily.Ipv4FlowSpec, RouteFamily.Ipv6FlowSpec, RouteFamily.VpnIpv4FlowSpec);
            meant.Add(update);
            byte[][] written = update.Withdrawn
                ? UpdateEncoderTests.Unreach(update.Family, options, update.Routes)
                : UpdateEncoderTests.Reach(update.Family, Builder(update), options, update.Routes);
            messages.Add(Assert.Single(written));
        }

        var read = TsharkReading.Read(messages);

        Assert.Equal(meant.Count, read.Count);
        var guessed = 0;
        for (var i = 0; i < meant.Count; i++)
        {
            RandomUpdates.Update update = meant[i];
            if (read[i]["bgp.nlri_path_id"].Length > 0)
            {
                guessed++; // tshark guesses from the octets whether there are path identifiers, now and then wrongly
                continue;
            }

            Dictionary<string, string[]> expected = ExpectedRoutes(update.Family, update.Withdrawn, update.Routes, flowSpecs);
            if (!update.Withdrawn)
            {
                ExpectAttributes(update.Family, update.Block, expected);
            }

            AssertReading(expected, read[i], $"update {i}, {update.Family}, {Convert.ToHexStringLower(messages[i])}");
        }

        Assert.InRange(guessed, 0, 8);
    }

    [Theory]
    [InlineData("frr")]
    [InlineData("gobgp")]
    [InlineData("exabgp")]
    [InlineData("bird")]
    public void We_read_in_recorded_messages_what_tshark_reads(string speaker)
    {
        // Where there are path identifiers tshark has to guess, and two-octet paths become four-octet ones here.
        List<RecordedMessagesTests.Recorded> recorded =
        [
            .. RecordedMessagesTests.Of(speaker).Where(message => message.Type == "UPDATE"
                && (message.Session == "internal four-octet"
                    || (message.Session == "internal four-octet add-path"
                        && Sessions.Decode(message.Body, message.Options).Announced is [{ Family: not RouteFamily.Ipv4Unicast }]))),
        ];

        var read = TsharkReading.Read(recorded.Select(message => message.Message));

        Assert.NotEmpty(recorded);
        for (var i = 0; i < recorded.Count; i++)
        {
            CodecOptions options = recorded[i].Options;
            DecodedUpdate update = Sessions.Decode(recorded[i].Body, options);
            foreach (RouteGroup group in update.Withdrawn)
            {
                AssertReading(ExpectedRoutes(group.Family, true, group.Routes.ToArray(), options.FlowSpecs!), read[i], $"{speaker} {i}");
            }

            foreach (RouteGroup group in update.Announced)
            {
                Dictionary<string, string[]> expected = ExpectedRoutes(group.Family, false, group.Routes.ToArray(), options.FlowSpecs!);
                ExpectAttributes(group.Family, group.Attributes, expected);
                _ = expected.Remove(Attribute + "type_code"); // unknown ones may have been left out
                AssertReading(expected, read[i], $"{speaker} {i}");
            }
        }
    }

    private static Dictionary<string, string[]> ExpectedRoutes(RouteFamily family, bool withdrawn, NlriEntry[] routes, FlowSpecStore flowSpecs)
    {
        var expected = new Dictionary<string, string[]>();
        string[] addresses = family.IsFlowSpec || family == RouteFamily.RouteTargetConstraint
            ? []
            : [.. routes.Select(route => route.Nlri.Prefix(family).Address.ToString())];
        switch (family)
        {
            case RouteFamily.Ipv4Unicast:
                expected[withdrawn ? "bgp.withdrawn_prefix" : "bgp.nlri_prefix"] = addresses;
                expected["bgp.prefix_length"] = [.. routes.Select(route => Text(route.Nlri.Length))];
                break;
            case RouteFamily.Ipv6Unicast:
                expected[withdrawn ? "bgp.mp_unreach_nlri_ipv6_prefix" : "bgp.mp_reach_nlri_ipv6_prefix"] = [.. addresses.Select(SystemText)];
                expected["bgp.prefix_length"] = [.. routes.Select(route => Text(route.Nlri.Length))];
                break;
            case RouteFamily.VpnIpv4:
                expected[withdrawn ? "bgp.mp_unreach_nlri_ipv4_prefix" : "bgp.mp_reach_nlri_ipv4_prefix"] = addresses;
                expected["bgp.prefix_length"] = [.. routes.Select(route => Text(88 + route.Nlri.Length))];
                expected["bgp.rd"] = [.. routes.Select(route => route.Nlri.Distinguisher.ToString())];
                break;
            case RouteFamily.RouteTargetConstraint:
                expected["bgp.originating_as"] = [.. routes.Select(route => Text((uint)(route.Nlri.High >> 32)))];
                break;
            case RouteFamily.VpnIpv6:
                break;
            default:
                expected["bgp.flowspec_nlri"] = [.. routes.Select(route => FlowSpecification(family, route.Nlri, flowSpecs))];
                break;
        }

        if (family.IsLabeled && !withdrawn)
        {
            expected["bgp.label_stack"] = [.. routes.Select(route => $"{route.Label >> 4} (bottom)")];
        }

        return expected;
    }

    private static void ExpectAttributes(RouteFamily family, AttributeBlock block, Dictionary<string, string[]> expected)
    {
        var codes = new List<string>();
        foreach (AttributeView attribute in block)
        {
            byte[] value = attribute.Value.ToArray();
            codes.Add(Text((byte)attribute.Code));
            switch (attribute.Code)
            {
                case AttributeCode.Origin:
                    expected[Attribute + "origin"] = [Text(value[0])];
                    break;
                case AttributeCode.AsPath:
                    expected[Attribute + "as_path_segment.as4"] = AsPath(value);
                    break;
                case AttributeCode.NextHop when family == RouteFamily.Ipv4Unicast:
                    expected[Attribute + "next_hop"] = [Ipv4Address.Read(value).ToString()];
                    break;
                case AttributeCode.NextHop:
                    codes.RemoveAt(codes.Count - 1);
                    var v6 = value.Length == 16 || family == RouteFamily.VpnIpv6;
                    expected[Attribute + (v6 ? "mp_reach_nlri.next_hop.ipv6" : "mp_reach_nlri.next_hop.ipv4")] =
                        [value.Length == 4 ? (v6 ? $"::ffff:{Ipv4Address.Read(value)}" : Ipv4Address.Read(value).ToString()) : SystemText(Ipv6Address.Read(value).ToString())];
                    break;
                case AttributeCode.MultiExitDisc:
                    expected[Attribute + "multi_exit_disc"] = Numbers(value, 4, 0);
                    break;
                case AttributeCode.LocalPref:
                    expected[Attribute + "local_pref"] = Numbers(value, 4, 0);
                    break;
                case AttributeCode.OriginatorId:
                    expected[Attribute + "originator_id"] = [Ipv4Address.Read(value).ToString()];
                    break;
                case AttributeCode.ClusterList:
                    expected["bgp.path_attribute.cluster_id"] = [.. value.Chunk(4).Select(id => Ipv4Address.Read(id).ToString())];
                    break;
                case AttributeCode.LargeCommunities:
                    expected["bgp.large_communities.ga"] = Numbers(value, 12, 0);
                    expected["bgp.large_communities.ldp1"] = Numbers(value, 12, 4);
                    expected["bgp.large_communities.ldp2"] = Numbers(value, 12, 8);
                    break;
                case AttributeCode.Aigp:
                    expected["bgp.update.attribute.aigp.accu_igp_metric"] = [BinaryPrimitives.ReadUInt64BigEndian(value.AsSpan(3)).ToString(CultureInfo.InvariantCulture)];
                    break;
                case AttributeCode.ExtendedCommunities when value.Chunk(8).All(community => community[0] == 0 && community[1] == 2):
                    expected["bgp.ext_com.value_as2"] = [.. value.Chunk(8).Select(c => Text((uint)(c[2] << 8 | c[3])))];
                    expected["bgp.ext_com.value_an4"] = Numbers(value, 8, 4);
                    break;
            }
        }

        expected[Attribute + "type_code"] = [.. codes];
    }

    private static void AssertReading(Dictionary<string, string[]> expected, Dictionary<string, string[]> read, string what)
    {
        Assert.True(read["_ws.malformed"].Length == 0, what);
        foreach ((string field, string[] wanted) in expected)
        {
            string[] values = wanted;
            string[] found = field == Attribute + "type_code" ? [.. read[field].Where(code => !MpCodes.Contains(code))] : read[field];
            if (field == "bgp.label_stack")
            {
                // tshark 4.0 puts its own format string there for VPN-IPv6 with some types of RD.
                values = [.. values.Zip(found, (value, other) => other.Contains('%', StringComparison.Ordinal) ? other : value), .. values.Skip(found.Length)];
            }

            Assert.True(values.SequenceEqual(found), $"{field}: meant {string.Join(' ', values)}, tshark reads {string.Join(' ', found)} in {what}");
        }
    }

    private static AttributeBlockBuilder Builder(RandomUpdates.Update update)
    {
        var builder = new AttributeBlockBuilder();
        builder.Load(update.Block);
        return builder;
    }

    private static string FlowSpecification(RouteFamily family, Nlri nlri, FlowSpecStore flowSpecs)
    {
        var distinguisher = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(distinguisher, nlri.Distinguisher.Value);
        byte[] value = [.. family.HasRouteDistinguisher ? distinguisher : [], .. flowSpecs.Octets((uint)nlri.Low)];
        byte[] length = value.Length < 240 ? [(byte)value.Length] : [(byte)(0xF0 | value.Length >> 8), (byte)value.Length];
        return Convert.ToHexStringLower([.. length, .. value]);
    }

    private static string[] AsPath(byte[] value)
    {
        var numbers = new List<string>();
        for (var at = 0; at < value.Length; at += 2 + (4 * value[at + 1]))
        {
            numbers.AddRange(Numbers(value[(at + 2)..(at + 2 + (4 * value[at + 1]))], 4, 0));
        }

        return [.. numbers];
    }

    private static string[] Numbers(byte[] value, int size, int at) =>
        [.. value.Chunk(size).Select(chunk => Text(BinaryPrimitives.ReadUInt32BigEndian(chunk.AsSpan(at))))];

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The text of the C library, which tshark uses.</summary>
    private static string SystemText(string address) => System.Net.IPAddress.Parse(address).ToString();
}

using Dataplane.Bgp.Wire;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>Messages that FRR, GoBGP, ExaBGP and BIRD wrote (Wire/vectors), and what they had been configured to say.</summary>
public class RecordedMessagesTests
{
    /// <summary>A recorded message.</summary>
    internal sealed record Recorded(string Type, string Session, byte[] Message)
    {
        public byte[] Body => Message[MessageHeader.Size..];

        public CodecOptions Options => (Session.Contains("two-octet", StringComparison.Ordinal)
            ? Sessions.TwoOctet with { EnforceFirstAs = false }
            : Sessions.Internal with { ExtendedNextHop = FamilySet.Of(RouteFamily.Ipv4Unicast) }) with
        {
            AddPathReceive = Session.Contains("add-path", StringComparison.Ordinal) ? FamilySet.Of(RouteFamily.Ipv4Unicast) : default,
        };
    }

    internal static List<Recorded> Of(string speaker) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Wire", "vectors", $"{speaker}.hex"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(columns => new Recorded(columns[0], columns[1], Convert.FromHexString(columns[2]))),
    ];

    [Theory]
    [InlineData("frr")]
    [InlineData("gobgp")]
    [InlineData("exabgp")]
    [InlineData("bird")]
    public void Every_recorded_message_is_read_and_what_is_wrong_found(string speaker)
    {
        foreach (Recorded recorded in Of(speaker))
        {
            Assert.Equal(FrameOutcome.Complete, MessageHeader.Read(recorded.Message, false, out MessageHeader header, out _));
            Assert.Equal(recorded.Message.Length, header.Length);
            switch (header.Type)
            {
                case MessageType.Open:
                    Assert.Null(OpenMessage.Decode(recorded.Body, out _));
                    break;
                case MessageType.Update:
                    DecodedUpdate update = Sessions.Decode(recorded.Body, recorded.Options);
                    if (recorded.Session.EndsWith("malformed", StringComparison.Ordinal))
                    {
                        Assert.Equal(UpdateAction.TreatAsWithdraw, update.Outcome.Action);
                        break;
                    }

                    Assert.Equal(UpdateAction.Accept, update.Outcome.Action);
                    Assert.True(update.EndOfRib is not null || update.Announced.Length + update.Withdrawn.Length > 0);
                    break;
                case MessageType.Notification:
                    Assert.True(NotificationMessage.TryDecode(recorded.Body, out NotificationMessage notification));
                    Assert.Equal(recorded.Message, notification.Encode());
                    break;
                default:
                    Assert.Equal(recorded.Message, MessageHeader.Keepalive());
                    break;
            }
        }
    }

    [Theory]
    [Trait("Requirement", "SIG-03")]
    [InlineData("gobgp", "+ vpn-ipv4 65000:200 10.2.0.0/16 label 52013; NextHop 10.0.0.2; ExtendedCommunities rt:65000:1 rt:65000:2")]
    [InlineData("gobgp", "+ vpn-ipv4 10.0.0.2:201 10.2.1.1/32 label 17; NextHop 10.0.0.2; ExtendedCommunities rt:65000:1")]
    [InlineData("gobgp", "- vpn-ipv4 10.0.0.2:201 10.2.1.1/32")]
    [InlineData("gobgp", "+ vpn-ipv6 65000:200 2001:db8:2::/64 label 18; NextHop fd00:0:0:1::2")]
    [InlineData("gobgp", "- vpn-ipv6 65000:200 2001:db8:2::/64")]
    [InlineData("gobgp", "+ ipv6-unicast 2001:db8:9::/48; NextHop 2001:db8::2")]
    [InlineData("gobgp", "+ ipv4-unicast 203.0.113.0/24; MultiExitDisc 10; Communities fde80001ffffff02; Aigp 01000b00000000000004d2")]
    [InlineData("gobgp", "+ ipv4-unicast 203.0.113.0/24 #1; MultiExitDisc 10")]
    [InlineData("gobgp", "+ ipv4-unicast 203.0.113.128/25; AsPath 65001 4200000001 65002; LargeCommunities 000000010000000200000003000000040000000500000006")]
    [InlineData("gobgp", "- ipv4-unicast 203.0.113.128/25")]
    [InlineData("gobgp", "+ ipv4-flowspec 01180a3200038106050150131f90d51f98")]
    [InlineData("gobgp", "+ ipv6-flowspec 01400020010db800500000038111")]
    [InlineData("gobgp", "+ vpn-ipv4-flowspec 65000:200 02100a33")]
    [InlineData("gobgp", "end of vpn-ipv4")]
    [InlineData("gobgp", "end of ipv4-unicast")]
    [InlineData("gobgp", "end of vpn-ipv4-flowspec")]
    [InlineData("exabgp", "+ vpn-ipv4 65000:401 10.4.0.0/24 label 402; NextHop 10.0.0.4; LocalPref 120; ExtendedCommunities rt:65000:1 rt:65000:7")]
    [InlineData("exabgp", "+ ipv4-unicast 10.4.1.0/24 #16909060; MultiExitDisc 7; OriginatorId 01010101; ClusterList 0202020203030303; Aigp 01000b0000000000000063")]
    [InlineData("exabgp", "+ ipv4-unicast 10.4.2.0/24; AsPath 65001 4200000001 {65003,65004}; AtomicAggregate; Aggregator 0000fde80a000004")]
    [InlineData("exabgp", "+ ipv4-unicast 10.4.3.0/24; 99 partial 0102030405")]
    [InlineData("exabgp", "+ ipv4-unicast 10.4.4.0/24; NextHop 2001:db8::4")]
    [InlineData("exabgp", "+ ipv4-flowspec 01180a2800038111058135")]
    [InlineData("exabgp", "+ vpn-ipv4-flowspec 65000:401 02180a2900")]
    [InlineData("exabgp", "+ ipv4-unicast 10.5.0.0/24; AsPath 65010 4200000001 65002; Aggregator fa56ea090a000005")]
    [InlineData("exabgp", "+ ipv4-unicast 10.5.1.0/24; AsPath 65010 65001")]
    [InlineData("frr", "+ vpn-ipv4 10.0.0.1:102 10.1.1.7/32 label 52013; NextHop 10.0.0.1; ExtendedCommunities rt:65000:2 rt:65000:3; MultiExitDisc 50")]
    [InlineData("frr", "+ vpn-ipv4 65000:101 10.1.0.0/24 label 1001; Communities fde8004dffffff01; LargeCommunities 0000fde80000000100000002")]
    [InlineData("frr", "+ vpn-ipv6 65000:101 2001:db8:1::/48 label 1003; NextHop ::ffff:10.0.0.1")]
    [InlineData("frr", "+ ipv6-unicast 2001:db8:77::/48")]
    [InlineData("frr", "+ ipv4-unicast 0.0.0.0/0")]
    [InlineData("frr", "+ ipv4-unicast 198.51.100.1/32")]
    [InlineData("frr", "end of vpn-ipv6")]
    [InlineData("bird", "+ vpn-ipv4 65000:31 10.3.0.0/24 label 300; NextHop 10.0.0.3; ExtendedCommunities rt:65000:1")]
    [InlineData("bird", "+ ipv4-unicast 10.3.0.0/24 #3; MultiExitDisc 5; LargeCommunities 000000010000000200000003")]
    [InlineData("bird", "+ ipv4-flowspec 01100a21038106")]
    public void What_was_configured_is_what_is_read(string speaker, string expected)
    {
        string[] parts = expected.Split("; ");
        string[][] updates =
        [
            .. Of(speaker).Where(recorded => recorded.Type == "UPDATE").Select(recorded =>
            {
                CodecOptions options = recorded.Options;
                return UpdateText.Of(Sessions.Decode(recorded.Body, options), options.FlowSpecs);
            }),
        ];

        Assert.True(
            updates.Any(lines => lines.Contains(parts[0]) && parts[1..].All(part => lines.Contains("  " + part))),
            $"no update says '{expected}' among\n{string.Join('\n', updates.Select(lines => string.Join("; ", lines)))}");
    }

    [Fact]
    [Trait("Requirement", "SIG-01")]
    public void Capabilities_are_what_the_speakers_were_configured_with()
    {
        OpenMessage goBgp = Open("gobgp", 1);
        Assert.Equal((65000u, (ushort)9, 0x0A000002u), (goBgp.As.Value, goBgp.HoldTime, goBgp.RouterId));
        Capabilities c = goBgp.Capabilities;
        Assert.Equal(
            FamilySet.Of(
                RouteFamily.Ipv4Unicast, RouteFamily.Ipv6Unicast, RouteFamily.VpnIpv4, RouteFamily.VpnIpv6,
                RouteFamily.RouteTargetConstraint, RouteFamily.Ipv4FlowSpec),
            c.Families);
        Assert.True(c.RouteRefresh);
        Assert.Equal(new(65000), c.FourOctetAs);
        Assert.Equal((ushort)60, c.GracefulRestart!.RestartSeconds);
        Assert.Equal(c.Families, c.GracefulRestart.Families);
        Assert.Equal(c.Families.Count, c.LongLived.Length);
        Assert.All(c.LongLived, family => Assert.Equal(100000u, family.StaleSeconds));
        Assert.Equal([CapabilityCode.Fqdn], c.Unknown.Select(unknown => unknown.Code));

        Capabilities withAddPath = Open("gobgp", 0).Capabilities;
        Assert.Equal(FamilySet.Of(RouteFamily.Ipv4Unicast), withAddPath.AddPathSend.Intersect(withAddPath.AddPathReceive));
        Assert.True(withAddPath.GracefulRestart!.Restarting == goBgp.Capabilities.GracefulRestart!.Restarting);

        Capabilities exaBgp = Open("exabgp", 0).Capabilities;
        Assert.True(exaBgp.ExtendedMessages);
        Assert.True(exaBgp.EnhancedRouteRefresh);
        Assert.True(exaBgp.ExtendedNextHop.Contains(RouteFamily.Ipv4Unicast));
        Assert.Equal(exaBgp.Families.With(RouteFamily.Ipv4FlowSpec), exaBgp.Families);

        Assert.Null(Open("exabgp", 1).Capabilities.FourOctetAs);
        Assert.Equal(65010u, Open("exabgp", 1).As.Value);

        Capabilities bird = Open("bird", 0).Capabilities;
        Assert.True(bird.ExtendedMessages);
        Assert.Equal(FamilySet.Of(RouteFamily.Ipv4Unicast), bird.AddPathSend);
    }

    [Fact]
    public void Shutdown_texts_are_read()
    {
        NotificationMessage Last(string speaker) =>
            NotificationMessage.TryDecode(Of(speaker).Last(recorded => recorded.Type == "NOTIFICATION").Body, out NotificationMessage message)
                ? message
                : throw new InvalidOperationException();

        Assert.Equal("Wartung am Röhrenwerk", Last("gobgp").Text);
        Assert.True(Last("gobgp").Is(CeaseReason.AdministrativeShutdown));
        Assert.Equal("see you", Last("frr").Text);
    }

    private static OpenMessage Open(string speaker, int index)
    {
        Assert.Null(OpenMessage.Decode(Of(speaker).Where(recorded => recorded.Type == "OPEN").ElementAt(index).Body, out OpenMessage? message));
        return message!;
    }
}

using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;
using static Dataplane.Interop.Bgp.Peers.BgpBytes;

namespace Dataplane.Interop.Bgp;

/// <summary>
/// What becomes of a session, and of a route that was fine before, when a peer sends something malformed: as RFC 7606 says for
/// each attribute and kind of error, and as RFC 4271 §6 says for the rest. The other sessions go on, whatever it was.
/// </summary>
public sealed class MalformedMessageTests(MalformedMessageTests.Lab lab) : IClassFixture<MalformedMessageTests.Lab>
{
    private const uint External = 65099;

    /// <summary>An UPDATE for the route that was announced before, by an external peer, after which the route is gone and the session is not.</summary>
    public static TheoryData<string, byte[]> TreatedAsWithdraw => new()
    {
        { "ORIGIN of two octets", Body(Attribute(0x40, 1, 0, 0), Path, Hop) },
        { "ORIGIN of no octets", Body(Attribute(0x40, 1), Path, Hop) },
        { "ORIGIN 3", Body(Attribute(0x40, 1, 3), Path, Hop) },
        { "ORIGIN is missing", Body(Path, Hop) },
        { "ORIGIN with the Optional bit", Body(Attribute(0xC0, 1, 0), Path, Hop) },
        { "ORIGIN without the Transitive bit", Body(Attribute(0x00, 1, 0), Path, Hop) },
        { "AS_PATH with a segment longer than itself", Body(Origin(), Attribute(0x40, 2, [2, 5, .. U32(External)]), Hop) },
        { "AS_PATH with an octet after its segment", Body(Origin(), Attribute(0x40, 2, [2, 1, .. U32(External), 2]), Hop) },
        { "AS_PATH with a segment without numbers", Body(Origin(), Attribute(0x40, 2, [2, 0, 2, 1, .. U32(External)]), Hop) },
        { "AS_PATH with a segment of type 9", Body(Origin(), Attribute(0x40, 2, [9, 1, .. U32(External)]), Hop) },
        { "AS_PATH with a confederation segment from outside", Body(Origin(), Attribute(0x40, 2, [3, 1, .. U32(External)]), Hop) },
        { "AS_PATH is missing", Body(Origin(), Hop) },
        { "AS_PATH does not begin with the peer", Body(Origin(), AsPath(65098), Hop) },
        { "NEXT_HOP of three octets", Body(Origin(), Path, Attribute(0x40, 3, 10, 0, 0)) },
        { "NEXT_HOP of five octets", Body(Origin(), Path, Attribute(0x40, 3, 10, 0, 0, 1, 1)) },
        { "NEXT_HOP is missing", Body(Origin(), Path) },
        { "MULTI_EXIT_DISC of three octets", Body(Origin(), Path, Hop, Attribute(0x80, 4, 0, 0, 1)) },
        { "MULTI_EXIT_DISC with the Transitive bit", Body(Origin(), Path, Hop, Attribute(0xC0, 4, 0, 0, 0, 1)) },
        { "COMMUNITIES of five octets", Body(Origin(), Path, Hop, Attribute(0xC0, 8, 0xFD, 0xE8, 0, 1, 0)) },
        { "COMMUNITIES of no octets", Body(Origin(), Path, Hop, Attribute(0xC0, 8)) },
        { "EXTENDED_COMMUNITIES of seven octets", Body(Origin(), Path, Hop, Attribute(0xC0, 16, 0, 2, 0xFD, 0xE8, 0, 0, 0)) },
        { "EXTENDED_COMMUNITIES of no octets", Body(Origin(), Path, Hop, Attribute(0xC0, 16)) },
        { "IPv6 address specific extended communities of 19 octets", Body(Origin(), Path, Hop, Attribute(0xC0, 25, new byte[19])) },
        { "LARGE_COMMUNITIES of eleven octets", Body(Origin(), Path, Hop, Attribute(0xC0, 32, new byte[11])) },
        { "LARGE_COMMUNITIES of no octets", Body(Origin(), Path, Hop, Attribute(0xC0, 32)) },
        { "an attribute that is longer than what follows", Body(Origin(), Path, Hop, [0xC0, 8, 40, 0xFD, 0xE8, 0, 1]) },
        { "an attribute without its length", Body(Origin(), Path, Hop, [0xC0, 8]) },
    };

    /// <summary>The same by an internal peer, of attributes that count inside the AS only.</summary>
    public static TheoryData<string, byte[]> TreatedAsWithdrawInside => new()
    {
        { "LOCAL_PREF of three octets", Body(Origin(), AsPath(), Hop, Attribute(0x40, 5, 0, 0, 100)) },
        { "ORIGINATOR_ID of five octets", Body(Origin(), AsPath(), Hop, LocalPreference(100), Attribute(0x80, 9, 10, 0, 0, 7, 1)) },
        { "CLUSTER_LIST of six octets", Body(Origin(), AsPath(), Hop, LocalPreference(100), Attribute(0x80, 10, 10, 0, 0, 7, 1, 1)) },
        { "CLUSTER_LIST of no octets", Body(Origin(), AsPath(), Hop, LocalPreference(100), Attribute(0x80, 10)) },
    };

    /// <summary>An UPDATE by an external peer, of which one attribute is left out, and by what type that one goes.</summary>
    public static TheoryData<string, byte[], byte> Discarded => new()
    {
        { "ATOMIC_AGGREGATE of one octet", Body(Origin(), Path, Hop, Attribute(0x40, 6, 0)), 6 },
        { "AGGREGATOR of six octets between speakers of four-octet numbers", Body(Origin(), Path, Hop, Attribute(0xC0, 7, 0xFD, 0xE8, 10, 0, 0, 1)), 7 },
        { "ORIGINATOR_ID from outside", Body(Origin(), Path, Hop, Attribute(0x80, 9, 10, 9, 9, 9)), 9 },
        { "CLUSTER_LIST from outside", Body(Origin(), Path, Hop, Attribute(0x80, 10, 10, 9, 9, 9)), 10 },
        { "AIGP with a TLV that is longer than itself", Body(Origin(), Path, Hop, Attribute(0x80, 26, 1, 0, 20, 0)), 26 },
        { "an unknown attribute that is not transitive", Body(Origin(), Path, Hop, Attribute(0x80, 200, 1, 2, 3)), 200 },
    };

    /// <summary>A whole message in an established session, and the NOTIFICATION that ends it.</summary>
    public static TheoryData<string, byte[], byte, byte> Resetting => new()
    {
        { "a header without its marker", [.. new byte[16], 0, 19, 4], 1, 1 },
        { "a header that says 18 octets", [.. Marker, 0, 18, 4], 1, 2 },
        { "a header that says 65535 octets where they were not agreed on", [.. Marker, 0xFF, 0xFF, 2], 1, 2 },
        { "a KEEPALIVE of 20 octets", Message(Keepalive, 0), 1, 2 },
        { "a message of type 9", Message(9), 1, 3 },
        { "withdrawn routes that are longer than the message", Message(Update, 0, 40, 24, 10, 70, 1, 0, 0), 3, 1 },
        { "attributes that are longer than the message", Message(Update, 0, 0, 0, 40, 0x40, 1, 1, 0), 3, 1 },
        { "an UPDATE without room for its lengths", Message(Update, 0, 0, 0), 1, 2 },
        { "a prefix of 33 bits", UpdateMessage([], [.. Origin(), .. Path, .. Hop], [33, 10, 70, 1, 0, 0]), 3, 10 },
        { "a prefix that is longer than the message", UpdateMessage([], [.. Origin(), .. Path, .. Hop], [24, 10]), 3, 10 },
        { "MP_REACH_NLRI twice", UpdateMessage(Origin(), Path, Vpn, Vpn), 3, 1 },
        { "a well-known attribute of type 99", UpdateMessage([], [.. Origin(), .. Path, .. Hop, .. Attribute(0x40, 99, 1)], [24, 10, 70, 1]), 3, 2 },
        { "an OPEN", OpenMessage(External, 90, "10.0.0.1"), 5, 3 },
        { "a ROUTE-REFRESH of three octets", Message(RouteRefresh, 0, 1, 0), 1, 2 },
    };

    /// <summary>A whole first message, and the NOTIFICATION that refuses the session.</summary>
    public static TheoryData<string, byte[], byte, byte> Refused => new()
    {
        { "version 3", Message(Open, [3, .. U16(23456), 0, 90, 10, 1, 0, 1, 0]), 2, 1 },
        { "another autonomous system", OpenMessage(65001, 90, "10.1.0.1", FourOctetAs(65001)), 2, 2 },
        { "an identifier of zero", OpenMessage(External, 90, "0.0.0.0", FourOctetAs(External)), 2, 3 },
        { "a hold time of one second", OpenMessage(External, 1, "10.1.0.1", FourOctetAs(External)), 2, 6 },
        { "an unknown optional parameter", Message(Open, [4, .. U16(23456), 0, 90, 10, 1, 0, 1, 3, 77, 1, 0]), 2, 4 },
        { "optional parameters that are longer than the message", Message(Open, [4, .. U16(23456), 0, 90, 10, 1, 0, 1, 9, 2, 6]), 2, 0 },
        { "an UPDATE instead of an OPEN", EndOfRib(Family.Ipv4), 5, 1 },
    };

    private static byte[] Marker => [.. Enumerable.Repeat((byte)0xFF, 16)];

    private static byte[] Path => AsPath(External);

    private static byte[] Hop => NextHop("10.0.0.1");

    private static byte[] Vpn => Reach(Family.Vpn4, VpnNextHop("10.0.0.1"), VpnPrefix(65000, 1, 100, "10.70.1.0/24"));

    [Theory]
    [Trait("Requirement", "SIG-03")]
    [MemberData(nameof(TreatedAsWithdraw))]
    public void TheRouteIsWithdrawnAndTheSessionStays(string what, byte[] attributes) => WithdrawnBy(what, attributes, External, Path);

    [Theory]
    [Trait("Requirement", "SIG-15")]
    [MemberData(nameof(TreatedAsWithdrawInside))]
    public void TheRouteOfAnInternalPeerIsWithdrawnAndTheSessionStays(string what, byte[] attributes) =>
        WithdrawnBy(what, attributes, 65000, [.. AsPath(), .. LocalPreference(100)]);

    [Theory]
    [Trait("Requirement", "SIG-15")]
    [MemberData(nameof(Discarded))]
    public void TheAttributeIsDiscardedAndTheRouteStays(string what, byte[] attributes, byte type)
    {
        string prefix = lab.NextPrefix();
        using RawPeer peer = lab.Connect(External);
        peer.Send(UpdateMessage([], attributes, Prefix(prefix)));
        RawRoute route = lab.UntilSeen(prefix, peer);
        Assert.False(route.Attributes.TryGetValue(type, out RawAttribute? attribute) && attribute.Value.SequenceEqual(Value(attributes, type)), $"{what}: {route}");
        lab.AssertAlive(peer);
    }

    [Theory]
    [Trait("Requirement", "SIG-15")]
    [MemberData(nameof(Resetting))]
    public void TheSessionIsReset(string what, byte[] message, byte code, byte subcode)
    {
        string prefix = lab.NextPrefix();
        using RawPeer peer = lab.Connect(External);
        peer.Send(UpdateMessage([], [.. Origin(), .. Path, .. Hop], Prefix(prefix)));
        _ = lab.UntilSeen(prefix, peer);
        peer.Send(message);
        RawMessage? notification = peer.UntilClosed();
        Assert.True(notification?.Error == (code, subcode), $"{what}: {notification}");
        lab.UntilGone(prefix);
        lab.AssertOthersAlive();
    }

    [Theory]
    [Trait("Requirement", "SIG-15")]
    [MemberData(nameof(Refused))]
    public void TheSessionIsRefused(string what, byte[] message, byte code, byte subcode)
    {
        using RawPeer peer = lab.Dial(External);
        peer.Send(message);
        RawMessage? notification = peer.UntilClosed();
        Assert.True(notification?.Error == (code, subcode), $"{what}: {notification}");
        lab.AssertOthersAlive();
    }

    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void OfAnAttributeThatComesTwiceTheFirstCounts()
    {
        string prefix = lab.NextPrefix();
        using RawPeer peer = lab.Connect(External);
        peer.Send(UpdateMessage([], [.. Origin(), .. Path, .. Hop, .. Attribute(0xC0, 8, 0xFD, 0xE8, 0, 1), .. Attribute(0xC0, 8, 0xFD, 0xE8, 0, 2)], Prefix(prefix)));
        Assert.Equal("FDE80001", Convert.ToHexString(lab.UntilSeen(prefix, peer).Attributes[8].Value));
        lab.AssertAlive(peer);
    }

    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void LocalPreferenceFromOutsideIsIgnored()
    {
        string prefix = lab.NextPrefix();
        using RawPeer peer = lab.Connect(External);
        peer.Send(UpdateMessage([], [.. Origin(), .. Path, .. Hop, .. LocalPreference(777)], Prefix(prefix)));
        Assert.Equal("00000064", Convert.ToHexString(lab.UntilSeen(prefix, peer).Attributes[5].Value));
        lab.AssertAlive(peer);
    }

    /// <summary>An unknown attribute that is optional and transitive goes on as it came, marked as partial.</summary>
    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void AnUnknownTransitiveAttributeGoesOn()
    {
        string prefix = lab.NextPrefix();
        using RawPeer peer = lab.Connect(External);
        peer.Send(UpdateMessage([], [.. Origin(), .. Path, .. Hop, .. Attribute(0xC0, 201, 1, 2, 3)], Prefix(prefix)));
        RawAttribute attribute = lab.UntilSeen(prefix, peer).Attributes[201];
        Assert.Equal((0xE0, "010203"), (attribute.Flags, Convert.ToHexString(attribute.Value)));
        lab.AssertAlive(peer);
    }

    /// <summary>A family whose NLRI cannot be read is given up or the session is, and nothing else is harmed (RFC 7606 §3j, RFC 4760 §7).</summary>
    [Theory]
    [Trait("Requirement", "SIG-15")]
    [InlineData("a next hop of three octets", "000180030A0000")]
    [InlineData("a VPN prefix of 87 bits", "0001800C0000000000000000" + "0A000001" + "00" + "57" + "0001010000FDE800000001")]
    [InlineData("a VPN prefix that is longer than the attribute", "0001800C0000000000000000" + "0A000001" + "00" + "70" + "000101")]
    public void AnUnreadableFamilyHarmsNobodyElse(string what, string octets)
    {
        using RawPeer peer = lab.Connect(External);
        peer.Send(UpdateMessage(Origin(), Path, Attribute(0x80, 14, Convert.FromHexString(octets))));
        string prefix = lab.NextPrefix();
        try
        {
            peer.Send(UpdateMessage([], [.. Origin(), .. Path, .. Hop], Prefix(prefix)));
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The session is over already.
        }

        Wait.Until($"the session to end or go on: {what}", () => peer.IsClosed || lab.Held.ContainsKey(prefix));
        Assert.True(!peer.IsClosed || peer.Notification?.Body[0] == 3, $"{what}: {peer.Notification}");
        lab.AssertOthersAlive();
    }

    /// <summary>Of a route with our own system in AS_PATH nothing is heard again (RFC 4271 §9.1.2).</summary>
    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void ALoopIsNotAccepted()
    {
        string prefix = lab.NextPrefix();
        using RawPeer peer = lab.Connect(External);
        peer.Send(UpdateMessage([], [.. Origin(), .. AsPath(External, 65000), .. Hop], Prefix(prefix)));
        lab.AssertAlive(peer);
        Assert.False(lab.Held.ContainsKey(prefix));
    }

    private static byte[] Body(params byte[][] attributes) => [.. attributes.SelectMany(octets => octets)];

    private static byte[] Value(byte[] attributes, byte type)
    {
        for (int at = 0; at < attributes.Length; at += 3 + attributes[at + 2])
        {
            if (attributes[at + 1] == type)
            {
                return attributes[(at + 3)..(at + 3 + attributes[at + 2])];
            }
        }

        throw new ArgumentException("the attributes have none of that type");
    }

    private void WithdrawnBy(string what, byte[] attributes, uint autonomousSystem, byte[] path)
    {
        string prefix = lab.NextPrefix();
        using RawPeer peer = lab.Connect(autonomousSystem);
        peer.Send(UpdateMessage([], [.. Origin(), .. path, .. Hop], Prefix(prefix)));
        _ = lab.UntilSeen(prefix, peer);
        peer.Send(UpdateMessage([], attributes, Prefix(prefix)));
        Wait.Until($"the route to be withdrawn: {what}", () => !lab.Held.ContainsKey(prefix) || peer.IsClosed);
        Assert.True(!peer.IsClosed, $"{what}: {peer.Notification}");
        lab.AssertAlive(peer);
    }

    /// <summary>Our speaker, an observer that is sent all routes, and ranges of peers for what is sent to it.</summary>
    public sealed class Lab : IDisposable
    {
        private const int Ours = 9;
        private const int ObserverNumber = 2;
        private const int FirstInternal = 256;
        private const int FirstExternal = 512;
        private readonly BgpNetwork _network = new(640, recorded: true);
        private readonly OurSpeaker _speaker;
        private readonly RawPeer _observer;
        private int _internal = FirstInternal;
        private int _external = FirstExternal;
        private int _prefix;

        public Lab()
        {
            try
            {
                Family[] families = [Family.Ipv4, Family.Vpn4];
                Neighbor template = new(0) { Families = families };
                string ranges = $"""
                      dynamic-peers:
                      - range: 10.0.1.0/24
                        max-peers: 200
                        route-reflector-client: true
                        extended-message: false
                    {OurSpeaker.Options(template)}
                      - range: 10.0.2.0/24
                        max-peers: 200
                        extended-message: false
                    {OurSpeaker.Options(template with { As = External })}
                    """;
                _speaker = _network.Keep(new OurSpeaker(_network, Ours, OurSpeaker.Configuration(Ours,
                    [new Neighbor(ObserverNumber) { Families = families, Passive = true, ReflectorClient = true }], bgp: ranges)));
                _observer = _network.Keep(new RawPeer(_network, ObserverNumber, Ours));
                _ = _observer.Establish(65000, families);
            }
            catch
            {
                _network.Dispose();
                throw;
            }
        }

        /// <summary>The routes that the observer holds.</summary>
        public Dictionary<string, RawRoute> Held => RawRoute.Held(_observer.Messages);

        public void Dispose() => _network.Dispose();

        /// <summary>A prefix that no other case uses.</summary>
        public string NextPrefix() => $"10.70.{Interlocked.Increment(ref _prefix)}.0/24";

        /// <summary>A connection by a peer of which nothing was heard before.</summary>
        public RawPeer Dial(uint autonomousSystem) => new(_network, autonomousSystem == 65000 ? ++_internal : ++_external, Ours);

        public RawPeer Connect(uint autonomousSystem) => Dial(autonomousSystem).Establish(autonomousSystem, [Family.Ipv4, Family.Vpn4]);

        public RawRoute UntilSeen(string prefix, RawPeer from)
        {
            Wait.Until($"the observer to be told of {prefix}", () => Held.ContainsKey(prefix) || from.IsClosed);
            Assert.False(from.IsClosed, $"{from.Notification}");
            return Held[prefix];
        }

        public void UntilGone(string prefix) => Wait.Until($"{prefix} to be withdrawn from the observer", () => !Held.ContainsKey(prefix));

        /// <summary>The session still takes routes, and so do the others.</summary>
        public void AssertAlive(RawPeer peer)
        {
            string prefix = NextPrefix();
            uint autonomousSystem = peer.Number >= FirstExternal ? External : 65000;
            byte[] path = autonomousSystem == 65000 ? [.. AsPath(), .. LocalPreference(100)] : AsPath(External);
            peer.Send(UpdateMessage([], [.. Origin(), .. path, .. NextHop("10.0.0.1")], Prefix(prefix)));
            _ = UntilSeen(prefix, peer);
            AssertOthersAlive();
        }

        public void AssertOthersAlive()
        {
            Assert.True(_speaker.IsRunning, _speaker.Output);
            Assert.False(_observer.IsClosed, $"{_observer.Notification}");
        }
    }
}

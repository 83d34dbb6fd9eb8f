using System.Buffers;
using System.Globalization;
using Dataplane.Bgp.Wire;
using Dataplane.Interop.Bgp.Peers;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using static Dataplane.Interop.Bgp.Peers.BgpBytes;

namespace Dataplane.Interop.Bgp.Agreement;

/// <summary>
/// Route target memberships (RFC 4684 §4) of all lengths as others read them. Who knows which:
/// <list type="table">
/// <item><term>0 and 96 bits</term><description>GoBGP 3.10 shows both, ExaBGP 4.2 reads no other length right either.</description></item>
/// <item><term>33 to 95 bits</term><description>
/// GoBGP 3.10: "Not all RouteTargetMembershipNLRI bytes available". tshark 4.0 shows length and origin, but reads the target's eight octets on into what follows.
/// The raw peer's reader, of the test itself, has the bits.
/// </description></item>
/// <item><term>32 bits</term><description>tshark 4.0 calls the packet malformed; only the raw peer's reader has them.</description></item>
/// </list>
/// </summary>
public sealed class MembershipAgreementTests : IDisposable
{
    private const int GoBgp = 2;
    private const int Sender = 5;
    private const int Receiver = 6;
    private const int Ours = 9;
    private const int Memberships = 1500;
    private readonly Random _random = new(4684);
    private readonly BgpNetwork _network = new();

    public void Dispose() => _network.Dispose();

    // The default comes from a peer of its own: GoBGP 3.10 ends with "invalid memory address or nil pointer dereference" when one and the same announces others too.
    [Fact]
    [Trait("Requirement", "SIG-05")]
    public void GoBgpDecodesWholeTargetsAndTheDefault()
    {
        using GoBgpPeer go = new(_network, GoBgp, [.. new[] { Ours, Sender }.Select(number => new Neighbor(number) { Families = [Family.Vpn4, Family.RouteTarget], Passive = true })]);
        using RawPeer raw = new(_network, Ours, GoBgp);
        _ = raw.Establish(65000, [Family.RouteTarget]);
        CodecOptions options = new()
        {
            IsIbgp = true,
            LocalAs = new(65000),
            PeerAs = new(65000),
            Families = FamilySet.Of(RouteFamily.RouteTargetConstraint),
        };
        HashSet<string> meant = [];
        ArrayBufferWriter<byte> octets = new();
        List<NlriEntry> routes = [];
        while (meant.Count < Memberships)
        {
            AsNumber origin = new((uint)_random.NextInt64(1, 1L << 32));
            ulong six = (ulong)_random.NextInt64(1L << 48);
            int kind = _random.Next(3);
            if (meant.Add($"{origin}:" + kind switch
            {
                0 => $"{six >> 32}:{(uint)six}",
                1 => $"{new Ipv4Address((uint)(six >> 16))}:{six & 0xFFFF}",
                _ => $"{six >> 32}.{six >> 16 & 0xFFFF}:{six & 0xFFFF}",
            }))
            {
                routes.Add(new(Nlri.Membership(origin, new((ulong)kind << 56 | 0x0002UL << 48 | six)), 0));
            }

            if (routes.Count == 7)
            {
                Announce();
            }
        }

        Announce();
        raw.Send(octets.WrittenSpan.ToArray());
        IReadOnlyList<SeenRoute> seen = [];
        go.Until("have all memberships", () => (seen = go.ReceivedFrom(Ours, Family.RouteTarget)).Count >= meant.Count);
        Assert.Equal(meant.Order(StringComparer.Ordinal), seen.Select(route => route.Prefix).Order(StringComparer.Ordinal));
        Assert.All(seen, route => Assert.Equal("10.0.0.9", route.NextHop));
        Assert.Null(raw.Notification);

        // GoBGP's API has no form for the default: that it sends what nobody asked for tells.
        go.Announce(Family.Vpn4, "10.84.0.0/24 label 84 rd 65000:84 rt 65000:84 nexthop 10.0.0.2");
        using RawPeer other = new RawPeer(_network, Sender, GoBgp).Establish(65000, [Family.Vpn4, Family.RouteTarget]);
        octets.ResetWrittenCount();
        routes.Add(new(default, 0));
        Announce();
        other.Send(octets.WrittenSpan.ToArray());
        go.Until("send what the default asks for", () => other.Routes.ContainsKey("65000:84 10.84.0.0/24"));

        void Announce()
        {
            AttributeBlockBuilder attributes = new();
            attributes.SetOrigin(0);
            attributes.SetAsPath([]);
            attributes.SetNextHop(new Ipv4Address(0x0A000009));
            attributes.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, 100);
            Assert.Equal(routes.Count, UpdateEncoder.EncodeReach(RouteFamily.RouteTargetConstraint, attributes.Block, routes.ToArray(), options, octets).Routes);
            routes.Clear();
        }
    }

    /// <summary>Through our program: one client's memberships of any length reach another as they are, of bits beyond the length only zeros.</summary>
    [Theory]
    [Trait("Requirement", "SIG-05")]
    [InlineData(33, 96)]
    [InlineData(32, 32)]
    public void PrefixesOfAnyLengthAreReflected(int shortest, int longest)
    {
        BgpCapture capture = _network.Capture();
        Neighbor client = new(Sender) { Families = [Family.RouteTarget], ReflectorClient = true, Passive = true };
        _ = _network.Keep(new OurSpeaker(_network, Ours, OurSpeaker.Configuration(Ours, [client, client with { Number = Receiver }])));
        using RawPeer sender = new RawPeer(_network, Sender, Ours).Establish(65000, [Family.RouteTarget]);
        using RawPeer receiver = new RawPeer(_network, Receiver, Ours).Establish(65000, [Family.RouteTarget]);
        Dictionary<string, byte[]> meant = [];
        while (meant.Count < Memberships)
        {
            int bits = _random.Next(shortest, longest + 1);
            byte[] value = [.. U32((uint)_random.Next(1, int.MaxValue)), 0, 2, .. U16((ushort)_random.Next(65536)), .. U32((uint)_random.Next())];
            byte[] sent = [(byte)bits, .. value[..((bits + 7) / 8)]];
            byte[] clear = [.. sent];
            clear[^1] &= (byte)(0xFF << (-bits & 7));
            meant.TryAdd(Convert.ToHexString(clear), sent);
        }

        foreach (byte[][] several in meant.Values.Chunk(20))
        {
            sender.Send(UpdateMessage(Origin(), AsPath(), LocalPreference(100), Reach(Family.RouteTarget, [10, 0, 0, Sender], several)));
        }

        HashSet<string> held = [];
        try
        {
            receiver.Until("have all memberships", messages => (held = Held(messages)).Count >= meant.Count);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{held.Count} of {meant.Count} came; not {string.Join(' ', meant.Keys.Except(held).Take(10))}");
        }

        Assert.Equal(meant.Keys.Order(StringComparer.Ordinal), held.Order(StringComparer.Ordinal));
        if (shortest > 32)
        {
            string ours = $"ip.src == {BgpNetwork.Address(Ours)} && ip.dst == {BgpNetwork.Address(Receiver)}";
            string[] shown = [.. capture.Decode($"{ours} && bgp.originating_as", "bgp.prefix_length", "bgp.originating_as")
                .SelectMany(row => row[0].Split(',').Zip(row[1].Split(','), (length, origin) => $"{length} {origin}"))];
            string[] expected = [.. meant.Values.Select(octets => string.Create(CultureInfo.InvariantCulture,
                $"{octets[0]} {System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(octets.AsSpan(1))}"))];
            Assert.Equal(expected.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
            Assert.Empty(capture.ComplaintsAbout(Ours));
        }
    }

    /// <summary>The NLRI of MP_REACH_NLRI of all messages, octet by octet.</summary>
    private static HashSet<string> Held(IReadOnlyList<RawMessage> messages)
    {
        HashSet<string> held = [];
        foreach (RawMessage message in messages.Where(message => message.Type == Update))
        {
            ReadOnlySpan<byte> attributes = message.Body.AsSpan(4);
            while (attributes.Length > 0)
            {
                bool isLong = (attributes[0] & 0x10) != 0;
                int start = isLong ? 4 : 3;
                int length = isLong ? attributes[2] << 8 | attributes[3] : attributes[2];
                if (attributes[1] == 14)
                {
                    Assert.Equal("000184" + "040A000009" + "00", Convert.ToHexString(attributes.Slice(start, 9))); // IPv4, route target membership; from our address (§3.2 i)
                    for (ReadOnlySpan<byte> nlri = attributes[(start + 9)..(start + length)]; nlri.Length > 0; nlri = nlri[(1 + (nlri[0] + 7) / 8)..])
                    {
                        held.Add(Convert.ToHexString(nlri[..(1 + (nlri[0] + 7) / 8)]));
                    }
                }

                attributes = attributes[(start + length)..];
            }
        }

        return held;
    }
}

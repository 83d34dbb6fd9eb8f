using System.Buffers;
using Dataplane.Bgp.Wire;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using static Dataplane.Interop.Bgp.Peers.BgpBytes;

namespace Dataplane.Interop.Bgp.Agreement;

/// <summary>Which of several paths to a destination is which, by the identifiers that we send (RFC 7911), as GoBGP and ExaBGP decode them.</summary>
public sealed class PathIdentifierAgreementTests : IDisposable
{
    private const int GoBgp = 2;
    private const int ExaBgp = 4;
    private const int Raw = 9;
    private const int PathsPerFamily = 800;
    private const byte AddPath = 69;

    private static readonly (Family Family, RouteFamily Ours)[] Families =
        [(Family.Ipv4, RouteFamily.Ipv4Unicast), (Family.Ipv6, RouteFamily.Ipv6Unicast), (Family.Vpn4, RouteFamily.VpnIpv4), (Family.Vpn6, RouteFamily.VpnIpv6)];

    private readonly BgpNetwork _network = new();
    private readonly Random _random = new(7911);

    private static Neighbor ToUs => new(Raw) { Families = [.. Families.Select(pair => pair.Family)], AddPathReceive = true, Passive = true };

    public void Dispose() => _network.Dispose();

    [Fact]
    [Trait("Requirement", "SIG-21")]
    public void GoBgpTellsOurPathsApart()
    {
        using GoBgpPeer go = new(_network, GoBgp, [ToUs]);
        Agree(GoBgp, family => go.PathsFrom(Raw, family));
    }

    [Fact]
    [Trait("Requirement", "SIG-21")]
    public void ExaBgpTellsOurPathsApart()
    {
        using ExaBgpPeer exa = new(_network, ExaBgp, [ToUs]);
        Agree(ExaBgp, family => exa.ReceivedFrom(Raw, family));
    }

    /// <summary>Announces some paths to each of many destinations, then withdraws some of them, and compares what the peer shows.</summary>
    private void Agree(int to, Func<Family, IReadOnlyList<SeenRoute>> received)
    {
        using RawPeer raw = new(_network, Raw, to);
        byte[] sends = [.. Families.SelectMany(pair => (byte[])[.. U16(pair.Family.Wire().Afi), pair.Family.Wire().Safi, 2])];
        _ = raw.Establish(65000, Families.Select(pair => pair.Family), Capability(AddPath, sends));
        FamilySet all = FamilySet.Of([.. Families.Select(pair => pair.Ours)]);
        CodecOptions options = new() { IsIbgp = true, LocalAs = new(65000), PeerAs = new(65000), Families = all, AddPathSend = all };
        foreach ((Family family, RouteFamily ours) in Families)
        {
            HashSet<Path> meant = [];
            ArrayBufferWriter<byte> octets = new();
            while (meant.Count < PathsPerFamily)
            {
                Nlri[] nlri = [.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => Destination(ours)).Distinct()];
                for (int paths = _random.Next(1, 5); paths > 0; paths--)
                {
                    uint preference = (uint)_random.Next();
                    NlriEntry[] routes = [.. nlri.Select(one => new NlriEntry(one, Identifier(), ours.IsLabeled ? ((uint)_random.Next(16, 1 << 20) << 4) | 1 : 0))
                        .Where(route => meant.Add(Shown(ours, route, preference)))];
                    Assert.Equal(routes.Length, UpdateEncoder.EncodeReach(ours, Attributes(ours, preference), routes, options, octets).Routes);
                }
            }

            raw.Send(octets.WrittenSpan.ToArray());
            Compare($"{meant.Count} paths of {ours}", meant, () => received(family));

            Path[] gone = [.. meant.Where(_ => _random.Next(3) == 0)];
            meant.ExceptWith(gone);
            octets.ResetWrittenCount();
            Assert.Equal(gone.Length, UpdateEncoder.EncodeUnreach(ours, [.. gone.Select(path => path.Route)], options, octets).Routes);
            raw.Send(octets.WrittenSpan.ToArray());
            Compare($"{meant.Count} paths of {ours}, without {gone.Length}", meant, () => received(family));
            Assert.Null(raw.Notification);
        }
    }

    private static void Compare(string what, HashSet<Path> meant, Func<IReadOnlyList<SeenRoute>> received)
    {
        static (string, string, uint?, uint?, uint?) Of(SeenRoute route) => (route.Distinguisher, route.Prefix, route.PathIdentifier, route.Label, route.LocalPreference);
        HashSet<(string, string, uint?, uint?, uint?)> expected = [.. meant.Select(path => Of(path.Shown))];
        IReadOnlyList<SeenRoute> found = [];
        try
        {
            Wait.Until(what, () => (found = received()).Count == expected.Count);
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message}; there are {found.Count}, without\n{string.Join('\n', expected.Except(found.Select(Of)).Take(10))}\nbut with\n{string.Join('\n', found.Select(Of).Except(expected).Take(10))}");
        }

        Assert.Empty(expected.Except(found.Select(Of)).Take(10));
    }

    private static Path Shown(RouteFamily family, NlriEntry route, uint preference) => new(route.Nlri, route.PathIdentifier)
    {
        Route = route,
        Shown = new SeenRoute
        {
            Prefix = route.Nlri.Prefix(family).ToString(),
            Distinguisher = family.HasRouteDistinguisher ? route.Nlri.Distinguisher.ToString() : "",
            Label = family.IsLabeled ? route.Label >> 4 : null,
            LocalPreference = preference,
            PathIdentifier = route.PathIdentifier,
        },
    };

    private static AttributeBlock Attributes(RouteFamily family, uint preference)
    {
        AttributeBlockBuilder block = new();
        block.SetOrigin(0);
        block.SetAsPath([]);
        block.SetNextHop(family.AddressFamily == AddressFamily.Ipv6 ? IpAddress.Parse("2001:db8::9") : IpAddress.Parse("10.0.0.9"));
        block.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, preference);
        return block.Block;
    }

    /// <summary>Of all sizes.</summary>
    private uint Identifier() => (uint)(_random.NextInt64(1L << 32) >> _random.Next(32));

    private Nlri Destination(RouteFamily family) => Nlri.Of(family.AddressFamily == AddressFamily.Ipv6
            ? Ipv6Prefix.Of(new(0x2001_0000_0000_0000 | (ulong)_random.NextInt64(1L << 48), (ulong)_random.NextInt64()), (byte)_random.Next(30, 129))
            : Ipv4Prefix.Of(new((uint)_random.Next(0x0A000000, 0x60000000)), (byte)_random.Next(16, 33)),
        family.HasRouteDistinguisher ? RouteDistinguisher.OfAs((ushort)_random.Next(1, 65536), (uint)_random.Next()) : default);

    /// <summary>A path is told from others by destination and identifier.</summary>
    private sealed record Path(Nlri Nlri, uint Identifier)
    {
        public required NlriEntry Route { get; init; }

        public required SeenRoute Shown { get; init; }

        public bool Equals(Path? other) => other is not null && (Nlri, Identifier) == (other.Nlri, other.Identifier);

        public override int GetHashCode() => HashCode.Combine(Nlri, Identifier);
    }
}

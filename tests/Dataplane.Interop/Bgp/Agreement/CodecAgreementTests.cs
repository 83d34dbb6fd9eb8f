using System.Buffers;
using System.Buffers.Binary;
using Dataplane.Bgp.Wire;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;

namespace Dataplane.Interop.Bgp.Agreement;

/// <summary>What GoBGP decodes from our octets is what we meant, for thousands of generated routes.</summary>
public sealed class CodecAgreementTests : IDisposable
{
    private const int GoBgp = 2;
    private const int Raw = 9;
    private const int RoutesPerFamily = 1500;

    private readonly BgpNetwork _network = new();
    private readonly Random _random = new(4760);

    public void Dispose() => _network.Dispose();

    [Fact]
    [Trait("Requirement", "SIG-01")]
    [Trait("Requirement", "SIG-03")]
    public void GoBgpDecodesWhatWeMeant()
    {
        (Family Family, RouteFamily Ours)[] families =
            [(Family.Ipv4, RouteFamily.Ipv4Unicast), (Family.Ipv6, RouteFamily.Ipv6Unicast), (Family.Vpn4, RouteFamily.VpnIpv4), (Family.Vpn6, RouteFamily.VpnIpv6)];
        using GoBgpPeer go = new(_network, GoBgp, [new Neighbor(Raw) { Families = [.. families.Select(pair => pair.Family)], Passive = true }]);
        using RawPeer raw = new(_network, Raw, GoBgp);
        _ = raw.Establish(65000, families.Select(pair => pair.Family));
        CodecOptions options = new() { IsIbgp = true, LocalAs = new(65000), PeerAs = new(65000), Families = FamilySet.Of([.. families.Select(pair => pair.Ours)]) };

        foreach ((Family family, RouteFamily ours) in families)
        {
            Dictionary<(string, string), SeenRoute> meant = [];
            ArrayBufferWriter<byte> octets = new();
            while (meant.Count < RoutesPerFamily)
            {
                (AttributeBlockBuilder attributes, SeenRoute seen) = Attributes(ours);
                NlriEntry[] routes = [.. Enumerable.Range(0, _random.Next(1, 8)).Select(_ => Route(ours)).DistinctBy(route => route.Nlri)];
                routes = [.. routes.Where(route => meant.TryAdd(Key(ours, route), Seen(ours, route, seen)))];
                Assert.Equal(routes.Length, UpdateEncoder.EncodeReach(ours, attributes.Block, routes, options, octets).Routes);
            }

            raw.Send(octets.WrittenSpan.ToArray());
            Wait.Until($"GoBGP to have {meant.Count} routes of {ours}", () => go.ReceivedFrom(Raw, family).Count == meant.Count);
            IReadOnlyList<SeenRoute> found = go.ReceivedFrom(Raw, family);
            Assert.All(found, route => Assert.Equal(meant[(route.Distinguisher, route.Prefix)], route with { PathIdentifier = null }));
            Assert.Null(raw.Notification);
        }
    }

    private static (string, string) Key(RouteFamily family, NlriEntry route) =>
        (family.HasRouteDistinguisher ? route.Nlri.Distinguisher.ToString() : "", route.Nlri.Prefix(family).ToString());

    private static SeenRoute Seen(RouteFamily family, NlriEntry route, SeenRoute attributes) => attributes with
    {
        Distinguisher = Key(family, route).Item1,
        Prefix = Key(family, route).Item2,
        Label = family.IsLabeled ? route.Label >> 4 : null,
    };

    private NlriEntry Route(RouteFamily family)
    {
        RouteDistinguisher distinguisher = !family.HasRouteDistinguisher ? default : _random.Next(2) == 0
            ? RouteDistinguisher.OfAs((ushort)_random.Next(1, 65536), (uint)_random.Next())
            : RouteDistinguisher.OfAddress(new((uint)_random.Next(0x0A000000, 0x0B000000)), (ushort)_random.Next(65536));
        IpPrefix prefix = family.AddressFamily == AddressFamily.Ipv6
            ? Ipv6Prefix.Of(new(0x2001_0000_0000_0000 | (ulong)_random.NextInt64(1L << 48), (ulong)_random.NextInt64()), (byte)_random.Next(30, 129))
            : Ipv4Prefix.Of(new((uint)_random.Next(0x0A000000, 0x60000000)), (byte)_random.Next(16, 33));
        return new(Nlri.Of(prefix, distinguisher), 0, family.IsLabeled ? ((uint)_random.Next(16, 1 << 20) << 4) | 1 : 0);
    }

    private (AttributeBlockBuilder Block, SeenRoute Seen) Attributes(RouteFamily family)
    {
        AttributeBlockBuilder block = new();
        int origin = _random.Next(3);
        block.SetOrigin((byte)origin);
        AsNumber[] path = [.. Enumerable.Range(0, _random.Next(6)).Select(_ => new AsNumber((uint)_random.Next(1, int.MaxValue)))];
        block.SetAsPath(path);
        IpAddress nextHop = family.AddressFamily == AddressFamily.Ipv6
            ? new Ipv6Address(0x2001_0DB8_0000_0000UL, (ulong)_random.NextInt64(1, long.MaxValue))
            : new Ipv4Address((uint)_random.Next(0x0A000001, 0x0AFFFFFF));
        block.SetNextHop(nextHop);
        uint preference = (uint)_random.Next();
        block.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, preference);
        SeenRoute seen = new()
        {
            Prefix = "",
            NextHop = nextHop.ToString(),
            Origin = new[] { "igp", "egp", "incomplete" }[origin],
            AsPath = string.Join(' ', path),
            LocalPreference = preference,
        };
        if (_random.Next(2) == 0)
        {
            uint metric = (uint)_random.Next();
            block.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, metric);
            seen = seen with { Med = metric };
        }

        if (_random.Next(2) == 0)
        {
            uint[] communities = Numbers(_random.Next(1, 70));
            block.Set(AttributeCode.Communities, AttributeFlags.Optional | AttributeFlags.Transitive, Octets(communities));
            seen = seen with { Communities = SeenRoute.Sorted(communities.Select(value => $"{value >> 16}:{value & 0xFFFF}")) };
        }

        if (_random.Next(2) == 0)
        {
            ExtendedCommunity[] targets = [.. Enumerable.Range(0, _random.Next(1, 40)).Select(_ => new ExtendedCommunity(0x0002_0000_0000_0000UL | (ulong)_random.NextInt64(1L << 48)))];
            block.SetExtendedCommunities(targets);
            seen = seen with { ExtendedCommunities = SeenRoute.Sorted(targets.Select(target => $"target:{(target.Six >> 32) & 0xFFFF}:{(uint)target.Six}")) };
        }

        if (_random.Next(2) == 0)
        {
            uint[] large = Numbers(3 * _random.Next(1, 5));
            block.Set(AttributeCode.LargeCommunities, AttributeFlags.Optional | AttributeFlags.Transitive, Octets(large));
            seen = seen with { LargeCommunities = SeenRoute.Sorted(large.Chunk(3).Select(parts => string.Join(':', parts))) };
        }

        if (_random.Next(2) == 0)
        {
            uint[] clusters = Numbers(_random.Next(1, 4));
            block.Set(AttributeCode.OriginatorId, AttributeFlags.Optional, clusters[0]);
            block.Set(AttributeCode.ClusterList, AttributeFlags.Optional, Octets(clusters));
            seen = seen with { OriginatorId = new Ipv4Address(clusters[0]).ToString(), ClusterList = string.Join(' ', clusters.Select(id => new Ipv4Address(id))) };
        }

        return (block, seen);
    }

    private uint[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (uint)_random.Next(0x01000000, 0x7FFFFFFF))];

    private static byte[] Octets(uint[] numbers)
    {
        byte[] octets = new byte[4 * numbers.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets.AsSpan(4 * i), numbers[i]);
        }

        return octets;
    }
}

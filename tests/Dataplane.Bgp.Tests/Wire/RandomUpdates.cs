using System.Buffers.Binary;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>Updates that mean something, made from a seed: a family, attributes, routes.</summary>
internal sealed class RandomUpdates(int seed, FlowSpecStore flowSpecs)
{
    private readonly Random _random = new(seed);

    /// <summary>One update.</summary>
    internal sealed record Update(RouteFamily Family, bool Withdrawn, byte[] Attributes, NlriEntry[] Routes)
    {
        public AttributeBlock Block => new(Attributes);
    }

    public Update Next(params ReadOnlySpan<RouteFamily> families)
    {
        RouteFamily family = families[_random.Next(families.Length)];
        // A destination once per message: what several routes to one would mean is no question of the codec.
        NlriEntry[] routes = [.. Enumerable.Range(0, _random.Next(1, 30)).Select(_ => Route(family)).DistinctBy(route => route.Nlri)];
        return new(family, _random.Next(4) == 0, Attributes(family), routes);
    }

    private byte[] Attributes(RouteFamily family)
    {
        var builder = new AttributeBlockBuilder();
        builder.SetOrigin((byte)_random.Next(3));
        AsNumber[] path = [.. Enumerable.Range(0, _random.Next(6)).Select(_ => Number())];
        builder.SetAsPath(path);
        if (!family.IsFlowSpec)
        {
            builder.SetNextHop(NextHop(family));
        }

        builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, (uint)_random.Next());
        Maybe(() => builder.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, (uint)_random.Next()));
        Maybe(() => builder.Set(AttributeCode.AtomicAggregate, AttributeFlags.Transitive, []));
        Maybe(() => builder.Set(AttributeCode.Communities, AttributeFlags.Optional | AttributeFlags.Transitive, Octets(4 * _random.Next(1, 5), 0x7F)));
        Maybe(() => builder.Set(AttributeCode.OriginatorId, AttributeFlags.Optional, Octets(4)));
        Maybe(() => builder.Set(AttributeCode.ClusterList, AttributeFlags.Optional, Octets(4 * _random.Next(1, 4))));
        Maybe(() => builder.SetExtendedCommunities(
            [.. Enumerable.Range(0, _random.Next(1, 70)).Select(_ => new ExtendedCommunity(0x0002_0000_0000_0000 | (ulong)_random.NextInt64(1L << 48)))]));
        Maybe(() => builder.Set(AttributeCode.LargeCommunities, AttributeFlags.Optional | AttributeFlags.Transitive, Octets(12 * _random.Next(1, 4))));
        Maybe(() => builder.Set(AttributeCode.Aigp, AttributeFlags.Optional, [1, 0, 11, .. Octets(8, 0x7F)]));
        return builder.Block.Octets.ToArray();
    }

    private NlriEntry Route(RouteFamily family)
    {
        var identifier = (uint)_random.Next();
        var distinguisher = family.HasRouteDistinguisher ? Distinguisher() : default;
        if (family.IsFlowSpec)
        {
            return new(new(distinguisher, 0, flowSpecs.Intern(Rule(family)), 0), identifier);
        }

        if (family == RouteFamily.RouteTargetConstraint)
        {
            var target = new ExtendedCommunity(0x0002_0000_0000_0000 | (ulong)_random.NextInt64(1L << 48));
            return new(Nlri.Membership(Number(), target), identifier);
        }

        IpPrefix prefix = family.AddressFamily == AddressFamily.Ipv6
            ? Ipv6Prefix.Of(new((ulong)_random.NextInt64(), (ulong)_random.NextInt64()), (byte)_random.Next(129))
            : Ipv4Prefix.Of(new((uint)_random.NextInt64(1L << 32)), (byte)_random.Next(33));
        var label = family.IsLabeled ? ((uint)_random.Next(16, 1 << 20) << 4) | 1 : 0;
        return new(Nlri.Of(prefix, distinguisher), identifier, label);
    }

    /// <summary>A destination prefix and a port, or many ports so that the length takes two octets.</summary>
    private byte[] Rule(RouteFamily family)
    {
        byte[] ports = [.. Enumerable.Range(0, _random.Next(10) == 0 ? 120 : 2).SelectMany(_ => new[] { (byte)0x01, (byte)_random.Next(256) }), 0x81, 80];
        byte[] prefix = family.AddressFamily == AddressFamily.Ipv6 ? [1, 24, 0, .. Octets(3)] : [1, 24, .. Octets(3)];
        return [.. prefix, 5, .. ports];
    }

    private RouteDistinguisher Distinguisher() => _random.Next(3) switch
    {
        0 => RouteDistinguisher.OfAs((ushort)_random.Next(1, 65536), (uint)_random.Next()),
        1 => RouteDistinguisher.OfAddress(new((uint)_random.Next(1, int.MaxValue)), (ushort)_random.Next(65536)),
        _ => RouteDistinguisher.OfLongAs(new((uint)_random.Next(65536, int.MaxValue)), (ushort)_random.Next(65536)),
    };

    private IpAddress NextHop(RouteFamily family)
    {
        var v6 = family.AddressFamily == AddressFamily.Ipv6 && (family != RouteFamily.VpnIpv6 || _random.Next(2) == 0);
        return v6
            ? new Ipv6Address(0x20010DB8_00000000UL | (uint)_random.Next(), (ulong)_random.NextInt64())
            : new Ipv4Address(0x0A000000 | (uint)_random.Next(1, 1 << 24));
    }

    private AsNumber Number() => new(_random.Next(2) == 0 ? (uint)_random.Next(1, 65536) : (uint)_random.Next(65536, int.MaxValue));

    private byte[] Octets(int count, byte firstMask = 0xFF)
    {
        var octets = new byte[count];
        _random.NextBytes(octets);
        octets[0] &= firstMask;
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(octets) | 1));
        return octets;
    }

    private void Maybe(Action action)
    {
        if (_random.Next(3) == 0)
        {
            action();
        }
    }
}

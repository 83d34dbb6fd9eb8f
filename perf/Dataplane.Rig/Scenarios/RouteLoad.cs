using Dataplane.Net;

namespace Dataplane.Rig.Scenarios;

/// <summary>
/// Routes of many tenants for the lookup scenario, the same for the same sizes. Each VRF has 100 IPv4 hosts in four /24s and
/// 50 IPv6 hosts in two /64s, and 20 shorter prefixes: IPv4 /0 (every second VRF; the others /8), /12, 2 × /16, 2 × /20,
/// 8 × /24, of which four hold the hosts; IPv6 /0, /32, 2 × /48, 2 × /64. All IPv4 lies in 10.0.0.0/8, so that tenants overlap.
/// </summary>
internal sealed class RouteLoad
{
    private const int Hosts4PerVrf = 100;
    private const int Hosts6PerVrf = 50;
    private const int Subnets = 4;

    internal RouteLoad(int vrfs)
    {
        Vrfs = vrfs;
        var random = new Random(20260 + vrfs);
        for (int v = 0; v < vrfs; v++)
        {
            var vrf = (uint)v;
            Shorter4.Add(new Route4(vrf, v % 2 == 0 ? 0 : 0x0A000000u, v % 2 == 0 ? 0 : 8));
            uint site = 0x0A000000u | (uint)random.Next(16) << 20;
            Shorter4.Add(new Route4(vrf, site, 12));
            AddDistinct4(random, vrf, site, 16, 2);
            AddDistinct4(random, vrf, site, 20, 2);
            int first = Shorter4.Count;
            AddDistinct4(random, vrf, site, 24, 8);
            for (int s = 0; s < Subnets; s++)
            {
                var octets = new HashSet<uint>();
                while (octets.Count < Hosts4PerVrf / Subnets)
                    octets.Add((uint)random.Next(1, 255));
                foreach (uint octet in octets)
                    Hosts4.Add(new Route4(vrf, Shorter4[first + s].Address | octet, 32));
            }
            ulong block = 0x2001_0DB8_0000_0000ul | (ulong)(uint)random.Next(1 << 8) << 24;
            Shorter6.Add(new Route6(vrf, 0, 0, 0));
            Shorter6.Add(new Route6(vrf, 0x2001_0DB8ul << 32, 0, 32));
            for (uint n = 0; n < 2; n++)
            {
                Shorter6.Add(new Route6(vrf, block | n << 16, 0, 48));
                Shorter6.Add(new Route6(vrf, block | n << 16 | 7, 0, 64));
                for (int h = 0; h < Hosts6PerVrf / 2; h++)
                    Hosts6.Add(new Route6(vrf, block | n << 16 | 7, n == 0 ? (ulong)h + 1 : (ulong)random.NextInt64(1, long.MaxValue), 128));
            }
        }
    }

    internal int Vrfs { get; }

    internal List<Route4> Hosts4 { get; } = [];

    internal List<Route4> Shorter4 { get; } = [];

    internal List<Route6> Hosts6 { get; } = [];

    internal List<Route6> Shorter6 { get; } = [];

    /// <summary>Addresses to look up: <paramref name="hostShare"/> of them hosts with a route of their own, the others random
    /// addresses below a random shorter prefix.</summary>
    internal Target4[] Targets4(int count, double hostShare, int seed)
    {
        var random = new Random(seed);
        var targets = new Target4[count];
        for (int i = 0; i < count; i++)
        {
            if (random.NextDouble() < hostShare)
            {
                Route4 host = Hosts4[random.Next(Hosts4.Count)];
                targets[i] = new Target4(host.Vrf, host.Address);
                continue;
            }
            Route4 route = Shorter4[random.Next(Shorter4.Count)];
            uint low = route.Length == 0 ? uint.MaxValue : uint.MaxValue >> route.Length;
            targets[i] = new Target4(route.Vrf, route.Address | (uint)random.NextInt64(1L << 32) & low);
        }
        return targets;
    }

    /// <summary>The same for IPv6.</summary>
    internal Target6[] Targets6(int count, double hostShare, int seed)
    {
        var random = new Random(seed);
        var targets = new Target6[count];
        for (int i = 0; i < count; i++)
        {
            Route6 route = random.NextDouble() < hostShare ? Hosts6[random.Next(Hosts6.Count)] : Shorter6[random.Next(Shorter6.Count)];
            ulong high = route.Length == 0 ? ulong.MaxValue : route.Length >= 64 ? 0 : ulong.MaxValue >> route.Length;
            ulong low = route.Length == 128 ? 0 : ulong.MaxValue;
            targets[i] = new Target6(route.Vrf, route.High | (ulong)random.NextInt64() & high, route.Low | (ulong)random.NextInt64() & low);
        }
        return targets;
    }

    private void AddDistinct4(Random random, uint vrf, uint site, int length, int count)
    {
        var seen = new HashSet<uint>();
        while (seen.Count < count)
            seen.Add(site | (uint)random.Next(1 << 20) & uint.MaxValue << (32 - length));
        foreach (uint address in seen)
            Shorter4.Add(new Route4(vrf, address, length));
    }
}

/// <summary>A route of the load.</summary>
/// <param name="Vrf">VRF row.</param>
/// <param name="Address">Address, host order.</param>
/// <param name="Length">Prefix length.</param>
internal readonly record struct Route4(uint Vrf, uint Address, int Length)
{
    internal IpPrefix Prefix => new(new Ipv4Address(Address), (byte)Length);
}

/// <summary>An IPv6 route of the load.</summary>
internal readonly record struct Route6(uint Vrf, ulong High, ulong Low, int Length)
{
    internal IpPrefix Prefix => new(new Ipv6Address(High, Low), (byte)Length);
}

/// <summary>An address to look up.</summary>
internal readonly record struct Target4(uint Vrf, uint Address);

/// <summary>An IPv6 address to look up.</summary>
internal readonly record struct Target6(uint Vrf, ulong High, ulong Low);

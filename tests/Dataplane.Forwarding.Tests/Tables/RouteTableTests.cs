using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Tables;

/// <summary>Batches of addresses against a model that compares every route, with every width of vectors.</summary>
[Trait("Requirement", "FWD-01")]
[Trait("Requirement", "FWD-02")]
public sealed unsafe class RouteTableTests
{
    private const int Vrfs = 6;

    public static TheoryData<VectorLevel, int> Levels() => new()
    {
        { VectorLevel.Scalar, 1 }, { VectorLevel.Avx2, 1 }, { VectorLevel.Avx512, 1 },
        { VectorLevel.Scalar, 2 }, { VectorLevel.Avx2, 2 }, { VectorLevel.Avx512, 2 },
    };

    [Theory]
    [MemberData(nameof(Levels))]
    public void Batches_of_every_size_find_the_longest_match(VectorLevel level, int seed)
    {
        using var datapath = new Datapath(new DatapathOptions { ClockHz = 1_000_000_000, Vectors = level, TunnelEnd4 = Ipv4Address.Parse("203.0.113.17") }, null);
        PortId port = datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 0, Mac = default });
        TunnelId tunnel = datapath.AddTunnel(new TunnelSettings
        {
            Remote = Ipv4Address.Parse("203.0.113.1"),
            Port = port,
            UnderlayNextHop = Ipv4Address.Parse("203.0.113.1"),
        });
        var vrfs = new VrfId[Vrfs];
        for (int i = 0; i < Vrfs; i++)
            vrfs[i] = datapath.AddVrf(null, []);
        var random = new Random(seed);
        var routes = new Dictionary<(int Vrf, IpPrefix Prefix), uint>();
        uint label = 16;
        for (int step = 0; step < 1500; step++)
        {
            // Few enough bits vary that routes cover one another and addresses hit them.
            int vrf = random.Next(Vrfs);
            IpPrefix prefix = random.Next(2) == 0 ? Prefix4(random) : Prefix6(random);
            if (random.Next(4) == 0)
            {
                Assert.Equal(routes.Remove((vrf, prefix)), datapath.RemoveRoute(vrfs[vrf], prefix));
            }
            else
            {
                datapath.SetRoute(vrfs[vrf], prefix, new SuppliedRoute(tunnel, new Label20(++label)));
                routes[(vrf, prefix)] = label;
            }
            if (step % 20 == 0)
                Compare(datapath.Root, routes, random, 1 + random.Next(RouteTable.LargestBatch));
        }
    }

    private static void Compare(DatapathRoot* root, Dictionary<(int Vrf, IpPrefix Prefix), uint> routes, Random random, int count)
    {
        ulong* keys = stackalloc ulong[count];
        ulong* firsts = stackalloc ulong[count];
        ulong* seconds = stackalloc ulong[count];
        uint* spaces = stackalloc uint[count];
        ulong* leaves4 = stackalloc ulong[count];
        ulong* leaves6 = stackalloc ulong[count];
        var asked = new (int Vrf, IpAddress V4, IpAddress V6)[count];
        for (int i = 0; i < count; i++)
        {
            int vrf = random.Next(Vrfs);
            asked[i] = (vrf, Prefix4(random).Address, Prefix6(random).Address);
            spaces[i] = VrfRow.AccessSpace((uint)vrf);
            keys[i] = RouteTable.Key4(spaces[i], WireOrder.V4(asked[i].V4.V4));
            (firsts[i], seconds[i]) = WireOrder.V6(asked[i].V6.V6);
        }
        RouteTable.Lookup4(root, keys, leaves4, count);
        RouteTable.Lookup6(root, spaces, firsts, seconds, leaves6, count);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(Naive(routes, asked[i].Vrf, asked[i].V4), new Leaf(leaves4[i]).Label);
            Assert.Equal(Naive(routes, asked[i].Vrf, asked[i].V6), new Leaf(leaves6[i]).Label);
        }
    }

    private static uint Naive(Dictionary<(int Vrf, IpPrefix Prefix), uint> routes, int vrf, IpAddress address)
    {
        uint best = 0;
        int longest = -1;
        foreach (((int owner, IpPrefix prefix), uint label) in routes)
        {
            if (owner == vrf && prefix.Contains(address) && prefix.Length > longest)
                (best, longest) = (label, prefix.Length);
        }
        return best;
    }

    private static IpPrefix Prefix4(Random random)
    {
        uint bits = 0x0A000000u | (uint)random.Next(4) << 16 | (uint)random.Next(3) << 8 | (uint)random.Next(4) << 6 | (uint)random.Next(3);
        int length = random.Next(3) == 0 ? random.Next(33) : 32;
        return new IpPrefix(new Ipv4Address(length == 0 ? 0 : bits & uint.MaxValue << (32 - length)), (byte)length);
    }

    private static IpPrefix Prefix6(Random random)
    {
        UInt128 bits = (UInt128)0x2001_0DB8 << 96 | (UInt128)(uint)random.Next(4) << 62 | (UInt128)(uint)random.Next(3) << 40 | (uint)random.Next(3);
        int length = random.Next(3) == 0 ? random.Next(129) : 128;
        bits = length == 0 ? 0 : bits & UInt128.MaxValue << (128 - length);
        return new IpPrefix(new Ipv6Address((ulong)(bits >> 64), (ulong)bits), (byte)length);
    }
}

using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Pipeline;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>Routes and neighbours change while lookups go on, as workers do them.</summary>
public sealed unsafe class ConcurrentRouteTests
{
    private const int Readers = 2;

    [Fact]
    [Trait("Requirement", "FWD-02")]
    public void A_route_that_stays_is_found_whatever_changes_around_it()
    {
        using var rig = new ForwardingRig(new DatapathOptions
        {
            ClockHz = 1_000_000,
            Workers = Readers,
            Vrfs = 4,
            Interfaces = 8,
            Tunnels = 16,
            TunnelEnd4 = Ipv4Address.Parse("203.0.113.17"),
        });
        Datapath datapath = rig.Datapath;
        PortId core = datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 0, Mac = default });
        VrfId blue = datapath.AddVrf(null, []);
        VrfId red = datapath.AddVrf(null, []);
        for (uint i = 0; i < 8; i++)
        {
            IpAddress remote = new Ipv4Address(0xCB007128 + i);
            datapath.AddTunnel(new TunnelSettings { Remote = remote, Port = core, UnderlayNextHop = remote });
        }
        // In blue tunnel n serves 10.n/16, 10.n.1.1, 2001:db8:n::/48 and 2001:db8:n::1. Red churns all of them, and blue their neighbours.
        for (uint n = 0; n < 8; n++)
        {
            foreach (IpPrefix prefix in Stable(n))
                datapath.SetRoute(blue, prefix, new SuppliedRoute(new TunnelId(n), new Label20(100 + n)));
        }
        bool done = false;
        long wrong = 0;
        long lookups = 0;
        DatapathRoot* root = datapath.Root;
        Thread[] threads = [.. Enumerable.Range(0, Readers).Select(reader => new Thread(() =>
        {
            var random = new Random(reader);
            EpochSlot* slot = root->Epochs + reader;
            Interlocked.Exchange(ref slot->Announced, Volatile.Read(ref root->GlobalEpoch));
            while (!Volatile.Read(ref done))
            {
                Volatile.Write(ref slot->Announced, Volatile.Read(ref root->GlobalEpoch));
                for (int i = 0; i < 16; i++)
                {
                    uint n = (uint)random.Next(8);
                    IpPrefix prefix = Stable(n)[random.Next(4)];
                    Leaf leaf = FastPath.LookupOne(root, blue.Value, prefix.Address, coreView: random.Next(2) == 0);
                    // Its own entry, or one nested below the prefix for the very same address: never another tunnel's.
                    bool right = leaf.Kind == LeafKind.Tunnel && leaf.Index == n && root->Tunnels[leaf.Index]->InnerMtu == 1472;
                    if (!right)
                        Interlocked.Increment(ref wrong);
                }
                Interlocked.Add(ref lookups, 16);
            }
            Volatile.Write(ref slot->Announced, EpochSlot.Quiescent);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        var writer = new Random(42);
        for (int step = 0; step < 60_000; step++)
        {
            uint n = (uint)writer.Next(8);
            IpPrefix stable = Stable(n)[writer.Next(4)];
            // Below the stable prefix, to the same tunnel; in red, to any; and the stable one again with another label.
            IpPrefix below = IpPrefix.Of(stable.Address, (byte)Math.Min(stable.Length + writer.Next(1, 12), stable.Address.Bits));
            switch (writer.Next(5))
            {
                case 0:
                    if (!Stable(n).Contains(below))
                        datapath.SetRoute(blue, below, new SuppliedRoute(new TunnelId(n), new Label20(500)));
                    break;
                case 1:
                    if (!Stable(n).Contains(below))
                        datapath.RemoveRoute(blue, below);
                    break;
                case 2:
                    datapath.SetRoute(red, below, new SuppliedRoute(new TunnelId((uint)writer.Next(8)), new Label20(600)));
                    break;
                case 3:
                    datapath.RemoveRoute(red, below);
                    break;
                default:
                    datapath.SetRoute(blue, stable, new SuppliedRoute(new TunnelId(n), new Label20((uint)writer.Next(16, 1000))));
                    datapath.SetUnderlayNeighbor(core, new Ipv4Address(0xCB007128 + n), new MacAddress((ulong)step));
                    break;
            }
        }
        Volatile.Write(ref done, true);
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(0, wrong);
        Assert.NotEqual(0, lookups);
    }

    private static IpPrefix[] Stable(uint n) =>
    [
        new(new Ipv4Address(10 << 24 | n << 16), 16),
        IpPrefix.Host(new Ipv4Address(10 << 24 | n << 16 | 0x101)),
        new(new Ipv6Address(0x2001_0DB8_0000_0000 | (ulong)n << 16, 0), 48),
        IpPrefix.Host(new Ipv6Address(0x2001_0DB8_0000_0000 | (ulong)n << 16, 1)),
    ];
}

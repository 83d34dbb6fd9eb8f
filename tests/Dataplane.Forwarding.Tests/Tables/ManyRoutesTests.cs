using System.Globalization;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Forwarding.Tests.Tables;

/// <summary>Tests that measure the process's memory run alone.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>The size the forwarder is made for: 10,000 VRFs, 1 M IPv4 and 500,000 IPv6 host routes, 200,000 shorter prefixes.</summary>
[Collection("alone")]
public sealed unsafe class ManyRoutesTests
{
    private const int Vrfs = 10_000;

    [Fact]
    [Trait("Requirement", "FWD-01")]
    [Trait("Requirement", "FWD-02")]
    [Trait("Requirement", "SCL-01")]
    [Trait("Requirement", "SCL-02")]
    [Trait("Requirement", "SCL-03")]
    public void Ten_thousand_VRFs_with_their_routes_fit_and_answer()
    {
        var load = new RouteLoad(Vrfs);
        Assert.Equal((1_000_000, 500_000, 200_000), (load.Hosts4.Count, load.Hosts6.Count, load.Shorter4.Count + load.Shorter6.Count));
        using var datapath = new Datapath(new DatapathOptions
        {
            ClockHz = 1_000_000_000,
            Vrfs = Vrfs,
            TunnelEnd4 = Ipv4Address.Parse("203.0.113.17"),
        }, null);
        PortId port = datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 0, Mac = default });
        Ipv4Address remote = Ipv4Address.Parse("203.0.113.1");
        TunnelId tunnel = datapath.AddTunnel(new TunnelSettings { Remote = remote, Port = port, UnderlayNextHop = remote });
        void Set(uint vrf, IpPrefix prefix, int label) =>
            datapath.SetRoute(new VrfId(vrf), prefix, new SuppliedRoute(tunnel, new Label20((uint)label % 1_000_000 + 16)));

        long memory = Resident(datapath);
        for (int v = 0; v < Vrfs; v++)
            datapath.AddVrf(null, []);
        Assert.InRange(Grown(datapath, ref memory) / (double)Vrfs, 0, 4096);
        for (int i = 0; i < load.Hosts4.Count; i++)
            Set(load.Hosts4[i].Vrf, load.Hosts4[i].Prefix, i);
        Assert.InRange(Grown(datapath, ref memory) / (double)load.Hosts4.Count, 0, 48);
        for (int i = 0; i < load.Hosts6.Count; i++)
            Set(load.Hosts6[i].Vrf, load.Hosts6[i].Prefix, i);
        Assert.InRange(Grown(datapath, ref memory) / (double)load.Hosts6.Count, 0, 80);
        for (int i = 0; i < load.Shorter4.Count; i++)
            Set(load.Shorter4[i].Vrf, load.Shorter4[i].Prefix, i);
        for (int i = 0; i < load.Shorter6.Count; i++)
            Set(load.Shorter6[i].Vrf, load.Shorter6[i].Prefix, i);

        // Every host route, and addresses below the shorter prefixes against a model.
        for (int i = 0; i < load.Hosts4.Count; i++)
        {
            Leaf leaf = datapath.Lookup(new VrfId(load.Hosts4[i].Vrf), new Ipv4Address(load.Hosts4[i].Address), coreView: false);
            Assert.Equal(((uint)i % 1_000_000 + 16, 32), (leaf.Label, leaf.PrefixLength));
        }
        int perVrf = load.Shorter4.Count / Vrfs;
        var hosts = load.Hosts4.Select(h => (h.Vrf, h.Address)).ToHashSet();
        foreach (Target4 target in load.Targets4(100_000, 0, seed: 1))
        {
            int longest = hosts.Contains((target.Vrf, target.Address)) ? 32 : -1;
            for (int i = 0; i < perVrf; i++)
            {
                Route4 route = load.Shorter4[(int)target.Vrf * perVrf + i];
                if (route.Length > longest && route.Prefix.Contains(new Ipv4Address(target.Address)))
                    longest = route.Length;
            }
            Leaf leaf = datapath.Lookup(new VrfId(target.Vrf), new Ipv4Address(target.Address), coreView: false);
            Assert.Equal(longest, leaf.PrefixLength);
        }

        // Everything goes again; what is left is what empty VRFs need.
        foreach (Route4 route in load.Hosts4.Concat(load.Shorter4))
            Assert.True(datapath.RemoveRoute(new VrfId(route.Vrf), route.Prefix));
        foreach (Route6 route in load.Hosts6.Concat(load.Shorter6))
            Assert.True(datapath.RemoveRoute(new VrfId(route.Vrf), route.Prefix));
        foreach (Target4 target in load.Targets4(1000, 0.5, seed: 2))
            Assert.Equal(Leaf.None, datapath.Lookup(new VrfId(target.Vrf), new Ipv4Address(target.Address), coreView: false));
    }

    private static long Grown(Datapath datapath, ref long before)
    {
        long now = Resident(datapath);
        long grown = now - before;
        before = now;
        // What other tests left behind may leave the process meanwhile.
        return Math.Max(grown, 0);
    }

    private static long Resident(Datapath datapath)
    {
        datapath.Reclaim();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }
}

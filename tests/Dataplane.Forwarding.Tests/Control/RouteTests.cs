using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>What a VRF's two views hold.</summary>
public sealed class RouteTests
{
    /// <summary>The story of FWD-10: two guests of one VRF, and what the gateway says in the meantime.</summary>
    [Fact]
    [Trait("Requirement", "FWD-10")]
    public void A_local_route_serves_local_traffic_only_after_the_gateway_has_confirmed_it()
    {
        using var network = new TestNetwork();
        byte[] packet = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Vm2));
        byte[] fromCore = TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, TestNetwork.BlueLabel, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm2)));

        // Nothing said yet: no way from guest to guest, while the core reaches the guest at once.
        Assert.Equal(1, network.Receive(network.Access, packet).Drops[DropReason.NoRoute]);
        Assert.Equal(11, network.Receive(network.Core, fromCore).Outcomes[0].Port);

        // A hub's default only: through the tunnel to the hub.
        network.Route(network.Blue, "0.0.0.0/0", new TunnelId(0), 61999);
        Assert.Equal(10, network.Receive(network.Access, packet).Outcomes[0].Port);
        Assert.Equal(11, network.Receive(network.Core, fromCore).Outcomes[0].Port);

        // The very prefix with our address, but another interface's label: still the hub.
        Assert.False(network.Route(network.Blue, TestNetwork.Vm2 + "/32", null, TestNetwork.Vm1Label));
        Assert.Equal(10, network.Receive(network.Access, packet).Outcomes[0].Port);

        // A covering prefix with the right label is not the very prefix.
        Assert.False(network.Route(network.Blue, "198.51.100.24/29", null, TestNetwork.Vm2Label));
        Assert.Equal(10, network.Receive(network.Access, packet).Outcomes[0].Port);

        // Confirmed: switched here, no fabric traffic.
        Assert.True(network.Route(network.Blue, TestNetwork.Vm2 + "/32", null, TestNetwork.Vm2Label));
        Assert.Equal(11, network.Receive(network.Access, packet).Outcomes[0].Port);

        // Moved away: the gateway names another forwarder, local traffic follows, and from the core the local route still wins.
        Assert.True(network.Route(network.Blue, TestNetwork.Vm2 + "/32", new TunnelId(2), 61777));
        Assert.Equal(10, network.Receive(network.Access, packet).Outcomes[0].Port);
        Assert.Equal(11, network.Receive(network.Core, fromCore).Outcomes[0].Port);

        // Withdrawn: the hub again.
        Assert.True(network.RemoveRoute(network.Blue, TestNetwork.Vm2 + "/32"));
        Assert.False(network.RemoveRoute(network.Blue, TestNetwork.Vm2 + "/32"));
        Assert.Equal(10, network.Receive(network.Access, packet).Outcomes[0].Port);
        network.RequireCounters();
    }

    [Fact]
    [Trait("Requirement", "FWD-10")]
    public void Confirmation_in_one_VRF_says_nothing_in_another()
    {
        using var network = new TestNetwork();
        // Red's interface owns 198.51.100.25 too, with another label.
        Assert.True(network.Route(network.Blue, TestNetwork.Vm1 + "/32", null, TestNetwork.Vm1Label));
        Assert.Equal(LeafKind.Tunnel, network.Datapath.Lookup(network.Red, IpAddress.Parse(TestNetwork.Vm1), coreView: false).Kind);
        // A label says whose the address is, though: blue's is blue's interface, if red is told so.
        Assert.False(network.Route(network.Red, TestNetwork.Vm1 + "/32", null, TestNetwork.Vm2Label));
        Assert.Equal(LeafKind.Tunnel, network.Datapath.Lookup(network.Red, IpAddress.Parse(TestNetwork.Vm1), coreView: false).Kind);
        Assert.True(network.Route(network.Red, TestNetwork.Vm1 + "/32", null, TestNetwork.Vm1Label));
        Assert.Equal(network.VmOne.Value, network.Datapath.Lookup(network.Red, IpAddress.Parse(TestNetwork.Vm1), coreView: false).Index);
        Assert.True(network.Route(network.Red, TestNetwork.Vm1 + "/32", null, TestNetwork.Vm3Label));
        Leaf leaf = network.Datapath.Lookup(network.Red, IpAddress.Parse(TestNetwork.Vm1), coreView: false);
        Assert.Equal((LeafKind.Interface, network.VmThree.Value), (leaf.Kind, leaf.Index));
    }

    [Fact]
    [Trait("Requirement", "FWD-02")]
    public void The_longest_prefix_decides_tunnel_and_label()
    {
        using var network = new TestNetwork();
        network.Route(network.Red, "198.51.0.0/16", new TunnelId(1), 16);
        network.Route(network.Red, "198.51.100.0/24", new TunnelId(2), 17);
        network.Route(network.Red, "198.51.100.77/32", new TunnelId(3), 1048575);
        foreach ((string address, uint tunnel, uint label, int length) in new[]
        {
            ("8.8.8.8", 0u, 61300u, 0), ("198.51.1.1", 1u, 16u, 16), ("198.51.100.1", 2u, 17u, 24), ("198.51.100.77", 3u, 1048575u, 32),
        })
        {
            Leaf leaf = network.Datapath.Lookup(network.Red, IpAddress.Parse(address), coreView: false);
            Assert.Equal((LeafKind.Tunnel, tunnel, label, length), (leaf.Kind, leaf.Index, leaf.Label, leaf.PrefixLength));
        }
    }

    [Fact]
    [Trait("Requirement", "FWD-01")]
    [Trait("Requirement", "ARC-07")]
    public void The_same_prefix_in_two_VRFs_leads_to_two_places()
    {
        using var network = new TestNetwork();
        foreach (string prefix in new[] { "192.0.2.0/24", "192.0.2.1/32", "2001:db8:9::/48", "2001:db8:9::1/128" })
        {
            IpAddress address = IpPrefix.Parse(prefix).Address;
            network.Route(network.Blue, prefix, new TunnelId(0), 100);
            network.Route(network.Red, prefix, new TunnelId(1), 200);
            Assert.Equal((0u, 100u), Target(network.Datapath.Lookup(network.Blue, address, false)));
            Assert.Equal((1u, 200u), Target(network.Datapath.Lookup(network.Red, address, false)));
            network.RemoveRoute(network.Red, prefix);
            Assert.Equal((0u, 100u), Target(network.Datapath.Lookup(network.Blue, address, false)));
            Assert.NotEqual((1u, 200u), Target(network.Datapath.Lookup(network.Red, address, false)));
        }
    }

    [Fact]
    public void An_address_of_the_forwarder_wins_over_a_route_to_it()
    {
        using var network = new TestNetwork();
        network.Route(network.Blue, "198.51.100.1/32", new TunnelId(0), 100);
        network.Route(network.Blue, "169.254.0.1/32", new TunnelId(0), 100);
        foreach (bool core in new[] { false, true })
        {
            Assert.Equal(LeafKind.Router, network.Datapath.Lookup(network.Blue, IpAddress.Parse("198.51.100.1"), core).Kind);
            Assert.Equal(LeafKind.Router, network.Datapath.Lookup(network.Blue, IpAddress.Parse("169.254.0.1"), core).Kind);
            Assert.Equal(LeafKind.Router, network.Datapath.Lookup(network.Blue, IpAddress.Parse("fe80::1"), core).Kind);
        }
        network.RemoveRoute(network.Blue, "198.51.100.1/32");
        Assert.Equal(LeafKind.Router, network.Datapath.Lookup(network.Blue, IpAddress.Parse("198.51.100.1"), false).Kind);
    }

    /// <summary>Routes of all kinds come and go in several VRFs; both views must be what the specification's own words give.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Requirement", "FWD-01")]
    [Trait("Requirement", "FWD-02")]
    [Trait("Requirement", "FWD-10")]
    [Trait("Requirement", "FWD-19")]
    [Trait("Requirement", "ARC-07")]
    public void Both_views_are_what_the_specification_says_whatever_comes_and_goes(int seed)
    {
        using var network = new TestNetwork();
        var random = new Random(seed);
        VrfId[] vrfs = [network.Blue, network.Red, network.Green];
        uint?[] labels =
        [
            TestNetwork.Vm1Label, TestNetwork.Vm2Label, TestNetwork.Vm3Label, TestNetwork.LocalLabel, TestNetwork.GuestLabel,
            TestNetwork.QinQLabel, TestNetwork.BlueLabel, TestNetwork.GreenLabel, 77,
        ];
        IpPrefix[] own = [.. new[] { "198.51.100.25/32", "198.51.100.26/32", "192.0.2.10/32", "10.9.0.0/16", "192.0.2.64/26", "2001:db8:1::25/128", "2001:db8:3:1::/64", "2001:db8:3::10/128", "198.51.100.1/32", "2001:db8:1::1/128" }.Select(IpPrefix.Parse)];
        var set = new List<(VrfId, IpPrefix)>();
        ushort vlan = 1000;
        for (int step = 0; step < 2500; step++)
        {
            VrfId vrf = vrfs[random.Next(3)];
            int choice = random.Next(100);
            if (choice < 60)
            {
                IpPrefix prefix = random.Next(3) == 0 ? own[random.Next(own.Length)] : RandomPrefix(random, own);
                TunnelId? tunnel = random.Next(2) == 0 ? new TunnelId((uint)random.Next(6)) : null;
                uint label = tunnel is null ? labels[random.Next(labels.Length)]!.Value : (uint)random.Next(16, 1 << 20);
                bool used = network.Route(vrf, prefix.ToString(), tunnel, label);
                Assert.True(used || tunnel is null);
                set.Add((vrf, prefix));
            }
            else if (choice < 97 && set.Count > 0)
            {
                (VrfId at, IpPrefix prefix) = set[random.Next(set.Count)];
                network.RemoveRoute(at, prefix.ToString());
                set.RemoveAll(entry => entry == (at, prefix));
            }
            else if (step % 50 == 0)
            {
                // A new guest; its addresses may be among the supplied ones already.
                IpPrefix prefix = set.Count > 0 && random.Next(2) == 0 ? set[random.Next(set.Count)].Item2 : RandomPrefix(random, own);
                if (!own.Contains(prefix))
                {
                    network.AddInterface(network.Access, vrf, TestNetwork.Host1, vlan, null, 100_000u + vlan, [prefix.ToString()]);
                    own = [.. own, prefix];
                    labels = [.. labels, 100_000u + vlan++];
                }
            }
            for (int probe = 0; probe < 3; probe++)
            {
                VrfId looked = vrfs[random.Next(3)];
                IpAddress address = random.Next(2) == 0 ? own[random.Next(own.Length)].Address : RandomPrefix(random, own).Address;
                foreach (bool core in new[] { false, true })
                    Assert.Equal(network.Model.Lookup(looked, address, core), network.Datapath.Lookup(looked, address, core));
            }
        }
    }

    private static (uint Tunnel, uint Label) Target(Leaf leaf) => (leaf.Index, leaf.Label);

    // Near what there is, so that prefixes nest and coincide.
    private static IpPrefix RandomPrefix(Random random, IpPrefix[] near)
    {
        IpPrefix from = near[random.Next(near.Length)];
        bool v6 = from.Family == AddressFamily.Ipv6;
        byte length = (byte)random.Next(v6 ? 129 : 33);
        if (random.Next(3) == 0)
            length = (byte)(v6 ? 128 : 32);
        byte[] octets = Build.Address(from.Address.ToString());
        if (random.Next(2) == 0)
            octets[random.Next(octets.Length)] ^= (byte)(1 << random.Next(8));
        IpAddress address = v6 ? Ipv6Address.Read(octets) : (IpAddress)Ipv4Address.Read(octets);
        return IpPrefix.Of(address, length);
    }
}

using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Fuzz.Fuzzing;

/// <summary>The forwarders that cases run on: all neighbours known, none known, one with odd settings, one whose
/// frames have little headroom.</summary>
internal sealed class FuzzNetworks : IDisposable
{
    internal const int Count = 4;
    internal const int Odd = 2;
    internal const int LittleHeadroom = 3;
    private const int Unresolved = 1;

    private readonly TestNetwork?[] _networks = new TestNetwork?[Count];

    internal TestNetwork this[int index] => _networks[index] ??= Create(index);

    public void Dispose()
    {
        foreach (TestNetwork? network in _networks)
            network?.Dispose();
    }

    private static TestNetwork Create(int index)
    {
        TestNetwork network = index switch
        {
            Odd => new TestNetwork(puntCapacity: 5, acceptZeroUdp6: true, defaultClass: new ForwardingClass(46, 5)),
            _ => new TestNetwork(),
        };
        // Own routes: a local one confirmed, one with a label that does not own it, and an aggregate that may lead back to itself.
        network.Route(network.Blue, TestNetwork.Vm2 + "/32", null, TestNetwork.Vm2Label);
        network.Route(network.Blue, TestNetwork.Vm2V6 + "/128", null, TestNetwork.Vm1Label);
        // Routes of the length of local ones, to elsewhere: from the core the local ones win.
        network.Route(network.Red, TestNetwork.Vm1 + "/32", new TunnelId(1), 61301);
        network.Route(network.Blue, TestNetwork.Vm1V6 + "/128", new TunnelId(3), 61302);
        network.Route(network.Green, "2001:db8:3:1::/64", new TunnelId(5), 61303);
        network.Route(network.Blue, "198.51.100.0/24", null, TestNetwork.BlueLabel);
        network.Route(network.Green, "2001:db8:3::/48", null, TestNetwork.GreenLabel);
        network.Route(network.Green, "192.0.2.10/32", null, TestNetwork.LocalLabel);
        network.Route(network.Green, "10.9.0.0/16", null, TestNetwork.LocalLabel);
        network.Route(network.Green, "192.0.2.64/26", null, TestNetwork.GuestLabel);
        // Several next hops: over tunnels of every kind, with an interface of our own among them, and with none.
        GroupMember[] tunnels = [.. Enumerable.Range(0, 6).Select(i => GroupMember.Remote(new TunnelId((uint)i), new Label20(61600 + (uint)i), 1 + i))];
        GroupMember own = GroupMember.Local(network.LocalVm, IpAddress.Parse(TestNetwork.Us4), new Label20(TestNetwork.LocalLabel), 5);
        GroupId flows = network.AddGroup(LoadBalance.PerFlow, tunnels);
        GroupId mixed = network.AddGroup(LoadBalance.PerFlow, [.. tunnels[..2], own]);
        GroupId prefixes = network.AddGroup(LoadBalance.PerPrefix, tunnels[2..]);
        network.Route(network.Red, "0.0.0.0/0", flows);
        network.Route(network.Red, "::/0", prefixes);
        network.Route(network.Green, "10.0.0.0/8", mixed);
        // Aggregates that others have too: one of its own VRF, and one of another.
        GroupMember hub = GroupMember.Lookup(network.Green, IpAddress.Parse(TestNetwork.Us4), new Label20(TestNetwork.GreenLabel), 3);
        GroupId aggregates = network.AddGroup(LoadBalance.PerFlow, [tunnels[0], hub]);
        network.Route(network.Blue, "10.0.0.0/8", aggregates);
        network.Route(network.Blue, "2001:db8:3::/48", aggregates);
        network.Route(network.Green, "2001:db8:4::/48", aggregates);
        network.Route(network.Blue, "2001:db8:1::44/128", flows);
        network.Route(network.Blue, "198.51.100.45/32", prefixes);
        network.Route(network.Green, "192.0.2.44/32", network.AddGroup(LoadBalance.PerFlow));
        if (index == Unresolved)
        {
            network.Resolve(false);
            return network;
        }
        foreach (string address in new[] { "192.0.2.10", "10.9.0.1", "10.9.255.254", "2001:db8:3::10" })
            network.SetNeighbor(network.LocalVm, address, "02:00:00:00:03:10");
        foreach (string address in new[] { "192.0.2.64", "192.0.2.127", "2001:db8:3:1::1", "2001:db8:3:1:ffff:ffff:ffff:ffff" })
            network.SetNeighbor(network.Guests, address, "02:00:00:00:03:64");
        if (index == Odd)
        {
            TunnelId narrow = network.AddTunnel(Encapsulation.MplsInUdp, "203.0.113.90", pathMtu: 576, ttl: 1);
            TunnelId wide = network.AddTunnel(Encapsulation.MplsInUdp, "2001:db8:f::90", pathMtu: 9000, ttl: 255, zeroUdp6: true);
            network.Route(network.Red, "198.51.100.128/25", narrow, Label20.Min);
            network.Route(network.Red, "2001:db8:1::/64", wide, Label20.Max);
            network.Resolve();
            Filter(network);
        }
        return network;
    }

    // Rules of every kind and action, around packets of guests; the same each time.
    private static void Filter(TestNetwork network)
    {
        var random = new Random(20);
        foreach (VrfId vrf in new[] { network.Blue, network.Red, network.Green })
        {
            byte[][] samples = vrf == network.Green
                ? [Build.Udp("192.0.2.10", "192.0.2.40"), Build.Udp("2001:db8:3::10", "2001:db8:3::40")]
                : [Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4), Build.Udp(TestNetwork.Vm1V6, TestNetwork.Remote6)];
            for (int family = 0; family < samples.Length; family++)
            {
                network.SetFilters(vrf, family == 0 ? AddressFamily.Ipv4 : AddressFamily.Ipv6, [.. Enumerable.Range(0, 20).Select(i =>
                    RandomFilter.Any(random, $"{i}", samples[family]) with
                    {
                        BytesPerSecond = i % 3 == 0 ? 0 : null,
                        Dscp = i % 4 == 1 ? (byte)i : null,
                        Redirect = i % 5 == 2 ? network.Red : null,
                        Continue = i % 2 == 0,
                    })]);
            }
        }
    }
}

using Dataplane.Forwarding.Layout;
using Dataplane.Host.EndSystem;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Tests.Forwarding;
using Dataplane.Net;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Host.Tests.EndSystem;

/// <summary>VPNs that signaling brings, in the datapath.</summary>
public sealed class ForwarderWriterTests
{
    private static readonly IpPrefix Short = IpPrefix.Parse("198.51.100.0/24");
    private static readonly IpAddress Inside = IpAddress.Parse("198.51.100.9");
    private static readonly IpAddress Own = IpAddress.Parse("203.0.113.17");
    private static readonly Label20 Assigned = new(600_000);

    /// <summary>
    /// A prefix that is no host route is published with the VRF's label. A VRF of the configuration without one gets the label that was assigned: the route
    /// that the gateway echoes leads into it, and an address behind an interface is found.
    /// </summary>
    [Theory]
    [InlineData("", true)]
    [InlineData("label: 3000, ", false)]
    public void AConfiguredVrfWithoutLabelGetsTheAssignedOne(string label, bool isAssigned)
    {
        using ForwardingTables tables = Build(label);
        var failures = new List<string>();
        var writer = new ForwarderWriter(tables, static (_, _) => { }, failures.Add);
        Label20 used = isAssigned ? Assigned : new(3000);
        for (int round = 0; round < 2; round++)
        {
            writer.AddVpn("blue", used);
            Assert.Null(writer.SetInterface(new ForwardedInterface
            {
                Key = "vm",
                Vpn = "blue",
                Label = new Label20(600_001),
                Port = "acc0",
                Vlan = 100,
                Addresses = [Short],
            }));
            Assert.Equal(LeafKind.None, Lookup(tables));
            writer.Install("blue", Short, [new VrfNextHop(Own, used)]);
            Assert.Equal(LeafKind.CoreLookup, Lookup(tables));
            writer.Remove("blue", Short);
            writer.RemoveInterface("vm");
            writer.RemoveVpn("blue");
            Assert.Empty(failures);
        }

        // The assigned label is free afterwards, the configured one is not.
        if (isAssigned)
        {
            _ = tables.AddVrf("other", used);
        }
        else
        {
            _ = Assert.Throws<ArgumentException>(() => tables.AddVrf("other", used));
        }
    }

    private static LeafKind Lookup(ForwardingTables tables) => tables.Datapath.Lookup(tables.FindVrf("blue")!.Value, Inside, coreView: false).Kind;

    private static ForwardingTables Build(string label) => ForwardingTables.Build(
        ForwarderSample.Load($$"""
            roles: [forwarder]
            ports:
              - { name: core0, role: core, mtu: 1600, addresses: [203.0.113.17/24] }
              - { name: acc0, role: access }
            infrastructure: { address: 203.0.113.17 }
            vrfs:
              - { name: blue, {{label}}router-addresses: [] }
            """),
        1_000_000_000, [new PortBinding(0, new MacAddress(1)), new PortBinding(1, new MacAddress(2))]);
}

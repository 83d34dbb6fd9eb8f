using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>Tenants with the same addresses, and the infrastructure: nothing crosses.</summary>
public sealed class IsolationTests
{
    [Fact]
    [Trait("Requirement", "ARC-07")]
    [Trait("Requirement", "FWD-01")]
    [Trait("Requirement", "SEC-13")]
    public void Overlapping_tenants_reach_their_own()
    {
        using var network = new TestNetwork();
        // Blue and red both have 198.51.100.25 and a way to 198.51.100.40.
        byte[] packet = Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4);
        BurstResult outward = network.Receive(network.Access,
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, packet, (0x8100, 317)),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host2, 0x0800, packet, (0x8100, 317)));
        Assert.Equal(2, outward.Count(Exit.Transmitted));
        Assert.NotEqual(outward.Outcomes[0].Frame[38..42], outward.Outcomes[1].Frame[38..42]);

        byte[] back = Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1);
        BurstResult inward = network.Receive(network.Core, Labelled(TestNetwork.Vm1Label, back), Labelled(TestNetwork.Vm3Label, back));
        Assert.Equal(Build.Ethernet(TestNetwork.Host1, Build.Virtual4, 0x0800, back, (0x8100, 317)), inward.Outcomes[0].Frame);
        Assert.Equal(Build.Ethernet(TestNetwork.Host2, Build.Virtual4, 0x0800, back, (0x8100, 317)), inward.Outcomes[1].Frame);
        network.RequireCounters();
    }

    [Fact]
    [Trait("Requirement", "SEC-09")]
    public void A_legitimate_source_of_one_VRF_is_none_of_another()
    {
        using var network = new TestNetwork();
        network.AllowIngress(network.Blue, IpAddress.Parse("203.0.113.50"));
        network.AllowIngress(network.Red, IpAddress.Parse("2001:db8:f::50"));
        byte[] packet = Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1);
        foreach ((string source, uint label, bool accepted) in new[]
        {
            ("203.0.113.50", TestNetwork.Vm1Label, true), ("203.0.113.50", TestNetwork.BlueLabel, true), ("203.0.113.50", TestNetwork.Vm3Label, false),
            ("2001:db8:f::50", TestNetwork.Vm1Label, false), ("2001:db8:f::50", TestNetwork.Vm3Label, true), ("2001:db8:f::50", TestNetwork.BlueLabel, false),
        })
        {
            byte[] outer = TestNetwork.Outer(Encapsulation.MplsInUdp, source, source.Contains(':') ? TestNetwork.Us6 : TestNetwork.Us4, Build.Label(label, packet));
            BurstResult result = network.Receive(network.Core, TestNetwork.OnCore(outer));
            Assert.Equal(accepted ? Exit.Transmitted : Exit.Freed, result.Outcomes[0].Exit);
            Assert.Equal(accepted ? 0 : 1, result.Drops.GetValueOrDefault(DropReason.OuterSource));
        }
    }

    [Theory]
    [InlineData("198.51.100.25", true)]
    [InlineData("198.51.100.26", false)]
    [InlineData("198.51.101.25", false)]
    [Trait("Requirement", "SEC-02")]
    [Trait("Requirement", "SEC-03")]
    public void A_guest_sends_from_its_own_address_alone(string source, bool accepted)
    {
        using var network = new TestNetwork();
        BurstResult result = network.Receive(network.Access, TestNetwork.FromVm1(Build.Udp(source, TestNetwork.Remote4)));
        Assert.Equal(accepted ? Exit.Transmitted : Exit.Freed, result.Outcomes[0].Exit);
        Assert.Equal(accepted ? 0 : 1, result.Drops.GetValueOrDefault(DropReason.SourceValidation));
    }

    /// <summary>Every address that an interface has is a legitimate source, not only the first; prefixes match to the bit.</summary>
    [Theory]
    [InlineData("192.0.2.10", true)]
    [InlineData("10.9.0.0", true)]
    [InlineData("10.9.255.255", true)]
    [InlineData("10.10.0.0", false)]
    [InlineData("10.8.255.255", false)]
    [InlineData("192.0.2.11", false)]
    [InlineData("2001:db8:3::10", true)]
    [InlineData("2001:db8:3::11", false)]
    [InlineData("2001:db8:4::10", false)]
    [Trait("Requirement", "SEC-02")]
    public void All_of_an_interfaces_prefixes_are_legitimate_sources(string source, bool accepted)
    {
        using var network = new TestNetwork();
        string destination = source.Contains(':') ? "2001:db8:3::40" : "192.0.2.40";
        byte[] packet = Build.Udp(source, destination);
        BurstResult result = network.Receive(network.Local,
            Build.Ethernet(Build.Virtual4, "02:00:00:00:03:10", TestNetwork.EtherTypeOf(packet), packet));
        Assert.Equal(accepted ? Exit.Transmitted : Exit.Freed, result.Outcomes[0].Exit);
    }

    [Fact]
    [Trait("Requirement", "SEC-02")]
    public void An_interface_without_addresses_of_a_family_sends_nothing_of_it()
    {
        using var network = new TestNetwork();
        network.AddInterface(network.Access, network.Blue, TestNetwork.Host1, 50, null, null, ["198.51.100.50/32"]);
        network.AddInterface(network.Access, network.Blue, TestNetwork.Host1, 51, null, null, ["2001:db8:1::51/128"]);
        network.AddInterface(network.Access, network.Blue, TestNetwork.Host1, 52, null, null, []);
        byte[] packet4 = Build.Udp("198.51.100.50", TestNetwork.Remote4);
        byte[] packet6 = Build.Udp("2001:db8:1::51", TestNetwork.Remote6);
        BurstResult result = network.Receive(network.Access,
            [.. new ushort[] { 50, 51, 52 }.SelectMany(vlan => new[]
            {
                Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, packet4, (0x8100, vlan)),
                Build.Ethernet(Build.Virtual6, TestNetwork.Host1, 0x86DD, packet6, (0x8100, vlan)),
            })]);
        Assert.Equal(
            [Exit.Transmitted, Exit.Freed, Exit.Freed, Exit.Transmitted, Exit.Freed, Exit.Freed],
            result.Outcomes.Select(outcome => outcome.Exit));
    }

    private static byte[] Labelled(uint label, byte[] inner) =>
        TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, label, inner));
}

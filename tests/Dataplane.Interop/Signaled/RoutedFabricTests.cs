using System.Text.Json;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Xmpp;

namespace Dataplane.Interop.Signaled;

/// <summary>Routes and packets between what is signaled here and an unmodified PE, and what of it outlives whom.</summary>
public sealed partial class RoutedFabricTests(RoutedFabric lab) : IClassFixture<RoutedFabric>
{
    private const string Vm = "10.1.0.11/32";

    /// <summary>A virtual interface appears: the PE has its route, with the forwarder as next hop, and the host has the PE's; packets both ways.</summary>
    [Fact]
    [Trait("Requirement", "ARC-01")]
    [Trait("Requirement", "ARC-19")]
    [Trait("Requirement", "INT-02")]
    [Trait("Requirement", "SIG-17")]
    public void AnUnmodifiedPeIsAMemberOfTheVpn()
    {
        string distinguisher = Attach();
        Until("the PE's route", () => lab.Fabric.Routes("a").Contains($"{FrrProviderEdge.TenantPrefix} {FrrProviderEdge.Address}"));
        string label = lab.Edge.Path(distinguisher, Vm).Split(' ')[0];
        TheVmAndThePeReachEachOther(lab.GuestA);

        Frames($"ip.src == {RoutedFabric.ForwarderA} && ip.dst == {FrrProviderEdge.Address} && gre && icmp", $"{FrrProviderEdge.Label}");
        Frames($"ip.src == {FrrProviderEdge.Address} && ip.dst == {RoutedFabric.ForwarderA} && gre && icmp", label);
        Assert.NotEmpty(lab.Management.Decode("tcp.port == 179", "frame.number"));
        Assert.NotEmpty(lab.Management.Decode("tcp.port == 5222", "frame.number"));
        Assert.Empty(lab.Management.Decode("ip && !tcp", "frame.number", "frame.protocols"));

        Detach(distinguisher);
        Assert.Equal(0, lab.GuestA.PingInVain(FrrProviderEdge.TenantAddress));
    }

    /// <summary>
    /// A whole PE in one process speaks BGP itself: what a stranger's XMPP client publishes behind it, on a host that tags, and what its own agent attaches
    /// are routes at the other PEs, with its own address and labels, and packets reach both.
    /// </summary>
    [Fact]
    [Trait("Requirement", "EXT-05")]
    [Trait("Requirement", "EXT-08")]
    [Trait("Requirement", "INT-02")]
    public void AWholePeServesHostsAndSpeaksBgp()
    {
        string distinguisher = Attach();
        SlixmppEndSystem host = lab.ConnectH();
        Assert.Null(host.Ask("subscribe", ("vpn", "red"), ("vlan", 317)));
        Assert.Null(host.Publish("red", "10.1.0.33/32", "192.0.2.99", 16, 4));
        _ = lab.Fabric.Agent("w", "attach", "local", "--vpn", "red", "--port", "gw1", "--address", lab.GuestW.Address4);
        string[] wanted = [$"10.1.0.22/32 {RoutedFabric.ForwarderW}", $"10.1.0.33/32 {RoutedFabric.ForwarderW}"];
        Until("the whole PE's routes at the host", () => wanted.All(lab.Fabric.Routes("a").Contains));
        Until("theirs at the whole PE", () => RoutesAtW() is var routes && routes.Contains(Vm) && routes.Contains(FrrProviderEdge.TenantPrefix));
        foreach (Guest guest in new[] { lab.GuestH, lab.GuestW })
        {
            Until($"{guest.Address4} in the PE's kernel", () => lab.Edge.Kernel().Contains($"{guest.Address4} ", StringComparison.Ordinal));
            TheVmAndThePeReachEachOther(guest);
            Reach(guest, lab.GuestA);
            Reach(lab.GuestA, guest);
        }

        Reach(lab.GuestH, lab.GuestW);
        Assert.DoesNotContain(host.Events, static told => (string?)told["event"] == "route");

        Assert.Null(host.Ask("unsubscribe", ("vpn", "red")));
        _ = lab.Fabric.Agent("w", "detach", "local");
        Until("the withdrawals", () => lab.Edge.Kernel() is var kernel && !kernel.Contains("10.1.0.22", StringComparison.Ordinal) && !kernel.Contains("10.1.0.33", StringComparison.Ordinal));
        host.Close();
        Detach(distinguisher);
    }

    private void TheVmAndThePeReachEachOther(Guest guest)
    {
        PingResult ping = guest.Ping(FrrProviderEdge.TenantAddress);
        Assert.True(ping.Received == 3, $"{guest.Address4} to the PE: {ping.Text}\n{lab.Logs}");
        int received = lab.Edge.Ping(guest.Address4);
        Assert.True(received == 3, $"the PE to {guest.Address4}: {received}\n{lab.Logs}");
    }

    private void Reach(Guest from, Guest to) => from.RequireReach(to.Address4, () => $"{from.Space.Run("ip", "neigh").All}\n{lab.Logs}");

    private string Attach()
    {
        _ = lab.Fabric.Agent("a", "attach", "ga", "--vpn", "red", "--port", "ga", "--address", lab.GuestA.Address4);
        JsonElement published = default;
        Until("the publication", () => lab.Fabric.Show("gw", "xmpp", "publications").GetProperty("publications") is var all && all.GetArrayLength() == 1
            && (published = all[0]).GetProperty("vpn").ValueKind == JsonValueKind.String);
        string distinguisher = published.GetProperty("distinguisher").GetString()!;
        string expected = $"{published.GetProperty("label").GetInt32()} via {RoutedFabric.ForwarderA}";
        Until($"{expected} at the PE", () => lab.Edge.Path(distinguisher, Vm) == expected && lab.Edge.Kernel().Contains(lab.GuestA.Address4, StringComparison.Ordinal));
        return distinguisher;
    }

    private void Detach(string distinguisher)
    {
        _ = lab.Fabric.Agent("a", "detach", "ga");
        Until("the withdrawal at the PE", () => lab.Edge.Path(distinguisher, Vm).Length == 0 && !lab.Edge.Kernel().Contains(lab.GuestA.Address4, StringComparison.Ordinal));
    }

    private void Frames(string filter, string label)
    {
        List<string[]> frames = [];
        Until($"frames: {filter}", () => (frames = lab.Underlay.Decode(filter, "frame.protocols", "mpls.label", "_ws.malformed")).Count >= 3);
        Assert.All(frames, frame =>
        {
            Assert.StartsWith("eth:ethertype:ip:gre:mpls:ip:icmp", frame[0], StringComparison.Ordinal);
            Assert.Equal(label, frame[1]);
            Assert.Equal("", frame[2]);
        });
    }

    private void Until(string what, Func<bool> condition)
    {
        try
        {
            Wait.Until(what, condition, TimeSpan.FromSeconds(90));
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{lab.Logs}");
        }
    }
}

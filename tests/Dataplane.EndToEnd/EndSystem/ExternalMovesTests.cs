using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>A workload moves between a host that forwards itself, one behind two redundant external forwarders and one behind a single one.</summary>
[Collection(nameof(RedundantSite))]
public sealed class ExternalMovesTests(RedundantSite site)
{
    private const string Route = RedundantSite.VmAddress + "/32";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    [Fact]
    [Trait("Requirement", "EXT-11")]
    [Trait("Requirement", "MOB-01")]
    [Trait("Requirement", "MOB-02")]
    [Trait("Requirement", "MOB-08")]
    public void AWorkloadMovesBetweenLocalRedundantAndSingleForwardersAndFindsTheSameFirstHop()
    {
        // Whichever of the two is there; the other may have ended.
        (string serving, string address) = site.T1.HasExited ? ("t2", RedundantSite.Forwarder2) : ("t1", RedundantSite.Forwarder1);
        _ = site.Agent("h", "attach", "vm", "--vpn", "red", "--vlan", $"{RedundantSite.Vlan}", "--address", "10.1.0.11", "--address", "fd00:10:1::11");
        _ = site.Agent("b", "attach", "gb", "--vpn", "red", "--port", "gb", "--address", "10.1.0.22", "--address", "fd00:10:1::22");
        Wait.Until($"{serving} to serve\n{site.Logs}", () => site.StatesOf(serving) == "master master"
            && site.Routes("b").Where(static route => route.StartsWith("10.1.0.11/32 ", StringComparison.Ordinal)).SequenceEqual([$"10.1.0.11/32 {address}"]), s_patience);

        Place local = new("b", "at-b", ["--port", "vm"], RedundantSite.ForwarderB);
        Place redundant = new("h", "at-lan", ["--vlan", $"{RedundantSite.VmVlan}"], address);
        Place single = new("k", "at-single", ["--vlan", $"{RedundantSite.VmVlan}"], RedundantSite.ForwarderB);
        int version = 1;
        Arrive(local, version, (serving, address));
        string firstHop = FirstHop(local);
        Assert.EndsWith(Frame.VirtualMac4, firstHop, StringComparison.Ordinal);
        using var conversation = new Conversation(site.GuestB.Space, site.Vm, RedundantSite.VmAddress, s_patience);
        Place before = local;
        foreach (Place next in new[] { redundant, single, redundant, local, single, local })
        {
            Arrive(next, ++version, (serving, address));
            conversation.Exchange($"to {next.Link}");
            _ = site.Agent(before.Agent, "detach", "moving", "--moved");
            conversation.Exchange($"left {before.Link}");
            Assert.Equal(firstHop, FirstHop(next));
            Assert.Equal((Frame.VirtualMac4, Frame.VirtualMac4), (site.GuestB.NeighborOf(RedundantSite.VmAddress), site.Tagged.NeighborOf(RedundantSite.VmAddress)));
            before = next;
        }

        _ = site.Agent(before.Agent, "detach", "moving");
        Wait.Until($"the route to be gone\n{site.Logs}", () => !site.Routes("b").Any(static route => route.StartsWith(Route, StringComparison.Ordinal)), s_patience);
    }

    // It stops where it was, goes on here, and everybody knows: then both guests reach it.
    private void Arrive(Place place, int version, (string Name, string Address) redundant)
    {
        site.SwitchVm(place.Link);
        _ = site.Agent(place.Agent, ["attach", "moving", "--vpn", "red", .. place.Where, "--address", RedundantSite.VmAddress, "--version", $"{version}"]);
        foreach ((string observer, string own) in new[] { ("b", RedundantSite.ForwarderB), redundant })
        {
            string expected = $"{Route} {(place.Forwarder == own ? "localhost" : place.Forwarder)}";
            Wait.Until($"{expected} at {observer}\n{site.Logs}", () => site.Routes(observer).Where(static route => route.StartsWith(Route, StringComparison.Ordinal)).SequenceEqual([expected]), s_patience);
        }

        foreach (Guest guest in new[] { site.GuestB, site.Tagged })
        {
            PingResult ping = guest.Ping(RedundantSite.VmAddress);
            Assert.True(ping.Received == 3, $"{place.Link} from {guest.Address4}: {ping.Text}\n{site.Logs}");
        }
    }

    // Address and MAC of the first hop in the workload's neighbour cache.
    private string FirstHop(Place place)
    {
        string[] words = [];
        Wait.Until($"the first hop at {place.Link}", () => (words = site.Vm.Require("ip", "neigh", "show", "dev", place.Link).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Contains("lladdr"));
        return $"{words[0]} {words[2]}";
    }

    /// <summary>Where the workload can be.</summary>
    /// <param name="Agent">Whose agent is asked.</param>
    /// <param name="Link">The workload's link.</param>
    /// <param name="Where">What the agent is told of the place.</param>
    /// <param name="Forwarder">The forwarder that serves it there.</param>
    private sealed record Place(string Agent, string Link, string[] Where, string Forwarder);
}

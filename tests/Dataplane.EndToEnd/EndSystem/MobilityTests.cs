using System.Diagnostics;
using Dataplane.EndToEnd.Lab;
using Xunit.Abstractions;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>Workloads move between hosts while packets come for them.</summary>
[Collection(nameof(MobilitySites))]
public sealed class MobilityTests(MobilitySites sites, ITestOutputHelper output)
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    [Fact]
    [Trait("Requirement", "MOB-07")]
    [Trait("Requirement", "MOB-08")]
    [Trait("Requirement", "SCL-08")]
    [Trait("Requirement", "SCL-09")]
    [Trait("Requirement", "AGT-07")]
    [Trait("Requirement", "AGT-10")]
    public void AWorkloadMovesOverThreeHostsAndNobodyNotices()
    {
        sites.PrepareVm();
        sites.SwitchVm("at-b", "at-a");
        int version = sites.NextVersion();
        _ = sites.AgentA.Attach("vm", MobilitySites.Place(version));
        sites.WaitForVm(sites.AgentC, MobilitySites.AddressA);
        sites.RequireReached(sites.GuestC);
        string[] firstHops = FirstHopsAt("at-a");
        using var over4 = new Conversation(sites.GuestC.Space, sites.Vm, MobilitySites.VmAddress, keepAlive: true);
        using var over6 = new Conversation(sites.GuestC.Space, sites.Vm, MobilitySites.VmAddress6, keepAlive: true);
        Exchange("before");

        foreach ((string from, string to, AgentClient old, AgentClient @new, string address) in new[]
            {
                ("at-a", "at-b", sites.AgentA, sites.AgentB, MobilitySites.AddressB),
                ("at-b", "at-c", sites.AgentB, sites.AgentC, MobilitySites.AddressC),
            })
        {
            // The target takes part before the workload is there.
            _ = @new.Attach("vm", new { vpn = "red", port = "vm" });
            using var there4 = new Probe(sites.GuestB.Space, sites.GuestB.Address4, sites.Vm, MobilitySites.VmAddress);
            using var back4 = new Probe(sites.Vm, MobilitySites.VmAddress, sites.GuestB.Space, sites.GuestB.Address4);
            using var there6 = new Probe(sites.GuestB.Space, sites.GuestB.Address6, sites.Vm, MobilitySites.VmAddress6);
            using var back6 = new Probe(sites.Vm, MobilitySites.VmAddress6, sites.GuestB.Space, sites.GuestB.Address6);
            Probe[] probes = [there4, back4, there6, back6];
            AwaitMore(probes);
            sites.SwitchVm(from, to);
            _ = @new.Attach("vm", MobilitySites.Place(sites.NextVersion()));
            AwaitMore(probes);
            Exchange("after the move " + to);
            sites.WaitForVm(sites.AgentC, address == MobilitySites.AddressC ? "localhost" : address);
            old.Detach("vm", moved: true);
            AwaitMore(probes);
            Exchange("after the old place let go");
            ProbeResult[] results = [.. probes.Select(static probe => probe.Stop())];
            string account = $"{from} -> {to}: to the workload: {results[0]}; from it: {results[1]}; over IPv6, to it: {results[2]}; from it: {results[3]}";
            output.WriteLine(account);
            Assert.True(results.All(static result => result.LongestGap < OneSecond), $"{account}\n{sites.Logs}");

            // Its addresses are those that it was configured with, and the only ones.
            Assert.Equal([MobilitySites.VmAddress + "/32", MobilitySites.VmAddress6 + "/128"], sites.Vm.Require("ip", "-o", "addr", "show", "scope", "global")
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(static word => word.Contains('/', StringComparison.Ordinal)));

            // What the guest sees of its first hop is the same everywhere.
            Assert.Equal(firstHops, FirstHopsAt(to));
        }

        Assert.Equal(version + 2, sites.AgentC.Get("/v1/agent/attachments/vm").GetProperty("version").GetInt32());
        sites.AgentC.Detach("vm");

        void Exchange(string text)
        {
            over4.Exchange(text);
            over6.Exchange(text);
        }
    }

    [Fact]
    [Trait("Requirement", "MOB-05")]
    public void PacketsOfAForwarderThatHasNotHeardFollowTheWorkload()
    {
        sites.PrepareVm();
        sites.SwitchVm("at-b", "at-a");
        _ = sites.AgentA.Attach("vm", MobilitySites.Place(sites.NextVersion()));
        _ = sites.AgentC.Attach("vm", new { vpn = "red", port = "vm" });
        sites.WaitForVm(sites.AgentB, MobilitySites.AddressA);
        sites.RequireReached(sites.GuestB);

        // Nothing that its gateway says reaches b. The two others keep what is behind a move for longer than any of this may take.
        sites.SecondGatewaySpace.Require("ip", "link", "set", "to-b", "down");
        sites.SwitchVm("at-a", "at-c");
        _ = sites.AgentC.Attach("vm", MobilitySites.Place(sites.NextVersion()));
        sites.WaitForVm(sites.AgentA, MobilitySites.AddressC);
        Assert.All(MobilitySites.VmAddresses, address => Assert.Contains(MobilitySites.RouteOf(address, MobilitySites.AddressA), sites.AgentB.Routes("red")));
        ReachesThroughA(sites.GuestB);

        // The old place lets go, and its packets still follow.
        sites.AgentA.Detach("vm", moved: true);
        ReachesThroughA(sites.GuestB);

        // When b hears of it, one hop is left.
        sites.SecondGatewaySpace.Require("ip", "link", "set", "to-b", "up");
        sites.WaitForVm(sites.AgentB, MobilitySites.AddressC);
        double hops = SentOnByA();
        sites.RequireReached(sites.GuestB);
        Assert.Equal(hops, SentOnByA());
        sites.AgentC.Detach("vm");
    }

    [Fact]
    [Trait("Requirement", "MOB-10")]
    public void AHostThatHoldsOnToAWorkloadAttractsNothingAndSendsNothing()
    {
        sites.PrepareVm();
        sites.SwitchVm("at-b", "at-a");
        int old = sites.NextVersion();
        _ = sites.AgentA.Attach("vm", MobilitySites.Place(old));
        _ = sites.AgentB.Attach("vm", new { vpn = "red", port = "vm" });
        sites.WaitForVm(sites.AgentC, MobilitySites.AddressA);
        sites.SwitchVm("at-a", "at-b");
        _ = sites.AgentB.Attach("vm", MobilitySites.Place(sites.NextVersion()));
        sites.WaitForVm(sites.AgentC, MobilitySites.AddressB);

        // The old host goes on publishing: it never let go, and says so once more in a new session with its gateway.
        sites.FirstGatewaySpace.Require("ss", "-K", "dst", "192.0.2.2");
        Wait.Until($"a second session of a\n{sites.Logs}", () => sites.AgentA.Get("/v1/agent").GetProperty("servers")[0].GetProperty("sessions").GetInt32() > 1
            && sites.AgentA.Get("/v1/agent").GetProperty("servers")[0].GetProperty("publications").GetInt32() > 0);
        Assert.All(MobilitySites.VmAddresses, address =>
        {
            Assert.DoesNotContain(MobilitySites.RouteOf(address, MobilitySites.AddressA), sites.AgentC.Routes("red"));
            Assert.Contains(MobilitySites.RouteOf(address, MobilitySites.AddressB), sites.AgentC.Routes("red"));
        });
        sites.RequireReached(sites.GuestC);

        // And what is left of the workload there sends with the addresses that are not its any more.
        sites.Vm.Sysctl("net.ipv6.conf.at-a.disable_ipv6=1");
        sites.Vm.Require("ip", "link", "set", "at-a", "up");
        double spoofed = sites.A.Drops("source-validation");
        using (var ghost = new PacketSocket(sites.Vm, "at-a"))
        {
            for (int i = 0; i < 5; i++)
            {
                ghost.Send(Frame.Ethernet(Frame.VirtualMac4, "02:00:00:00:00:50", 0x0800,
                    Frame.Ipv4(MobilitySites.VmAddress, sites.GuestC.Address4, 1, Frame.EchoRequest(7, i))));
                ghost.Send(Frame.Ethernet(Frame.VirtualMac6, "02:00:00:00:00:50", 0x86DD,
                    [0x60, 0, 0, 0, 0, 32, 59, 64, .. Frame.Ip(MobilitySites.VmAddress6), .. Frame.Ip(sites.GuestC.Address6), .. new byte[32]]));
            }

            Wait.Until($"ten drops, there are {sites.A.Drops("source-validation") - spoofed}", () => sites.A.Drops("source-validation") == spoofed + 10);
        }

        sites.RequireReached(sites.GuestC);
        sites.AgentA.Detach("vm", moved: true);
        sites.AgentB.Detach("vm");
    }

    [Fact]
    [Trait("Requirement", "MOB-11")]
    [Trait("Requirement", "SCL-07")]
    public void ATenantIsCreatedMovedAndDeletedByRequestsAlone()
    {
        // Before the machine's sockets are there: a link that is down is an error to them.
        sites.Vm.Require("ip", "link", "set", "at-a", "up");
        sites.Vm.Require("ip", "link", "set", "at-b", "up");
        sites.Vm.Require("ip", "addr", "flush", "dev", "lo");
        using var machines = new VirtualMachines([(sites.Vm, "at-a"), (sites.Vm, "at-b")], MobilitySites.VmAddress, 1);
        long start = Stopwatch.GetTimestamp();
        _ = sites.AgentA.Attach("vm", MobilitySites.Place(sites.NextVersion()));
        AwaitEcho("created");
        machines.Move(0, 1);
        _ = sites.AgentB.Attach("vm", MobilitySites.Place(sites.NextVersion()));
        AwaitEcho("moved");
        sites.AgentA.Detach("vm", moved: true);
        AwaitEcho("left behind");
        sites.AgentB.Detach("vm");
        Wait.Until("the addresses to be gone", () => !sites.AgentC.Routes("red").Any(static route => MobilitySites.VmAddresses.Any(address => route.StartsWith(address + "/", StringComparison.Ordinal))));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1));

        void AwaitEcho(string what)
        {
            Wait.Until($"{what}\n{sites.Logs}", () => sites.GuestC.Space.Run("ping", "-n", "-c", "1", "-W", "1", MobilitySites.VmAddress).ExitCode == 0, TimeSpan.FromMinutes(2));
            output.WriteLine($"{what} after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
        }
    }

    private static void AwaitMore(Probe[] probes)
    {
        int[] before = [.. probes.Select(static probe => probe.Received)];
        for (int i = 0; i < probes.Length; i++)
            Wait.Until($"probe {i} to arrive", () => probes[i].Received >= before[i] + 100);
    }

    // Address and hardware address of the first hop of either family, in the guest's neighbour cache.
    private string[] FirstHopsAt(string link) =>
    [
        .. new[] { ("-4", "169.254.0.1"), ("-6", "fe80::1") }.Select(hop =>
        {
            (string family, string address) = hop;
            string entry = "";
            Wait.Until($"the first hop {address} at {link}", () => (entry = sites.Vm.Require("ip", family, "neigh", "show", "dev", link)).Contains("lladdr", StringComparison.Ordinal));
            string[] words = entry.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(address, words[0]);
            return $"{words[0]} {words[2]}";
        }),
    ];

    // Packets that came to a with a label and left it through a tunnel.
    private double SentOnByA() => sites.A.Metrics().Sum("dataplane_tunnel_packets_total", ("remote", MobilitySites.AddressC));

    private void ReachesThroughA(Guest from)
    {
        foreach (string address in MobilitySites.VmAddresses)
        {
            double hops = SentOnByA();
            PingResult ping = from.Ping(address);
            Assert.True(ping.Received == 3 && SentOnByA() >= hops + 3, $"{address}: {ping.Text}\n{sites.Drops}\n{sites.Logs}");
        }
    }
}

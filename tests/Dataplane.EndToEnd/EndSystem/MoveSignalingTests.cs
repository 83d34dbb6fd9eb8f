using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dataplane.EndToEnd.Lab;
using Xunit.Abstractions;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>What a move consists of: a route, and nothing else; and when its parts happen.</summary>
[Collection(nameof(MobilitySites))]
public sealed partial class MoveSignalingTests(MobilitySites sites, ITestOutputHelper output)
{
    private const string Route = MobilitySites.VmAddress + "/32";
    private const string Route6 = MobilitySites.VmAddress6 + "/128";

    [Fact]
    [Trait("Requirement", "MOB-02")]
    [Trait("Requirement", "MOB-08")]
    public async Task AMoveIsARouteAndTheWorkloadMayHaveAnotherMacAfterwards()
    {
        // Everything that the gateways say to each other.
        List<string> updates = [];
        using var over = new CancellationTokenSource();
        Task reading = CollectAsync(await sites.ManageFirst.FollowAsync("/v1/bgp/neighbors/192.0.2.14/trace", over.Token), updates);

        sites.PrepareVm();
        sites.Vm.Require("ip", "link", "set", "at-b", "address", "02:00:00:00:0b:50");
        sites.SwitchVm("at-b", "at-a");
        _ = sites.AgentA.Attach("vm", MobilitySites.Place(sites.NextVersion()));
        _ = sites.AgentB.Attach("vm", new { vpn = "red", port = "vm" });
        WaitForPlace(MobilitySites.AddressA);
        sites.RequireReached(sites.GuestC);
        sites.RequireReached(sites.GuestB);
        Assert.Equal(CachesOfNoMachine, Caches());
        Wait.Until("the trace", () => Said(updates).Any(static text => text.Contains("announce", StringComparison.Ordinal)));
        int before = Said(updates).Length;
        (int FromB, int FromC) logs = (sites.B.Log.Length, sites.C.Log.Length);

        sites.SwitchVm("at-a", "at-b");
        _ = sites.AgentB.Attach("vm", MobilitySites.Place(sites.NextVersion()));
        WaitForPlace(MobilitySites.AddressB);
        sites.AgentA.Detach("vm", moved: true);
        Wait.Until($"one path of either family\n{sites.Logs}", () => new[] { sites.ManageFirst, sites.ManageSecond }.All(static gateway => PathsAt(gateway, "vpn-ipv4", Route) == 1 && PathsAt(gateway, "vpn-ipv6", Route6) == 1));
        sites.RequireReached(sites.GuestC);
        sites.RequireReached(sites.GuestB);

        // Over BGP: the one prefix of either family, announced from the new place, and no longer from the old one.
        string[] move = Said(updates)[before..];
        output.WriteLine(string.Join('\n', move));
        foreach ((string family, string prefix) in new[] { ("vpn-ipv4", Route), ("vpn-ipv6", Route6) })
        {
            string[] ofFamily = [.. move.Where(text => text.Contains(family, StringComparison.Ordinal))];
            Assert.Contains(ofFamily, text => text.Contains($"announce {family}", StringComparison.Ordinal));
            Assert.Contains(ofFamily, text => text.Contains($"withdraw {family}", StringComparison.Ordinal));
            Assert.All(ofFamily, text => Assert.Equal([prefix], Prefixes().Matches(text).Select(static match => match.Value).Distinct()));
        }

        // In the forwarders: the entries of those prefixes, and no others.
        foreach (string log in new[] { sites.B.Log[logs.FromB..], sites.C.Log[logs.FromC..] })
        {
            string[] entries = [.. log.Split('\n').Where(static line => line.Contains("FIB red: ", StringComparison.Ordinal))];
            Assert.Equal([Route, Route6], entries.Select(static line => line.Split("FIB red: ")[1].Split(' ')[0]).Distinct().Order(StringComparer.Ordinal));
        }

        // Peers have the MACs that they had: those of no machine.
        Assert.Equal(CachesOfNoMachine, Caches());
        sites.AgentB.Detach("vm");
        await over.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    [Trait("Requirement", "MOB-03")]
    [Trait("Requirement", "MOB-04")]
    public void AWorkloadIsMadeKnownAfterItsNetworkIsThereAndRunsLater()
    {
        sites.PrepareVm();
        sites.SwitchVm("at-b", "at-a");
        _ = sites.AgentA.Attach("vm", MobilitySites.Place(sites.NextVersion()));
        WaitForPlace(MobilitySites.AddressA);
        sites.RequireReached(sites.GuestC);
        (int FromB, int FromC) logs = (sites.B.Log.Length, sites.C.Log.Length);

        // The network first: the interface is there, and the VPN's routes.
        _ = sites.AgentB.Attach("vm", new { vpn = "red", port = "vm" });
        Assert.Contains($"{sites.GuestC.Address4}/32 {MobilitySites.AddressC}", sites.AgentB.Routes("red"));
        sites.RequireReached(sites.GuestC);

        // Then its place is made known, and remote endpoints send there. Nobody is there yet, nor where it was.
        _ = sites.AgentB.Attach("vm", MobilitySites.Place(sites.NextVersion()));
        WaitForPlace(MobilitySites.AddressB);
        sites.Vm.Require("ip", "link", "set", "at-a", "down");
        Assert.Equal(1, sites.GuestC.Space.Run("ping", "-n", "-c", "1", "-W", "1", MobilitySites.VmAddress).ExitCode);

        // Then it runs. Whoever asked in vain for its MAC asks again when it speaks.
        using (var probe = new Probe(sites.GuestC.Space, sites.GuestC.Address4, sites.Vm, MobilitySites.VmAddress))
        {
            Assert.Equal(0, probe.Received);
            (DateTime Time, long Ticks) activated = (DateTime.Now, Stopwatch.GetTimestamp());
            sites.SwitchVm("at-a", "at-b");
            sites.Vm.Require("ping", "-n", "-c", "1", "-W", "10", sites.GuestC.Address4);
            Wait.Until($"packets for it\n{sites.Logs}", () => probe.Received > 100);
            TimeSpan[] times =
            [
                TimeOf(sites.B.Log[logs.FromB..], "forwarder: interface vm of red"), TimeOf(sites.B.Log[logs.FromB..], ": publish "),
                TimeOf(sites.C.Log[logs.FromC..], $"FIB red: {Route} via {MobilitySites.AddressB}"), activated.Time.TimeOfDay,
            ];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"interface {times[0]}, published {times[1]}, entry at c {times[2]}, activated {times[3]}; first packet {Stopwatch.GetElapsedTime(activated.Ticks, probe.FirstArrival).TotalMilliseconds:F0} ms later"));

            // Times of day, of one after the other: midnight may be between them.
            for (int i = 1; i < times.Length; i++)
                Assert.True(times[i] != times[i - 1] && (times[i] - times[i - 1] + TimeSpan.FromDays(1)).Hours == 0, $"{times[i - 1]} and {times[i]}\n{sites.Logs}");
        }

        sites.AgentA.Detach("vm", moved: true);
        sites.RequireReached(sites.GuestC);
        sites.AgentB.Detach("vm");
    }

    private static async Task CollectAsync(IAsyncEnumerable<string> lines, List<string> updates)
    {
        await foreach (string line in lines)
        {
            JsonElement told = JsonDocument.Parse(line).RootElement;
            if (told.TryGetProperty("type", out JsonElement type) && type.GetString() == "update")
            {
                lock (updates)
                    updates.Add($"{told.GetProperty("event").GetString()} {told.GetProperty("text").GetString()}");
            }
        }
    }

    private static string[] Said(List<string> updates)
    {
        lock (updates)
            return [.. updates];
    }

    private static int PathsAt(AgentClient gateway, string family, string prefix) => gateway.Get($"/v1/bgp/routes/{family}?prefix={Uri.EscapeDataString(prefix)}").GetProperty("routes").EnumerateArray()
        .Sum(static route => route.GetProperty("paths").GetArrayLength());

    // When a line of a log was written, the last one that says something.
    private static TimeSpan TimeOf(string log, string text) => TimeSpan.Parse(
        log.Split('\n').Last(line => line.Contains(text, StringComparison.Ordinal) && line.Contains(' ', StringComparison.Ordinal)).Split(' ')[0], CultureInfo.InvariantCulture);

    // Behind a host's distinguisher, as in 203.0.113.22:49193:fd00:10:1::50/128.
    [GeneratedRegex(@"(?<=\d+(\.\d+){3}:\d+:)[0-9a-f.:]+/\d+")]
    private static partial Regex Prefixes();

    private static string[] CachesOfNoMachine => [Frame.VirtualMac4, Frame.VirtualMac6, Frame.VirtualMac4, Frame.VirtualMac6];

    private string[] Caches() => [.. new[] { sites.GuestB, sites.GuestC }.SelectMany(static guest => MobilitySites.VmAddresses.Select(guest.NeighborOf))];

    private void WaitForPlace(string address)
    {
        sites.WaitForVm(sites.AgentC, address);
        sites.WaitForVm(sites.AgentB, address == MobilitySites.AddressB ? "localhost" : address);
    }
}

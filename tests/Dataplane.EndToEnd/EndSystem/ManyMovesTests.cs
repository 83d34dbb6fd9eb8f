using System.Diagnostics;
using System.Globalization;
using Dataplane.EndToEnd.Lab;
using Xunit.Abstractions;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// A hundred machines leave a host at the same moment, as for its maintenance. What decides is where packets come and what is left behind; the times are
/// printed, and held against a bound of several seconds, which sessions survive: the second that latency-sensitive applications ask for is measured with a
/// machine to itself, by <c>scripts/bench control --scenario moves</c>.
/// </summary>
[Collection(nameof(MobilitySites))]
public sealed class ManyMovesTests(MobilitySites sites, ITestOutputHelper output)
{
    private const int Count = 100;
    private const int PlaceA = 0;
    private const int PlaceB = 1;
    private static readonly TimeSpan s_several = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Fact]
    [Trait("Requirement", "MOB-09")]
    [Trait("Requirement", "MOB-02")]
    [Trait("Requirement", "SIG-22")]
    public void AHundredMachinesMoveAtOnceAndNoFlowIsInterrupted()
    {
        using var machines = new VirtualMachines([(sites.ManyA, "eth0"), (sites.ManyB, "eth0")], "10.1.8.1", Count);
        int[] all = [.. Enumerable.Range(0, Count)];
        double interfaces = Rows(sites.B, "interfaces");
        foreach (int machine in all)
            machines.Move(machine, PlaceB);
        Together(all, machine => sites.AgentB.AttachAsync(Name(machine), At(machine, PlaceB, version: 1)));
        WaitForPlace(MobilitySites.AddressB, machines);
        Assert.Equal(interfaces + Count, Rows(sites.B, "interfaces"));

        // The target takes part in the VPN before the machines are there.
        Together(all, machine => sites.AgentA.AttachAsync(Name(machine), new { vpn = "red", port = "many", mac = VirtualMachines.MacOf(machine, PlaceA) }));
        double[] expired = TtlExpired();
        using var probe = new EchoProbe(sites.GuestC.Space, sites.GuestC.Address4, all.Select(machines.AddressOf), TimeSpan.FromMilliseconds(20));
        probe.AwaitMore(20, () => sites.Logs);
        (long sent, long answered, long start) = (probe.Sent, probe.Answered, Stopwatch.GetTimestamp());
        Together(all, machine =>
        {
            machines.Move(machine, PlaceA);
            return sites.AgentA.AttachAsync(Name(machine), At(machine, PlaceA, version: 2));
        });
        TimeSpan asked = Stopwatch.GetElapsedTime(start);
        WaitForPlace(MobilitySites.AddressA, machines);
        probe.AwaitMore(20, () => sites.Logs);
        Together(all, machine => sites.AgentB.DetachAsync(Name(machine), moved: true));
        probe.AwaitMore(20, () => sites.Logs);

        double[] gaps = [.. probe.LongestGaps(start).Select(static gap => gap.TotalMilliseconds).Order()];
        (long sentMeanwhile, long answeredMeanwhile) = (probe.Sent - sent, probe.Answered - answered);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"requests answered after {asked.TotalMilliseconds:F0} ms; longest gap of a flow: p50 {gaps[Count / 2]:F0} ms, p99 {gaps[Count - 2]:F0} ms, all {gaps[^1]:F0} ms; {sentMeanwhile - answeredMeanwhile} of {sentMeanwhile} lost"));
        Assert.True(gaps[^1] < s_several.TotalMilliseconds, $"{gaps[^1]:F0} ms\n{sites.Logs}");

        // No loop: nothing went round until its TTL ended.
        Assert.Equal(expired, TtlExpired());

        // Nothing comes to the old place any more, and all comes to the new one.
        long atOld = machines.ArrivalsAt(PlaceB), atNew = machines.ArrivalsAt(PlaceA);
        probe.AwaitMore(20, () => sites.Logs);
        Assert.Equal(atOld, machines.ArrivalsAt(PlaceB));
        Assert.True(machines.ArrivalsAt(PlaceA) >= atNew + (20 * Count));

        // No route to the old place at any peer, and no row at the old host.
        foreach (AgentClient gateway in new[] { sites.ManageFirst, sites.ManageSecond })
            Assert.Equal(Enumerable.Repeat(MobilitySites.AddressA, Count), NextHopsAt(gateway));
        Assert.DoesNotContain(sites.AgentB.Routes("red"), static route => IsMany(route) && !route.EndsWith(' ' + MobilitySites.AddressA, StringComparison.Ordinal));
        Wait.Until($"the rows of b to be free\n{sites.Logs}", () => Rows(sites.B, "interfaces") == interfaces && sites.AgentB.Get("/v1/agent").GetProperty("repairs").GetInt32() == 0, s_patience);
        probe.AwaitMore(20, () => sites.Logs);

        Together(all, machine => sites.AgentA.DetachAsync(Name(machine)));
        Wait.Until($"the routes to be gone\n{sites.Logs}", () => !sites.AgentC.Routes("red").Any(IsMany), s_patience);
    }

    private static string Name(int machine) => $"m{machine}";

    private static bool IsMany(string route) => route.StartsWith("10.1.8.", StringComparison.Ordinal);

    private static void Together(int[] machines, Func<int, Task> act) => Task.WhenAll(machines.Select(act)).GetAwaiter().GetResult();

    private static double Rows(ForwarderProcess forwarder, string table) => forwarder.Metrics().Sum("dataplane_table_rows", ("table", table));

    // Of a vpn-ipv4 table, with every path.
    private static IEnumerable<string?> NextHopsAt(AgentClient gateway) => gateway.Get("/v1/bgp/routes/vpn-ipv4?prefix=10.1.8.0%2F24&limit=1000").GetProperty("routes").EnumerateArray()
        .SelectMany(static route => route.GetProperty("paths").EnumerateArray().Select(static path => path.GetProperty("attributes").GetProperty("nextHop").GetString()));

    private static object At(int machine, int place, int version) =>
        new { vpn = "red", port = "many", mac = VirtualMachines.MacOf(machine, place), addresses = new[] { $"10.1.8.{machine + 1}" }, version };

    private double[] TtlExpired() => [.. new[] { sites.A, sites.B, sites.C }.Select(static forwarder => forwarder.Metrics().Sum("dataplane_punted_packets_total", ("reason", "ttl-expired")))];

    private void WaitForPlace(string address, VirtualMachines machines) => Wait.Until(
        $"routes of c to {address}\n{sites.Logs}",
        () => sites.AgentC.Routes("red").Where(IsMany).Order(StringComparer.Ordinal)
            .SequenceEqual(Enumerable.Range(0, machines.Count).Select(machine => $"{machines.AddressOf(machine)}/32 {address}").Order(StringComparer.Ordinal)),
        s_patience);
}

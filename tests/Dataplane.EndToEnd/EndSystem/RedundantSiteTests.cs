using System.Diagnostics;
using System.Text.RegularExpressions;
using Dataplane.EndToEnd.Lab;
using Xunit.Abstractions;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>A workload behind two external forwarders, of which one at a time serves it.</summary>
[Collection(nameof(RedundantSite))]
public sealed partial class RedundantSiteTests(RedundantSite site, ITestOutputHelper output)
{
    private const string VirtualMac4 = "00:00:5e:00:01:01";
    private const string VirtualMac6 = "00:00:5e:00:02:01";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    [Fact]
    [Trait("Requirement", "EXT-10")]
    [Trait("Requirement", "EXT-12")]
    [Trait("Requirement", "FWD-12")]
    [Trait("Requirement", "MGT-08")]
    public void TheBackupTakesOverWhenTheMasterDiesAndGivesBackWhenItReturns()
    {
        _ = site.Agent("h", "attach", "vm", "--vpn", "red", "--vlan", $"{RedundantSite.Vlan}", "--address", "10.1.0.11", "--address", "fd00:10:1::11");
        _ = site.Agent("b", "attach", "gb", "--vpn", "red", "--port", "gb", "--address", "10.1.0.22", "--address", "fd00:10:1::22");
        if (site.T1.HasExited)
            site.StartT1();
        WaitForServer("t1", RedundantSite.Forwarder1);
        Assert.Equal("backup backup", site.StatesOf("t2"));
        PingAll("before");
        (string Mac4, string Mac6) caches = Caches();
        Assert.Equal((VirtualMac4, VirtualMac6), caches);
        Assert.Equal("t1", PortOf(VirtualMac4));

        // The backup has the same VPN and interface, with a label of its own, and drops what hosts send.
        Assert.Equal(2, site.Agent("t2", "status").GetProperty("hosts")[0].GetProperty("interfaces")[0].GetProperty("addresses").GetArrayLength());

        // The host has told the backup everything, and says nothing more to it while it takes over.
        string[] told = SaidToTheBackup();
        Assert.Contains(told, static line => line.Contains("subscribe red", StringComparison.Ordinal));
        Assert.Contains(told, static line => line.Contains("publish 02aa10c0ffee:10.1.0.11/32", StringComparison.Ordinal));
        string log = Path.Combine(site.ScratchDirectory, "ping.log");
        using Process ping = site.GuestB.Start(log, "ping", "-n", "-D", "-i", "0.05", "10.1.0.11");
        Wait.Until("a first answer", () => Replies(log).Length > 2);
        site.T1.Process.Kill();
        site.T1.Process.WaitForExit();
        Wait.Until($"the backup to take over\n{site.Logs}", () => site.StatesOf("t2") == "master master", s_patience);
        int before = Replies(log).Length;
        Wait.Until($"answers through the backup\n{site.Logs}", () => Replies(log).Length > before + 20, s_patience);
        PingAll("after the master died");
        Assert.Equal(caches, Caches());
        Assert.Equal("t2", PortOf(VirtualMac4));

        // The preferred one returns: hosts and routes first, then the election.
        int lost = Replies(log).Length;
        site.StartT1();
        WaitForServer("t1", RedundantSite.Forwarder1);
        Wait.Until($"the other to be backup again\n{site.Logs}", () => site.StatesOf("t2") == "backup backup", s_patience);
        Wait.Until("answers through the preferred one", () => Replies(log).Length > lost + 40, s_patience);
        PingAll("after it returned");
        Assert.Equal(caches, Caches());
        Assert.Equal("t1", PortOf(VirtualMac4));

        // In order: who ends resigns, and serves until the other does.
        int asked = Replies(log).Length;
        Assert.Equal(0, site.T1.Terminate());
        WaitForServer("t2", RedundantSite.Forwarder2);
        Wait.Until("answers through the backup again", () => Replies(log).Length > asked + 20, s_patience);
        PingAll("after it ended");
        Assert.Equal(caches, Caches());

        Command.Require("kill", "-INT", $"{ping.Id}");
        Assert.True(ping.WaitForExit(Command.Patience));
        Assert.Equal(told, SaidToTheBackup());
        Assert.True(site.T2.Metrics().Sum("dataplane_vrrp_became_master_total") >= 4);
        output.WriteLine("pauses between replies, in seconds: " + string.Join("; ", Gaps(log)));
    }

    // Until this forwarder is master and remote routes lead to it alone.
    private void WaitForServer(string forwarder, string address) => Wait.Until(
        $"{forwarder} to serve the host\n{site.Logs}",
        () => site.StatesOf(forwarder) == "master master"
            && site.Routes("b").Where(static route => !route.EndsWith("localhost", StringComparison.Ordinal)).SequenceEqual([$"10.1.0.11/32 {address}", $"fd00:10:1::11/128 {address}"]),
        s_patience);

    private void PingAll(string when)
    {
        foreach ((Guest from, Guest to) in new[] { (site.GuestB, site.Tagged), (site.Tagged, site.GuestB) })
        {
            foreach (int family in new[] { 4, 6 })
            {
                PingResult result = from.Ping(to.Address(family));
                Assert.True(result.Received == 3, $"{when}: {result.Text}\n{site.Logs}");
            }
        }
    }

    private string[] SaidToTheBackup() =>
        [.. site.Host.Log.Split('\n').Where(static line => line.Contains($"server {RedundantSite.Server2}: sent ", StringComparison.Ordinal))];

    private (string, string) Caches() => (site.Tagged.NeighborOf("10.1.0.22"), site.Tagged.NeighborOf("fd00:10:1::22"));

    private string PortOf(string mac)
    {
        Match entry = BridgeEntry().Match(string.Join('\n', site.Lan.Require("bridge", "fdb", "show", "br", "br0").Split('\n').Where(line => line.StartsWith(mac, StringComparison.Ordinal))));
        return entry.Success ? entry.Groups[1].Value : "";
    }

    private static string[] Replies(string log) =>
        File.Exists(log) ? [.. File.ReadAllLines(log).Where(static line => line.Contains("bytes from", StringComparison.Ordinal))] : [];

    // Pauses between replies of more than 100 ms.
    private static IEnumerable<string> Gaps(string log)
    {
        double[] times = [.. Replies(log).Select(static line => double.Parse(line[1..line.IndexOf(']', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture))];
        return times.Zip(times.Skip(1)).Where(static pair => pair.Second - pair.First > 0.1).Select(static pair => FormattableString.Invariant($"{pair.First:F3} +{pair.Second - pair.First:F3}"));
    }

    [GeneratedRegex("dev (\\S+)")]
    private static partial Regex BridgeEntry();
}

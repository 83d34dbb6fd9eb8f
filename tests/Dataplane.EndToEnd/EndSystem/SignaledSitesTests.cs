using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>Interfaces appear, are signalled, move, and outlive their gateway: with packets.</summary>
public sealed class SignaledSitesTests(SignaledSites sites) : IClassFixture<SignaledSites>
{
    [Fact]
    [Trait("Requirement", "AGT-02")]
    [Trait("Requirement", "AGT-03")]
    [Trait("Requirement", "AGT-08")]
    [Trait("Requirement", "AGT-09")]
    [Trait("Requirement", "MOB-01")]
    [Trait("Requirement", "MOB-04")]
    [Trait("Requirement", "SIG-14")]
    [Trait("Requirement", "XMP-06")]
    public void InterfacesAreAttachedMoveAndOutliveTheirGateway()
    {
        AttachAndReach();
        RefuseWhatIsWrong();
        MoveAWorkload();
        KillAndStartTheGateway();
        KillAForwarder();
    }

    private void AttachAndReach()
    {
        JsonElement attached = sites.Agent("a", "attach", "ga", "--vpn", "red", "--port", "ga", "--address", "10.1.0.11", "--address", "fd00:10:1::11");
        Assert.Equal(1, attached.GetProperty("version").GetInt32());
        _ = sites.Agent("b", "attach", "gb", "--vpn", "red", "--port", "gb", "--address", "10.1.0.22", "--address", "fd00:10:1::22");
        sites.WaitForRoutes("a", "10.1.0.11/32 localhost", $"10.1.0.22/32 {SignaledSites.ForwarderB}", "fd00:10:1::11/128 localhost", $"fd00:10:1::22/128 {SignaledSites.ForwarderB}");
        sites.WaitForRoutes("b", $"10.1.0.11/32 {SignaledSites.ForwarderA}", "10.1.0.22/32 localhost", $"fd00:10:1::11/128 {SignaledSites.ForwarderA}", "fd00:10:1::22/128 localhost");
        Reaches(sites.GuestA, sites.GuestB.Address4);
        Reaches(sites.GuestB, sites.GuestA.Address6);
    }

    private void RefuseWhatIsWrong()
    {
        CommandResult refused = sites.TryAgent("a", "attach", "x", "--vpn", "red", "--port", "ga");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("'port': port ga is taken by interface 'ga'", refused.Error, StringComparison.Ordinal);
        Assert.Contains("There is no interface 'x'.", sites.TryAgent("a", "detach", "x").Error, StringComparison.Ordinal);
    }

    private void MoveAWorkload()
    {
        _ = sites.Agent("a", "attach", "vm", "--vpn", "red", "--port", "vm", "--address", "10.1.0.50", "--version", "7");
        sites.PlaceVm("at-a", "at-b");
        Wait.Until($"the workload's route\n{sites.Logs}", () => sites.Routes("b").Contains($"10.1.0.50/32 {SignaledSites.ForwarderA}"));
        Reaches(sites.GuestB, "10.1.0.50");

        // The target takes part before the workload is there, then makes it known; the old place lets go of it last.
        _ = sites.Agent("b", "attach", "vm", "--vpn", "red", "--port", "vm");
        sites.PlaceVm("at-b", "at-a");
        _ = sites.Agent("b", "attach", "vm", "--vpn", "red", "--port", "vm", "--address", "10.1.0.50", "--version", "8");
        Wait.Until($"the workload's new place\n{sites.Logs}", () => sites.Routes("a").Contains($"10.1.0.50/32 {SignaledSites.ForwarderB}"));
        JsonElement old = sites.Agent("a", "list").GetProperty("attachments").EnumerateArray().Single(static one => one.GetProperty("id").GetString() == "vm");
        Assert.Equal($"at {SignaledSites.ForwarderB}, version 8", old.GetProperty("addresses")[0].GetProperty("elsewhere").GetString());
        Reaches(sites.GuestA, "10.1.0.50");
        _ = sites.Agent("a", "detach", "vm", "--moved");
        Reaches(sites.GuestA, "10.1.0.50");
        Reaches(sites.GuestB, "10.1.0.50");
        Assert.Contains("'version': 6 is lower than 7", sites.TryAgent("a", "attach", "vm", "--vpn", "red", "--port", "vm", "--address", "10.1.0.50", "--version", "6").Error, StringComparison.Ordinal);
    }

    private void KillAndStartTheGateway()
    {
        string[] before = sites.Routes("a");
        double[] changes = [Changes(sites.A), Changes(sites.B)];
        sites.Gateway.Process.Kill();
        Wait.Until($"the loss of the gateway\n{sites.Logs}", () => !IsUp("a") && !IsUp("b"));
        Reaches(sites.GuestA, sites.GuestB.Address4);
        Reaches(sites.GuestA, "10.1.0.50");
        HasRoutesStill(before);
        sites.StartGateway();
        Wait.Until($"sessions with the new gateway\n{sites.Logs}", () => IsUp("a") && IsUp("b"), TimeSpan.FromSeconds(90));
        Wait.Until($"the new gateway to have told all\n{sites.Logs}", () => sites.Agent("a", "routes", "red").GetProperty("routes").EnumerateArray()
            .All(static route => !route.GetProperty("stale").GetBoolean()), TimeSpan.FromSeconds(60));
        HasRoutesStill(before);
        Assert.Equal(changes, new[] { Changes(sites.A), Changes(sites.B) });
        Reaches(sites.GuestA, sites.GuestB.Address4);
        Reaches(sites.GuestB, "10.1.0.50");
    }

    // Its routes stay until the stale timer ends. Then packets for its addresses are dropped, and counted, where they come in.
    private void KillAForwarder()
    {
        sites.ShortenStaleTime();
        sites.B.Process.Kill();
        sites.WaitForRoutes("a", "10.1.0.11/32 localhost", "fd00:10:1::11/128 localhost");
        Assert.Equal(3, sites.Gateway.Metrics().Sum("dataplane_signaling_stale_swept_total"));
        double before = sites.A.Drops("no-route");
        double sent = Tunnelled();
        Assert.Equal(0, sites.GuestA.PingInVain(sites.GuestB.Address4));
        Assert.Equal(0, sites.GuestA.PingInVain("10.1.0.50"));
        Wait.Until("the drops to be counted", () => sites.A.Drops("no-route") >= before + 4);
        Assert.True(Tunnelled() <= sent, "something was sent through a tunnel");
    }

    private double Tunnelled() => sites.A.Metrics().Sum("dataplane_tunnel_packets_total");

    private static double Changes(ForwarderProcess forwarder) => forwarder.Metrics().Sum("dataplane_agent_route_changes_total");

    private void HasRoutesStill(string[] before)
    {
        string[] now = sites.Routes("a");
        Assert.True(now.SequenceEqual(before), $"{string.Join(", ", now)} instead of {string.Join(", ", before)}\n{sites.Logs}");
    }

    private bool IsUp(string host) => sites.Agent(host, "status").GetProperty("servers")[0].GetProperty("isUp").GetBoolean();

    private void Reaches(Guest from, string address) => from.RequireReach(address, () => sites.Logs);
}

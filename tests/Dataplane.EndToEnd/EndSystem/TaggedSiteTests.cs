using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>A workload behind an external forwarder and one behind a local forwarder, in one VPN.</summary>
public sealed class TaggedSiteTests(TaggedSite site) : IClassFixture<TaggedSite>
{
    [Fact]
    [Trait("Requirement", "ARC-02")]
    [Trait("Requirement", "AGT-05")]
    [Trait("Requirement", "EXT-03")]
    [Trait("Requirement", "EXT-05")]
    [Trait("Requirement", "EXT-08")]
    public void AWorkloadBehindAVlanIsReachedAndWithdrawn()
    {
        JsonElement attached = site.Agent("h", "attach", "vm", "--vpn", "red", "--address", "10.1.0.11");
        Assert.Equal(317, attached.GetProperty("vlan").GetInt32());
        site.Tag(317);
        _ = site.Agent("b", "attach", "gb", "--vpn", "red", "--port", "gb", "--address", "10.1.0.22");
        Wait.Until($"the route to the tagged workload\n{site.Logs}", () => site.Routes("b").SequenceEqual([$"10.1.0.11/32 {TaggedSite.ForwarderT}", "10.1.0.22/32 localhost"]),
            TimeSpan.FromSeconds(60));
        Wait.Until($"the route at the external forwarder\n{site.Logs}", () => site.Routes("t").Length == 2);
        PingResult ping = site.GuestB.Ping("10.1.0.11");
        Assert.True(ping.Received == 3, $"{ping.Text}\n{site.Logs}");
        ping = site.Tagged.Ping("10.1.0.22");
        Assert.True(ping.Received == 3, $"{ping.Text}\n{site.Logs}");

        JsonElement host = Assert.Single(site.Agent("t", "status").GetProperty("hosts").EnumerateArray());
        JsonElement bound = Assert.Single(host.GetProperty("interfaces").EnumerateArray());
        Assert.Equal(("red", 317, "10.1.0.11/32"), (bound.GetProperty("vpn").GetString(), bound.GetProperty("vlan").GetInt32(), bound.GetProperty("addresses")[0].GetString()));

        // What is not the host's is refused by the forwarder and told to whom asked.
        _ = site.Agent("h", "attach", "vm", "--vpn", "red", "--address", "10.1.7.7", "--address", "10.1.0.11");
        Wait.Until($"the refusal\n{site.Logs}", () => site.Agent("h", "list").GetProperty("attachments")[0].GetProperty("addresses").EnumerateArray()
            .Any(static address => address.TryGetProperty("refused", out JsonElement refused) && refused.GetString()!.Contains("may not publish 10.1.7.7/32", StringComparison.Ordinal)));
        _ = site.Agent("h", "detach", "vm");
        Wait.Until($"the withdrawal\n{site.Logs}", () => site.Routes("b").SequenceEqual(["10.1.0.22/32 localhost"]));
    }
}

using System.Globalization;
using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>A workload behind an external forwarder and one behind a local forwarder, in one VPN.</summary>
public sealed class TaggedSiteTests(TaggedSite site) : IClassFixture<TaggedSite>
{
    [Fact]
    [Trait("Requirement", "ARC-02")]
    [Trait("Requirement", "ARC-18")]
    [Trait("Requirement", "AGT-05")]
    [Trait("Requirement", "EXT-03")]
    [Trait("Requirement", "EXT-05")]
    [Trait("Requirement", "EXT-08")]
    [Trait("Requirement", "FWD-07")]
    [Trait("Requirement", "MGT-09")]
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

        CrossedInUdp(TaggedSite.ForwarderT, TaggedSite.ForwarderB);
        CrossedInUdp(TaggedSite.ForwarderB, TaggedSite.ForwarderT);

        JsonElement host = Assert.Single(site.Agent("t", "status").GetProperty("hosts").EnumerateArray());
        JsonElement bound = Assert.Single(host.GetProperty("interfaces").EnumerateArray());
        Assert.Equal(("red", 317, "10.1.0.11/32"), (bound.GetProperty("vpn").GetString(), bound.GetProperty("vlan").GetInt32(), bound.GetProperty("addresses")[0].GetString()));

        // What is not the host's is refused by the forwarder and told to whom asked.
        _ = site.Agent("h", "attach", "vm", "--vpn", "red", "--address", "10.1.7.7", "--address", "10.1.0.11");
        Wait.Until($"the refusal\n{site.Logs}", () => site.Agent("h", "list").GetProperty("attachments")[0].GetProperty("addresses").EnumerateArray()
            .Any(static address => address.TryGetProperty("refused", out JsonElement refused) && refused.GetString()!.Contains("may not publish 10.1.7.7/32", StringComparison.Ordinal)));
        _ = site.Agent("h", "detach", "vm");
        Wait.Until($"the withdrawal\n{site.Logs}", () => site.Routes("b").SequenceEqual(["10.1.0.22/32 localhost"]));

        // And how long that took, like what takes its leave without a word.
        Counts("published");
        Counts("withdrawn");
        _ = site.Agent("h", "attach", "vm", "--vpn", "red", "--address", "10.1.0.11");
        Wait.Until($"the route again\n{site.Logs}", () => site.Routes("b").Length == 2);
        site.Host.Process.Kill();
        Counts("lost");
    }

    // Requests and replies: a label behind the port of RFC 7510 §3, from a dynamic port, with the checksum that §3.1 wants over IPv6. A checksum of zero is not good.
    private void CrossedInUdp(string from, string to)
    {
        List<string[]> frames = [];
        Wait.Until($"six packets from {from}; {frames.Count}\n{site.Logs}", () => (frames = site.Underlay.Decode(
            $"ipv6.src == {from} && ipv6.dst == {to} && icmp", "frame.protocols", "udp.dstport", "udp.srcport", "udp.checksum.status", "mpls.bottom", "_ws.malformed")).Count >= 6);
        Assert.All(frames, static frame =>
        {
            Assert.StartsWith("eth:ethertype:ipv6:udp:mpls:ip:icmp", frame[0], StringComparison.Ordinal);
            Assert.Equal(("6635", "1", ""), (frame[1], frame[3], frame[5]));
            Assert.InRange(int.Parse(frame[2], CultureInfo.InvariantCulture), 49152, 65535);
            Assert.True(frame[4] is "1" or "True", frame[4]);
        });
    }

    private void Counts(string cause) => Wait.Until(
        $"{cause} counted\n{site.Logs}", () => site.T.Metrics().Sum("dataplane_signaling_propagation_seconds_count", ("cause", cause), ("to", "servers")) >= 1);
}

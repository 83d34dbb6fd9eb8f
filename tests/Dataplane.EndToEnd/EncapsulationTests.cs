using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>Two forwarders on one underlay link, for each encapsulation over each family: the configuration alone chooses.</summary>
public sealed class EncapsulationTests
{
    private const int EtherTypeIpv4 = 0x0800;
    private const int EtherTypeIpv6 = 0x86DD;
    private const int InnerBytes = 84;

    [Theory]
    [Trait("Requirement", "ARC-18")]
    [Trait("Requirement", "FWD-07")]
    [InlineData("mpls-in-gre", 4, 47, 20 + 4)]
    [InlineData("mpls-in-gre", 6, 47, 40 + 4)]
    [InlineData("mpls-in-udp", 4, 17, 20 + 8)]
    [InlineData("mpls-in-udp", 6, 17, 40 + 8)]
    [InlineData("mpls-in-ip", 4, 137, 20)]
    [InlineData("mpls-in-ip", 6, 137, 40)]
    public void BothFamiliesCross(string encapsulation, int underlayFamily, int protocol, int labelOffset)
    {
        string[] underlay = underlayFamily == 4 ? ["192.0.2.1", "192.0.2.2"] : ["2001:db8:f::1", "2001:db8:f::2"];
        using Testbed bed = new();
        NetworkNamespace[] spaces = [bed.AddNamespace("f0", silent: true), bed.AddNamespace("f1", silent: true)];
        Guest[] guests =
        [
            new(bed.AddNamespace("g0"), "10.1.0.10/24", "fd00:10:1::10/64", "10.1.0.1"),
            new(bed.AddNamespace("g1"), "10.1.0.11/24", "fd00:10:1::11/64", "10.1.0.1"),
        ];
        Testbed.Link(spaces[0], "core", spaces[1], "core");
        for (int i = 0; i < 2; i++)
        {
            Testbed.Link(spaces[i], "guest", guests[i].Space, "eth0");
            guests[i].Configure();
        }

        ForwarderProcess[] forwarders = [.. Enumerable.Range(0, 2).Select(i => bed.Keep(
            new ForwarderProcess(bed, spaces[i], $"f{i}", Configuration(encapsulation, i, underlay, guests))))];
        using PacketSocket wire = new(spaces[1], "core");
        foreach (int family in new[] { 4, 6 })
        {
            // Neighbours first, which a busy machine may take its time for.
            Wait.Until($"a first answer\n{forwarders[0].Log}\n{forwarders[1].Log}", () => guests[0].Ping(guests[1].Address(family), count: 1, "-W", "1").Received == 1);
            PingResult ping = guests[0].Ping(guests[1].Address(family));
            Assert.True(ping.Received == 3, $"{ping.Text}\n{forwarders[0].Log}\n{forwarders[1].Log}");
        }

        int start = 14 + labelOffset;
        byte[]? frame = wire.Receive(f => f.Length == start + 4 + InnerBytes && f[start + 4] == 0x45 &&
            (Frame.EtherType(f) == EtherTypeIpv4 ? f[23] : Frame.EtherType(f) == EtherTypeIpv6 ? f[20] : 0) == protocol);
        Assert.NotNull(frame);
        Assert.Equal(701, (frame[start] << 12) | (frame[start + 1] << 4) | (frame[start + 2] >> 4));
        foreach (ForwarderProcess forwarder in forwarders)
        {
            Assert.True(forwarder.Terminate() == 0, forwarder.Log);
        }
    }

    private static string Configuration(string encapsulation, int self, string[] underlay, Guest[] guests)
    {
        int other = 1 - self;
        string length = underlay[self].Contains(':', StringComparison.Ordinal) ? "/64" : "/24";
        string infrastructure = length == "/64" ? "address6" : "address";
        return $$"""
            roles: [forwarder]
            eal: { memory-mib: 128, huge-pages: never, main-core: {{self}} }
            workers: { cores: [{{other}}], idle: { policy: sleep } }
            ports:
              - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: ["{{underlay[self]}}{{length}}"] }
              - { name: guest, role: local, device: "net_af_packet1,iface=guest" }
            infrastructure: { {{infrastructure}}: "{{underlay[self]}}" }
            encapsulation: { default: {{encapsulation}} }
            vrfs:
              - name: red
                routes:
                  - { prefix: {{guests[other].Address4}}/32, next-hop: "{{underlay[other]}}", label: {{700 + other}} }
                  - { prefix: "{{guests[other].Address6}}/128", next-hop: "{{underlay[other]}}", label: {{700 + other}} }
            interfaces:
              - { name: guest, port: guest, vrf: red, label: {{700 + self}}, addresses: [{{guests[self].Address4}}/32, "{{guests[self].Address6}}/128"] }
            metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
            """;
    }
}

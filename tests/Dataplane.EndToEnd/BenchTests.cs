using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>
/// <c>dataplane bench</c> over kernel interfaces: with the datapath in the same process, and with a device under test
/// elsewhere (a pair of interfaces, which is a wire). Nothing depends on how fast they are.
/// </summary>
public sealed class BenchTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dataplane-bench-");
    private readonly NetworkNamespace _space = new($"dpbench-{Environment.ProcessId}");

    public BenchTests()
    {
        foreach (string link in new[] { "acc", "core" })
        {
            _space.Require("ip", "link", "add", link, "type", "veth", "peer", "name", "gen-" + link);
            foreach (string end in new[] { link, "gen-" + link })
            {
                _space.Sysctl($"net.ipv6.conf.{end}.disable_ipv6=1");
                _space.Require("ip", "link", "set", end, "up");
            }
        }
    }

    public void Dispose()
    {
        _space.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_port_pair_leads_through_the_datapath_of_the_same_process()
    {
        string configuration = Path.Combine(_folder.FullName, "bench.yaml");
        File.WriteAllText(configuration, """
            roles: [forwarder]
            ports:
              - { name: core0, role: core, device: "net_af_packet0,iface=core", addresses: [203.0.113.17/24], neighbors: [ { address: 203.0.113.44, mac: "02:00:00:00:00:44" } ] }
              - { name: acc0, role: access, device: "net_af_packet1,iface=acc" }
            infrastructure: { address: 203.0.113.17 }
            workers: { cores: [1] }
            vrfs:
              - { name: blue, routes: [ { prefix: 198.51.100.40/32, next-hop: 203.0.113.44, label: 61200 } ] }
            interfaces:
              - { name: vm1, port: acc0, vlan: 317, mac: "02:aa:10:c0:ff:ee", vrf: blue, label: 52013, addresses: [198.51.100.25/32] }
            """);
        JsonElement result = Bench("--config", configuration, "--tx-port", "net_af_packet8,iface=gen-acc", "--rx-port", "net_af_packet9,iface=gen-core");
        Assert.Equal("port-pair", result.GetProperty("circumstances").GetProperty("arrangement").GetString());
        JsonElement trial = Trial(result);
        Assert.True(trial.GetProperty("reconciled").GetBoolean());
        Assert.Equal(trial.GetProperty("received").GetUInt64(), trial.GetProperty("latency").GetProperty("frames").GetUInt64());
        Assert.InRange(trial.GetProperty("datapath").GetProperty("tx").GetUInt64(), trial.GetProperty("received").GetUInt64(), ulong.MaxValue);
    }

    [Fact]
    public void A_device_elsewhere_is_measured_from_outside()
    {
        JsonElement result = Bench("--tx-port", "net_af_packet8,iface=gen-acc", "--rx-port", "net_af_packet9,iface=acc");
        Assert.Equal("external", result.GetProperty("circumstances").GetProperty("arrangement").GetString());
        JsonElement trial = Trial(result);
        Assert.Equal(JsonValueKind.Null, trial.GetProperty("reconciled").ValueKind);
        Assert.Equal(JsonValueKind.Null, trial.GetProperty("datapath").ValueKind);
        Assert.Equal(JsonValueKind.Null, Assert.Single(result.GetProperty("sizes").EnumerateArray()).GetProperty("stages").ValueKind);
        // A wire loses nothing as slowly as that, unless the machine stands still.
        Assert.InRange(trial.GetProperty("received").GetUInt64(), 1u, trial.GetProperty("offered").GetUInt64());
    }

    private static JsonElement Trial(JsonElement result) =>
        Assert.Single(Assert.Single(result.GetProperty("sizes").EnumerateArray()).GetProperty("trials").EnumerateArray());

    private JsonElement Bench(params string[] options)
    {
        string capture = Path.Combine(Testbed.Repository, "pcaps", "encap-gre-v4-over-v4", "in.acc0.pcap");
        string report = Path.Combine(_folder.FullName, "report");
        CommandResult run = _space.Run(["dotnet", ForwarderProcess.Program, "bench", .. options, "--in", capture,
            "--frame-size", "128", "--rate", "2kpps", "--trials", "1", "--duration", "200ms", "--ramp-up", "0ms", "--report", report]);
        Assert.True(run.ExitCode == 0, run.All);
        return JsonDocument.Parse(File.ReadAllText(Path.Combine(report, "result.json"))).RootElement;
    }
}

using System.Diagnostics;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>
/// keepalived as the other router of an election, in both families, on a kernel bridge: it and ours agree on who is master. Ours has the higher
/// priority unless a test says otherwise.
/// </summary>
public sealed class KeepalivedTests : IDisposable
{
    private const string Virtual4 = "169.254.0.1";
    private const string Virtual6 = "fe80::1";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);
    private readonly Testbed _bed = new();
    private readonly NetworkNamespace _ours;
    private readonly NetworkNamespace _theirs;
    private int _starts;

    public KeepalivedTests()
    {
        NetworkNamespace lan = _bed.AddNamespace("lan", silent: true);
        _ours = _bed.AddNamespace("us", silent: true);
        _theirs = _bed.AddNamespace("them");
        NetworkNamespace core = _bed.AddNamespace("core", silent: true);
        lan.Require("ip", "link", "add", "br0", "type", "bridge");
        lan.Require("ip", "link", "set", "br0", "up");
        Testbed.Link(lan, "us", _ours, "access");
        Testbed.Link(lan, "them", _theirs, "eth0");
        Testbed.Link(core, "us", _ours, "core");
        lan.Require("ip", "link", "set", "us", "master", "br0");
        lan.Require("ip", "link", "set", "them", "master", "br0");
        _theirs.Require("ip", "addr", "add", "192.168.7.2/24", "dev", "eth0");
        string file = _bed.WriteFile("keepalived.conf", $$"""
            global_defs {
              router_id them
              vrrp_version 3
              script_user root
              vrrp_garp_master_delay 0
            }
            {{Instance("V4", Virtual4 + "/32")}}
            {{Instance("V6", Virtual6 + "/64")}}

            """);
        string log = Path.Combine(_bed.ScratchDirectory, "keepalived.log");
        _ = _bed.Keep(new Running(_theirs.Start(
            log, "keepalived", "-n", "-P", "-l", "-D", "-f", file, "-p", Path.Combine(_bed.ScratchDirectory, "k.pid"), "-r", Path.Combine(_bed.ScratchDirectory, "v.pid"))));
        KeepalivedLog = log;
    }

    private string KeepalivedLog { get; }

    private static string Instance(string name, string address) => $$"""
        vrrp_instance {{name}} {
          state BACKUP
          interface eth0
          virtual_router_id 1
          priority 100
          advert_int 0.2
          virtual_ipaddress {
            {{address}}
          }
        }
        """;

    public void Dispose() => _bed.Dispose();

    [Fact]
    [Trait("Requirement", "EXT-10")]
    public void KeepalivedDefersTakesOverAndGivesBack()
    {
        WaitForThem(areMaster: true);
        ForwarderProcess us = Start(priority: 200);
        WaitForUs(us, master: 2);
        WaitForThem(areMaster: false);
        Assert.Equal(0, us.Metrics().Sum("dataplane_vrrp_discarded_packets_total"));

        // It falls silent without a word.
        us.Process.Kill();
        us.Process.WaitForExit();
        WaitForThem(areMaster: true);

        // It returns, and the other gives way.
        us = Start(priority: 200);
        WaitForUs(us, master: 2);
        WaitForThem(areMaster: false);

        // It ends in order.
        Assert.Equal(0, us.Terminate());
        WaitForThem(areMaster: true);
    }

    [Fact]
    [Trait("Requirement", "EXT-10")]
    public void WeDeferToKeepalivedAndTakeOverWhenItEnds()
    {
        WaitForThem(areMaster: true);
        ForwarderProcess us = Start(priority: 50);
        // Should it be silent for long on a loaded machine we may be master for a moment, until it is heard again.
        Wait.Until($"its advertisements to count, and us to defer\n{us.Log}", () => us.Metrics() is var metrics
            && metrics.Sum("dataplane_vrrp_received_advertisements_total") > 20 && metrics.Sum("dataplane_vrrp_master") == 0, s_patience);
        Assert.Equal(0, us.Metrics().Sum("dataplane_vrrp_discarded_packets_total"));
        Command.Require("kill", "-TERM", File.ReadAllText(Path.Combine(_bed.ScratchDirectory, "k.pid")).Trim());
        WaitForUs(us, master: 2);
    }

    // keepalived has the virtual addresses exactly while it is master.
    private void WaitForThem(bool areMaster)
    {
        try
        {
            Wait.Until($"keepalived to be {(areMaster ? "master" : "backup")}", () =>
            {
                string addresses = _theirs.Require("ip", "-br", "addr", "show", "dev", "eth0");
                return addresses.Contains(Virtual4 + "/", StringComparison.Ordinal) == areMaster && addresses.Contains(Virtual6 + "/", StringComparison.Ordinal) == areMaster;
            }, s_patience);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; it said:\n{(File.Exists(KeepalivedLog) ? File.ReadAllText(KeepalivedLog) : "")}");
        }
    }

    private static void WaitForUs(ForwarderProcess us, int master) =>
        Wait.Until($"us to be master\n{us.Log}", () => us.Metrics().Sum("dataplane_vrrp_master") == master, s_patience);

    private ForwarderProcess Start(int priority) => _bed.Keep(new ForwarderProcess(_bed, _ours, $"us{++_starts}", $$"""
        roles: [forwarder]
        eal: { memory-mib: 128, huge-pages: never, main-core: 0 }
        workers: { cores: [1], idle: { policy: sleep } }
        ports:
          - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: [198.51.100.17/24] }
          - name: access
            role: access
            device: "net_af_packet1,iface=access"
            vrrp: { priority: {{priority}}, interval: 20, preempt-delay: 1, address: 192.168.7.1, address6: "fe80::a" }
        infrastructure: { address: 198.51.100.17 }
        vrfs: [{ name: red }]
        interfaces: [{ name: a, port: access, vlan: 317, vrf: red, label: 16, addresses: [10.1.0.11/32] }]
        metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
        """));

    private sealed class Running(Process process) : IDisposable
    {
        public void Dispose()
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }

            process.Dispose();
        }
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Dataplane.Host.Tests.Commands;

/// <summary>
/// <c>dataplane run</c> on rings in memory, which need no privilege and touch nothing of the machine. What needs real
/// interfaces is in the end-to-end tests.
/// </summary>
public sealed partial class RunTests : IDisposable
{
    private const string Configuration = """
        roles: [forwarder]
        eal: { memory-mib: 64, huge-pages: never, main-core: 0 }
        workers: { runtime: in-process, cores: [0], idle: { policy: sleep } }
        ports:
          - { name: core0, role: core, device: net_ring0, mac: "02:00:00:00:00:11", addresses: [203.0.113.17/24] }
          - { name: acc0, role: access, device: net_ring1 }
        infrastructure: { address: 203.0.113.17 }
        vrfs:
          - name: blue
            label: 3000
            routes: [ { prefix: 198.51.100.40/32, next-hop: 203.0.113.44, label: 61200 } ]
        interfaces:
          - { name: vm1, port: acc0, vlan: 317, vrf: blue, label: 52013, addresses: [198.51.100.25/32] }
        limits: { mempool-mbufs: 4096 }
        metrics: { listen: "127.0.0.1:0" }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ItServesItsPagesAndEndsOnSigterm()
    {
        using Process process = DataplaneProgram.Start("run", "--config", _folder.Write("run.yaml", Configuration));
        try
        {
            Uri address = await WaitForReadyAsync(process);
            using var http = new HttpClient { BaseAddress = address };
            Assert.Equal("ok\n", await http.GetStringAsync("/readyz"));
            Assert.Equal("ok\n", await http.GetStringAsync("/healthz"));
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/")).StatusCode);

            string first = await http.GetStringAsync("/metrics");
            foreach (string sample in new[]
            {
                """dataplane_ledger_packets_total{ledger="received",column="rx"} """,
                """dataplane_port_rx_packets_total{port="core0"} """,
                """dataplane_interface_dropped_packets_total{interface="vm1",vrf="blue",port="acc0"} 0""",
                """dataplane_vrf_encapsulated_packets_total{vrf="blue"} 0""",
                """dataplane_label_packets_total{label="3000",vrf="blue",interface=""} 0""",
                """dataplane_tunnel_bytes_total{remote="203.0.113.44"} 0""",
                """dataplane_tunnel_resolved{remote="203.0.113.44"} 0""",
                """dataplane_dropped_packets_total{reason="no-route"} 0""",
                """dataplane_punted_packets_total{reason="underlay-arp"} """,
                """dataplane_slow_path_dropped_packets_total{reason="inject-full"} 0""",
                """dataplane_worker_running{worker="0",core="0",runtime="in-process"} 1""",
                """dataplane_worker_loop_gap_seconds_bucket{worker="0",le="+Inf"} """,
                """dataplane_mempool_buffers 4096""",
                """dataplane_table_rows{table="tunnels"} 1""",
                """dataplane_port_info{port="core0",role="core",device="net_ring0",driver="net_ring",mac="02:00:00:00:00:11"} 1""",
                """dotnet_gc_pause_seconds_total """,
            })
            {
                Assert.Contains(first.Split('\n'), line => line.StartsWith(sample, StringComparison.Ordinal));
            }
            string second = await http.GetStringAsync("/metrics");
            Assert.True(Loops(second) > Loops(first));
            Assert.Contains("dataplane_scrape_duration_seconds_count ", second, StringComparison.Ordinal);
        }
        finally
        {
            Signal(process, "TERM");
        }
        Assert.True(process.WaitForExit(DataplaneProgram.Patience));
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("stopped: workers ended, ports closed", await process.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync());
    }

    /// <summary>With the role gateway: what a file read again says of interfaces comes into force while the worker runs.</summary>
    [Fact]
    [Trait("Requirement", "SEC-05")]
    public async Task AHangUpAddsAndRemovesInterfaces()
    {
        string provider = Configuration.Replace("roles: [forwarder]", "roles: [forwarder, gateway]", StringComparison.Ordinal)
            + "\nbgp: { as: 65000, router-id: 203.0.113.17, listen: [] }\nmanagement: { socket: \"" + _folder.Path + "/dataplane.sock\" }\n";
        string file = _folder.Write("pe.yaml", provider);
        using Process process = DataplaneProgram.Start("run", "--config", file);
        try
        {
            using var http = new HttpClient { BaseAddress = await WaitForReadyAsync(process) };
            Assert.Equal(["vm1"], await InterfacesAsync());
            const string Last = "52013, addresses: [198.51.100.25/32] }";
            await ReloadAsync(provider.Replace(Last, Last + "\n  - { name: vm2, port: acc0, vlan: 318, vrf: blue, label: 52014, addresses: [198.51.100.26/32] }", StringComparison.Ordinal));
            Assert.Equal(["vm1", "vm2"], await InterfacesAsync());
            await ReloadAsync(provider.Replace("name: vm1, port: acc0, vlan: 317", "name: vm3, port: acc0, vlan: 318", StringComparison.Ordinal));
            Assert.Equal(["vm3"], await InterfacesAsync());

            async Task<string[]> InterfacesAsync() =>
                [.. InterfaceLine().Matches(await http.GetStringAsync("/metrics")).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
        }
        finally
        {
            Signal(process, "TERM");
        }
        Assert.True(process.WaitForExit(DataplaneProgram.Patience));
        Assert.Equal(0, process.ExitCode);

        async Task ReloadAsync(string text)
        {
            File.WriteAllText(file, text);
            Signal(process, "HUP");
            using var patience = new CancellationTokenSource(DataplaneProgram.Patience);
            string? line;
            do
                line = await process.StandardError.ReadLineAsync(patience.Token);
            while (line is not null && !line.Contains("is in force", StringComparison.Ordinal));
            Assert.EndsWith($"{file} is in force", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AnAddressInUseIsToldBeforeAnyDeviceIsTouched()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        string file = _folder.Write("run.yaml", Configuration.Replace(
            "127.0.0.1:0", $"127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}", StringComparison.Ordinal));
        Assert.Contains("address already in use", FailureOf(file), StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingDeviceIsNamedWithItsPort()
    {
        string file = _folder.Write("run.yaml", Configuration.Replace(
            "device: net_ring1", "device: \"net_pcap0,rx_pcap=/nowhere/in.pcap\"", StringComparison.Ordinal));
        string message = FailureOf(file);
        Assert.Contains("port 'acc0'", message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/in.pcap", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACoreThatIsNotThereIsNamed()
    {
        string file = _folder.Write("run.yaml", Configuration.Replace("cores: [0]", "cores: [1023]", StringComparison.Ordinal));
        Assert.Contains("worker 0 could not start on core 1023", FailureOf(file), StringComparison.Ordinal);
    }

    [Fact]
    public void TooFewBuffersAreToldWithTheNumberNeeded()
    {
        string file = _folder.Write("run.yaml", Configuration.Replace("mempool-mbufs: 4096", "mempool-mbufs: 256", StringComparison.Ordinal));
        Assert.Contains("raise 'limits.mempool-mbufs' to 384", FailureOf(file), StringComparison.Ordinal);
    }

    /// <summary>The one line that a failing start tells.</summary>
    private static string FailureOf(string file)
    {
        ProgramResult result = DataplaneProgram.Run("run", "--config", file);
        Assert.Equal(1, result.ExitCode);
        string[] lines = [.. result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => !line.Contains(": warning: ", StringComparison.Ordinal) && !line.Contains(" warn: ", StringComparison.Ordinal))];
        Assert.True(lines.Length == 1, result.Errors);
        Assert.StartsWith("dataplane: error: ", lines[0], StringComparison.Ordinal);
        return lines[0];
    }

    private static async Task<Uri> WaitForReadyAsync(Process process)
    {
        var said = new List<string>();
        using var patience = new CancellationTokenSource(DataplaneProgram.Patience);
        while (await process.StandardError.ReadLineAsync(patience.Token) is { } line)
        {
            said.Add(line);
            if (ReadyLine().Match(line) is { Success: true } ready)
                return new Uri(ready.Groups[1].Value);
        }
        throw new InvalidOperationException("it ended: " + string.Join('\n', said));
    }

    private static ulong Loops(string metrics) => ulong.Parse(
        LoopsLine().Match(metrics).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    private static void Signal(Process process, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    [GeneratedRegex("ready: (http://[^/]+)/metrics")]
    private static partial Regex ReadyLine();

    [GeneratedRegex("""(?m)^dataplane_interface_rx_packets_total\{interface="([^"]+)",""")]
    private static partial Regex InterfaceLine();

    [GeneratedRegex("""(?m)^dataplane_worker_loops_total\{worker="0"\} (\d+)$""")]
    private static partial Regex LoopsLine();
}

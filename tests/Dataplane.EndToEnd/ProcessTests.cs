using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>How <c>dataplane run</c> starts, refuses to start, and ends.</summary>
public sealed class ProcessTests : IDisposable
{
    private const string Configuration = $$"""
        roles: [forwarder]
        eal: { memory-mib: 128, huge-pages: never, main-core: 0 }
        workers: { cores: [1], idle: { policy: sleep } }
        ports:
          - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: [192.0.2.1/24] }
          - { name: tap, role: local, device: "net_tap0,iface=guest" }
        infrastructure: { address: 192.0.2.1 }
        vrfs: [ { name: red } ]
        interfaces:
          - { name: guest, port: tap, vrf: red, label: 600, addresses: [10.1.0.22/32] }
        metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
        """;

    // Of DPDK's runtime directory; the process id follows.
    private const string RuntimePrefix = "dataplane-";

    private readonly Testbed _bed = new();
    private readonly NetworkNamespace _space;

    public ProcessTests()
    {
        _space = _bed.AddNamespace("f", silent: true);
        Testbed.Link(_space, "core", _bed.AddNamespace("u"), "eth0");
    }

    public void Dispose() => _bed.Dispose();

    [Theory]
    [InlineData("isolated", "sleep")]
    [InlineData("isolated", "pause")]
    [InlineData("isolated", "spin")]
    [InlineData("in-process", "sleep")]
    public void TerminationIsCleanAndLeavesNothing(string runtime, string idlePolicy)
    {
        string configuration = Configuration
            .Replace("cores: [1]", $"cores: [1], runtime: {runtime}", StringComparison.Ordinal)
            .Replace("policy: sleep", $"policy: {idlePolicy}", StringComparison.Ordinal);
        string[] before = Traces();
        using (ForwarderProcess forwarder = new(_bed, _space, "one", configuration))
        {
            Assert.Equal(1, forwarder.Metrics().Sum("dataplane_worker_running", ("runtime", runtime)));
            Assert.Contains("guest", Interfaces(), StringComparison.Ordinal);
            Assert.True(forwarder.Terminate() == 0, forwarder.Log);
        }

        Assert.DoesNotContain("guest", Interfaces(), StringComparison.Ordinal);
        string[] left = [.. Traces().Except(before)];
        Wait.Until($"what is left to go: {string.Join(' ', left)}", () => !Traces().Except(before).Any());
        Assert.Equal(["one.log", "one.yaml"], Directory.GetFiles(_bed.ScratchDirectory).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void AfterAKillItStartsAgain()
    {
        using (ForwarderProcess killed = new(_bed, _space, "killed", Configuration))
        {
            Command.Require("kill", "-KILL", $"{killed.Process.Id}");
            Assert.True(killed.Process.WaitForExit(Command.Patience));
        }

        using ForwarderProcess next = new(_bed, _space, "next", Configuration);
        Assert.True(next.Terminate() == 0, next.Log);
    }

    [Fact]
    public void ASecondInstanceIsRefusedAndTheFirstGoesOn()
    {
        using ForwarderProcess first = new(_bed, _space, "first", Configuration);
        CommandResult second = Run("run", Configuration);
        Assert.NotEqual(0, second.ExitCode);
        Assert.NotEqual("", second.All.Trim());
        Assert.DoesNotContain("   at ", second.All, StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.OK, first.StatusOf("/readyz"));
        Assert.True(first.Terminate() == 0, first.Log);
    }

    [Fact]
    public void AMistakeInTheConfigurationIsLocated()
    {
        string faulty = Configuration.Replace("label: 600", "label: 15", StringComparison.Ordinal);
        int line = faulty.Split('\n').Index().Single(l => l.Item.Contains("label: 15", StringComparison.Ordinal)).Index + 1;
        foreach (string verb in new[] { "run", "check" })
        {
            CommandResult result = Run(verb, faulty);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains($"{verb}.yaml:{line}:", result.All, StringComparison.Ordinal);
            Assert.Contains("label", result.All, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("guest", Interfaces(), StringComparison.Ordinal);
    }

    [Fact]
    public void AGoodConfigurationChecks() => Assert.Equal(0, Run("check", Configuration).ExitCode);

    [Fact]
    public void AMissingInterfaceIsNamed()
    {
        CommandResult result = Run("run", Configuration.Replace("iface=core", "iface=nowhere", StringComparison.Ordinal));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("core", result.All, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.All, StringComparison.Ordinal);
    }

    private CommandResult Run(string verb, string configuration) =>
        _space.Run("dotnet", ForwarderProcess.Program, verb, "--config", _bed.WriteFile(verb + ".yaml", configuration));

    private string Interfaces() => _space.Require("ip", "-br", "link");

    /// <summary>What DPDK and .NET could leave: runtime directories, huge page files, shared memory. Without that of programs that run: other tests' come and go.</summary>
    private static string[] Traces() => [.. new[] { "/run/dpdk", "/var/run/dpdk", "/dev/hugepages", "/dev/shm", "/root/.config/dpdk" }
        .Where(Directory.Exists)
        .SelectMany(directory => Directory.GetFileSystemEntries(directory, "*", SearchOption.AllDirectories))
        .Where(entry => !entry.Contains("clr-debug", StringComparison.Ordinal) && !entry.Split('/').Any(IsOfSomebodyRunning))];

    private static bool IsOfSomebodyRunning(string name) =>
        name.StartsWith(RuntimePrefix, StringComparison.Ordinal) && Directory.Exists($"/proc/{name[RuntimePrefix.Length..]}");
}

using System.Diagnostics;
using Dataplane.Host.Configuration;
using Dataplane.Host.Gateway;
using Dataplane.Host.Tests.Commands;
using Dataplane.Host.Tests.Configuration;

namespace Dataplane.Host.Tests.Gateway;

/// <summary>The file read again: what is noticed, and what the program does on SIGHUP.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Good = """
        roles: [gateway]
        metrics: { listen: 127.0.0.1:0 }
        bgp:
          as: 65000
          router-id: 203.0.113.9
          listen: []
          peers: [{ address: 127.0.0.77, port: 9, as: 65000, password: s3cret }]
        vrfs: [{ name: blue }]

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("metrics: { listen: 127.0.0.1:0 }", "metrics: { listen: 127.0.0.1:1 }", "metrics")]
    [InlineData("router-id: 203.0.113.9", "router-id: 203.0.113.8", "bgp.router-id")]
    [InlineData("roles: [gateway]", "state-directory: /tmp\nroles: [gateway]", "state-directory")]
    [InlineData("as: 65000, password: s3cret", "as: 65000, password: other", "")]
    [InlineData("name: blue", "name: red", "", "vrfs")]
    [InlineData("metrics: { listen: 127.0.0.1:0 }", "metrics:  {listen: \"127.0.0.1:0\"} # the same", "")]
    public void WhatWaitsForARestartIsNoticed(string before, string after, string waiting, string waitingOfForwarder = "")
    {
        string path = _folder.Write("gateway.yaml", Good);
        var file = new ConfigurationFile(path);
        File.WriteAllText(path, Good.Replace(before, after, StringComparison.Ordinal));
        ConfigurationFile.Reading reading = file.Read();
        Assert.Empty(reading.Result.Errors);
        Assert.Equal(waiting, string.Join(' ', file.ChangesThatWait(reading, isForwarder: false)));
        Assert.Equal(waiting.Length > 0 ? waiting : waitingOfForwarder, string.Join(' ', file.ChangesThatWait(reading, isForwarder: true)));
    }

    [Fact]
    public void AForwarderKeepsTheVrfsThatItHasRowsFor()
    {
        DataplaneConfiguration Load(string vrfs) => ConfigurationLoader.Parse(
            Good.Replace("vrfs: [{ name: blue }]", vrfs, StringComparison.Ordinal), "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default).Configuration!;
        DataplaneConfiguration current = Load("vrfs: [{ name: blue, label: 100 }, { name: red }]");
        DataplaneConfiguration wanted = Load("vrfs: [{ name: green }, { name: blue, label: 101, import-targets: [\"65000:1\"] }]");
        Assert.Same(wanted.Vrfs, GatewayReload.Merge(current, wanted).Vrfs);
        IReadOnlyList<VrfConfiguration> merged = GatewayReload.Merge(current with { Roles = [Role.Forwarder, Role.Gateway] }, wanted).Vrfs;
        Assert.Equal([("blue", 100u, 1), ("red", 0u, 0)], merged.Select(static vrf => (vrf.Name, vrf.Label?.Value ?? 0, vrf.ImportTargets.Count)));
    }

    [Fact]
    public void AForwarderTakesInterfacesOnItsPortsAndInItsVrfs()
    {
        DataplaneConfiguration current = Forwarding.ForwarderSample.Load(Pe(""));
        DataplaneConfiguration wanted = Forwarding.ForwarderSample.Load(Pe("""
            , { name: vm2, port: acc0, vlan: 12, vrf: blue, label: 17, addresses: [10.0.0.2/32] }
              , { name: vm3, port: acc1, vlan: 12, vrf: blue, label: 18, addresses: [10.0.0.3/32] }
              , { name: vm4, port: acc0, vlan: 13, vrf: green, label: 19, addresses: [10.0.0.4/32] }
            """, ", { name: acc1, role: access }", ", { name: green }"));
        Assert.Equal(["vm1", "vm2"], GatewayReload.Merge(current, wanted).Interfaces.Select(static row => row.Name));
        Assert.Equal(["vm3", "vm4"], GatewayReload.InterfacesThatWait(current, wanted));

        static string Pe(string interfaces, string ports = "", string vrfs = "") => $$"""
            roles: [forwarder, gateway]
            ports: [{ name: core0, role: core, addresses: [203.0.113.17/24] }, { name: acc0, role: access }{{ports}}]
            infrastructure: { address: 203.0.113.17 }
            bgp: { as: 65000, router-id: 203.0.113.17, listen: [] }
            vrfs: [{ name: blue }{{vrfs}}]
            interfaces: [{ name: vm1, port: acc0, vlan: 11, vrf: blue, label: 16, addresses: [10.0.0.1/32] }
              {{interfaces}}]
            """;
    }

    [Fact]
    public async Task HangUpReloadsAndABadFileChangesNothing()
    {
        string path = _folder.Write("gateway.yaml", Good);
        using Process program = DataplaneProgram.Start("run", "--config", path);
        try
        {
            using var patience = new CancellationTokenSource(DataplaneProgram.Patience);
            await ReadUntilAsync("ready: ");
            File.WriteAllText(path, Good.Replace("name: blue", "name: blue, max-paths: 0", StringComparison.Ordinal));
            await SendAsync("HUP");
            Assert.Contains($"{path}:8:33: error: 'max-paths' must be", await ReadUntilAsync("error:"), StringComparison.Ordinal);
            _ = await ReadUntilAsync("is not reloaded; everything stays as it was");
            File.WriteAllText(path, Good.Replace("127.0.0.77", "127.0.0.78", StringComparison.Ordinal));
            await SendAsync("HUP");
            _ = await ReadUntilAsync("peer 127.0.0.78: added");
            _ = await ReadUntilAsync($"{path} is in force");
            await SendAsync("TERM");
            _ = await ReadUntilAsync("stopped: sessions ended");
            await program.WaitForExitAsync(patience.Token);
            Assert.Equal(0, program.ExitCode);

            async Task<string> ReadUntilAsync(string text)
            {
                while (await program.StandardError.ReadLineAsync(patience.Token) is { } line)
                {
                    if (line.Contains(text, StringComparison.Ordinal))
                    {
                        return line;
                    }
                }

                throw new InvalidOperationException($"the program ended without saying '{text}'");
            }
        }
        finally
        {
            if (!program.HasExited)
            {
                program.Kill();
            }
        }

        async Task SendAsync(string signal)
        {
            using Process kill = Process.Start("kill", ["-s", signal, $"{program.Id}"]);
            await kill.WaitForExitAsync();
        }
    }

    [Fact]
    public void AGatewayChecks()
    {
        string path = _folder.Write("gateway.yaml", Good);
        ProgramResult result = DataplaneProgram.Run("check", "--config", path);
        Assert.Equal((0, $"{path}: ok: 1 VRFs, AS 65000, 1 peers, 0 ranges, 0 policies\n"), (result.ExitCode, result.Output));
    }
}

using System.Diagnostics;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>GoBGP in the gateway's namespace: announces flow specifications within VPNs.</summary>
public sealed class PolicyPeer : IDisposable
{
    public const string Address = "192.0.2.99";
    private const string ApiPort = "50099";
    private readonly NetworkNamespace _space;
    private readonly Process _process;

    public PolicyPeer(Testbed bed, NetworkNamespace space)
    {
        _space = space;
        space.Require("ip", "addr", "add", Address + "/32", "dev", "lo");
        string configuration = bed.WriteFile("policy-peer.toml", $"""
            [global.config]
              as = 65000
              router-id = "{Address}"
              port = 179
              local-address-list = ["{Address}"]
            [[neighbors]]
              [neighbors.config]
                neighbor-address = "192.0.2.1"
                peer-as = 65000
              [neighbors.transport.config]
                local-address = "{Address}"
                passive-mode = true
              [[neighbors.afi-safis]]
                [neighbors.afi-safis.config]
                  afi-safi-name = "l3vpn-ipv4-flowspec"
            """);
        string log = Path.Combine(bed.ScratchDirectory, "policy-peer.log");
        _process = space.Start(log, "gobgpd", "-f", configuration, "--api-hosts", "127.0.0.1:" + ApiPort, "--pprof-disable", "-p");
        Wait.Until("gobgpd to answer", () => _process.HasExited
            ? throw new InvalidOperationException($"gobgpd ended: {File.ReadAllText(log)}")
            : space.Run(Client("global")).ExitCode == 0);
    }

    /// <summary>Announces a rule: what stands behind the distinguisher, such as <c>match … then discard rt 65000:1</c>.</summary>
    public void Announce(string rule) => _space.Require(Client("global rib add -a ipv4-l3vpn-flowspec rd 65000:99 " + rule));

    /// <summary>Withdraws it.</summary>
    public void Withdraw(string rule) => _space.Require(Client("global rib del -a ipv4-l3vpn-flowspec rd 65000:99 " + rule));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static string[] Client(string arguments) => ["gobgp", "-u", "127.0.0.1", "-p", ApiPort, .. arguments.Split(' ')];
}

using System.Text.Json.Nodes;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Signaled;

/// <summary>
/// The real Linux MPLS PE with FRR on it: the kernel's VRF, MPLS and GRE, zebra and bgpd. Its VPN red is the kernel's vrf-red, exported and imported with
/// the route target 65000:1; what it learns it forwards in MPLS-in-GRE. A routed neighbour as a network has many.
/// </summary>
internal sealed class FrrProviderEdge : IDisposable
{
    public const string Address = "198.18.0.2";
    public const string TenantAddress = LinuxProviderEdge.Address4;
    public const string TenantPrefix = "192.168.2.0/24";
    public const int Label = 200;

    /// <summary>How many routes of the VPN it has that nobody is behind: 172.16.0.0/24 and those after it.</summary>
    public const int Others = 50;
    private readonly LinuxProviderEdge _linux;

    /// <summary>Boots it on the core interface of a machine of the fabric.</summary>
    /// <param name="fabric">Where.</param>
    /// <param name="host">The machine.</param>
    /// <param name="neighbors">Who speaks BGP with it.</param>
    /// <param name="forwarders">Next hops that may turn up: each is reached by a GRE tunnel.</param>
    public FrrProviderEdge(SignaledFabric fabric, SignaledHost host, string[] neighbors, string[] forwarders)
    {
        string configuration = fabric.Bed.WriteFile("pe-bgpd.conf", $$"""
            hostname pe
            log file /mnt/bgpd.log
            ! Next hops are forwarders, reached by GRE: without this FRR looks for a labelled path to them.
            route-map by-gre permit 10
             set l3vpn next-hop encapsulation gre
            route-map to-red permit 10
             set extcommunity rt 65000:1
            router bgp 65000
             bgp router-id {{Address}}
             no bgp default ipv4-unicast
             bgp graceful-restart
            {{Lines(neighbors, static neighbor => $" neighbor {neighbor} remote-as 65000\n neighbor {neighbor} timers 10 30\n neighbor {neighbor} timers connect 1")}}
             address-family ipv4 vpn
            {{Lines(neighbors, static neighbor => $"  neighbor {neighbor} activate\n  neighbor {neighbor} route-map by-gre in")}}
            {{Lines([.. Enumerable.Range(0, Others)], static at => $"  network 172.16.{at}.0/24 rd 65000:20 label {1000 + at} route-map to-red")}}
             exit-address-family
            router bgp 65000 vrf vrf-red
             bgp router-id {{Address}}
             address-family ipv4 unicast
              redistribute connected
              label vpn export {{Label}}
              rd vpn export 65000:20
              rt vpn both 65000:1
              export vpn
              import vpn
             exit-address-family
            """.ReplaceLineEndings("\n"));

        // The tunnel is bound to the card: the way to its far end, as an outer destination, is not the one through itself.
        _linux = new LinuxProviderEdge(fabric.Bed, host.Space, "core", $"""
            mount -t tmpfs tmp /run; mkdir -p /run/frr; chown frr:frr /run/frr; chmod 777 /mnt
            ip route add default via {host.Router}
            {Lines(forwarders.Index().ToArray(), static forwarder => $"ip link add fwd{forwarder.Index} type gre local {Address} remote {forwarder.Item} ttl 64 dev vec0; ip link set fwd{forwarder.Index} up; sysctl -qw net.mpls.conf.fwd{forwarder.Index}.input=1; ip route add {forwarder.Item}/32 dev fwd{forwarder.Index}")}
            cp {configuration} /mnt/bgpd.conf; echo log file /mnt/zebra.log >/mnt/zebra.conf; chmod 644 /mnt/*.conf
            /usr/lib/frr/zebra -f /mnt/zebra.conf -i /run/frr/zebra.pid -z /run/frr/zserv.api -P 0 -d
            until [ -e /run/frr/zserv.api ]; do sleep 0.1; done
            /usr/lib/frr/bgpd -f /mnt/bgpd.conf -i /run/frr/bgpd.pid -z /run/frr/zserv.api -P 0 -d
            """, [$"{Address}/24"], memoryMib: 256);
    }

    /// <summary>Everything it wrote to its console.</summary>
    public string Log => _linux.Log;

    /// <summary>The path to a VPN destination as bgpd has it: label and next hop, or "" when there is none.</summary>
    public string Path(string distinguisher, string prefix)
    {
        string output = _linux.Run($"vtysh -c 'show bgp ipv4 vpn rd {distinguisher} {prefix} json'");
        int start = output.IndexOf('{', StringComparison.Ordinal);
        JsonNode? table = start < 0 ? null : JsonNode.Parse(output[start..(output.LastIndexOf('}') + 1)]);
        JsonNode? path = ((table?[distinguisher] ?? table)?["paths"] as JsonArray)?[0];
        return path is null ? "" : $"{path["remoteLabel"]} via {path["nexthops"]?[0]?["ip"]}{((bool?)path["stale"] == true ? ", stale" : "")}";
    }

    /// <summary>
    /// The entry of a VPN destination: its version, which bgpd raises whenever what it holds best is another or has gone, and its path, without when that was
    /// last told, which is also told once more after a restart.
    /// </summary>
    public string Entry(string distinguisher, string prefix) => string.Join('\n', Vtysh($"show bgp ipv4 vpn rd {distinguisher} {prefix}").Split('\n')
        .Where(static line => !line.Contains("Last update", StringComparison.Ordinal) && !line.StartsWith("PE-DONE", StringComparison.Ordinal)));

    /// <summary>The distinguisher that a prefix is known with, or "" when it is not.</summary>
    public string DistinguisherOf(string prefix)
    {
        string output = Vtysh("show bgp ipv4 vpn json");
        JsonObject? all = JsonNode.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..(output.LastIndexOf('}') + 1)])?["routes"]?["routeDistinguishers"]?.AsObject();
        return all?.FirstOrDefault(table => table.Value?[prefix] is not null).Key ?? "";
    }

    /// <summary>How many UPDATEs a neighbour has sent in the session with it.</summary>
    public int UpdatesFrom(string neighbor)
    {
        string output = Vtysh($"show bgp neighbors {neighbor} json");
        return (int)JsonNode.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..(output.LastIndexOf('}') + 1)])![neighbor]!["messageStats"]!["updatesRecv"]!;
    }

    /// <summary>The kernel's routes of the VPN.</summary>
    public string Kernel() => _linux.Run("ip route show table 10");

    /// <summary>How many of three echo requests from the VPN are answered.</summary>
    public int Ping(string address) => _linux.Run($"for i in 1 2 3; do ping -n -c 1 -W 3 -I vrf-red {address} 2>&1; done").Split(" 1 received").Length - 1;

    /// <summary>What bgpd knows, for a failure's account.</summary>
    public string Account() => _linux.Run("vtysh -c 'show bgp ipv4 vpn'; vtysh -c 'show bgp summary'; ip route show table 10; ip route; ip -f mpls route; tail -n 20 /mnt/bgpd.log /mnt/zebra.log");

    public void Dispose() => _linux.Dispose();

    private string Vtysh(string command) => _linux.Run($"vtysh -c '{command}'");

    private static string Lines<T>(T[] all, Func<T, string> line) => string.Join('\n', all.Select(line));
}

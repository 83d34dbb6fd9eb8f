using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// Two hosts with a forwarder and an agent each, on different underlay subnets with a kernel router between them, and a signaling gateway that they reach
/// by links of their own, all sessions over mutual TLS. No route and no interface is typed. A workload, vm, has a link to either host.
/// </summary>
public sealed class SignaledSites : IDisposable
{
    public const string ForwarderA = "198.51.100.11";
    public const string ForwarderB = "203.0.113.22";
    private readonly SignaledFabric _fabric = new();

    public SignaledSites()
    {
        try
        {
            SignaledHost a = _fabric.AddHost("a", ForwarderA, "02aa10c0000a");
            SignaledHost b = _fabric.AddHost("b", ForwarderB, "02aa10c0000b");
            GuestA = _fabric.AddGuest("ga", "10.1.0.11/24", "fd00:10:1::11/64", a.Space, "ga");
            GuestB = _fabric.AddGuest("gb", "10.1.0.22/24", "fd00:10:1::22/64", b.Space, "gb");
            VmSpace = _fabric.Bed.AddNamespace("vm");
            Testbed.Link(a.Space, "vm", VmSpace, "at-a");
            Testbed.Link(b.Space, "vm", VmSpace, "at-b");

            StartGateway();
            A = _fabric.Start(a, Configuration(a, 1));
            B = _fabric.Start(b, Configuration(b, 0));
        }
        catch
        {
            _fabric.Dispose();
            throw;
        }
    }

    public ForwarderProcess Gateway { get; private set; } = null!;

    public ForwarderProcess A { get; }

    public ForwarderProcess B { get; }

    public Guest GuestA { get; }

    public Guest GuestB { get; }

    /// <summary>The workload's namespace, with a link to either host: at-a and at-b.</summary>
    public NetworkNamespace VmSpace { get; }

    public string Logs => _fabric.Logs;

    /// <summary>Starts the gateway, again after it was killed.</summary>
    public void StartGateway() => Gateway = _fabric.StartGateway("""
        vrfs:
          - { name: red, import-targets: ["65000:1"], export-targets: ["65000:1"] }
        end-systems:
          - { name: "02aa10c0000*", vpns: [{ vpn: red, prefixes: [10.1.0.0/16, "fd00:10:1::/48"] }] }
        """,
        bgp: $"  peers: [{{ address: {PolicyPeer.Address}, local-address: {SignaledFabric.GatewayAddress}, as: 65000, authentication: none, families: [vpn-ipv4-flowspec] }}]",
        xmpp: "  stale-time: 60");

    /// <summary>Has the running gateway keep for a shorter time what lost end-systems published.</summary>
    public void ShortenStaleTime() => _fabric.Reload(Gateway, "stale-time: 60", "stale-time: 2");

    /// <summary>A stranger beside the gateway that sends it policy.</summary>
    public PolicyPeer StartPolicyPeer() => new(_fabric.Bed, _fabric.GatewaySpace);

    /// <summary>The flow specifications of red in a host's forwarder.</summary>
    public JsonElement[] Rules(string host) => [.. _fabric.Show(host, "vrf", "red", "flow-spec").GetProperty("rules").EnumerateArray()];

    /// <summary>Runs <c>dataplane agent …</c> against a host's agent; its answer as it came.</summary>
    public JsonElement Agent(string host, params string[] arguments) => _fabric.Agent(host, arguments);

    public CommandResult TryAgent(string host, params string[] arguments) => _fabric.TryAgent(host, arguments);

    /// <summary>The routes of red as a host knows them: "10.1.0.11/32 localhost".</summary>
    public string[] Routes(string host) => _fabric.Routes(host);

    public void WaitForRoutes(string host, params string[] routes) => _fabric.WaitForRoutes(host, routes);

    /// <summary>Gives the workload its address and routes on one of its links and takes them from the other.</summary>
    public void PlaceVm(string link, string other)
    {
        _ = VmSpace.Run("ip", "addr", "flush", "dev", other);
        VmSpace.Require("ip", "addr", "add", "10.1.0.50/32", "dev", link);
        VmSpace.Require("ip", "route", "replace", "169.254.0.1", "dev", link);
        VmSpace.Require("ip", "route", "replace", "default", "via", "169.254.0.1", "dev", link, "src", "10.1.0.50");
    }

    public void Dispose() => _fabric.Dispose();

    private string Configuration(SignaledHost host, int core) => $"""
        roles: [agent, forwarder]
        {_fabric.Forwarder(host, core, ($"g{host.Name}", "local"), ("vm", "local"))}
        {_fabric.Signaling(host, "ping-interval: 1", "ping-misses: 3")}
        """;
}

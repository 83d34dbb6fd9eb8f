using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>A host with a forwarder and an agent whose configuration has no port for guests, its gateway, and two guests. Their session is mutual TLS.</summary>
public sealed class PluggedGuests : IDisposable
{
    private readonly SignaledFabric _fabric = new();
    private readonly SignaledHost _host;

    public PluggedGuests()
    {
        try
        {
            _host = _fabric.AddHost("host", "198.51.100.11", "02aa10c0000a");
            One = _fabric.AddGuest("g1", "10.1.0.11/24", "fd00:10:1::11/64", _host.Space, "g1");
            Two = _fabric.AddGuest("g2", "10.1.0.22/24", "fd00:10:1::22/64", _host.Space, "g2");
            _ = _fabric.StartGateway("""
                vrfs: [{ name: red, import-targets: ["65000:1"], export-targets: ["65000:1"] }]
                end-systems: [{ name: 02aa10c0000a, vpns: [{ vpn: red, prefixes: [10.1.0.0/16, "fd00:10:1::/48"] }] }]
                """);
            Start();
        }
        catch
        {
            _fabric.Dispose();
            throw;
        }
    }

    /// <summary>The host's process; another one after <see cref="Start"/>.</summary>
    public ForwarderProcess Host { get; private set; } = null!;

    public Guest One { get; }

    public Guest Two { get; }

    public string Logs => _fabric.Logs;

    /// <summary>Starts the host's process, again after it was killed.</summary>
    public void Start() => Host = _fabric.Start(_host, $$"""
        roles: [agent, forwarder]
        {{_fabric.Forwarder(_host, 1)}}
        limits: { ports: 3 }
        {{_fabric.Signaling(_host)}}
        """);

    /// <summary>Runs <c>dataplane agent …</c>.</summary>
    public CommandResult TryAgent(params string[] arguments) => _fabric.TryAgent(_host.Name, arguments);

    /// <summary>The same, which must succeed; its answer.</summary>
    public JsonElement Agent(params string[] arguments) => _fabric.Agent(_host.Name, arguments);

    /// <summary>Attaches a guest by the kernel interface that leads to it.</summary>
    public JsonElement Attach(string name, Guest guest, int device) => Agent(
        "attach", name, "--vpn", "red", "--device", $"net_af_packet{device},iface={name}", "--address", guest.Address4, "--address", guest.Address6);

    /// <summary>The names of the ports that the metrics know.</summary>
    public string[] Ports() => [.. Host.Metrics().LabelsOf("dataplane_port_info", "port").Order(StringComparer.Ordinal)];

    public void WaitForPorts(params string[] ports) => Wait.Until($"ports {string.Join(", ", ports)}; there are {string.Join(", ", Ports())}\n{Logs}", () => Ports().SequenceEqual(ports));

    public void Dispose() => _fabric.Dispose();
}

using System.Net.Sockets;
using System.Text.Json.Nodes;
using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration;
using Dataplane.Host.Gateway;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.Server;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Signaling;

/// <summary>
/// The XMPP side of a running gateway: the server, the signaling gateway behind it, and what is provisioned by configuration and management. What it hands
/// out belongs to the routing thread.
/// </summary>
internal sealed class SignalingRuntime
{
    private const string JournalFile = "xmpp-publications";
    private readonly ManagedEndSystems _managed;
    private readonly RoutingLoop _loop;
    private readonly ILogger _log;
    private IReadOnlyList<EndSystemGrant> _configured;

    /// <summary>The XMPP side of a configuration that has one. It is there for the VRFs, but serves nobody yet.</summary>
    /// <exception cref="GatewayException">Certificates cannot be used, or something cannot be kept.</exception>
    public SignalingRuntime(RoutingLoop loop, RoutingBase routing, DataplaneConfiguration configuration, ILogger log)
    {
        XmppConfiguration xmpp = configuration.Xmpp!;
        (_loop, _log) = (loop, log);
        _configured = configuration.EndSystems;
        _managed = ManagedEndSystems.Load(configuration.StateDirectory, out var problem);
        if (problem is not null)
            log.LogError("{Problem}", problem);
        Gateway = new SignalingGateway(
            loop, routing, SignalingSettingsReader.Gateway(xmpp, SignalingSettingsReader.TokenKey(configuration.StateDirectory)), _managed.Over(_configured));
        Gateway.Observers.Add(new SignalingLog(log));
        Server = new XmppServer(loop, SignalingSettingsReader.Server(xmpp), Gateway)
        {
            Noticed = notice => log.Log(notice.IsWarning ? LogLevel.Warning : LogLevel.Information, "XMPP{Remote}{Peer}: {Text}",
                notice.Remote is { } remote ? $" from {remote}" : "", notice.Peer is { } peer ? $", {peer}" : "", notice.Text),
        };
    }

    /// <summary>The gateway.</summary>
    public SignalingGateway Gateway { get; }

    /// <summary>The server.</summary>
    public XmppServer Server { get; }

    /// <summary>Takes up what end-systems had published before a restart, and begins to serve. On the routing thread, when the VRFs are there.</summary>
    /// <exception cref="GatewayException">An address to listen on is not to be had.</exception>
    public void Start(DataplaneConfiguration configuration)
    {
        if (configuration.StateDirectory is { } directory)
            Remember(Path.Combine(directory, JournalFile), LongestMemory(configuration));
        try
        {
            Server.Start();
        }
        catch (SocketException problem)
        {
            throw new GatewayException(
                $"cannot listen for XMPP: {problem.Message}; another program may have the port, or an address may not be this machine's", problem);
        }
    }

    /// <summary>Takes another configuration: provisioning, times, certificates. Sessions stay.</summary>
    /// <exception cref="GatewayException">Certificates cannot be used; the rest is in force.</exception>
    public void Apply(DataplaneConfiguration configuration)
    {
        _configured = configuration.EndSystems;
        Gateway.Apply(SignalingSettingsReader.Gateway(configuration.Xmpp!));
        Gateway.Apply(_managed.Over(_configured));
        if (SignalingSettingsReader.Tls(configuration.Xmpp!) is { } tls)
            Server.SetTls(tls);
    }

    /// <summary>Provisions an end-system by management; takes effect at once.</summary>
    public void Provision(EndSystemGrant grant, JsonObject json)
    {
        _managed.Set(grant, json);
        Gateway.Apply(_managed.Over(_configured));
    }

    /// <summary>Takes back what management provisioned for a name; what the configuration says of it counts again.</summary>
    /// <returns>False when it has provisioned nothing.</returns>
    public bool Unprovision(string name)
    {
        if (!_managed.Remove(name))
            return false;
        Gateway.Apply(_managed.Over(_configured));
        return true;
    }

    /// <summary>The names of the entries that are management's.</summary>
    public IEnumerable<string> ManagedNames => _managed.Names;

    /// <summary>Ends the sessions. Not on the routing thread.</summary>
    public async ValueTask StopAsync()
    {
        await Server.DisposeAsync();
        await _loop.InvokeAsync(Gateway.EndRemembering);
    }

    // As long as somebody still has it from us: hosts are given this time to come back, BGP peers keep it for theirs.
    private static TimeSpan LongestMemory(DataplaneConfiguration configuration)
    {
        TimeSpan stale = configuration.Xmpp!.StaleTime;
        SpeakerSettings speaker = SpeakerSettingsReader.Read(configuration);
        return speaker.Peers.Any(static peer => peer.GracefulRestart == GracefulRestartMode.Full) && speaker.GracefulRestart.RestartTime > stale
            ? speaker.GracefulRestart.RestartTime
            : stale;
    }

    private void Remember(string path, TimeSpan longest)
    {
        if (Gateway.Remember(path, longest, problem => _log.LogError("{Problem}", problem)) is { } known)
            _log.LogInformation("end-systems had published before the restart: {Restored} routes are in force again, {Awaited} are waited for", known.Restored, known.Awaited);
    }
}

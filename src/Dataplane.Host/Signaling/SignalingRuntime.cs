using System.Net.Sockets;
using System.Text.Json.Nodes;
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
    private readonly ManagedEndSystems _managed;
    private IReadOnlyList<EndSystemGrant> _configured;

    /// <summary>The XMPP side of a configuration that has one. It is there for the VRFs, but serves nobody yet.</summary>
    /// <exception cref="GatewayException">Certificates cannot be used, or something cannot be kept.</exception>
    public SignalingRuntime(RoutingLoop loop, RoutingBase routing, DataplaneConfiguration configuration, ILogger log)
    {
        XmppConfiguration xmpp = configuration.Xmpp!;
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

    /// <summary>Begins to serve.</summary>
    /// <exception cref="GatewayException">An address to listen on is not to be had.</exception>
    public void Start()
    {
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

    /// <summary>Whether an entry is management's.</summary>
    public bool IsManaged(EndSystemGrant grant) => !_configured.Contains(grant);

    /// <summary>Ends the sessions. Not on the routing thread.</summary>
    public ValueTask StopAsync() => Server.DisposeAsync();
}

using System.Net.Sockets;
using Dataplane.Forwarding;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Gateway;
using Dataplane.Net;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Vpn;
using Dataplane.SlowPath;
using Dataplane.Xmpp.Client;
using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.EndSystem.Attachments;
using Dataplane.Xmpp.EndSystem.Interfaces;
using Dataplane.Xmpp.ExternalForwarder;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.Propagation;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Server;
using Dataplane.Xmpp.Sessions;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.EndSystem;

/// <summary>
/// The client side of signaling while it runs: sessions with the servers, the agent's virtual interfaces, the hosts of an external forwarder, and what
/// of it goes into the forwarder. What it hands out belongs to <see cref="Loop"/>.
/// </summary>
internal sealed class EndSystemRuntime : IAsyncDisposable
{
    private const string AttachmentsFile = "attachments.json";
    private const string NumbersFile = "end-system-numbers";
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    /// <summary>What another forwarder serves from now on stays known for this long, so that it is never unknown.</summary>
    private static readonly TimeSpan Handover = TimeSpan.FromSeconds(3);
    private readonly DataplaneConfiguration _configuration;
    private readonly ILogger _log;
    private readonly EndSystemLog _events;
    private readonly bool _ownsLoop;
    private readonly List<XmppClient> _sessions = [];
    private readonly LoopTimer _saveTimer;
    private readonly VpnNumberFile? _numbers;
    private readonly AttachmentStore? _attachments;
    private readonly XmppServer? _server;

    private EndSystemRuntime(DataplaneConfiguration configuration, Forwarder? forwarder, GatewayRuntime? gateway, ILogger log)
    {
        _configuration = configuration;
        _log = log;
        _events = new EndSystemLog(log);
        SignalingConfiguration signaling = configuration.Signaling!;
        _ownsLoop = gateway is null;
        Loop = gateway?.Loop ?? new RoutingLoop(name: "signaling")
        {
            Failed = problem => log.LogError(problem, "a defect on the signaling thread; what it was doing is left undone"),
        };
        TlsCredentials? tls = EndSystemSetup.Tls(signaling);
        LabelAllocator labels = gateway?.Vrfs.Labels ?? EndSystemSetup.Labels(configuration);
        if (configuration.StateDirectory is { } directory)
        {
            _attachments = new AttachmentStore(Path.Combine(directory, AttachmentsFile), Loop);
            if (gateway is null)
            {
                _numbers = new VpnNumberFile(Path.Combine(directory, NumbersFile), new DistinguisherAllocator(default), labels);
                _numbers.Load();
            }
        }
        if (gateway is null)
            EndSystemSetup.TakeConfigured(configuration, labels);

        IRouteSink sink = forwarder is null ? new NoRoutes() : (Interfaces = Bind(forwarder, gateway, labels));
        Client = new EndSystemClient(Loop, EndSystemSetup.Client(configuration, signaling), sink);
        _events.Follow(Client);
        Interfaces?.Connect(OfServedPorts(forwarder!, gateway is null ? Client : UplinkInto(gateway)));
        IInterfaceBinding binding = Interfaces is null ? new RemoteInterfaces(Client) : Interfaces;
        Watch();
        if (configuration.IsAgent)
        {
            var table = new AttachmentTable(EndSystemSetup.Attachments(configuration, forwarder is null ? null : forwarder.Plugged.WhyNot))
            {
                KnownElsewhere = (vpn, prefix) => Client.Routes.Find(vpn, prefix)?.Version ?? 0,
            };
            Agent = new EndSystemAgent(table, binding, _attachments);
        }
        foreach (SignalingServerConfiguration server in signaling.Servers)
        {
            _sessions.Add(new XmppClient(Loop, EndSystemSetup.Session(signaling, server, tls), Client.AddServer(server.Name))
            {
                Noticed = notice => Log($"server {server.Name}", notice),
            });
        }
        if (signaling.Hosts is { } hosts)
        {
            Func<string, bool> isVpn = gateway is null ? static _ => true : vpn => gateway.Vrfs.TryFind(vpn, out _);
            Hosts = new TaggedHosts(Loop, binding, EndSystemSetup.Hosts(configuration, isVpn));
            Client.Acknowledged = Hosts.Times.Acknowledged;
            _server = new XmppServer(Loop, EndSystemSetup.Server(signaling, hosts, tls), Hosts) { Noticed = notice => Log("hosts", notice) };
        }
        _saveTimer = Loop.CreateTimer(SaveNumbers);
    }

    /// <summary>Whether the gateway in this process counts how long it takes until others know what hosts have.</summary>
    public bool IsOfGateway => !_ownsLoop;

    /// <summary>The thread that owns everything here.</summary>
    public RoutingLoop Loop { get; }

    /// <summary>The servers and what they know and told.</summary>
    public EndSystemClient Client { get; }

    /// <summary>Interfaces of the forwarder in this process; null when it has none.</summary>
    public ForwardedInterfaces? Interfaces { get; private set; }

    /// <summary>How long routes take into the forwarder of this process; null when it has none.</summary>
    public RouteTimes? Times { get; private set; }

    /// <summary>The agent; null when the process is none.</summary>
    public EndSystemAgent? Agent { get; }

    /// <summary>The hosts that we are the external forwarder of; null for none.</summary>
    public TaggedHosts? Hosts { get; }

    /// <summary>How long what hosts have takes to the peers of a gateway in this process that has no XMPP side; null: it is counted elsewhere.</summary>
    public PropagationTimes? TimesToPeers { get; private set; }

    /// <summary>Whether an address is one of our infrastructure addresses.</summary>
    public bool IsOurs(IpAddress address) => _configuration.Infrastructure.IsOurs(address);

    /// <summary>Starts it.</summary>
    /// <param name="configuration">A configuration with <c>signaling</c>.</param>
    /// <param name="forwarder">The forwarder in this process; null for none.</param>
    /// <param name="gateway">The gateway in this process; null for none.</param>
    /// <param name="log">Takes what happens.</param>
    /// <exception cref="GatewayException">Certificates, the state, or an address to listen on cannot be had.</exception>
    public static async Task<EndSystemRuntime> StartAsync(
        DataplaneConfiguration configuration, Forwarder? forwarder, GatewayRuntime? gateway, ILogger log)
    {
        try
        {
            if (configuration.StateDirectory is { } directory)
                _ = Directory.CreateDirectory(directory);
            EndSystemRuntime runtime = gateway is null
                ? new EndSystemRuntime(configuration, forwarder, gateway, log)
                : await gateway.Loop.InvokeAsync(() => new EndSystemRuntime(configuration, forwarder, gateway, log));
            await runtime.BeginAsync();
            return runtime;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new GatewayException($"the state directory cannot be used: {problem.Message}", problem);
        }
    }

    /// <summary>
    /// Ends the sessions and the thread. A forwarder ends them in order: what it published goes at once. A host whose forwarder is another machine just
    /// goes silent: there, everything is kept until it is back.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_configuration.IsForwarder)
        {
            foreach (XmppClient session in _sessions)
                await session.DisposeAsync();
        }
        if (_attachments is { } attachments)
        {
            for (Task? seen = null, last; (last = await Loop.InvokeAsync(() => attachments.Pending)) != seen; seen = last)
                await last;
            attachments.Dispose();
        }
        if (_ownsLoop)
        {
            await Loop.InvokeAsync(SaveNumbers);
            Loop.Dispose();
        }
    }

    private ForwardedInterfaces Bind(Forwarder forwarder, GatewayRuntime? gateway, LabelAllocator labels)
    {
        var writer = new ForwarderWriter(
            forwarder.Tables, forwarder.SlowPath.Service.Processor.UnderlayNeighbors.Require, problem => _log.LogError("{Problem}", problem));
        Times = new RouteTimes(forwarder.Tables.Datapath, Loop.Time);
        forwarder.SlowPath.SetEachTurn(() =>
        {
            Times.Look();
            writer.Expire();
        });
        var queue = new ForwarderQueue(Loop, forwarder.SlowPath, writer, forwarder.Plugged, Times, _events) { NotifiedAt = () => Client.NotifiedAt ?? Loop.Time.GetTimestamp() };
        var interfaces = new ForwardedInterfaces(Loop, queue, labels, new()
        {
            Confirmed = queue.Confirmed,
            NextHop = EndSystemSetup.NextHop(_configuration),
            IsOwn = IsOurs,
            FindRoute = (vpn, prefix) => Client.Routes.Find(vpn, prefix),
            ConfiguredLabel = vpn => _configuration.Vrfs.FirstOrDefault(vrf => vrf.Name == vpn)?.Label,
            RepairTime = _configuration.Signaling!.RepairTime,
            Failed = (key, problem) => _log.LogError("interface {Interface} has gone: {Problem}", key, problem),
        });
        gateway?.Forwarding?.Follow(new GatewayRoutes(Loop, interfaces, writer, Times, _events));
        return interfaces;
    }

    // What hosts have is timed from here on like what the gateway's own end-systems have.
    private VrfUplink UplinkInto(GatewayRuntime gateway)
    {
        PropagationTimes times = gateway.Signaling?.Gateway.Times
            ?? (TimesToPeers = new PropagationTimes(Loop.Time) { TimeToPeers = gateway.Speaker.TimeOwnChange });
        return new VrfUplink(gateway.Vrfs)
        {
            Changed = (leaf, vrf, prefix) =>
            {
                if (Hosts is not null && Hosts.Times.TryTake(leaf, out PropagationCause cause, out long at))
                    times.Began(cause, at, vrf, prefix);
            },
        };
    }

    // Where forwarders are elected on ports, what is behind those that another one serves is not made known.
    private IUplink OfServedPorts(Forwarder forwarder, IUplink uplink)
    {
        if (_configuration.Ports.All(static port => port.Vrrp is null))
            return uplink;
        VrrpElections elections = forwarder.SlowPath.Service.Processor.Elections;
        Dictionary<string, PortId> rows = _configuration.Ports.Index().ToDictionary(static row => row.Item.Name, static row => new PortId((ushort)row.Index));
        HashSet<string> elected = [.. _configuration.Ports.Where(static port => port.Vrrp is not null).Select(static port => port.Name)];
        var served = new ServedPorts(
            Loop,
            uplink,
            (port, family) => !elected.Contains(port)
                || (elections.StandbyOf(rows[port]) & (family == Net.AddressFamily.Ipv4 ? StandbyFamilies.Ipv4 : StandbyFamilies.Ipv6)) == 0,
            Handover);
        _ = forwarder.SlowPath.InvokeAsync(() =>
        {
            elections.Changed += _ => Loop.Post(served.Changed);
            Loop.Post(served.Changed);
            return true;
        });
        return served;
    }

    private async Task BeginAsync()
    {
        if (_ownsLoop)
            Loop.Start();
        await Loop.InvokeAsync(Restore);
        try
        {
            _server?.Start();
        }
        catch (SocketException problem)
        {
            throw new GatewayException($"cannot listen for hosts: {problem.Message}; another program may have the port, or an address may not be this machine's", problem);
        }
        foreach (XmppClient session in _sessions)
            session.Start();
    }

    private void Restore()
    {
        if (Agent is not null && _attachments?.Read() is { } kept)
        {
            try
            {
                Agent.Restore(kept, (id, problem) => _log.LogError("interface {Interface} is not attached again: {Problem}", id, problem));
                _log.LogInformation("{Count} interfaces attached again", Agent.Table.All.Count);
            }
            catch (FormatException problem)
            {
                throw new GatewayException($"{_attachments.Path} is not what this program wrote: {problem.Message}", problem);
            }
        }
        SaveNumbers();
    }

    private void SaveNumbers()
    {
        try
        {
            _numbers?.Save();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _log.LogError("assigned labels cannot be kept: {Reason}", problem.Message);
        }
        if (_numbers is not null)
            _saveTimer.Restart(SaveInterval);
    }

    private void Watch()
    {
        Client.ServerUp = server => _log.LogInformation("server {Server}: session is up, we are {Own}", server.Name, server.Channel!.Local);
        Client.ServerDown = server => _log.LogWarning("server {Server}: session is down: {Reason}{Text}; what it told stays in force", server.Name,
            server.LastEnd?.Reason, server.LastEnd?.Text is { } text ? $", {text}" : "");
        Client.RouteSourceChanged = server => _log.LogInformation("routes are taken from {Server}", server?.Name ?? "nobody for now");
        Client.Settled = (vpn, swept) => _log.LogInformation("VPN {Vpn}: all routes are known, {Swept} old ones removed", vpn, swept);
        Client.Refused = (server, what, failure) => _log.LogWarning("server {Server} refuses the {What}: {Failure}", server.Name, what, failure);
    }

    private void Log(string who, XmppNotice notice) => _log.Log(notice.IsWarning ? LogLevel.Warning : LogLevel.Information, "{Who}{Remote}{Peer}: {Text}",
        who, notice.Remote is { } remote ? $" from {remote}" : "", notice.Peer is { } peer ? $", {peer}" : "", notice.Text);

    private sealed class NoRoutes : IRouteSink
    {
        public void RouteChanged(string vpn, IpPrefix prefix, IReadOnlyList<VrfNextHop> nextHops, uint version)
        {
        }

        public void RouteRemoved(string vpn, IpPrefix prefix)
        {
        }
    }
}

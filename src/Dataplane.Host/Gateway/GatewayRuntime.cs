using System.Net.Sockets;
using Dataplane.Bgp.Export.Mrt;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Host.Configuration;
using Dataplane.Host.Signaling;
using Dataplane.Net;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Gateway;

/// <summary>
/// A running gateway: the routing thread with the routing base, the VRFs and the BGP speaker, made from a configuration and changed to another one
/// while it runs. Members may be used by any thread, but what they hand out belongs to the routing thread.
/// </summary>
internal sealed class GatewayRuntime : IAsyncDisposable
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(5);
    private readonly ILogger _log;
    private readonly VrfSynchronizer _synchronizer;
    private readonly LoopTimer _saveTimer;
    private MrtDumper? _mrt;
    private bool _isRunning;

    private GatewayRuntime(DataplaneConfiguration configuration, ILogger log, IVrfFollower? follower)
    {
        _log = log;
        Configuration = configuration;
        Forwarding = follower as ForwarderLink;
        Policies = PolicyReader.Read(configuration);
        Loop = new RoutingLoop { Failed = problem => log.LogError(problem, "a defect on the routing thread; what it was doing is left undone") };
        Routes = new RoutingBase(
            resolver: configuration.IsForwarder ? new UnderlayResolver(configuration) : null, versions: configuration.Bgp!.VersionCommunity);
        Vrfs = Routes.AddVrfs(VrfReader.Options(configuration));
        if (follower is not null)
            Vrfs.Listen(follower);
        _synchronizer = new VrfSynchronizer(Vrfs, follower);
        Speaker = new BgpSpeaker(Loop, Routes, SpeakerSettingsReader.Read(configuration), new BgpSpeakerOptions
        {
            Policies = Policies,
            ForwardingOutlivesUs = !configuration.IsForwarder,
        });
        Speaker.Observers.Add(new SpeakerLog(log));
        if (configuration.Xmpp is not null)
        {
            Signaling = new SignalingRuntime(Loop, Routes, configuration, log);
            Signaling.Gateway.IsConverged = vrf => Speaker.HasHeardAll(vrf, Configuration.Xmpp!.VpnSettleTime);
            _synchronizer.Removed = Signaling.Gateway.VrfRemoved;
            Signaling.Gateway.Times.TimeToPeers = Speaker.TimeOwnChange;
        }
        StartDumps();
        _saveTimer = Loop.CreateTimer(SaveNumbers);
    }

    /// <summary>The configuration in force.</summary>
    public DataplaneConfiguration Configuration { get; private set; }

    /// <summary>The routing thread.</summary>
    public RoutingLoop Loop { get; }

    /// <summary>The routes.</summary>
    public RoutingBase Routes { get; }

    /// <summary>The VRFs.</summary>
    public VrfTable Vrfs { get; }

    /// <summary>The speaker.</summary>
    public BgpSpeaker Speaker { get; }

    /// <summary>The way of the routes into the forwarder in the same process; null when it has none.</summary>
    public ForwarderLink? Forwarding { get; }

    /// <summary>The XMPP side; null when the configuration has none.</summary>
    public SignalingRuntime? Signaling { get; }

    /// <summary>The policies in force, with their counters.</summary>
    public PolicySet Policies { get; private set; }

    /// <summary>Told on the routing thread after another configuration has come into force.</summary>
    public event Action<DataplaneConfiguration>? Applied;

    /// <summary>Told on the routing thread when the sessions have ended and the loop is about to.</summary>
    public event Action? Stopping;

    /// <summary>Starts a gateway.</summary>
    /// <param name="configuration">A configuration with the role.</param>
    /// <param name="log">Takes what happens.</param>
    /// <param name="prepare">Called before anything runs, to add observers and listeners; null for none.</param>
    /// <param name="follower">Follows the VRFs from the first one on; null for nobody.</param>
    /// <exception cref="GatewayException">An address to listen on is not to be had, or a VRF is not, or the state directory.</exception>
    public static async Task<GatewayRuntime> StartAsync(
        DataplaneConfiguration configuration, ILogger log, Action<GatewayRuntime>? prepare = null, IVrfFollower? follower = null)
    {
        MakeStateDirectory(configuration);
        var runtime = new GatewayRuntime(configuration, log, follower);
        try
        {
            prepare?.Invoke(runtime);
            runtime.Loop.Start();
            await runtime.Loop.InvokeAsync(runtime.Begin);
            return runtime;
        }
        catch
        {
            await runtime.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Changes to another configuration: peers, policies, VRFs. Sessions end only where what was negotiated would be another; what needs a restart
    /// of the program is left as it is.
    /// </summary>
    /// <exception cref="GatewayException">Something of it cannot be had; what could be is in force.</exception>
    public Task ApplyAsync(DataplaneConfiguration configuration) => Loop.InvokeAsync(() => Apply(configuration));

    /// <summary>Whether the routing thread answers within a time.</summary>
    public async Task<bool> AnswersAsync(TimeSpan patience)
    {
        Task<bool> answer = Loop.InvokeAsync(static () => true);
        return await Task.WhenAny(answer, Task.Delay(patience)) == answer && answer.IsCompletedSuccessfully;
    }

    /// <summary>
    /// Ends the sessions and the routing thread. When forwarding goes on elsewhere and a peer has graceful restart with us, it is done like a restart:
    /// peers keep our routes for the restart time.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_isRunning)
        {
            _isRunning = false;
            SpeakerSettings settings = Speaker.Settings;
            bool isRestart = !Configuration.IsForwarder
                && settings.Peers.Any(static peer => peer.GracefulRestart == GracefulRestartMode.Full);
            try
            {
                if (Signaling is not null)
                    await Signaling.StopAsync();
                await Speaker.StopAsync(isRestart);
                await Loop.InvokeAsync(() =>
                {
                    Stopping?.Invoke();
                    SaveNumbers();
                    StopDumps();
                });
            }
            catch (OperationCanceledException)
            {
                // The loop has ended already.
            }
        }
        Loop.Dispose();
    }

    private static void MakeStateDirectory(DataplaneConfiguration configuration)
    {
        if (configuration.StateDirectory is not { } directory)
            return;
        try
        {
            _ = Directory.CreateDirectory(directory);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new GatewayException($"'state-directory' {directory} cannot be made: {problem.Message}", problem);
        }
    }

    private void Begin()
    {
        _synchronizer.Apply(Configuration, Policies);
        SaveNumbers();
        try
        {
            Speaker.Start();
        }
        catch (SocketException problem)
        {
            throw CannotListen(Speaker.Settings, problem);
        }
        Signaling?.Start(Configuration);
        _isRunning = true;
    }

    private void Apply(DataplaneConfiguration configuration)
    {
        PolicySet before = Policies;
        MrtSettings? dumped = Configuration.Mrt;
        Configuration = configuration;
        Policies = PolicyReader.Read(configuration, before);
        if (configuration.Mrt != dumped)
        {
            StopDumps();
            StartDumps();
        }
        _synchronizer.Apply(configuration, Policies);
        Signaling?.Apply(configuration);

        // Policies first: peers find those that they newly name. Where no policy changed, no route is judged again.
        if (Policies.IsChanged)
            Speaker.Apply(Policies);
        try
        {
            foreach (IpAddress peer in Speaker.Apply(SpeakerSettingsReader.Read(configuration)))
                _log.LogInformation("peer {Peer}: session reset for its new settings", peer);
        }
        catch (SocketException problem)
        {
            throw CannotListen(Speaker.Settings, problem);
        }
        SaveNumbers();
        Applied?.Invoke(configuration);
    }

    private static GatewayException CannotListen(SpeakerSettings settings, SocketException problem) => new(
        $"cannot listen for BGP on {string.Join(", ", settings.Listen)}: {problem.Message}; "
        + "another program may have the port, an address may not be this machine's, and ports below 1024 need CAP_NET_BIND_SERVICE", problem);

    private void StartDumps()
    {
        if (Configuration.Mrt is not { } settings)
            return;
        _mrt = new MrtDumper(
            Loop, Routes, Speaker.Settings, settings, Routes.FlowSpecs, reason => _log.LogError("an MRT dump is not written: {Reason}", reason));
        Speaker.Observers.Add(_mrt);
    }

    private void StopDumps()
    {
        if (_mrt is null)
            return;
        Speaker.Observers.Remove(_mrt);
        _mrt.Dispose();
        _mrt = null;
    }

    private void SaveNumbers()
    {
        try
        {
            Vrfs.Numbers?.Save();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _log.LogError("assigned labels and distinguishers cannot be kept: {Reason}", problem.Message);
        }
        if (Vrfs.Numbers is not null)
            _saveTimer.Restart(SaveInterval);
    }
}

using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.ControlRig.Contenders;

/// <summary>What a speaker under test is to be: an internal route reflector that imports into VRFs.</summary>
/// <param name="Clients">Peers that are reflected to.</param>
/// <param name="NonClients">Peers whose routes go to the clients only.</param>
/// <param name="Vrfs">How many VRFs; number v imports the route target 65000:(1 + v).</param>
/// <param name="ConstrainedPeers">Those of the peers with which route target membership is exchanged.</param>
internal sealed record Role(IReadOnlyList<int> Clients, IReadOnlyList<int> NonClients, int Vrfs, IReadOnlyList<int> ConstrainedPeers);

/// <summary>A speaker under test, running.</summary>
internal abstract class Contender : IDisposable
{
    /// <summary>The number of every speaker under test.</summary>
    internal const int Number = 1;

    internal const uint AutonomousSystem = 65000;

    internal abstract int ProcessId { get; }

    /// <summary>Milliseconds that a collector has stopped the process so far; null where there is none that tells.</summary>
    internal virtual double? CollectorPauseMilliseconds => null;

    public abstract void Dispose();
}

/// <summary>How to start a speaker under test.</summary>
/// <param name="Name">As in results.</param>
/// <param name="Description">What it does for import into VRFs.</param>
/// <param name="Constrains">Whether it honours route target membership.</param>
/// <param name="Start">Starts it.</param>
internal sealed record ContenderKind(string Name, string Description, bool Constrains, Func<BgpNetwork, Role, Contender> Start)
{
    /// <summary>Ours, and those it is measured beside.</summary>
    internal static readonly IReadOnlyList<ContenderKind> All =
    [
        new("dataplane", "VRFs", true, static (network, role) => new DataplaneContender(network, role)),
        new("bird", "reflects only, imports nothing: it has no VRFs for VPN routes", false, static (network, role) => new BirdContender(network, role, pipes: false)),
        new("bird-pipes", "a table per VRF, fed by a pipe that filters by route target", false, static (network, role) => new BirdContender(network, role, pipes: true)),
        new("gobgp", "VRFs, which it evaluates when they are asked for", true, static (network, role) => new GoBgpContender(network, role)),
    ];
}

using System.Collections.Concurrent;
using Dataplane.Host.Forwarding;
using Dataplane.Net;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Host.EndSystem;

/// <summary>
/// Carries VPNs, interfaces and routes from the routing loop to the thread that writes the datapath, in order, and answers back. Told on the loop. Not
/// bounded: the datapath takes routes faster than they come.
/// </summary>
/// <param name="loop">The loop that is answered on.</param>
/// <param name="slowPath">The thread that writes.</param>
/// <param name="writer">What writes there.</param>
internal sealed class ForwarderQueue(RoutingLoop loop, SlowPathThread slowPath, ForwarderWriter writer) : IInterfaceForwarder
{
    // The thread has packets to handle in between.
    private const int MostPerTurn = 256;
    private readonly ConcurrentQueue<Action> _commands = new();
    private int _isAsked;

    /// <summary>What waits. Any thread.</summary>
    public int Count => _commands.Count;

    /// <inheritdoc/>
    public void AddVpn(string vpn, Label20 label) => Enqueue(() => writer.AddVpn(vpn, label));

    /// <inheritdoc/>
    public void RemoveVpn(string vpn) => Enqueue(() => writer.RemoveVpn(vpn));

    /// <inheritdoc/>
    public void SetInterface(ForwardedInterface wanted, Action<string?> done) => Enqueue(() =>
    {
        string? problem = writer.SetInterface(wanted);
        loop.Post(() => done(problem));
    });

    /// <inheritdoc/>
    public void RemoveInterface(string key) => Enqueue(() => writer.RemoveInterface(key));

    /// <inheritdoc/>
    public void Repair(string vpn, Label20 label) => Enqueue(() => writer.Repair(vpn, label));

    /// <inheritdoc/>
    public void EndRepair(string vpn, Label20 label) => Enqueue(() => writer.EndRepair(label));

    /// <inheritdoc/>
    public void RouteChanged(string vpn, IpPrefix prefix, IReadOnlyList<VrfNextHop> nextHops, uint version)
    {
        VrfNextHop[] copy = [.. nextHops];
        Enqueue(() => writer.Install(vpn, prefix, copy));
    }

    /// <inheritdoc/>
    public void RouteRemoved(string vpn, IpPrefix prefix) => Enqueue(() => writer.Remove(vpn, prefix));

    private void Enqueue(Action command)
    {
        _commands.Enqueue(command);
        Ask();
    }

    private void Ask()
    {
        if (Interlocked.Exchange(ref _isAsked, 1) == 0)
            _ = slowPath.InvokeAsync(Drain);
    }

    private bool Drain()
    {
        // Before it looks: whoever comes later asks again.
        Volatile.Write(ref _isAsked, 0);
        for (int done = 0; done < MostPerTurn && _commands.TryDequeue(out Action? command); done++)
            command();
        if (!_commands.IsEmpty)
            loop.Post(Ask);
        return true;
    }
}

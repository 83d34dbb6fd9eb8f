using System.Collections.Concurrent;
using Dataplane.Host.Forwarding;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
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
/// <param name="ports">Where interfaces with a device of their own are plugged.</param>
/// <param name="times">Takes how long it took.</param>
/// <param name="log">Takes what was done.</param>
internal sealed class ForwarderQueue(
    RoutingLoop loop, SlowPathThread slowPath, ForwarderWriter writer, PluggedPorts ports, RouteTimes times, EndSystemLog log) : IInterfaceForwarder
{
    // The thread has packets to handle in between.
    private const int MostPerTurn = 256;
    private readonly ConcurrentQueue<Action> _commands = new();

    // By interface, those with a device of their own. On the loop.
    private readonly Dictionary<string, Plug> _plugs = new(StringComparer.Ordinal);
    private int _isAsked;

    /// <summary>When the notification that is being taken was read, in ticks of the loop's time. On the loop.</summary>
    public required Func<long> NotifiedAt { get; init; }

    /// <summary>What waits. Any thread.</summary>
    public int Count => _commands.Count;

    /// <inheritdoc/>
    public void AddVpn(string vpn, Label20 label) => Enqueue(() => writer.AddVpn(vpn, label));

    /// <inheritdoc/>
    public void RemoveVpn(string vpn) => Enqueue(() => writer.RemoveVpn(vpn));

    /// <inheritdoc/>
    public void SetInterface(ForwardedInterface wanted, Action<string?> done)
    {
        if (wanted.Device is not { } device || (_plugs.TryGetValue(wanted.Key, out Plug? plug) && plug.IsThere))
        {
            Put(wanted, done);
            return;
        }
        if (plug is not null)
        {
            plug.Waiting.Add((wanted, done));
            return;
        }
        plug = new Plug(wanted.Port) { Waiting = { (wanted, done) } };
        _plugs.Add(wanted.Key, plug);
        _ = ports.PlugAsync(wanted.Port, device).ContinueWith(plugged => loop.Post(() => Plugged(wanted.Key, plug, plugged.Result)), TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public void RemoveInterface(string key)
    {
        if (!_plugs.Remove(key, out Plug? plug))
        {
            Enqueue(() => Take(key));
            return;
        }
        foreach ((_, Action<string?> done) in plug.Waiting)
            done("it was detached meanwhile");
        plug.Waiting.Clear();
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            Take(key);
            removed.SetResult();
        });
        _ = ports.UnplugAsync(plug.Port, removed.Task);
    }

    /// <inheritdoc/>
    public void Repair(string vpn, Label20 label) => Enqueue(() => writer.Repair(vpn, label));

    /// <inheritdoc/>
    public void EndRepair(string vpn, Label20 label) => Enqueue(() => writer.EndRepair(label));

    /// <inheritdoc/>
    public void RouteChanged(string vpn, IpPrefix prefix, IReadOnlyList<VrfNextHop> nextHops, uint version)
    {
        VrfNextHop[] copy = [.. nextHops];
        long since = NotifiedAt();
        Enqueue(() =>
        {
            bool isInstalled = writer.Install(vpn, prefix, copy);
            log.RouteInstalled(vpn, prefix, copy, version, isInstalled);
            if (isInstalled && !copy.Any(writer.IsOwn))
                times.Installed(since, writer.TunnelOf(vpn, prefix));
        });
    }

    /// <summary>The route that was told last is that of an address of ours, which was given to us at a time. On the loop.</summary>
    public void Confirmed(string vpn, IpPrefix prefix, long since) => Enqueue(() =>
    {
        if (writer.OwnerOf(vpn, prefix) is { } owner)
            times.Confirmed(since, owner);
    });

    /// <inheritdoc/>
    public void RouteRemoved(string vpn, IpPrefix prefix) => Enqueue(() =>
    {
        writer.Remove(vpn, prefix);
        log.RouteRemoved(vpn, prefix);
    });

    /// <inheritdoc/>
    public void FilterChanged(string vpn, VrfFilter filter) => Enqueue(() => writer.SetFilter(vpn, filter));

    /// <inheritdoc/>
    public void FilterRemoved(string vpn, VrfFilter filter) => Enqueue(() => writer.RemoveFilter(vpn, filter));

    private void Plugged(string key, Plug plug, string? problem)
    {
        plug.IsThere = problem is null;
        if (problem is not null && _plugs.GetValueOrDefault(key) == plug)
            _ = _plugs.Remove(key);
        foreach ((ForwardedInterface wanted, Action<string?> done) in plug.Waiting)
        {
            if (problem is null)
                Put(wanted, done);
            else
                done(problem);
        }
        plug.Waiting.Clear();
    }

    private void Put(ForwardedInterface wanted, Action<string?> done) => Enqueue(() =>
    {
        string? problem = writer.SetInterface(wanted);
        log.InterfaceSet(wanted, problem);
        loop.Post(() =>
        {
            if (problem is not null && _plugs.Remove(wanted.Key, out Plug? plug))
                _ = ports.UnplugAsync(plug.Port, Task.CompletedTask);
            done(problem);
        });
    });

    private void Take(string key)
    {
        writer.RemoveInterface(key);
        log.InterfaceRemoved(key);
    }

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
        writer.ApplyFilters();
        if (!_commands.IsEmpty)
            loop.Post(Ask);
        return true;
    }

    /// <summary>The port of an interface, being plugged or there.</summary>
    private sealed class Plug(string port)
    {
        internal string Port => port;

        internal bool IsThere { get; set; }

        /// <summary>What is to be put on it when it is there.</summary>
        internal List<(ForwardedInterface Wanted, Action<string?> Done)> Waiting { get; } = [];
    }
}

using System.Diagnostics;
using Dataplane.EndToEnd.EndSystem;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.ControlRig.Moves;

/// <summary>
/// Machines behind two of three hosts, each host a forwarder and an agent, with two gateways that speak BGP with each other: both hosts and the gateways are in the way of
/// every move. A guest at the third host sends datagrams to all machines, which send them back. Everything is on this machine, over veth pairs and packet sockets.
/// </summary>
internal sealed class Migration : IDisposable
{
    private const int PlaceA = 0;
    private const int PlaceB = 1;

    // What a host knows of a machine that moved away is over before the next move: each one is as if it were the first.
    private const int RepairSeconds = 1;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(RepairSeconds + 0.3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly MobilitySites _sites = new("warning", RepairSeconds);
    private readonly VirtualMachines _machines;
    private readonly EchoProbe _probe;
    private readonly int[] _all;
    private int _version;
    private int _place = PlaceB;

    /// <summary>Starts machines on host b, which also has another guest in the VPN; host a has nothing in it.</summary>
    /// <param name="count">How many.</param>
    /// <param name="interval">The time between two datagrams to the same machine.</param>
    internal Migration(int count, TimeSpan interval)
    {
        try
        {
            _machines = new VirtualMachines([(_sites.ManyA, "eth0"), (_sites.ManyB, "eth0")], "10.1.8.1", count);
            _all = [.. Enumerable.Range(0, count)];
            foreach (int machine in _all)
                _machines.Move(machine, _place);
            _ = Attach(_place, withAddresses: true);
            Until("the first places", IsHeard);
            _probe = new EchoProbe(_sites.GuestC.Space, _sites.GuestC.Address4, _all.Select(_machines.AddressOf), interval);
            _probe.AwaitMore(100, () => _sites.Logs);
        }
        catch
        {
            _machines?.Dispose();
            _sites.Dispose();
            throw;
        }
    }

    /// <summary>Moves all machines to the other host at the same moment, and waits until nothing of them is left at the old one.</summary>
    internal Move Run()
    {
        // The other host takes part in the VPN already.
        int from = _place, to = from == PlaceA ? PlaceB : PlaceA;
        _ = Attach(to, withAddresses: false);
        Thread.Sleep(Between);
        double[] idle = Gaps(Stopwatch.GetTimestamp() - (long)(Between.TotalSeconds * Stopwatch.Frequency));
        (long sent, long answered, long start) = (_probe.Sent, _probe.Answered, Stopwatch.GetTimestamp());
        _place = to;
        TimeSpan asked = Attach(to, withAddresses: true);
        Until("the new places", IsHeard);
        _probe.AwaitMore(20, () => _sites.Logs);
        double[] gaps = Gaps(start);
        long lost = _probe.Sent - sent - (_probe.Answered - answered);
        Task.WhenAll(_all.Select(machine => AgentAt(from).DetachAsync(NameOf(machine), moved: true))).GetAwaiter().GetResult();
        _probe.AwaitMore(20, () => _sites.Logs);
        return new Move(IsToEmptyHost: to == PlaceA, gaps, idle, asked.TotalMilliseconds, lost);
    }

    public void Dispose()
    {
        _probe.Dispose();
        _machines.Dispose();
        _sites.Dispose();
    }

    private static string NameOf(int machine) => $"m{machine}";

    private static bool IsMachine(string route) => route.StartsWith("10.1.8.", StringComparison.Ordinal);

    private AgentClient AgentAt(int place) => place == PlaceA ? _sites.AgentA : _sites.AgentB;

    private double[] Gaps(long since) => [.. _probe.LongestGaps(since).Select(static gap => gap.TotalMilliseconds)];

    // How long it takes until all requests are answered. With its address, a machine goes there at the moment of its request.
    private TimeSpan Attach(int place, bool withAddresses)
    {
        int version = withAddresses ? ++_version : _version;
        long start = Stopwatch.GetTimestamp();
        Task.WhenAll(_all.Select(machine =>
        {
            string mac = VirtualMachines.MacOf(machine, place);
            if (!withAddresses)
                return AgentAt(place).AttachAsync(NameOf(machine), new { vpn = "red", port = "many", mac });
            _machines.Move(machine, place);
            return AgentAt(place).AttachAsync(NameOf(machine), new { vpn = "red", port = "many", mac, addresses = new[] { _machines.AddressOf(machine) }, version });
        })).GetAwaiter().GetResult();
        return Stopwatch.GetElapsedTime(start);
    }

    private bool IsHeard()
    {
        string address = _place == PlaceA ? MobilitySites.AddressA : MobilitySites.AddressB;
        return _sites.AgentC.Routes("red").Count(route => IsMachine(route) && route.EndsWith(' ' + address, StringComparison.Ordinal)) == _all.Length;
    }

    private void Until(string what, Func<bool> condition) => Wait.Until($"{what}\n{_sites.Logs}", condition, Patience);
}

/// <summary>What a move did to the flows.</summary>
/// <param name="IsToEmptyHost">Whether the new host had nothing else in the VPN.</param>
/// <param name="Gaps">The longest time without an answer of each flow, ms.</param>
/// <param name="IdleGaps">The same while nothing moved, just before: what the machine alone makes.</param>
/// <param name="Asked">Until all requests were answered, ms.</param>
/// <param name="Lost">Datagrams without an answer, in all.</param>
internal sealed record Move(bool IsToEmptyHost, double[] Gaps, double[] IdleGaps, double Asked, long Lost);

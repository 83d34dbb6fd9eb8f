using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Tests.Fsm;

/// <summary>
/// Two machines over a network in virtual time. Connections take time to be made, may not be made, and are cut; messages arrive in order within
/// a direction, each after a delay of its own. While <see cref="IsBad"/>, connections are lost at random.
/// </summary>
internal sealed class SimulatedNetwork
{
    private readonly PriorityQueue<Action, (double At, long Order)> _events = new();
    private readonly Random _random;
    private readonly double _maximumDelay;
    private readonly Queue<(double At, SimulatedNode Node, SessionEvent What, SessionAction[] Actions)> _history = new();
    private long _order;

    internal SimulatedNetwork(int seed, double maximumDelay)
    {
        _random = new(seed);
        _maximumDelay = maximumDelay;
    }

    internal double Now { get; private set; }

    /// <summary>What happened last, for the message of a test that fails.</summary>
    internal string History => string.Join('\n', _history.Select(row =>
        $"{row.At:0.000} {(ReferenceEquals(row.Node, One) ? "one  " : "other")} {row.What.Kind} {row.What.Connection}: {string.Join("; ", row.Actions)}"));

    internal bool IsBad { get; set; }

    internal SimulatedNode One { get; private set; } = null!;

    internal SimulatedNode Other { get; private set; } = null!;

    internal void Join(FsmRig one, FsmRig other)
    {
        One = new(this, one);
        Other = new(this, other);
        One.Peer = Other;
        Other.Peer = One;
    }

    internal double Delay() => _random.NextDouble() * _maximumDelay;

    internal bool Happens(double probability) => _random.NextDouble() < probability;

    internal void At(double time, Action action) => _events.Enqueue(action, (time, _order++));

    internal void Record(SimulatedNode node, SessionEvent what, List<SessionAction> actions)
    {
        _history.Enqueue((Now, node, what, [.. actions]));
        if (_history.Count > 60)
        {
            _ = _history.Dequeue();
        }
    }

    internal void RunUntil(double end)
    {
        while (_events.TryPeek(out _, out (double At, long Order) next) && next.At <= end)
        {
            Action action = _events.Dequeue();
            Now = next.At;
            action();
        }

        Now = end;
    }
}

/// <summary>One side's end of a connection.</summary>
internal sealed class SimulatedEnd(SimulatedNode node)
{
    internal SimulatedNode Node { get; } = node;

    internal ConnectionId Id { get; set; }

    internal SimulatedEnd? Far { get; set; }

    internal double LastArrival { get; set; }

    /// <summary>What came before our connect has returned, and waits in the kernel.</summary>
    internal Queue<Action<SimulatedEnd>> Waiting { get; } = [];

    internal bool IsClosed { get; set; }
}

/// <summary>A machine in the network.</summary>
internal sealed class SimulatedNode(SimulatedNetwork network, FsmRig rig)
{
    private readonly Dictionary<ConnectionId, SimulatedEnd> _ends = [];
    private readonly Dictionary<SessionTimer, long> _starts = [];
    private long _start;

    internal SimulatedNode Peer { get; set; } = null!;

    internal FsmRig Rig => rig;

    internal int Sessions { get; private set; }

    internal IEnumerable<SimulatedEnd> Ends => _ends.Values;

    internal void Do(SessionEvent what)
    {
        rig.Do(what);
        network.Record(this, what, rig.Last);
        foreach (SessionAction action in rig.Last.ToArray())
        {
            Perform(action);
        }
    }

    private void Perform(SessionAction action)
    {
        switch (action.Kind)
        {
            case SessionActionKind.StartTimer:
                var start = ++_start;
                _starts[action.Timer] = start;
                SessionTimer timer = action.Timer;
                network.At(network.Now + action.Duration.TotalSeconds, () =>
                {
                    if (rig.Timers.ContainsKey(timer) && _starts[timer] == start)
                    {
                        _ = rig.Timers.Remove(timer);
                        Do(SessionEvent.Expired(timer, hasSent: true));
                    }
                });
                break;
            case SessionActionKind.Connect:
                Connect(action.Connection);
                break;
            case SessionActionKind.SendOpen:
                OpenMessage open = action.OpenMessage!;
                Send(action.Connection, id => SessionEvent.Open(id, open));
                break;
            case SessionActionKind.SendKeepalive:
                Send(action.Connection, SessionEvent.Keepalive);
                break;
            case SessionActionKind.SessionUp:
                Sessions++;
                ConnectionId up = action.Connection;
                Send(up, SessionEvent.Update);
                break;
            case SessionActionKind.Close:
                if (action.Notification is { } notification)
                {
                    Send(action.Connection, id => SessionEvent.Notification(id, notification));
                }

                Cut(action.Connection);
                break;
        }
    }

    private void Connect(ConnectionId id)
    {
        var here = new SimulatedEnd(this) { Id = id };
        _ends.Add(id, here);
        if (network.IsBad && network.Happens(0.3))
        {
            return; // Neither an answer nor a refusal: ConnectRetryTimer ends it.
        }

        if (network.IsBad && network.Happens(0.2))
        {
            network.At(network.Now + network.Delay(), () => Fail(here));
            return;
        }

        network.At(network.Now + network.Delay(), () =>
        {
            if (here.IsClosed)
            {
                return;
            }

            SimulatedEnd there = Peer.AcceptFrom(here);
            network.At(network.Now + network.Delay(), () =>
            {
                if (!here.IsClosed)
                {
                    rig.Connections[id] = true;
                    Do(SessionEvent.Connected(id));
                    while (!here.IsClosed && here.Waiting.TryDequeue(out Action<SimulatedEnd>? first))
                    {
                        first(here);
                    }
                }
            });
            if (network.IsBad && network.Happens(0.5))
            {
                network.At(network.Now + (10 * network.Delay()), () =>
                {
                    Fail(here);
                    there.Node.Fail(there);
                });
            }
        });
    }

    private SimulatedEnd AcceptFrom(SimulatedEnd far)
    {
        var here = new SimulatedEnd(this) { Far = far, Id = rig.Fsm.NextConnection() };
        far.Far = here;
        _ends.Add(here.Id, here);
        rig.Connections.Add(here.Id, true);
        Do(SessionEvent.Accepted(here.Id));
        return here;
    }

    private void Send(ConnectionId id, Func<ConnectionId, SessionEvent> message)
    {
        SimulatedEnd here = _ends[id];
        if (here.Far is { } far)
        {
            far.Node.Receive(far, end => far.Node.Do(message(end.Id)));
        }
    }

    private void Receive(SimulatedEnd end, Action<SimulatedEnd> action)
    {
        end.LastArrival = Math.Max(end.LastArrival, network.Now + network.Delay());
        network.At(end.LastArrival, () =>
        {
            if (!end.IsClosed && rig.Connections.TryGetValue(end.Id, out var isUp) && !isUp)
            {
                end.Waiting.Enqueue(action);
            }
            else if (!end.IsClosed)
            {
                action(end);
            }
        });
    }

    private void Cut(ConnectionId id)
    {
        if (_ends.Remove(id, out SimulatedEnd? here) && !here.IsClosed)
        {
            here.IsClosed = true;
            if (here.Far is { } far)
            {
                far.Node.Receive(far, far.Node.Fail);
            }
        }
    }

    private void Fail(SimulatedEnd end)
    {
        if (!end.IsClosed)
        {
            end.IsClosed = true;
            if (rig.Fsm.Knows(end.Id))
            {
                Do(SessionEvent.ConnectionFailed(end.Id));
            }

            _ = _ends.Remove(end.Id);
        }
    }
}

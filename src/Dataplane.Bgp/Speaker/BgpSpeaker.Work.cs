using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker;

/// <content>
/// The loop's turns. Received messages, selection and sending each have turns of a few milliseconds, so that a peer that sends a million routes
/// delays neither the keepalives of another nor what another is sent.
/// </content>
public sealed partial class BgpSpeaker
{
    private const int RowsPerSweep = 4096;
    private const int DestinationsPerSettling = 1024;

    // Beyond this many destinations that wait for selection received messages wait too, and TCP holds the peers back.
    private const int UnsettledLimit = 1 << 16;

    private readonly List<(Peer Peer, RouteFamily Family, PathState State, int Cursor)> _sweeps = [];
    private readonly List<IWorkSource> _work = [];
    private int _nextPeer;
    private int _nextFamily;

    void IPeerHost.Sweep(Peer peer, RouteFamily family, PathState state)
    {
        if (Routes[family].PathCountOf(peer.Source) > 0)
        {
            _sweeps.Add((peer, family, state, 0));
        }
    }

    void IPeerHost.CompleteSweep(Peer peer, RouteFamily family)
    {
        for (var i = _sweeps.Count - 1; i >= 0; i--)
        {
            if (_sweeps[i].Peer == peer && _sweeps[i].Family == family)
            {
                _ = Routes[family].Sweep(peer.Source, _sweeps[i].State);
                _sweeps.RemoveAt(i);
            }
        }
    }

    private void AddWork()
    {
        _work.AddRange([new Source(Receive), new Source(Settle), new Source(Transmit)]);
        _work.ForEach(Loop.AddWork);
    }

    private void RemoveWork()
    {
        _work.ForEach(Loop.RemoveWork);
        _work.Clear();
    }

    /// <summary>Each peer's messages in turn.</summary>
    private bool Receive(WorkTurn turn)
    {
        if (Unsettled() > UnsettledLimit && !IsRestarting)
        {
            return true;
        }

        var idle = 0;
        while (idle < _order.Count)
        {
            _nextPeer = _nextPeer + 1 >= _order.Count ? 0 : _nextPeer + 1;
            if (_order[_nextPeer].Receive(turn))
            {
                idle = 0;
                Loop.Wake(); // the other sources have work now
            }
            else
            {
                idle++;
            }

            if (turn.IsOver)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Routes that are to be removed, then selection.</summary>
    private bool Settle(WorkTurn turn)
    {
        while (_sweeps.Count > 0 && !turn.IsOver)
        {
            (Peer peer, RouteFamily family, PathState state, int cursor) = _sweeps[0];
            FamilyTable table = Routes[family];
            _ = table.SweepSome(peer.Source, state, ref cursor, RowsPerSweep);
            _sweeps[0] = (peer, family, state, cursor);
            if (cursor >= table.PathCapacity)
            {
                _sweeps.RemoveAt(0);
            }
        }

        // Our own restart: no selection before the peers have said everything (RFC 4724 §4.1).
        if (IsRestarting || !_options.Settles)
        {
            return _sweeps.Count > 0;
        }

        if (Routes.IsSettled)
        {
            return _sweeps.Count > 0;
        }

        Loop.Wake(); // there will be something to send
        var left = 1;
        while (left > 0 && !turn.IsOver)
        {
            left = Routes.Settle(DestinationsPerSettling);
        }

        return left > 0 || _sweeps.Count > 0;
    }

    /// <summary>What changed, to everybody who takes it.</summary>
    private bool Transmit(WorkTurn turn)
    {
        if (IsRestarting)
        {
            return false;
        }

        foreach (Peer peer in _order)
        {
            peer.ApplyMemberships();
        }

        var idle = 0;
        while (idle < RouteFamilies.Count)
        {
            _nextFamily = _nextFamily + 1 >= RouteFamilies.Count ? 0 : _nextFamily + 1;
            OutgoingFamily family = _outgoing[_nextFamily];
            if (family.Groups.Count == 0 || !family.Table.IsSettled)
            {
                idle++;
                continue;
            }

            idle = family.Flush() ? 0 : idle + 1;
            if (turn.IsOver)
            {
                return true;
            }
        }

        return false;
    }

    private int Unsettled()
    {
        var count = 0;
        foreach (FamilyTable table in Routes.Families)
        {
            count += table.DirtyCount;
        }

        return count;
    }

    private sealed class Source(Func<WorkTurn, bool> work) : IWorkSource
    {
        public bool Work(WorkTurn turn) => work(turn);
    }
}

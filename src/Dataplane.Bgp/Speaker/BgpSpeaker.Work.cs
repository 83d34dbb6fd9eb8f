using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker;

/// <content>
/// The loop's turns. Received messages, selection and sending each have turns of a few milliseconds, so that a peer that sends a million routes
/// delays neither the keepalives of another nor what another is sent.
/// <para>
/// While more is there to be received than a turn takes, routes go through in rounds: some thousands are received, then selected, then sent, as long
/// as what they touch is in the cache, and sockets are written while the next round is received. What changes again before its round is
/// sent is sent once: a round that is small waits for more, up to <see cref="LongestWait"/>. With nothing left to receive nothing waits.
/// </para>
/// </content>
public sealed partial class BgpSpeaker
{
    private const int RowsPerScan = 4096;
    private const int DestinationsPerSettling = 1024;

    // Beyond this many destinations that wait for selection received messages wait too, and TCP holds the peers back.
    private const int UnsettledLimit = 1 << 16;

    // Received messages wait for selection, but have every so manieth turn: a selection of everything must not end sessions.
    private const int TurnsOfSelection = 8;

    /// <summary>Routes of a round: so many are received, selected and sent before more are.</summary>
    internal const int RoutesPerRound = 4096;

    /// <summary>While there is more to receive, a round that is smaller leaves so long after the one before.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(20);

    private readonly List<IWorkSource> _work = [];
    private int _nextPeer;
    private int _nextFamily;
    private int _turnsWaited;
    private bool _isInputDry;
    private bool _isSending;
    private long _sentAt;

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

    /// <summary>
    /// Of each round of work, how long its oldest update took from its socket to the first message that is queued for a peer.
    /// </summary>
    public DurationHistogram UpdateLatency => _context.Latency.Histogram;

    /// <summary>
    /// A change of our own has been made to the routes, which began at a time of <see cref="TimeProvider.GetTimestamp"/>: the histogram is given the time
    /// until the first message of the round that it goes out with is queued. Of several in a round the oldest counts. Routing thread.
    /// </summary>
    public void TimeOwnChange(PropagationHistogram into, long began) => _context.Latency.Began(into, began);

    RoundLatency IPeerHost.Latency => _context.Latency;

    bool IPeerHost.IsRoundFull => !IsDeferringSelection && Unsettled() >= RoutesPerRound;

    /// <summary>Each peer's messages in turn.</summary>
    private bool Receive(WorkTurn turn)
    {
        _isInputDry = false;
        if (!IsDeferringSelection && Unsettled() is > 0 and var unsettled)
        {
            _turnsWaited = (_turnsWaited + 1) % TurnsOfSelection;
            if (_turnsWaited != 0 || unsettled > UnsettledLimit)
            {
                return true;
            }
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

            if (turn.IsOver || ((IPeerHost)this).IsRoundFull)
            {
                return true;
            }
        }

        _isInputDry = true;
        return false;
    }

    /// <summary>Routes that are to be marked, removed or asked about again, then selection.</summary>
    private bool Settle(WorkTurn turn)
    {
        while (Routes.HasScans && !turn.IsOver)
        {
            _ = Routes.Scan(RowsPerScan);
        }

        // Our own restart: no selection before the peers have said everything (RFC 4724 §4.1), or those that are there have.
        if (IsDeferringSelection || !_options.Settles)
        {
            return Routes.HasScans;
        }

        if (Routes.IsSettled)
        {
            _hasUnselectedEnd = false;
            return Routes.HasScans;
        }

        Loop.Wake(); // there will be something to send
        var left = 1;
        while (left > 0 && !turn.IsOver)
        {
            left = Routes.Settle(DestinationsPerSettling);
        }

        return left > 0;
    }

    /// <summary>What changed, to everybody who takes it.</summary>
    private bool Transmit(WorkTurn turn)
    {
        if (IsRestarting)
        {
            return false;
        }

        // VPN routes go out as the memberships are that have been received.
        var isAsked = Routes[RouteFamily.RouteTargetConstraint] is { IsSettled: true, HasScans: false };
        foreach (Peer peer in _order)
        {
            peer.ApplyMemberships();
        }

        if (!_isSending && !_isInputDry && !IsRoundDue())
        {
            return true;
        }

        if (!_isSending)
        {
            _isSending = true;
            _context.Latency.Begin(Routes.IsSettled);
        }

        var idle = 0;
        while (idle < RouteFamilies.Count)
        {
            _nextFamily = _nextFamily + 1 >= RouteFamilies.Count ? 0 : _nextFamily + 1;
            OutgoingFamily family = _outgoing[_nextFamily];
            if (family.Groups.Count == 0 || !family.Table.IsSettled || (family.Table.Family.IsVpn && !isAsked))
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

        _isSending = false;
        _context.Latency.End();
        _sentAt = Loop.Time.GetTimestamp();
        foreach (OutgoingFamily family in _outgoing)
        {
            family.Marked = 0;
        }

        return false;
    }

    /// <summary>Whether what waits to be sent is to wait no longer for more.</summary>
    private bool IsRoundDue()
    {
        var marked = 0L;
        foreach (OutgoingFamily family in _outgoing)
        {
            marked += family.Marked;
        }

        return marked >= RoutesPerRound || Loop.Time.GetElapsedTime(_sentAt) >= LongestWait;
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

using System.Security;
using System.Text;
using Dataplane.Routing.Loop;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <content>Pings (XEP-0199, XMP-02): a peer that says nothing is asked, and given up when it does not answer. All on the loop.</content>
internal sealed partial class XmppSession
{
    private readonly PingWatch _watch;
    private LoopTimer? _ping;

    /// <inheritdoc/>
    public int UnansweredPings => _watch.Unanswered;

    private void StartPings()
    {
        // Sessions that begin together do not ping together.
        _ping = _loop.CreateTimer(Tick);
        _ping.Restart(_settings.PingInterval * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    private void StopPings() => _ping?.Stop();

    private void Tick()
    {
        TimeProvider time = _loop.Time;
        long now = time.GetTimestamp(), writingSince = Volatile.Read(ref _writingSince);
        if (writingSince != long.MaxValue && time.GetElapsedTime(writingSince, now) >= _settings.WriteTimeout)
        {
            EndSilent("the peer takes nothing");
            return;
        }

        switch (_watch.Decide(time.GetElapsedTime(0, now), time.GetElapsedTime(0, Volatile.Read(ref _lastReceived)), out TimeSpan next))
        {
            case PingDecision.GiveUp:
                _counters.CountMissedPing();
                EndSilent("the peer does not answer pings");
                return;
            case PingDecision.Ping:
                if (_watch.Unanswered > 1)
                {
                    _counters.CountMissedPing();
                }

                string id = StanzaGate.PingPrefix + _watch.Unanswered.ToString(System.Globalization.CultureInfo.InvariantCulture);
                SendControl(Encoding.UTF8.GetBytes(
                    $"<iq type='get' from='{SecurityElement.Escape(Local.ToString())}' to='{SecurityElement.Escape(Peer.ToString())}' id='{id}'>"
                    + $"<ping xmlns='{Namespaces.Ping}'/></iq>"));
                break;
            default:
                break;
        }

        _ping!.Restart(next);
    }

    private void EndSilent(string text) => End(
        new(SessionEndReason.TimedOut, StreamErrorCondition.ConnectionTimeout, text),
        StreamText.Error(new(StreamErrorCondition.ConnectionTimeout, text)));
}

using System.Security;
using System.Text;
using Dataplane.Routing.Loop;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <content>Pings (XEP-0199, XMP-02): a peer that says nothing is asked, and given up when it does not answer. All on the loop.</content>
internal sealed partial class XmppSession
{
    private LoopTimer? _ping;
    private int _misses;

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
        long writingSince = Volatile.Read(ref _writingSince);
        if (writingSince != long.MaxValue && time.GetElapsedTime(writingSince) >= _settings.WriteTimeout)
        {
            EndSilent("the peer takes nothing");
            return;
        }

        TimeSpan silence = time.GetElapsedTime(Volatile.Read(ref _lastReceived));
        if (silence < _settings.PingInterval)
        {
            _misses = 0;
            _ping!.Restart(_settings.PingInterval - silence);
        }
        else if (_misses >= _settings.PingMisses)
        {
            EndSilent("the peer does not answer pings");
        }
        else
        {
            _misses++;
            SendControl(Encoding.UTF8.GetBytes(
                $"<iq type='get' from='{SecurityElement.Escape(Local.ToString())}' to='{SecurityElement.Escape(Peer.ToString())}' id='{PingId}'>"
                + $"<ping xmlns='{Namespaces.Ping}'/></iq>"));
            _ping!.Restart(_settings.PingInterval);
        }
    }

    private string PingId => StanzaGate.PingPrefix + _misses.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void EndSilent(string text) => End(
        new(SessionEndReason.TimedOut, StreamErrorCondition.ConnectionTimeout, text),
        StreamText.Error(new(StreamErrorCondition.ConnectionTimeout, text)));
}

using System.Buffers;
using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Export.Mrt;

/// <summary>
/// Dumps in the MRT format (RFC 6396, RFC 8050): what peers send, and where it is asked for what they are sent, and how their sessions change, as BGP4MP_ET records, and the accepted paths of all
/// tables, as TABLE_DUMP_V2. Files are written elsewhere (<see cref="MrtOutput"/>). Routing thread, but for what says otherwise.
/// </summary>
/// <remarks>The walk over the tables is in <see cref="MrtTableWalk"/>; routes that change meanwhile are in the dump before or after their change.</remarks>
public sealed class MrtDumper : ISpeakerObserver, IWorkSource, IDisposable
{
    private readonly RoutingLoop _loop;
    private readonly RoutingBase _routes;
    private readonly SpeakerSettings _speaker;
    private readonly MrtSettings _settings;
    private readonly FlowSpecStore? _flowSpecs;
    private readonly MrtOutput _output;
    private readonly LoopTimer _timer;
    private readonly ArrayBufferWriter<byte> _record = new();
    private readonly Dictionary<IpAddress, IpAddress> _localAddresses = [];
    private MrtTableWalk? _walk;

    /// <summary>A dumper that writes from now on; add it to the observers of the speaker.</summary>
    /// <param name="loop">The routing thread.</param>
    /// <param name="routes">The tables.</param>
    /// <param name="speaker">Who we are.</param>
    /// <param name="settings">Where to, and when.</param>
    /// <param name="flowSpecs">Holds flow specifications; without it they are left out of table dumps.</param>
    /// <param name="failed">Is told, on the pool, why a record could not be written.</param>
    public MrtDumper(
        RoutingLoop loop, RoutingBase routes, SpeakerSettings speaker, MrtSettings settings, FlowSpecStore? flowSpecs = null, Action<string>? failed = null)
    {
        _loop = loop;
        _routes = routes;
        _speaker = speaker;
        _settings = settings;
        _flowSpecs = flowSpecs;
        _output = new(settings, loop.Wake, failed ?? (static _ => { }));
        _timer = loop.CreateTimer(DumpOnSchedule);
        loop.AddWork(this);
        StartTimer();
    }

    /// <summary>Records that were dropped: the disk was too slow, or refused. Any thread.</summary>
    public long Dropped => _output.Dropped;

    /// <summary>Records written. Any thread.</summary>
    public long Written => _output.Written;

    /// <summary>Whether the tables are being dumped.</summary>
    public bool IsDumping => _walk is not null;

    /// <inheritdoc/>
    public SpeakerInterest Interest => !_output.TakesMessages ? SpeakerInterest.None
        : _settings.SentMessages ? SpeakerInterest.Received | SpeakerInterest.Sent : SpeakerInterest.Received;

    /// <summary>Begins to dump the tables, unless that is under way.</summary>
    public void DumpTables()
    {
        _walk ??= new(_routes, _speaker.RouterId, _loop.Time.GetUtcNow(), _flowSpecs, _output);
        _loop.Wake();
    }

    /// <summary>Completes when what was recorded so far is in the files. Any thread.</summary>
    public Task FlushAsync() => _output.FlushAsync();

    /// <inheritdoc/>
    public bool Work(WorkTurn turn)
    {
        while (_walk is { } walk && _output.HasRoom)
        {
            if (!walk.Step())
            {
                _walk = null;
            }
            else if (turn.IsOver)
            {
                return true;
            }
        }

        return false; // The output wakes the loop when it has room again.
    }

    /// <inheritdoc/>
    public void SessionUp(IPeerView peer, NegotiatedSession session, LinkEnds ends) => _localAddresses[peer.Address] = ends.Local;

    /// <inheritdoc/>
    public void PeerRemoved(IPeerView peer) => _localAddresses.Remove(peer.Address);

    /// <inheritdoc/>
    public void StateChanged(IPeerView peer, SessionState from, SessionState to)
    {
        if (_output.TakesMessages)
        {
            DateTimeOffset now = Begin(peer, (ushort)MrtMessageSubtype.StateChangeAs4, fourOctets: true);
            MrtWriter.U16(_record, (ushort)from);
            MrtWriter.U16(_record, (ushort)to);
            _output.Message(MrtWriter.End(_record), now);
        }
    }

    /// <inheritdoc/>
    public void MessageReceived(IPeerView peer, MessageType type, ReadOnlySpan<byte> message)
    {
        if (_output.TakesMessages)
        {
            Write(peer, type, message, isLocal: false);
        }
    }

    /// <inheritdoc/>
    public void MessagesSent(IPeerView peer, ReadOnlySpan<byte> messages)
    {
        if (!_output.TakesMessages || !_settings.SentMessages)
        {
            return;
        }

        while (MessageHeader.TryTake(ref messages, out MessageType type, out ReadOnlySpan<byte> message))
        {
            Write(peer, type, message, isLocal: true);
        }
    }

    /// <summary>Writes what waits and ends the files.</summary>
    public void Dispose()
    {
        _timer.Stop();
        _loop.RemoveWork(this);
        _output.Dispose();
    }

    private void Write(IPeerView peer, MessageType type, ReadOnlySpan<byte> message, bool isLocal)
    {
        CodecOptions? codec = peer.Session?.Codec;
        var fourOctets = codec?.FourOctetAs ?? true;
        var addPath = type == MessageType.Update && codec is not null
            && MrtWriter.FamilyOf(message) is { } family && (isLocal ? codec.AddPathSend : codec.AddPathReceive).Contains(family);
        MrtMessageSubtype subtype = (fourOctets, addPath, isLocal) switch
        {
            (true, false, false) => MrtMessageSubtype.MessageAs4,
            (true, true, false) => MrtMessageSubtype.MessageAs4AddPath,
            (false, false, false) => MrtMessageSubtype.Message,
            (false, true, false) => MrtMessageSubtype.MessageAddPath,
            (true, false, true) => MrtMessageSubtype.MessageAs4Local,
            (true, true, true) => MrtMessageSubtype.MessageAs4LocalAddPath,
            (false, false, true) => MrtMessageSubtype.MessageLocal,
            _ => MrtMessageSubtype.MessageLocalAddPath,
        };
        DateTimeOffset now = Begin(peer, (ushort)subtype, fourOctets);
        _record.Write(message);
        _output.Message(MrtWriter.End(_record), now);
    }

    private DateTimeOffset Begin(IPeerView peer, ushort subtype, bool fourOctets)
    {
        DateTimeOffset now = _loop.Time.GetUtcNow();
        MrtWriter.Begin(_record, now, MrtType.Bgp4MpEt, subtype);
        IpAddress? local = _localAddresses.TryGetValue(peer.Address, out IpAddress known) ? known : peer.Settings.Transport.LocalAddress;
        MrtWriter.Ends(
            _record, fourOctets, peer.Session?.PeerAs ?? peer.Settings.As, OpenComposer.LocalAs(_speaker, peer.Settings), peer.Address, local);
        return now;
    }

    private void StartTimer()
    {
        if (_settings.TableFile is not null && _settings.TableInterval > TimeSpan.Zero)
        {
            _timer.Restart(_settings.TableInterval);
        }
    }

    private void DumpOnSchedule()
    {
        DumpTables();
        StartTimer();
    }
}

using System.Threading.Channels;
using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Loop;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Management;

/// <summary>A message of a traced peer, or a change of its state.</summary>
/// <param name="Time">When.</param>
/// <param name="Peer">Whose.</param>
/// <param name="Kind">received, sent, state.</param>
/// <param name="Message">The message with its header; for a state empty.</param>
/// <param name="Text">For a state: from and to.</param>
/// <param name="Codec">How the message is read.</param>
/// <param name="Missed">How many events before this one were dropped because the subscriber did not read.</param>
internal sealed record TraceEvent(
    DateTimeOffset Time, IpAddress Peer, string Kind, byte[] Message, string? Text, CodecOptions? Codec, long Missed);

/// <summary>
/// Follows the messages of peers that somebody traces (MGT-09): subscribers of the management API, and the log. Nothing is copied for others. A
/// subscriber that does not read loses events and is told how many; it delays nobody.
/// </summary>
internal sealed class BgpTrace(ILogger log) : ISpeakerObserver
{
    private const int MostWaiting = 4096;

    private readonly Dictionary<IpAddress, List<Subscription>> _subscriptions = [];
    private readonly HashSet<IpAddress> _logged = [];
    private readonly CancellationTokenSource _closed = new();

    /// <inheritdoc/>
    public SpeakerInterest Interest =>
        _subscriptions.Count > 0 || _logged.Count > 0 ? SpeakerInterest.Received | SpeakerInterest.Sent : SpeakerInterest.None;

    /// <summary>Turns the trace of a peer in the log on or off. Routing thread.</summary>
    public void SetLogged(IpAddress peer, bool on) => _ = on ? _logged.Add(peer) : _logged.Remove(peer);

    /// <summary>Subscribes to a peer. Routing thread; disposed on any.</summary>
    public Subscription Subscribe(RoutingLoop loop, IpAddress peer)
    {
        var subscription = new Subscription(this, loop, peer);
        if (_closed.IsCancellationRequested)
        {
            subscription.Complete();
        }

        if (!_subscriptions.TryGetValue(peer, out List<Subscription>? list))
        {
            _subscriptions.Add(peer, list = []);
        }

        list.Add(subscription);
        _ = _closed.Token.Register(subscription.Complete);
        return subscription;
    }

    /// <summary>Ends all subscriptions. Any thread.</summary>
    public void Close() => _closed.Cancel();

    /// <inheritdoc/>
    public void StateChanged(IPeerView peer, SessionState from, SessionState to) =>
        Tell(peer, "state", default, $"{Words.Of(from)} -> {Words.Of(to)}");

    /// <inheritdoc/>
    public void MessageReceived(IPeerView peer, MessageType type, ReadOnlySpan<byte> message) => Tell(peer, "received", message, null);

    /// <inheritdoc/>
    public void MessagesSent(IPeerView peer, ReadOnlySpan<byte> messages)
    {
        while (MessageHeader.TryTake(ref messages, out _, out ReadOnlySpan<byte> message))
            Tell(peer, "sent", message, null);
    }

    private void Tell(IPeerView peer, string kind, ReadOnlySpan<byte> message, string? text)
    {
        var isLogged = _logged.Contains(peer.Address);
        if (!_subscriptions.TryGetValue(peer.Address, out List<Subscription>? subscriptions) && !isLogged)
        {
            return;
        }

        var seen = new TraceEvent(DateTimeOffset.UtcNow, peer.Address, kind, message.ToArray(), text, peer.Session?.Codec, 0);
        subscriptions?.ForEach(subscription => subscription.Add(seen));
        if (isLogged)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(
                static state => state.Log.LogInformation("trace {Peer}: {Kind} {Text}", state.Seen.Peer, state.Seen.Kind, TraceEventView.Of(state.Seen).Text),
                (Log: log, Seen: seen), preferLocal: false);
        }
    }

    private void Remove(Subscription subscription)
    {
        if (_subscriptions.TryGetValue(subscription.Peer, out List<Subscription>? list) && list.Remove(subscription) && list.Count == 0)
        {
            _ = _subscriptions.Remove(subscription.Peer);
        }
    }

    /// <summary>Somebody who follows a peer.</summary>
    public sealed class Subscription(BgpTrace trace, RoutingLoop loop, IpAddress peer) : IDisposable
    {
        private readonly Channel<TraceEvent> _events = Channel.CreateBounded<TraceEvent>(MostWaiting);
        private long _missed;

        /// <summary>Whom.</summary>
        public IpAddress Peer => peer;

        /// <summary>What happens.</summary>
        public ChannelReader<TraceEvent> Events => _events.Reader;

        /// <summary>Ends it. Any thread.</summary>
        public void Dispose() => loop.Post(() => trace.Remove(this));

        internal void Add(TraceEvent seen) => _missed = _events.Writer.TryWrite(seen with { Missed = _missed }) ? 0 : _missed + 1;

        internal void Complete() => _events.Writer.TryComplete();
    }
}

/// <summary>An event as the API tells it.</summary>
internal sealed record TraceEventView(DateTimeOffset Time, string Neighbor, string Event, string? Type, string Text, string? Message, long? Missed)
{
    /// <summary>Reads the message for people.</summary>
    public static TraceEventView Of(TraceEvent seen)
    {
        if (seen.Text is { } text)
        {
            return new(seen.Time, seen.Peer.ToString(), seen.Kind, null, text, null, MissedBefore(seen));
        }

        var type = (MessageType)seen.Message[MessageHeader.Size - 1];
        return new(
            seen.Time, seen.Peer.ToString(), seen.Kind, Words.Of(type), MessageText.Of(type, seen.Message.AsSpan(MessageHeader.Size), seen.Codec ?? new(), new FlowSpecStore()),
            Convert.ToHexStringLower(seen.Message), MissedBefore(seen));
    }

    private static long? MissedBefore(TraceEvent seen) => seen.Missed == 0 ? null : seen.Missed;
}

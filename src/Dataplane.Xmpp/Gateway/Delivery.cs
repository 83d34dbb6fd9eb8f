using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// Takes changes to subscribers, a batch at a time and in turn, those that are nearly up to date first, so that snapshots delay no change. What a client
/// does not take waits as a position in the feed and nothing else; a client that takes nothing for long is cut. Routing thread.
/// </summary>
internal sealed class Delivery(GatewayContext context, EventEncoder encoder) : IWorkSource
{
    private const int MostUnsent = 256;
    private const int BatchesPerLook = 8;
    private static readonly TimeSpan SettlePoll = TimeSpan.FromMilliseconds(500);

    private readonly Queue<Subscription> _near = new();
    private readonly Queue<Subscription> _far = new();
    private readonly List<VrfFeed> _dirty = [];
    private readonly HashSet<VrfFeed> _told = [];
    private readonly HashSet<Subscription> _unsettled = [];
    private readonly long _start = context.Now;
    private LoopTimer? _settleTimer;

    /// <summary>Whether what other sources of routes have to say of a VRF has been said: otherwise no snapshot of it is called whole. Null is always.</summary>
    public Func<VrfIndex, bool>? IsConverged { get; set; }

    /// <summary>
    /// Whether it is known what clients had published before our restart: then it is in force, or awaited, and a snapshot need not wait for
    /// <see cref="SignalingGatewaySettings.SettleTime"/>.
    /// </summary>
    public bool KnowsWhatThereWas { get; set; }

    /// <summary>A VRF with subscribers has changed.</summary>
    public void Changed(VrfFeed feed)
    {
        if (!feed.IsDirty)
        {
            feed.IsDirty = true;
            _dirty.Add(feed);
            context.Loop.Wake();
        }
    }

    /// <summary>A subscriber has something to hear, or is to be told that there is nothing.</summary>
    public void Enqueue(Subscription subscription)
    {
        if (subscription.IsQueued || subscription.Feed is null || subscription.Client.IsBlocked)
        {
            return;
        }

        subscription.IsQueued = true;
        (subscription.Feed.End - subscription.Cursor <= VrfFeed.Segment ? _near : _far).Enqueue(subscription);
        context.Loop.Wake();
    }

    /// <summary>Sends an answer; one that does not fit waits, and a client that lets many wait is cut.</summary>
    public void Answer(GatewayClient client, ReadOnlyMemory<byte> answer)
    {
        if (client.Channel is not { } channel || (client.Unsent.Count == 0 && channel.TrySend(answer)))
        {
            return;
        }

        client.Unsent.Enqueue(answer);
        Block(client);
        if (client.Unsent.Count > MostUnsent)
        {
            Cut(client, "it does not read the answers to its requests");
        }
    }

    /// <summary>Tells a client that a VPN is not there for it any more.</summary>
    public void TellDeleted(Subscription subscription) =>
        Answer(subscription.Client, encoder.Single(subscription.Client, text => EventWriter.WriteDelete(text, subscription.Node)));

    /// <summary>A client's queue has room again.</summary>
    public void Drained(GatewayClient client)
    {
        client.IsBlocked = false;
        client.StallTimer?.Stop();
        while (client.Unsent.TryPeek(out ReadOnlyMemory<byte> answer))
        {
            if (client.Channel?.TrySend(answer) != true)
            {
                Block(client);
                return;
            }

            _ = client.Unsent.Dequeue();
        }

        foreach (Subscription subscription in client.Subscriptions.Values)
        {
            Enqueue(subscription);
        }
    }

    /// <summary>The session of a client has ended.</summary>
    public void Closed(GatewayClient client)
    {
        client.IsBlocked = false;
        client.StallTimer?.Stop();
        client.Unsent.Clear();
    }

    /// <inheritdoc/>
    public bool Work(WorkTurn turn)
    {
        foreach (VrfFeed feed in _dirty)
        {
            feed.IsDirty = false;
            _ = _told.Add(feed);
            foreach (Subscription subscription in feed.Subscriptions)
            {
                Enqueue(subscription);
            }
        }

        _dirty.Clear();
        for (var done = 1; _near.TryDequeue(out Subscription? next) || _far.TryDequeue(out next); done++)
        {
            next.IsQueued = false;
            Deliver(next);
            if (done % BatchesPerLook == 0 && turn.IsOver)
            {
                return true;
            }
        }

        foreach (VrfFeed feed in _told)
        {
            feed.Tidy(context.Times);
        }

        _told.Clear();
        return false;
    }

    private void Deliver(Subscription subscription)
    {
        GatewayClient client = subscription.Client;
        if (subscription.Feed is not { } feed || client.Channel is not { } channel || client.IsBlocked)
        {
            return;
        }

        _ = _told.Add(feed);
        if (feed.Next(subscription, new(subscription.Node, client.Profile, client.From), encoder) is { } batch)
        {
            if (!batch.Stanzas.IsEmpty)
            {
                if (!channel.TrySendShared(batch.Stanzas, client.To))
                {
                    Block(client);
                    return;
                }

                subscription.Told += batch.Changes;
                context.Counters.Notifications += batch.Changes;
                context.Counters.EventOctets += batch.Stanzas.LengthFor(client.To.Length);
                foreach (ISignalingObserver observer in context.Observers)
                {
                    observer.Notified(client.Jid, feed.Name, new(feed, batch));
                }
            }

            subscription.Cursor = batch.End;
        }

        if (subscription.IsBehind)
        {
            Enqueue(subscription);
        }
        else if (subscription is { WantsSettled: true, IsSettled: false })
        {
            Settle(subscription);
        }
    }

    private void Settle(Subscription subscription)
    {
        if (!MaySettle(subscription))
        {
            _ = _unsettled.Add(subscription);
            _settleTimer ??= context.Loop.CreateTimer(SettleLater);
            if (!_settleTimer.IsRunning)
            {
                _settleTimer.Restart(SettlePoll);
            }

            return;
        }

        GatewayClient client = subscription.Client;
        subscription.IsSettled = true;
        Answer(client, encoder.Single(client, text => EventWriter.WriteSettled(text, subscription.Node)));
    }

    // Of a VRF that imports from others their publications are awaited too.
    private bool MaySettle(Subscription subscription) =>
        (KnowsWhatThereWas ? context.Awaited.Count == 0 : context.Loop.Time.GetElapsedTime(_start, context.Now) >= context.Settings.SettleTime)
        && IsConverged?.Invoke(subscription.Vrf) != false;

    // Those that may be told by now are looked at again, in which what has come meanwhile goes first; the others wait on.
    private void SettleLater()
    {
        foreach (Subscription subscription in _unsettled.ToArray())
        {
            if (subscription.Feed is null || MaySettle(subscription))
            {
                _ = _unsettled.Remove(subscription);
                Enqueue(subscription);
            }
        }

        if (_unsettled.Count != 0)
        {
            _settleTimer!.Restart(SettlePoll);
        }
    }

    private void Block(GatewayClient client)
    {
        client.IsBlocked = true;
        client.StallTimer ??= context.Loop.CreateTimer(() => Cut(client, "it takes nothing of what waits for it"));
        if (!client.StallTimer.IsRunning)
        {
            client.StallTimer.Restart(context.Settings.StallTime);
        }
    }

    private void Cut(GatewayClient client, string why)
    {
        if (client.Channel is not { } channel)
        {
            return;
        }

        context.Counters.Cut++;
        context.Tell(observer => observer.Alarm($"{client.Jid} is cut: {why}"));
        channel.Close(StreamErrorCondition.ResourceConstraint, why);
    }
}

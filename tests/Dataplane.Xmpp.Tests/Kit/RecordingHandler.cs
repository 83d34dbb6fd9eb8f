using System.Collections.Concurrent;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Tests.Kit;

/// <summary>Writes down what happens to sessions, and answers requests that nobody handles.</summary>
internal sealed class RecordingHandler : IXmppSessionHandler
{
    private readonly ConcurrentQueue<string> _events = new();

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<string> Events => [.. _events];

    /// <summary>Stanzas that came.</summary>
    public ConcurrentQueue<Stanza> Stanzas { get; } = new();

    /// <summary>Channels that were opened, in order.</summary>
    public List<IXmppChannel> Channels { get; } = [];

    /// <summary>Ends, in order.</summary>
    public List<SessionEnd> Ends { get; } = [];

    /// <summary>Called for each stanza, after it was written down.</summary>
    public Action<IXmppChannel, Stanza>? OnReceived { get; set; }

    /// <summary>Called when a queue has room again.</summary>
    public Action<IXmppChannel>? OnDrained { get; set; }

    public void Opened(IXmppChannel channel)
    {
        lock (Channels)
        {
            Channels.Add(channel);
        }

        _events.Enqueue($"opened {channel.Peer.Bare}");
    }

    public void Received(IXmppChannel channel, Stanza stanza)
    {
        Stanzas.Enqueue(stanza);
        _events.Enqueue($"received {stanza.Kind} {stanza.Id}");
        OnReceived?.Invoke(channel, stanza);
        if (OnReceived is null && stanza.IsRequest)
        {
            _ = channel.TrySend(Iq.ServiceUnavailable(stanza));
        }
    }

    public void Drained(IXmppChannel channel)
    {
        _events.Enqueue("drained");
        OnDrained?.Invoke(channel);
    }

    public void Closed(IXmppChannel channel, SessionEnd end)
    {
        lock (Ends)
        {
            Ends.Add(end);
        }

        _events.Enqueue($"closed {channel.Peer.Bare} {end.Reason}");
    }
}

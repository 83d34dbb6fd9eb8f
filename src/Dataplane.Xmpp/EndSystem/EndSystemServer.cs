using System.Xml.Linq;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>One of the servers of an end system: the session with it, if there is one, and what it knows. Routing loop.</summary>
public sealed class EndSystemServer : IXmppSessionHandler, IRequestSender
{
    private readonly EndSystemClient _client;
    private readonly WireProfile _profile;
    private readonly StanzaText _text = new();
    private readonly List<PubSubEvent> _events = [];
    private readonly List<PubSubFault> _faults = [];

    internal EndSystemServer(EndSystemClient client, string name, DesiredState desired, EndSystemSettings settings, TimeProvider time)
    {
        _client = client;
        Name = name;
        _profile = settings.Profile;
        Synchronizer = new(desired, this, settings, time)
        {
            Subscribing = membership => client.Subscribing(this, membership),
            Subscribed = membership => client.Subscribed(this, membership),
            Acknowledged = client.LeafAcknowledged,
            SubscriptionRefused = (membership, failure) => client.SubscriptionRefused(this, membership, failure),
            Refused = (what, failure) =>
            {
                Refusals++;
                client.Refused?.Invoke(this, what, failure);
            },
        };
    }

    /// <summary>What it is called in configuration, log and metrics.</summary>
    public string Name { get; }

    /// <summary>The session; null without.</summary>
    public IXmppChannel? Channel { get; private set; }

    /// <summary>Whether there is a session.</summary>
    public bool IsUp => Channel is not null;

    /// <summary>When the session came or went last; null: never.</summary>
    public DateTimeOffset? Changed { get; private set; }

    /// <summary>How the last session ended; null when none has.</summary>
    public SessionEnd? LastEnd { get; private set; }

    /// <summary>What it knows and shall know.</summary>
    public ServerSynchronizer Synchronizer { get; }

    /// <summary>Sessions so far.</summary>
    public long Sessions { get; private set; }

    /// <summary>Events that came.</summary>
    public long Events { get; private set; }

    /// <summary>Parts of events that could not be understood.</summary>
    public long Malformed { get; private set; }

    /// <summary>Requests that it refused.</summary>
    public long Refusals { get; private set; }

    /// <summary>Whether it is known to say when a snapshot is whole.</summary>
    internal bool SaysSettled { get; set; }

    /// <inheritdoc/>
    public void Opened(IXmppChannel channel)
    {
        Channel = channel;
        Sessions++;
        Changed = _client.Now;
        _client.Opened(this);
    }

    /// <inheritdoc/>
    public void Received(IXmppChannel channel, Stanza stanza)
    {
        if (channel != Channel)
        {
            return;
        }

        if (stanza.IsRequest)
        {
            _ = channel.TrySend(Iq.ServiceUnavailable(stanza));
        }
        else if (stanza.IsResponse)
        {
            RequestFailure? failure = stanza.Error is { } error ? new(StanzaError.NameOf(error.Condition), error.Text) : null;
            _client.Answered?.Invoke(this, stanza.Id!, failure);
            XElement? subscription = stanza.Payload?.Element(PubSubNamespace.PubSub + "subscription");
            SaysSettled |= subscription?.Element(PubSubNamespace.Extension + "settled") is not null;
            _ = Synchronizer.Answered(stanza.Id!, failure, (string?)subscription?.Attribute("subid"));
        }
        else if (stanza is { Kind: StanzaKind.Message, IsError: false })
        {
            Read(stanza);
        }

        _client.Reschedule();
    }

    /// <inheritdoc/>
    public void Drained(IXmppChannel channel)
    {
        if (channel == Channel)
        {
            Synchronizer.Drained();
            _client.Reschedule();
        }
    }

    /// <inheritdoc/>
    public void Closed(IXmppChannel channel, SessionEnd end)
    {
        if (channel == Channel)
        {
            Channel = null;
            Changed = _client.Now;
            LastEnd = end;
            _client.Closed(this);
        }
    }

    /// <inheritdoc/>
    bool IRequestSender.TrySend(string id, PubSubRequest request)
    {
        if (Channel is not { } channel)
        {
            return false;
        }

        // AMB-13: the bare address is always there.
        var own = channel.Local.Bare.ToString();
        PubSubRequest complete = request switch
        {
            SubscribeRequest subscribe => subscribe with { Jid = own },
            UnsubscribeRequest unsubscribe => unsubscribe with { Jid = own },
            _ => request,
        };
        _text.Clear();
        RequestWriter.Write(_text, _profile, channel.Local.ToString(), channel.Peer.ToString(), id, complete);
        if (!channel.TrySend(_text.ToArray()))
        {
            return false;
        }

        _client.Sent?.Invoke(this, id, complete);
        return true;
    }

    private void Read(Stanza stanza)
    {
        _events.Clear();
        _faults.Clear();
        if (!EventReader.Read(stanza.Element, _events, _faults))
        {
            return;
        }

        Malformed += _faults.Count;
        _client.NotifiedAt = stanza.ReceivedAt;
        foreach (PubSubEvent told in _events)
        {
            Events++;
            _client.Told(this, told);
        }

        _client.NotifiedAt = null;
    }
}

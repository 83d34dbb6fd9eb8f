using System.Net;
using System.Text;
using System.Xml.Linq;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>A channel that keeps what is sent.</summary>
internal sealed class FakeChannel(string local, string peer) : IXmppChannel
{
    public Jid Peer { get; } = Jid.Parse(peer);

    public Jid Local { get; } = Jid.Parse(local);

    public PeerIdentity Identity { get; } = new(new(IPAddress.Loopback, 5222), isPlaintext: true);

    public long QueuedOctets => 0;

    /// <summary>Stanzas that were sent and not taken.</summary>
    public Queue<XElement> Sent { get; } = new();

    /// <summary>Stanzas that are accepted before the channel is full; null: any number.</summary>
    public int? Room { get; set; }

    public bool IsClosed { get; private set; }

    public bool TrySend(ReadOnlyMemory<byte> stanza)
    {
        if (IsClosed || Room == 0)
        {
            return false;
        }

        Room--;
        XElement stream = XElement.Parse($"<stream xmlns='jabber:client'>{Encoding.UTF8.GetString(stanza.Span)}</stream>");
        foreach (XElement element in stream.Elements())
        {
            Sent.Enqueue(element);
        }

        return true;
    }

    public void Close(StreamErrorCondition? error = null, string? text = null) => IsClosed = true;

    public XElement Take() => Sent.Dequeue();

    /// <summary>A stanza as it would come from the peer.</summary>
    public static Stanza Parse(string xml)
    {
        XElement element = XElement.Parse($"<stream xmlns='jabber:client'>{xml}</stream>").Elements().Single();
        Assert.Null(Stanza.TryRead(element, out Stanza? stanza));
        return stanza!;
    }
}

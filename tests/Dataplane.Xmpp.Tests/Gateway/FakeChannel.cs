using System.Net;
using Dataplane.Net;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>A session without a socket: what is sent is kept until somebody reads it.</summary>
internal sealed class FakeChannel(Jid peer, Jid local, params IpAddress[] proved) : IXmppChannel
{
    public List<ReadOnlyMemory<byte>> Sent { get; } = [];

    /// <summary>Whether it takes more.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether it refused something since it was full.</summary>
    public bool HasRefused { get; set; }

    public bool IsClosed { get; private set; }

    public StreamErrorCondition? Error { get; private set; }

    public Jid Peer { get; } = peer;

    public Jid Local { get; } = local;

    public PeerIdentity Identity { get; } = new(new IPEndPoint(IPAddress.Loopback, 40000), isPlaintext: false, [peer.Bare], [], proved, "CN=test");

    public long QueuedOctets => 0;

    public bool TrySend(ReadOnlyMemory<byte> stanza)
    {
        if (IsClosed || IsFull)
        {
            HasRefused |= IsFull;
            return false;
        }

        Sent.Add(stanza);
        return true;
    }

    public void Close(StreamErrorCondition? error = null, string? text = null)
    {
        IsClosed = true;
        Error = error;
    }
}

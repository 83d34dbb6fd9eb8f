using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Bgp.Speaker.Peers;

/// <summary>An established session: where messages go, and whether the peer takes them. Routing thread.</summary>
internal sealed class PeerSession(Peer peer, BgpConnection connection, NegotiatedSession negotiated, FlowSpecStore flowSpecs) : IUpdateSink
{
    /// <summary>The connection.</summary>
    public BgpConnection Connection { get; } = connection;

    /// <summary>What was negotiated.</summary>
    public NegotiatedSession Negotiated { get; } = negotiated;

    /// <summary>How its messages are read.</summary>
    public CodecOptions Codec { get; } = negotiated.Codec with { FlowSpecs = flowSpecs };

    /// <inheritdoc/>
    public bool IsWritable => Connection.HasRoom;

    /// <inheritdoc/>
    public void Send(SharedBuffer messages, int updates) => peer.SendUpdates(this, messages, updates);

    /// <inheritdoc/>
    public void DumpFinished(RouteFamily family, GroupMember member) => peer.DumpFinished(this, family, member);

    /// <summary>Sends a message of the session itself.</summary>
    public void Send(MessageType type, byte[] message)
    {
        SharedBuffer buffer = SharedBuffer.Of(message);
        peer.SendControl(this, type, buffer);
        buffer.Release();
    }
}

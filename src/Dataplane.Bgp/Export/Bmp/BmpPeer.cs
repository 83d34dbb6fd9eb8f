using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>An established session, as stations are told of it.</summary>
public sealed record BmpPeer
{
    /// <summary>The source of its routes.</summary>
    public required SourceId Source { get; init; }

    /// <summary>The peer's address.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>The peer's TCP port.</summary>
    public required ushort Port { get; init; }

    /// <summary>Our address.</summary>
    public required IpAddress LocalAddress { get; init; }

    /// <summary>Our TCP port.</summary>
    public required ushort LocalPort { get; init; }

    /// <summary>The OPEN that we sent.</summary>
    public required OpenMessage SentOpen { get; init; }

    /// <summary>The OPEN that the peer sent.</summary>
    public required OpenMessage ReceivedOpen { get; init; }

    /// <summary>What the session negotiated.</summary>
    public required CodecOptions Codec { get; init; }

    /// <summary>When it came up.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How what the peer sent is written again: with path identifiers where it sends them, AS numbers of four octets.</summary>
    internal CodecOptions Received { get; private init; } = new();

    /// <summary>How what the peer is sent is written again.</summary>
    internal CodecOptions Sent { get; private init; } = new();

    internal BmpPeer Prepared() => this with
    {
        Received = Codec with { FourOctetAs = true, AddPathSend = Codec.AddPathReceive },
        Sent = Codec with { FourOctetAs = true },
    };

    internal BmpPeerHeader Header(BmpPeerFlags flags, DateTimeOffset? time) =>
        new(BmpPeerType.GlobalInstance, flags, Address, ReceivedOpen.As, ReceivedOpen.RouterId, time);
}

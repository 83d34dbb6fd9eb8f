using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>Makes the reply to an echo request of either family (RFC 792, RFC 4443 section 4.2).</summary>
internal static class EchoReply
{
    private const byte DscpMask = 0xfc;

    /// <summary>Checks the request and builds the whole datagram that answers it.</summary>
    /// <param name="request">Datagram addressed to the forwarder.</param>
    /// <param name="identification">Where IPv4 identifications come from.</param>
    /// <param name="reply">The reply; empty on failure.</param>
    /// <returns><see cref="SlowPathDropReason.None"/>, or why the request gets no reply.</returns>
    internal static SlowPathDropReason TryCreate(
        in IpDatagram request, DatagramIdentification identification, out byte[] reply)
    {
        reply = [];
        bool v4 = request.Family == AddressFamily.Ipv4;
        if (request.IsFragment)
            return SlowPathDropReason.Fragment;
        if (request.Protocol != (v4 ? IpProtocol.Icmp : IpProtocol.Icmpv6))
            return SlowPathDropReason.NoListener;
        if (!IcmpMessage.TryRead(request.Payload, out var message))
            return SlowPathDropReason.IcmpMalformed;
        bool valid = v4
            ? message.HasValidChecksum()
            : message.HasValidChecksum(request.Source.V6, request.Destination.V6);
        if (!valid)
            return SlowPathDropReason.IcmpMalformed;
        if (message.Type != (v4 ? Icmpv4Type.EchoRequest : Icmpv6Type.EchoRequest) || message.Code != 0)
            return SlowPathDropReason.IcmpUnsupported;
        if (request.Source.IsMulticast || request.Source.IsUnspecified || request.Destination.IsMulticast)
            return SlowPathDropReason.IcmpSuppressed;

        var answer = message.Bytes.ToArray();
        IcmpMessage.WriteHeader(answer, v4 ? Icmpv4Type.EchoReply : Icmpv6Type.EchoReply, 0, message.RestOfHeader);
        reply = IcmpDatagram.Create(
            request.Destination,
            request.Source,
            (byte)(request.TrafficClass & DscpMask),
            IcmpDatagram.DefaultHopLimit,
            v4 ? identification.Next() : (ushort)0,
            answer);
        return SlowPathDropReason.None;
    }
}

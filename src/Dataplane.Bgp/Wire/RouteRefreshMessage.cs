using System.Buffers.Binary;
using Dataplane.Routing;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// ROUTE-REFRESH (RFC 2918) with the subtypes of enhanced route refresh (RFC 7313). Outbound route filters that may follow
/// (RFC 5291) are not negotiated here and not read.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------------------------------+---------------+---------------+
/// |              AFI              |    subtype    |     SAFI      |
/// +-------------------------------+---------------+---------------+
/// </code>
/// </summary>
/// <param name="Afi">The address family identifier.</param>
/// <param name="Safi">The subsequent address family identifier.</param>
/// <param name="Kind">The subtype; one that is not named is to be ignored (RFC 7313 §5).</param>
public readonly record struct RouteRefreshMessage(ushort Afi, byte Safi, RouteRefreshKind Kind)
{
    /// <summary>Octets of the message without its header.</summary>
    public const int BodySize = 4;

    /// <summary>A message for a family.</summary>
    public RouteRefreshMessage(RouteFamily family, RouteRefreshKind kind)
        : this(family.Afi, family.Safi, kind)
    {
    }

    /// <summary>The family.</summary>
    /// <returns>False when routes of that family are not held here.</returns>
    public bool TryGetFamily(out RouteFamily family) => RouteFamilies.TryGet(Afi, Safi, out family);

    /// <summary>Reads the message behind its header.</summary>
    /// <returns>Null when it was read; else what to send: BoRR and EoRR have exactly four octets (RFC 7313 §5).</returns>
    public static NotificationMessage? Decode(ReadOnlySpan<byte> body, out RouteRefreshMessage message)
    {
        if (body.Length < BodySize)
        {
            message = default;
            return Invalid(body);
        }

        message = new(BinaryPrimitives.ReadUInt16BigEndian(body), body[3], (RouteRefreshKind)body[2]);
        return message.Kind is RouteRefreshKind.Begin or RouteRefreshKind.End && body.Length != BodySize ? Invalid(body) : null;
    }

    /// <summary>The message with its header.</summary>
    public byte[] Encode()
    {
        var message = new byte[MessageHeader.Size + BodySize];
        MessageHeader.Write(message, MessageType.RouteRefresh, message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(MessageHeader.Size), Afi);
        message[MessageHeader.Size + 2] = (byte)Kind;
        message[MessageHeader.Size + 3] = Safi;
        return message;
    }

    private static NotificationMessage Invalid(ReadOnlySpan<byte> body)
    {
        var whole = new byte[MessageHeader.Size + body.Length];
        MessageHeader.Write(whole, MessageType.RouteRefresh, whole.Length);
        body.CopyTo(whole.AsSpan(MessageHeader.Size));
        return NotificationMessage.Of(RouteRefreshError.InvalidMessageLength, whole);
    }
}

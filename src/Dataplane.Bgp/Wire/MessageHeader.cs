using System.Buffers.Binary;

namespace Dataplane.Bgp.Wire;

/// <summary>What <see cref="MessageHeader.Read"/> found.</summary>
public enum FrameOutcome
{
    /// <summary>The message is not all there yet.</summary>
    Incomplete,

    /// <summary>A whole message is there.</summary>
    Complete,

    /// <summary>The header is wrong; the session ends.</summary>
    Error,
}

/// <summary>
/// The header of every message (RFC 4271 §4.1), its checks (§6.1) and the limits of RFC 8654.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |                                                               |
/// |                  marker, 16 octets, all ones                  |
/// |                                                               |
/// |                                                               |
/// +-------------------------------+---------------+---------------+
/// |  length, header included      |     type      |
/// +-------------------------------+---------------+
/// </code>
/// </summary>
/// <param name="Type">The type.</param>
/// <param name="Length">Octets of the whole message.</param>
public readonly record struct MessageHeader(MessageType Type, int Length)
{
    /// <summary>Octets of a header.</summary>
    public const int Size = 19;

    /// <summary>The most octets of a message (RFC 4271 §4.1).</summary>
    public const int Maximum = 4096;

    /// <summary>The most octets of an UPDATE, NOTIFICATION or ROUTE-REFRESH after RFC 8654 was negotiated.</summary>
    public const int MaximumExtended = 65535;

    /// <summary>Octets of a KEEPALIVE: a header and nothing else (RFC 4271 §4.4).</summary>
    public const int KeepaliveSize = Size;

    private const int MarkerSize = 16;
    private const byte MarkerPart = 0xFF;

    /// <summary>Looks at the start of what was received.</summary>
    /// <param name="octets">What was received from the start of a message on; may hold part of it, or more.</param>
    /// <param name="extendedMessages">Whether RFC 8654 was negotiated.</param>
    /// <param name="header">Type and length, unless the outcome is an error; default until the header is there.</param>
    /// <param name="error">What to send, when the outcome is <see cref="FrameOutcome.Error"/>.</param>
    public static FrameOutcome Read(
        ReadOnlySpan<byte> octets, bool extendedMessages, out MessageHeader header, out NotificationMessage? error)
    {
        header = default;
        error = null;
        if (octets.Length < Size)
        {
            return FrameOutcome.Incomplete;
        }

        if (octets[..MarkerSize].ContainsAnyExcept(MarkerPart))
        {
            error = NotificationMessage.Of(HeaderError.ConnectionNotSynchronized);
            return FrameOutcome.Error;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(octets[MarkerSize..]);
        var type = (MessageType)octets[MarkerSize + 2];
        if (length < Size || length > (extendedMessages ? MaximumExtended : Maximum))
        {
            error = BadLength(octets);
            return FrameOutcome.Error;
        }

        if (type is < MessageType.Open or > MessageType.RouteRefresh)
        {
            error = NotificationMessage.Of(HeaderError.BadMessageType, [(byte)type]);
            return FrameOutcome.Error;
        }

        if (!IsPossible(type, length))
        {
            error = BadLength(octets);
            return FrameOutcome.Error;
        }

        header = new(type, length);
        return octets.Length < length ? FrameOutcome.Incomplete : FrameOutcome.Complete;
    }

    /// <summary>Takes the first of whole messages that stand one behind the other; their headers are not checked.</summary>
    /// <param name="messages">The messages; afterwards those behind the first.</param>
    /// <param name="type">Its type.</param>
    /// <param name="message">It, header included.</param>
    /// <returns>False when there is none left.</returns>
    public static bool TryTake(ref ReadOnlySpan<byte> messages, out MessageType type, out ReadOnlySpan<byte> message)
    {
        if (messages.Length < Size)
        {
            type = default;
            message = default;
            return false;
        }

        message = messages[..BinaryPrimitives.ReadUInt16BigEndian(messages[MarkerSize..])];
        type = (MessageType)message[MarkerSize + 2];
        messages = messages[message.Length..];
        return true;
    }

    /// <summary>Writes a header.</summary>
    /// <param name="destination">At least <see cref="Size"/> octets.</param>
    /// <param name="type">The type.</param>
    /// <param name="length">Octets of the whole message.</param>
    public static void Write(Span<byte> destination, MessageType type, int length)
    {
        destination[..MarkerSize].Fill(MarkerPart);
        BinaryPrimitives.WriteUInt16BigEndian(destination[MarkerSize..], checked((ushort)length));
        destination[MarkerSize + 2] = (byte)type;
    }

    /// <summary>A KEEPALIVE.</summary>
    public static byte[] Keepalive()
    {
        var message = new byte[KeepaliveSize];
        Write(message, MessageType.Keepalive, KeepaliveSize);
        return message;
    }

    // RFC 4271 §6.1 lists the shortest of each type; RFC 8654 §4 keeps OPEN and KEEPALIVE to 4,096.
    private static bool IsPossible(MessageType type, int length) => type switch
    {
        MessageType.Open => length is >= 29 and <= Maximum,
        MessageType.Update => length >= 23,
        MessageType.Notification => length >= 21,
        MessageType.Keepalive => length == KeepaliveSize,
        _ => length >= 23,
    };

    private static NotificationMessage BadLength(ReadOnlySpan<byte> octets) =>
        NotificationMessage.Of(HeaderError.BadMessageLength, octets.Slice(MarkerSize, 2));
}

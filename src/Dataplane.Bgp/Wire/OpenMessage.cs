using System.Buffers;
using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// OPEN (RFC 4271 §4.2) with capabilities (RFC 5492) and, beyond 255 octets of parameters, the extended form of RFC 9072.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------+-------------------------------+
/// |  version 4    |   my autonomous system        |
/// +---------------+---------------+---------------+
/// |       hold time (s)           |
/// +-------------------------------+-------------------------------+
/// |                       BGP identifier                          |
/// +---------------+-----------------------------------------------+
/// | params length |  type (1) | length (1) | value ...            |
/// +---------------+-----------------------------------------------+
/// RFC 9072: params length not 0, and first type 255
/// +---------------+---------------+-------------------------------+
/// |      255      |      255      |    extended params length     |
/// +---------------+---------------+---------------+---------------+
/// |  type (1) | length (2) | value ...
/// </code>
/// </summary>
public sealed record OpenMessage
{
    private const byte Version = 4;
    private const int FixedSize = 10;
    private const byte CapabilitiesParameter = 2;
    private const byte ExtendedLength = 255;

    /// <summary>The sender's AS number: from the four-octet capability if it is there.</summary>
    public required AsNumber As { get; init; }

    /// <summary>Proposed hold time in seconds: 0, or 3 and more.</summary>
    public required ushort HoldTime { get; init; }

    /// <summary>The BGP identifier, as a number of network order.</summary>
    public required uint RouterId { get; init; }

    /// <summary>The capabilities.</summary>
    public Capabilities Capabilities { get; init; } = Capabilities.None;

    /// <summary>
    /// Reads the message behind its header, and checks what can be checked without knowing the peer: version, identifier, hold time, AS 0.
    /// </summary>
    /// <returns>Null when it was read; else what to send.</returns>
    public static NotificationMessage? Decode(ReadOnlySpan<byte> body, out OpenMessage? message)
    {
        message = null;
        if (body.Length < FixedSize)
        {
            return NotificationMessage.Of(OpenError.Unspecific);
        }

        if (body[0] != Version)
        {
            return NotificationMessage.Of(OpenError.UnsupportedVersion, [0, Version]);
        }

        var holdTime = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        if (holdTime is 1 or 2)
        {
            return NotificationMessage.Of(OpenError.UnacceptableHoldTime);
        }

        var routerId = BinaryPrimitives.ReadUInt32BigEndian(body[5..]);
        if (routerId == 0)
        {
            return NotificationMessage.Of(OpenError.BadIdentifier);
        }

        Capabilities capabilities = Capabilities.None;
        if (ReadParameters(body[(FixedSize - 1)..], ref capabilities) is { } error)
        {
            return error;
        }

        AsNumber number = capabilities.FourOctetAs ?? new(BinaryPrimitives.ReadUInt16BigEndian(body[1..]));
        if (number.Value == 0)
        {
            return NotificationMessage.Of(OpenError.BadPeerAs); // RFC 7607 §2
        }

        message = new() { As = number, HoldTime = holdTime, RouterId = routerId, Capabilities = capabilities };
        return null;
    }

    /// <summary>The message with its header; all capabilities in one parameter.</summary>
    public byte[] Encode()
    {
        var capabilities = new ArrayBufferWriter<byte>();
        CapabilityCodec.Encode(Capabilities, capabilities);
        var length = capabilities.WrittenCount;
        byte[] parameters = length switch
        {
            0 => [0],
            <= byte.MaxValue - 2 => [(byte)(length + 2), CapabilitiesParameter, (byte)length],
            _ => [ExtendedLength, ExtendedLength, (byte)((length + 3) >> 8), (byte)(length + 3), CapabilitiesParameter, (byte)(length >> 8), (byte)length],
        };
        var message = new byte[MessageHeader.Size + FixedSize - 1 + parameters.Length + length];
        MessageHeader.Write(message, MessageType.Open, message.Length);
        Span<byte> body = message.AsSpan(MessageHeader.Size);
        body[0] = Version;
        BinaryPrimitives.WriteUInt16BigEndian(body[1..], As.IsTwoOctet ? (ushort)As.Value : AsNumber.Trans);
        BinaryPrimitives.WriteUInt16BigEndian(body[3..], HoldTime);
        BinaryPrimitives.WriteUInt32BigEndian(body[5..], RouterId);
        parameters.CopyTo(body[(FixedSize - 1)..]);
        capabilities.WrittenSpan.CopyTo(body[(FixedSize - 1 + parameters.Length)..]);
        return message;
    }

    /// <param name="octets">From the length of the parameters to the end of the message.</param>
    /// <param name="capabilities">Takes the capabilities.</param>
    private static NotificationMessage? ReadParameters(ReadOnlySpan<byte> octets, ref Capabilities capabilities)
    {
        int length = octets[0];
        ReadOnlySpan<byte> rest = octets[1..];
        var header = 2;
        if (length != 0 && rest.Length >= 3 && rest[0] == ExtendedLength)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
            rest = rest[3..];
            header = 3;
        }

        if (length != rest.Length)
        {
            return NotificationMessage.Of(OpenError.Unspecific);
        }

        while (!rest.IsEmpty)
        {
            if (rest.Length < header)
            {
                return NotificationMessage.Of(OpenError.Unspecific);
            }

            int size = header == 3 ? BinaryPrimitives.ReadUInt16BigEndian(rest[1..]) : rest[1];
            if (rest.Length < header + size)
            {
                return NotificationMessage.Of(OpenError.Unspecific);
            }

            if (rest[0] != CapabilitiesParameter)
            {
                return NotificationMessage.Of(OpenError.UnsupportedOptionalParameter);
            }

            if (!CapabilityCodec.TryDecode(rest.Slice(header, size), ref capabilities))
            {
                return NotificationMessage.Of(OpenError.Unspecific);
            }

            rest = rest[(header + size)..];
        }

        return null;
    }
}

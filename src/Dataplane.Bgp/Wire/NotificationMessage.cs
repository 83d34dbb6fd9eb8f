using System.Text;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// NOTIFICATION (RFC 4271 §4.5), with the texts of RFC 9003 and the hard reset of RFC 8538. Also what a decoder hands back as the reason to
/// end a session. Codes and subcodes are in Registry.cs.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------+---------------+-------------------------------+
/// |  error code   |    subcode    |  data ...                     |
/// +---------------+---------------+-------------------------------+
/// Cease / Administrative Shutdown or Reset (RFC 9003 §2): data is
/// +---------------+-----------------------------------------------+
/// | text length   |  text, UTF-8, 0–255 octets                    |
/// +---------------+-----------------------------------------------+
/// Cease / Hard Reset (RFC 8538 §3): data is
/// +---------------+---------------+-------------------------------+
/// |  error code   |    subcode    |  data of what it stands for   |
/// +---------------+---------------+-------------------------------+
/// </code>
/// </summary>
public sealed class NotificationMessage : IEquatable<NotificationMessage>
{
    private const int FixedSize = 2;

    /// <summary>A message of any code.</summary>
    public NotificationMessage(ErrorCode code, byte subcode, ReadOnlyMemory<byte> data = default)
    {
        Code = code;
        Subcode = subcode;
        Data = data;
    }

    /// <summary>The error code; also one that the enumeration does not name.</summary>
    public ErrorCode Code { get; }

    /// <summary>The subcode, to be read by <see cref="Code"/>.</summary>
    public byte Subcode { get; }

    /// <summary>The data.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Cease with a hard reset: the peer does not keep our routes although graceful restart was negotiated (RFC 8538).</summary>
    public bool IsHardReset => Is(CeaseReason.HardReset);

    /// <summary>What a hard reset stands for; null when this is none or its data is too short.</summary>
    public NotificationMessage? Encapsulated =>
        IsHardReset && Data.Length >= FixedSize ? new((ErrorCode)Data.Span[0], Data.Span[1], Data[FixedSize..]) : null;

    /// <summary>The shutdown text of RFC 9003; null when there is none or it does not fit. Octets that are not UTF-8 are replaced.</summary>
    public string? Text
    {
        get
        {
            if ((!Is(CeaseReason.AdministrativeShutdown) && !Is(CeaseReason.AdministrativeReset)) || Data.Length < 2)
            {
                return null;
            }

            int length = Data.Span[0];
            return length is > 0 && length <= Data.Length - 1 ? Encoding.UTF8.GetString(Data.Span.Slice(1, length)) : null;
        }
    }

    /// <summary>A header error.</summary>
    public static NotificationMessage Of(HeaderError subcode, ReadOnlySpan<byte> data = default) =>
        new(ErrorCode.MessageHeader, (byte)subcode, data.ToArray());

    /// <summary>An error of an OPEN.</summary>
    public static NotificationMessage Of(OpenError subcode, ReadOnlySpan<byte> data = default) =>
        new(ErrorCode.OpenMessage, (byte)subcode, data.ToArray());

    /// <summary>An error of an UPDATE.</summary>
    public static NotificationMessage Of(UpdateError subcode, ReadOnlySpan<byte> data = default) =>
        new(ErrorCode.UpdateMessage, (byte)subcode, data.ToArray());

    /// <summary>A message of a type that does not belong in the state (RFC 6608).</summary>
    public static NotificationMessage Of(FsmError subcode, MessageType unexpected) =>
        new(ErrorCode.FiniteStateMachine, (byte)subcode, new[] { (byte)unexpected });

    /// <summary>A cease.</summary>
    public static NotificationMessage Of(CeaseReason reason, ReadOnlySpan<byte> data = default) =>
        new(ErrorCode.Cease, (byte)reason, data.ToArray());

    /// <summary>An error of a ROUTE-REFRESH.</summary>
    public static NotificationMessage Of(RouteRefreshError subcode, ReadOnlySpan<byte> data = default) =>
        new(ErrorCode.RouteRefreshMessage, (byte)subcode, data.ToArray());

    /// <summary>
    /// An administrative shutdown or reset with a text for the operator on the other side (RFC 9003), cut at a character's end to 255 octets.
    /// </summary>
    public static NotificationMessage WithText(CeaseReason reason, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Of(reason);
        }

        Span<byte> data = stackalloc byte[1 + byte.MaxValue];
        Encoding.UTF8.GetEncoder().Convert(text, data[1..], flush: true, out _, out var written, out _);
        data[0] = (byte)written;
        return Of(reason, data[..(1 + written)]);
    }

    /// <summary>This notification as a hard reset (RFC 8538 §3).</summary>
    public NotificationMessage AsHardReset()
    {
        var data = new byte[FixedSize + Data.Length];
        data[0] = (byte)Code;
        data[1] = Subcode;
        Data.Span.CopyTo(data.AsSpan(FixedSize));
        return new(ErrorCode.Cease, (byte)CeaseReason.HardReset, data);
    }

    /// <summary>Reads the message behind its header.</summary>
    /// <returns>False when it is shorter than its two fixed octets.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> body, out NotificationMessage message)
    {
        var whole = body.Length >= FixedSize;
        message = whole ? new((ErrorCode)body[0], body[1], body[FixedSize..].ToArray()) : Of(HeaderError.BadMessageLength);
        return whole;
    }

    /// <summary>The message with its header; data is cut so that it fits 4,096 octets.</summary>
    public byte[] Encode()
    {
        var data = Data.Span[..Math.Min(Data.Length, MessageHeader.Maximum - MessageHeader.Size - FixedSize)];
        var message = new byte[MessageHeader.Size + FixedSize + data.Length];
        MessageHeader.Write(message, MessageType.Notification, message.Length);
        message[MessageHeader.Size] = (byte)Code;
        message[MessageHeader.Size + 1] = Subcode;
        data.CopyTo(message.AsSpan(MessageHeader.Size + FixedSize));
        return message;
    }

    /// <summary>Whether this is a cease for a reason.</summary>
    public bool Is(CeaseReason reason) => Code == ErrorCode.Cease && Subcode == (byte)reason;

    /// <inheritdoc/>
    public bool Equals(NotificationMessage? other) =>
        other is not null && Code == other.Code && Subcode == other.Subcode && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NotificationMessage);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Code, Subcode, Data.Length);

    /// <summary>Code, subcode by name where it has one, and the text or the number of octets of data.</summary>
    public override string ToString()
    {
        var reason = Code switch
        {
            ErrorCode.MessageHeader => ((HeaderError)Subcode).ToString(),
            ErrorCode.OpenMessage => ((OpenError)Subcode).ToString(),
            ErrorCode.UpdateMessage => ((UpdateError)Subcode).ToString(),
            ErrorCode.FiniteStateMachine => ((FsmError)Subcode).ToString(),
            ErrorCode.Cease => ((CeaseReason)Subcode).ToString(),
            ErrorCode.RouteRefreshMessage => ((RouteRefreshError)Subcode).ToString(),
            _ => Subcode.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        var more = Encapsulated is { } inner ? $" ({inner})" : Text is { } text ? $" \"{text}\"" : Data.IsEmpty ? "" : $" ({Data.Length} octets)";
        return $"{Code}/{reason}{more}";
    }
}

using System.Buffers;
using System.Buffers.Binary;
using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Transport;

/// <summary>
/// Whole messages in the order in which they came, and what followed the last one if the connection cannot go on: an error of a header, or its
/// end. The reader of a connection makes them; the routing thread reads the messages and releases the batch.
/// </summary>
public sealed class ReceivedBatch
{
    private readonly BgpConnection _connection;
    private byte[] _octets;
    private readonly int _length;
    private int _at;

    internal ReceivedBatch(BgpConnection connection, byte[] octets, int length)
    {
        _connection = connection;
        _octets = octets;
        _length = length;
    }

    /// <summary>What to answer to a header that is wrong, after the messages; null: no header was.</summary>
    public NotificationMessage? Error { get; internal init; }

    /// <summary>Whether nothing more will come, after the messages.</summary>
    public bool IsEnd { get; internal init; }

    /// <summary>What ended it; null when the peer closed the connection in order.</summary>
    public Exception? Failure { get; internal init; }

    /// <summary>When it was read; a time of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long ReceivedAt { get; internal init; }

    internal int Capacity => _octets.Length;

    /// <summary>Goes on to the next message.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="message">The whole message, header included; valid until the release.</param>
    /// <returns>False when there is none left.</returns>
    public bool TryNext(out MessageType type, out ReadOnlySpan<byte> message)
    {
        if (_at >= _length)
        {
            type = default;
            message = default;
            return false;
        }

        int size = BinaryPrimitives.ReadUInt16BigEndian(_octets.AsSpan(_at + MessageHeader.Size - 3));
        message = _octets.AsSpan(_at, size);
        type = (MessageType)message[MessageHeader.Size - 1];
        _at += size;
        return true;
    }

    /// <summary>Gives the octets back, and their room to the reader. Once.</summary>
    public void Release()
    {
        var octets = _octets;
        _octets = [];
        _at = _length;
        if (octets.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(octets);
            _connection.Consumed(octets.Length);
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>
/// Writes BMP messages (RFC 7854 §4). Each begins with
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------+
/// |  version 3    |
/// +---------------+-----------------------------------------------+
/// |  length of the message, this header included                  |
/// +---------------+-----------------------------------------------+
/// |  type         |
/// +---------------+
/// </code>
/// </summary>
internal static class BmpWriter
{
    public const int HeaderSize = 6;

    private const byte Version = 3;
    private const int MaximumText = 4096;

    /// <summary>Initiation: what we are (§4.3).</summary>
    public static void WriteInitiation(IBufferWriter<byte> to, string systemName, string systemDescription)
    {
        byte[] name = Text(systemName), description = Text(systemDescription);
        Span<byte> body = Begin(to, BmpMessageType.Initiation, 8 + name.Length + description.Length);
        WriteInformation(ref body, BmpInformation.SystemDescription, description);
        WriteInformation(ref body, BmpInformation.SystemName, name);
    }

    /// <summary>Termination: the session ends (§4.5).</summary>
    public static void WriteTermination(IBufferWriter<byte> to, BmpTermination reason)
    {
        Span<byte> body = Begin(to, BmpMessageType.Termination, 6);
        WriteInformation(ref body, BmpInformation.TerminationReason, [(byte)((int)reason >> 8), (byte)reason]);
    }

    /// <summary>Peer up (§4.10): a session is established.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="localAddress">Our end.</param>
    /// <param name="localPort">Our port.</param>
    /// <param name="remotePort">The peer's port.</param>
    /// <param name="sentOpen">The OPEN that we sent, with its header.</param>
    /// <param name="receivedOpen">The OPEN that we received, with its header.</param>
    /// <param name="tableName">Only for the Loc-RIB: the name of the table (RFC 9069 §5.2.1).</param>
    public static void WritePeerUp(
        IBufferWriter<byte> to,
        in BmpPeerHeader peer,
        IpAddress localAddress,
        ushort localPort,
        ushort remotePort,
        ReadOnlySpan<byte> sentOpen,
        ReadOnlySpan<byte> receivedOpen,
        string? tableName = null)
    {
        byte[]? name = tableName is null ? null : Text(tableName);
        var size = BmpPeerHeader.Size + 20 + sentOpen.Length + receivedOpen.Length + (name is null ? 0 : 4 + name.Length);
        Span<byte> body = Begin(to, BmpMessageType.PeerUp, size);
        peer.Write(body);
        body = body[BmpPeerHeader.Size..];
        body[..16].Clear();
        localAddress.CopyTo(body[(16 - localAddress.Size)..]);
        BinaryPrimitives.WriteUInt16BigEndian(body[16..], localPort);
        BinaryPrimitives.WriteUInt16BigEndian(body[18..], remotePort);
        body = body[20..];
        Put(ref body, sentOpen);
        Put(ref body, receivedOpen);
        if (name is not null)
        {
            WriteInformation(ref body, BmpInformation.TableName, name);
        }
    }

    /// <summary>Peer down (§4.9).</summary>
    /// <param name="to">Where to.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="reason">Why.</param>
    /// <param name="data">As the reason asks for: a NOTIFICATION with its header, the code of an event, or nothing.</param>
    public static void WritePeerDown(IBufferWriter<byte> to, in BmpPeerHeader peer, BmpPeerDownReason reason, ReadOnlySpan<byte> data)
    {
        Span<byte> body = Begin(to, BmpMessageType.PeerDown, BmpPeerHeader.Size + 1 + data.Length);
        peer.Write(body);
        body[BmpPeerHeader.Size] = (byte)reason;
        data.CopyTo(body[(BmpPeerHeader.Size + 1)..]);
    }

    /// <summary>Peer down of the Loc-RIB (RFC 9069 §5.3): its name is the data.</summary>
    public static void WriteLocRibDown(IBufferWriter<byte> to, in BmpPeerHeader peer, string tableName)
    {
        byte[] name = Text(tableName);
        Span<byte> data = stackalloc byte[4 + MaximumText];
        Span<byte> rest = data;
        WriteInformation(ref rest, BmpInformation.TableName, name);
        WritePeerDown(to, peer, BmpPeerDownReason.LocalSystemClosed, data[..(4 + name.Length)]);
    }

    /// <summary>Route monitoring (§4.6): one whole UPDATE.</summary>
    public static void WriteRouteMonitoring(IBufferWriter<byte> to, in BmpPeerHeader peer, ReadOnlySpan<byte> update)
    {
        Span<byte> body = Begin(to, BmpMessageType.RouteMonitoring, BmpPeerHeader.Size + update.Length);
        peer.Write(body);
        update.CopyTo(body[BmpPeerHeader.Size..]);
    }

    /// <summary>Statistics (§4.8).</summary>
    public static void WriteStatistics(IBufferWriter<byte> to, in BmpPeerHeader peer, BmpStatistics statistics)
    {
        ReadOnlySpan<byte> values = statistics.Octets;
        Span<byte> body = Begin(to, BmpMessageType.StatisticsReport, BmpPeerHeader.Size + 4 + values.Length);
        peer.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(body[BmpPeerHeader.Size..], (uint)statistics.Count);
        values.CopyTo(body[(BmpPeerHeader.Size + 4)..]);
    }

    private static Span<byte> Begin(IBufferWriter<byte> to, BmpMessageType type, int bodySize)
    {
        var size = HeaderSize + bodySize;
        Span<byte> message = to.GetSpan(size)[..size];
        message[0] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(message[1..], (uint)size);
        message[5] = (byte)type;
        to.Advance(size);
        return message[HeaderSize..];
    }

    private static void WriteInformation(ref Span<byte> to, BmpInformation type, scoped ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)value.Length);
        to = to[4..];
        Put(ref to, value);
    }

    private static void Put(ref Span<byte> to, scoped ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(to);
        to = to[octets.Length..];
    }

    private static byte[] Text(string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        return octets.Length <= MaximumText ? octets : octets[..MaximumText];
    }
}

/// <summary>The values of a statistics report, in the order in which they were added.</summary>
internal sealed class BmpStatistics
{
    private readonly ArrayBufferWriter<byte> _octets = new();

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<byte> Octets => _octets.WrittenSpan;

    /// <summary>Adds a counter; it wraps at 32 bits.</summary>
    public void AddCounter(BmpStatistic type, long value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Add(type, 4), (uint)value);
        _octets.Advance(8);
    }

    /// <summary>Adds a gauge.</summary>
    public void AddGauge(BmpStatistic type, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(Add(type, 8), value);
        _octets.Advance(12);
    }

    /// <summary>Adds a gauge of one family.</summary>
    public void AddGauge(BmpStatistic type, RouteFamily family, long value)
    {
        Span<byte> place = Add(type, 11);
        BinaryPrimitives.WriteUInt16BigEndian(place, family.Afi);
        place[2] = family.Safi;
        BinaryPrimitives.WriteInt64BigEndian(place[3..], value);
        _octets.Advance(15);
    }

    /// <summary>Adds a gauge of all families together, and one of each.</summary>
    public void AddGauges(BmpStatistic all, BmpStatistic ofFamily, ReadOnlySpan<(RouteFamily Family, long Value)> families)
    {
        var sum = 0L;
        foreach ((_, var value) in families)
        {
            sum += value;
        }

        AddGauge(all, sum);
        foreach ((RouteFamily family, var value) in families)
        {
            AddGauge(ofFamily, family, value);
        }
    }

    private Span<byte> Add(BmpStatistic type, ushort size)
    {
        Span<byte> place = _octets.GetSpan(4 + size);
        BinaryPrimitives.WriteUInt16BigEndian(place, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(place[2..], size);
        Count++;
        return place[4..];
    }
}

using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>
/// The per-peer header (RFC 7854 §4.2): whose routes a message is about.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------+---------------+
/// |   peer type   |  flags        |
/// +---------------+---------------+-------------------------------+
/// |         peer distinguisher (8 octets, zero here)              |
/// +---------------------------------------------------------------+
/// |         peer address (16 octets; IPv4 in the last four)       |
/// +---------------------------------------------------------------+
/// |         peer AS                                               |
/// +---------------------------------------------------------------+
/// |         peer BGP identifier                                   |
/// +---------------------------------------------------------------+
/// |         time: seconds, then microseconds; zero: unknown       |
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
/// <param name="Type">A peer, or the Loc-RIB.</param>
/// <param name="Flags">Which of its tables; the address family's bit is set when the header is written.</param>
/// <param name="Address">The peer's address; 0.0.0.0 for the Loc-RIB.</param>
/// <param name="As">Its AS.</param>
/// <param name="RouterId">Its BGP identifier.</param>
/// <param name="Time">When what is told happened.</param>
internal readonly record struct BmpPeerHeader(
    BmpPeerType Type, BmpPeerFlags Flags, IpAddress Address, AsNumber As, uint RouterId, DateTimeOffset? Time)
{
    public const int Size = 42;

    private const int AddressAt = 10;

    public void Write(Span<byte> to)
    {
        to = to[..Size];
        to.Clear();
        to[0] = (byte)Type;
        to[1] = (byte)(Address.IsV6 ? Flags | BmpPeerFlags.Ipv6 : Flags);
        Address.CopyTo(to[(AddressAt + Ipv6Address.Size - Address.Size)..]);
        BinaryPrimitives.WriteUInt32BigEndian(to[26..], As.Value);
        BinaryPrimitives.WriteUInt32BigEndian(to[30..], RouterId);
        if (Time is { } time)
        {
            var microseconds = (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
            BinaryPrimitives.WriteUInt32BigEndian(to[34..], (uint)(microseconds / 1_000_000));
            BinaryPrimitives.WriteUInt32BigEndian(to[38..], (uint)(microseconds % 1_000_000));
        }
    }
}

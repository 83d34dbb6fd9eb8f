using System.Buffers.Binary;

namespace Dataplane.Golden;

/// <summary>
/// The UDP source port of MPLS-in-UDP (RFC 7510 section 3) carries flow entropy; how the flow is hashed is the forwarder's
/// own business. The cases hold a placeholder there, and this finds and replaces it.
/// </summary>
internal static class EntropyPort
{
    public const int Lowest = 49152;
    private const ushort MplsInUdp = 6635;

    /// <summary>Offset of the outer UDP header of an untagged MPLS-in-UDP frame, or -1.</summary>
    public static int UdpOffset(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 14 + 20 + 8)
        {
            return -1;
        }
        var (protocol, udp) = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) switch
        {
            0x0800 => (frame[14 + 9], 14 + ((frame[14] & 15) * 4)),
            0x86DD => (frame[14 + 6], 14 + 40),
            _ => (0, 0),
        };
        return protocol == 17 && frame.Length >= udp + 8 && BinaryPrimitives.ReadUInt16BigEndian(frame[(udp + 2)..]) == MplsInUdp ? udp : -1;
    }

    public static ushort Read(ReadOnlySpan<byte> frame, int udp) => BinaryPrimitives.ReadUInt16BigEndian(frame[udp..]);

    /// <summary>
    /// The frame with another source port. A checksum that is in use is brought in step (RFC 1624), so that it stays as
    /// good or as wrong as it was.
    /// </summary>
    public static byte[] WithPort(ReadOnlySpan<byte> frame, int udp, ushort port)
    {
        var changed = frame.ToArray();
        var old = Read(frame, udp);
        BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(udp), port);
        var checksum = BinaryPrimitives.ReadUInt16BigEndian(frame[(udp + 6)..]);
        if (checksum != 0)
        {
            var sum = (uint)(ushort)~checksum + (ushort)~old + port;
            sum = (sum & 0xFFFF) + (sum >> 16);
            sum = (sum & 0xFFFF) + (sum >> 16);
            var updated = (ushort)~sum;
            BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(udp + 6), updated == 0 ? (ushort)0xFFFF : updated);
        }
        return changed;
    }
}

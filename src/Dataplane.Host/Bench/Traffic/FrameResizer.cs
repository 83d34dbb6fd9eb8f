using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Host.Bench.Traffic;

/// <summary>Makes a captured frame longer or shorter at its payload, with all lengths and checksums right again.</summary>
internal static class FrameResizer
{
    /// <summary>Rebuilds a frame with another size.</summary>
    /// <param name="frame">The captured frame.</param>
    /// <param name="layout">Where its parts are.</param>
    /// <param name="octets">Octets of the new frame without FCS; at least <see cref="FrameLayout.Payload"/>.</param>
    /// <returns>The new frame; payload that was not captured counts up from zero.</returns>
    public static byte[] Resize(ReadOnlySpan<byte> frame, FrameLayout layout, int octets)
    {
        byte[] result = new byte[octets];
        int kept = Math.Min(layout.End, octets);
        frame[..kept].CopyTo(result);
        for (int i = kept; i < octets; i++)
            result[i] = (byte)(i - kept);
        int grown = octets - layout.End;
        foreach (int ip in layout.IpOffsets)
            SetIpLength(result, ip, grown);
        if (layout.Protocol == IpProtocol.Udp)
            Add16(result, layout.Transport + 4, grown);
        if (layout.ChecksumAt >= 0 && !HasNoChecksum(layout, frame))
            SetTransportChecksum(result, layout);
        if (layout.TunnelUdp >= 0)
        {
            Add16(result, layout.TunnelUdp + 4, grown);
            if (Read16(frame, layout.TunnelUdp + 6) != 0)
                SetChecksum(result, layout.IpOffsets[0], layout.TunnelUdp, IpProtocol.Udp, layout.TunnelUdp + 6, octets);
        }
        return result;
    }

    /// <summary>Computes the checksum of the innermost transport anew. ICMPv4 has no pseudo-header.</summary>
    public static void SetTransportChecksum(Span<byte> frame, FrameLayout layout) =>
        SetChecksum(frame, layout.InnermostIp, layout.Transport, layout.Protocol, layout.ChecksumAt, frame.Length);

    /// <summary>Whether the frame has a UDP checksum of zero, which stays so.</summary>
    public static bool HasNoChecksum(FrameLayout layout, ReadOnlySpan<byte> frame) =>
        layout.Protocol == IpProtocol.Udp && Read16(frame, layout.ChecksumAt) == 0;

    private static void SetChecksum(Span<byte> frame, int ip, int transport, byte protocol, int checksumAt, int end)
    {
        BinaryPrimitives.WriteUInt16BigEndian(frame[checksumAt..], 0);
        int length = end - transport;
        uint seed = protocol == IpProtocol.Icmp ? 0
            : frame[ip] >> 4 == 4
                ? InternetChecksum.Sum(frame.Slice(ip + 12, 8), (uint)(protocol + length))
                : InternetChecksum.Sum(frame.Slice(ip + 8, 32), (uint)(protocol + length));
        ushort checksum = InternetChecksum.Compute(frame[transport..end], seed);
        BinaryPrimitives.WriteUInt16BigEndian(frame[checksumAt..], protocol == IpProtocol.Udp && checksum == 0 ? (ushort)0xFFFF : checksum);
    }

    private static void SetIpLength(Span<byte> frame, int ip, int grown)
    {
        if (frame[ip] >> 4 == 6)
        {
            Add16(frame, ip + 4, grown);
            return;
        }
        Add16(frame, ip + 2, grown);
        BinaryPrimitives.WriteUInt16BigEndian(frame[(ip + 10)..], 0);
        ushort checksum = InternetChecksum.Compute(frame.Slice(ip, (frame[ip] & 15) * 4));
        BinaryPrimitives.WriteUInt16BigEndian(frame[(ip + 10)..], checksum);
    }

    private static void Add16(Span<byte> frame, int at, int value) =>
        BinaryPrimitives.WriteUInt16BigEndian(frame[at..], (ushort)(Read16(frame, at) + value));

    private static ushort Read16(ReadOnlySpan<byte> frame, int at) => BinaryPrimitives.ReadUInt16BigEndian(frame[at..]);
}

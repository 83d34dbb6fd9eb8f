using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Host.Bench.Traffic;

/// <summary>
/// Where the parts of a tenant's or an underlay's frame are: tags, IP headers from outside to inside (through GRE, UDP and
/// MPLS: RFC 4023, 7510), transport header, payload. Offsets are octets from the start of the frame.
/// </summary>
internal sealed class FrameLayout
{
    private const ushort MplsInUdpPort = 6635;
    private const byte Icmp6 = IpProtocol.Icmpv6;
    private readonly List<int> _ipOffsets = [];

    private FrameLayout()
    {
    }

    /// <summary>Starts of the IP headers, outermost first.</summary>
    public IReadOnlyList<int> IpOffsets => _ipOffsets;

    /// <summary>Start of the UDP header that carries MPLS; -1 when there is none.</summary>
    public int TunnelUdp { get; private set; } = -1;

    /// <summary>Start of the innermost transport header.</summary>
    public int Transport { get; private set; }

    /// <summary>Its protocol.</summary>
    public byte Protocol { get; private set; }

    /// <summary>Start of the payload behind it.</summary>
    public int Payload { get; private set; }

    /// <summary>End of the innermost IP packet; Ethernet padding may follow.</summary>
    public int End { get; private set; }

    /// <summary>Offset of the transport's checksum; -1 for protocols that the bench does not know.</summary>
    public int ChecksumAt { get; private set; } = -1;

    /// <summary>Start of the innermost IP header.</summary>
    public int InnermostIp => _ipOffsets[^1];

    /// <summary>Reads a frame.</summary>
    /// <returns>Null when it is not IP, is malformed, a fragment, or holds a GRE checksum: nothing the bench can change.</returns>
    public static FrameLayout? TryParse(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < HeaderSize.Ethernet)
            return null;
        int at = 12;
        ushort type = Read16(frame, at);
        while (type is EtherType.Vlan or EtherType.QinQ && frame.Length >= at + HeaderSize.Vlan + 2)
        {
            at += HeaderSize.Vlan;
            type = Read16(frame, at);
        }
        if (type is not (EtherType.Ipv4 or EtherType.Ipv6))
            return null;
        var layout = new FrameLayout();
        return layout.ReadIp(frame, at + 2, frame.Length) ? layout : null;
    }

    private static ushort Read16(ReadOnlySpan<byte> frame, int at) => BinaryPrimitives.ReadUInt16BigEndian(frame[at..]);

    private bool ReadIp(ReadOnlySpan<byte> frame, int at, int limit)
    {
        if (limit - at < HeaderSize.Ipv4)
            return false;
        _ipOffsets.Add(at);
        int version = frame[at] >> 4;
        if (version == 4)
        {
            int header = (frame[at] & 15) * 4;
            int end = at + Read16(frame, at + 2);
            bool fragment = (Read16(frame, at + 6) & 0x3FFF) != 0;
            return header >= HeaderSize.Ipv4 && end <= limit && at + header <= end && !fragment
                && ReadProtocol(frame, frame[at + 9], at + header, end);
        }
        if (version != 6 || limit - at < HeaderSize.Ipv6)
            return false;
        int end6 = at + HeaderSize.Ipv6 + Read16(frame, at + 4);
        if (end6 > limit)
            return false;
        byte next = frame[at + 6];
        at += HeaderSize.Ipv6;
        while (next is IpProtocol.HopByHop or IpProtocol.Routing or IpProtocol.DestinationOptions)
        {
            if (end6 - at < 8)
                return false;
            next = frame[at];
            at += (frame[at + 1] + 1) * 8;
        }
        return at <= end6 && ReadProtocol(frame, next, at, end6);
    }

    private bool ReadProtocol(ReadOnlySpan<byte> frame, byte protocol, int at, int end)
    {
        bool outermost = _ipOffsets.Count == 1;
        if (outermost && protocol == IpProtocol.MplsInIp)
            return ReadLabels(frame, at, end);
        if (outermost && protocol == IpProtocol.Gre && end - at >= HeaderSize.Gre && Read16(frame, at + 2) == EtherType.Mpls)
        {
            const ushort Checksum = 0x8000, Key = 0x2000, Sequence = 0x1000;
            ushort flags = Read16(frame, at);
            int header = HeaderSize.Gre + ((flags & Key) != 0 ? 4 : 0) + ((flags & Sequence) != 0 ? 4 : 0);
            return (flags & Checksum) == 0 && ReadLabels(frame, at + header, end);
        }
        if (outermost && protocol == IpProtocol.Udp && end - at >= HeaderSize.Udp && Read16(frame, at + 2) == MplsInUdpPort)
        {
            TunnelUdp = at;
            return ReadLabels(frame, at + HeaderSize.Udp, end);
        }
        return ReadTransport(frame, protocol, at, end);
    }

    private bool ReadLabels(ReadOnlySpan<byte> frame, int at, int end)
    {
        bool bottom = false;
        while (!bottom)
        {
            if (end - at < HeaderSize.Mpls)
                return false;
            bottom = (frame[at + 2] & 1) != 0;
            at += HeaderSize.Mpls;
        }
        return ReadIp(frame, at, end);
    }

    private bool ReadTransport(ReadOnlySpan<byte> frame, byte protocol, int at, int end)
    {
        int left = end - at;
        (int header, int checksum) = protocol switch
        {
            IpProtocol.Udp when left >= HeaderSize.Udp => (HeaderSize.Udp, 6),
            IpProtocol.Tcp when left >= HeaderSize.Tcp => ((frame[at + 12] >> 4) * 4, 16),
            IpProtocol.Icmp or Icmp6 when left >= HeaderSize.Icmp => (HeaderSize.Icmp, 2),
            IpProtocol.Udp or IpProtocol.Tcp or IpProtocol.Icmp or Icmp6 => (-1, -1),
            _ => (0, -1),
        };
        // A UDP length of its own, shorter than IP's, belongs to no frame that could be lengthened.
        if (header < 0 || header > left || (protocol == IpProtocol.Udp && Read16(frame, at + 4) != left))
            return false;
        (Protocol, Transport, Payload, End) = (protocol, at, at + header, end);
        ChecksumAt = checksum < 0 ? -1 : at + checksum;
        return true;
    }
}

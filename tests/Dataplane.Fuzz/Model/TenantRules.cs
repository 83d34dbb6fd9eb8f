using System.Buffers.Binary;
using Dataplane.Forwarding;
using Dataplane.Fuzz.Frames;
using Dataplane.Net;

namespace Dataplane.Fuzz.Model;

/// <summary>The rules for IP headers, one question each, on packets as octets.</summary>
internal static class TenantRules
{
    /// <summary>Version, header length, lengths beyond the frame, header checksum.</summary>
    internal static DropReason Header(ReadOnlySpan<byte> data, int version, out int length)
    {
        length = 0;
        if (version == 6)
        {
            if (data.Length < 40 || data[0] >> 4 != 6)
                return DropReason.BadIpHeader;
            length = 40 + BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
            // What does not fit 16 bits with its header is no packet of ours.
            return length > data.Length || length > ushort.MaxValue ? DropReason.BadIpHeader : DropReason.None;
        }
        if (data.Length < 20 || data[0] >> 4 != 4)
            return DropReason.BadIpHeader;
        int header = (data[0] & 15) * 4;
        length = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
        if (header < 20 || length < header || length > data.Length)
            return DropReason.BadIpHeader;
        return Checksum.Sum(data[..header]) == 0xFFFF ? DropReason.None : DropReason.BadChecksum;
    }

    /// <summary>0/8, 127/8, 224/4 and above; ::, ::1, ff00::/8.</summary>
    internal static bool IsMartianSource(IpAddress source) => source.Family == AddressFamily.Ipv4
        ? source.V4.Value >> 24 is 0 or 127 or >= 224
        : source.V6.High >> 56 == 0xFF || (source.V6.High == 0 && source.V6.Low <= 1);

    /// <summary>0/8, 127/8, 240/4 without the limited broadcast; ::, ::1.</summary>
    internal static bool IsMartianDestination(IpAddress destination) => destination.Family == AddressFamily.Ipv4
        ? destination.V4.Value != uint.MaxValue && destination.V4.Value >> 24 is 0 or 127 or >= 240
        : destination.V6.High == 0 && destination.V6.Low <= 1;

    internal static bool IsMulticast(IpAddress destination) => destination.Family == AddressFamily.Ipv4
        ? destination.V4.Value >> 28 == 14 || destination.V4.Value == uint.MaxValue
        : destination.V6.High >> 56 == 0xFF;

    internal static bool IsLinkLocal(IpAddress address) => address.Family == AddressFamily.Ipv4
        ? address.V4.Value >> 16 == 0xA9FE
        : address.V6.High >> 54 == 0x3FA;

    /// <summary>LSRR or SSRR among the options, or a routing header of type 0 before the upper layer.</summary>
    internal static bool IsSourceRouted(ReadOnlySpan<byte> packet)
    {
        if (packet[0] >> 4 == 6)
            return HasRoutingHeader0(packet);
        ReadOnlySpan<byte> options = packet[20..((packet[0] & 15) * 4)];
        while (!options.IsEmpty && options[0] != 0)
        {
            if (options[0] is 131 or 137)
                return true;
            int step = options[0] == 1 ? 1 : options.Length < 2 || options[1] < 2 ? options.Length : options[1];
            options = options[Math.Min(step, options.Length)..];
        }
        return false;
    }

    /// <summary>ICMPv6 133 to 137 right behind the IPv6 header.</summary>
    internal static bool IsNeighborDiscovery(ReadOnlySpan<byte> packet) =>
        packet[6] == 58 && packet.Length > 40 && packet[40] is >= 133 and <= 137;

    private static bool HasRoutingHeader0(ReadOnlySpan<byte> packet)
    {
        byte next = packet[6];
        ReadOnlySpan<byte> rest = packet[40..];
        while (next is 0 or 43 or 60 && rest.Length >= 8)
        {
            if (next == 43 && rest[2] == 0)
                return true;
            next = rest[0];
            rest = rest[Math.Min(rest.Length, 8 * (rest[1] + 1))..];
        }
        return false;
    }
}

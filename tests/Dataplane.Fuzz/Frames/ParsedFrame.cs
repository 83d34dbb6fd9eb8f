using System.Buffers.Binary;

namespace Dataplane.Fuzz.Frames;

/// <summary>
/// A frame taken apart by a reader that knows nothing of how it was made: Ethernet, tags, and where the type says so a
/// tunnel. Anything that is not as it must be is an error in words.
/// </summary>
internal sealed class ParsedFrame
{
    private const int Mpls = 0x8847;

    private ParsedFrame(byte[] frame) => Frame = frame;

    internal byte[] Frame { get; }

    /// <summary>VLAN ids, the outermost first.</summary>
    internal List<ushort> Tags { get; } = [];

    /// <summary>The packet behind the Ethernet header.</summary>
    internal byte[] Packet { get; private set; } = [];

    /// <summary>The label under which a packet is carried, or null when there is no tunnel.</summary>
    internal uint? Label { get; private set; }

    /// <summary>The packet carried.</summary>
    internal byte[] Inner { get; private set; } = [];

    /// <summary>Reads a frame with an IP packet in it that fills the frame.</summary>
    /// <exception cref="FormatException">Something is wrong with it.</exception>
    internal static ParsedFrame Delivered(byte[] frame)
    {
        ParsedFrame parsed = Read(frame);
        RequireIp(parsed.Packet, "delivered packet");
        return parsed;
    }

    /// <summary>Reads a frame with a tunnel packet in it, and in that a labelled IP packet.</summary>
    /// <exception cref="FormatException">Something is wrong with it.</exception>
    internal static ParsedFrame Tunnelled(byte[] frame)
    {
        ParsedFrame parsed = Read(frame);
        Require(parsed.Tags.Count == 0, "a tag on the core");
        byte[] outer = parsed.Packet;
        RequireIp(outer, "outer packet");
        bool v6 = outer[0] >> 4 == 6;
        Require(v6 || outer[0] == 0x45, "outer options");
        Require(v6 || (Word(outer, 6) == 0x4000 && Word(outer, 4) == 0), "outer DF or identification");
        Require((outer[v6 ? 7 : 8]) != 0, "outer TTL");
        byte[] payload = outer[(v6 ? 40 : 20)..];
        byte[] stack = outer[v6 ? 6 : 9] switch
        {
            47 => Gre(payload),
            17 => Udp(payload, v6 ? outer[8..40] : outer[12..20], v6),
            137 => payload,
            byte other => throw new FormatException($"outer protocol {other}"),
        };
        Require(stack.Length >= 4, "no label");
        uint entry = BinaryPrimitives.ReadUInt32BigEndian(stack);
        Require((entry & 0x100) != 0, "label not at the bottom");
        Require((entry & 0xFF) != 0, "label TTL");
        Require(entry >> 12 >= 16, "reserved label");
        parsed.Label = entry >> 12;
        parsed.Inner = stack[4..];
        RequireIp(parsed.Inner, "inner packet");
        return parsed;
    }

    private static ParsedFrame Read(byte[] frame)
    {
        Require(frame.Length >= 14, "short frame");
        Require((frame[6] & 1) == 0, "source MAC is a group");
        var parsed = new ParsedFrame(frame);
        int at = 12;
        while (Word(frame, at) is 0x8100 or 0x88A8)
        {
            Require(frame.Length >= at + 6, "frame ends in a tag");
            parsed.Tags.Add((ushort)(Word(frame, at + 2) & 0xFFF));
            at += 4;
        }
        parsed.Packet = frame[(at + 2)..];
        int version = parsed.Packet.Length == 0 ? 0 : parsed.Packet[0] >> 4;
        Require(Word(frame, at) == (version == 6 ? 0x86DD : 0x0800), "EtherType and version differ");
        return parsed;
    }

    private static byte[] Gre(byte[] payload)
    {
        Require(payload.Length >= 4 && Word(payload, 0) == 0 && Word(payload, 2) == Mpls, "GRE header");
        return payload[4..];
    }

    private static byte[] Udp(byte[] payload, byte[] addresses, bool v6)
    {
        Require(payload.Length >= 8 && Word(payload, 2) == 6635, "UDP header");
        Require(Word(payload, 0) >= 0xC000, "UDP source port");
        Require(Word(payload, 4) == payload.Length, "UDP length");
        Require(v6 || Word(payload, 6) == 0, "UDP checksum over IPv4");
        Require(Word(payload, 6) == 0 || Checksum.Sum(payload, Checksum.Pseudo(addresses, 17, payload.Length)) == 0xFFFF, "UDP checksum");
        return payload[8..];
    }

    private static void RequireIp(byte[] packet, string what)
    {
        if (packet.Length > 0 && packet[0] >> 4 == 6)
        {
            Require(packet.Length >= 40 && Word(packet, 4) == packet.Length - 40, $"{what}: IPv6 length");
            return;
        }
        Require(packet.Length >= 20 && packet[0] >> 4 == 4, $"{what}: version");
        int header = (packet[0] & 15) * 4;
        Require(header >= 20 && header <= packet.Length && Word(packet, 2) == packet.Length, $"{what}: IPv4 length");
        Require(Checksum.Sum(packet.AsSpan(0, header)) == 0xFFFF, $"{what}: header checksum");
    }

    private static int Word(byte[] data, int at) => BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(at));

    private static void Require(bool condition, string what)
    {
        if (!condition)
            throw new FormatException(what);
    }
}

using System.Buffers.Binary;
using System.Net;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>
/// Messages put together octet by octet, for tests that must be able to send anything. It shares nothing with the code under
/// test, on purpose.
/// </summary>
public static class BgpBytes
{
    public const byte Open = 1;
    public const byte Update = 2;
    public const byte Notification = 3;
    public const byte Keepalive = 4;
    public const byte RouteRefresh = 5;
    public const int HeaderLength = 19;

    /// <summary>A whole message.</summary>
    public static byte[] Message(byte type, params byte[] body)
    {
        byte[] message = new byte[HeaderLength + body.Length];
        message.AsSpan(0, 16).Fill(0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(16), checked((ushort)message.Length));
        message[18] = type;
        body.CopyTo(message, HeaderLength);
        return message;
    }

    /// <summary>An OPEN message with one optional parameter per capability.</summary>
    public static byte[] OpenMessage(uint autonomousSystem, ushort holdTime, string routerId, params IEnumerable<byte[]> capabilities) =>
        Message(Open, [4, .. U16((ushort)Math.Min(autonomousSystem, 23456)), .. U16(holdTime), .. IPAddress.Parse(routerId).GetAddressBytes(),
            .. Parameters([.. capabilities.SelectMany(capability => (byte[])[2, (byte)capability.Length, .. capability])])]);

    public static byte[] Multiprotocol(Family family) => Capability(1, [.. U16(family.Wire().Afi), 0, family.Wire().Safi]);

    public static byte[] FourOctetAs(uint number) => Capability(65, U32(number));

    public static byte[] Capability(byte code, params byte[] value) => [code, (byte)value.Length, .. value];

    /// <summary>An UPDATE message out of its three parts.</summary>
    public static byte[] UpdateMessage(byte[] withdrawn, byte[] attributes, byte[] nlri) =>
        Message(Update, [.. U16((ushort)withdrawn.Length), .. withdrawn, .. U16((ushort)attributes.Length), .. attributes, .. nlri]);

    public static byte[] UpdateMessage(params byte[][] attributes) => UpdateMessage([], [.. attributes.SelectMany(octets => octets)], []);

    public static byte[] EndOfRib(Family family) => UpdateMessage(Attribute(0x80, 15, [.. U16(family.Wire().Afi), family.Wire().Safi]));

    /// <summary>A path attribute; the extended length is used when it must be, or when <paramref name="flags"/> say so.</summary>
    public static byte[] Attribute(byte flags, byte type, params byte[] value) => value.Length > 255 || (flags & 0x10) != 0
        ? [(byte)(flags | 0x10), type, .. U16((ushort)value.Length), .. value]
        : [flags, type, (byte)value.Length, .. value];

    public static byte[] Reach(Family family, byte[] nextHop, params byte[][] nlri) =>
        Attribute(0x80, 14, [.. U16(family.Wire().Afi), family.Wire().Safi, (byte)nextHop.Length, .. nextHop, 0, .. nlri.SelectMany(octets => octets)]);

    public static byte[] Unreach(Family family, params byte[][] nlri) =>
        Attribute(0x80, 15, [.. U16(family.Wire().Afi), family.Wire().Safi, .. nlri.SelectMany(octets => octets)]);

    /// <summary>A prefix as the unicast families write it.</summary>
    public static byte[] Prefix(string prefix)
    {
        string[] parts = prefix.Split('/');
        byte length = byte.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        return [length, .. IPAddress.Parse(parts[0]).GetAddressBytes().Take((length + 7) / 8)];
    }

    /// <summary>A labelled VPN prefix, with a distinguisher of type 0.</summary>
    public static byte[] VpnPrefix(ushort administrator, uint assigned, uint label, string prefix)
    {
        byte[] plain = Prefix(prefix);
        return [(byte)(88 + plain[0]), .. U32((label << 12) | 0x100).Take(3), 0, 0, .. U16(administrator), .. U32(assigned), .. plain[1..]];
    }

    /// <summary>The next hop of a VPN family: a distinguisher of zero and the address.</summary>
    public static byte[] VpnNextHop(string address) => [0, 0, 0, 0, 0, 0, 0, 0, .. IPAddress.Parse(address).GetAddressBytes()];

    public static byte[] Origin(byte value = 0) => Attribute(0x40, 1, value);

    /// <summary>An AS_PATH of one sequence of four-octet numbers; none: an empty path.</summary>
    public static byte[] AsPath(params uint[] numbers) =>
        Attribute(0x40, 2, numbers.Length == 0 ? [] : [2, (byte)numbers.Length, .. numbers.SelectMany(U32)]);

    public static byte[] NextHop(string address) => Attribute(0x40, 3, IPAddress.Parse(address).GetAddressBytes());

    public static byte[] LocalPreference(uint value) => Attribute(0x40, 5, U32(value));

    /// <summary>An EXTENDED_COMMUNITIES attribute of route targets of type 0.</summary>
    public static byte[] RouteTargets(params (ushort Administrator, uint Assigned)[] targets) =>
        Attribute(0xC0, 16, [.. targets.SelectMany(target => (byte[])[0, 2, .. U16(target.Administrator), .. U32(target.Assigned)])]);

    public static byte[] U16(ushort value) => [(byte)(value >> 8), (byte)value];

    public static byte[] U32(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static byte[] Parameters(byte[] all) => [(byte)all.Length, .. all];
}

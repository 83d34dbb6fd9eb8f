using Dataplane.Fuzz.Frames;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>Packets of every kind that the flow hash tells apart, right and cut short.</summary>
internal static class RandomPacket
{
    private static readonly byte[] Protocols = [6, 6, 6, 17, 17, 17, 132, 1, 58, 47, 50, 4, 41, 89, 44, 59];
    private static readonly byte[] Extensions = [0, 43, 60, 51, 135, 139, 140, 44];

    internal static byte[] Any(Random random) => random.Next(2) == 0 ? Ipv4(random) : Ipv6(random);

    /// <summary>The same packet with its ends exchanged: addresses, ports, and the type of an echo.</summary>
    internal static byte[] Reversed(byte[] packet)
    {
        byte[] back = [.. packet];
        bool v6 = packet[0] >> 4 == 6;
        (int at, int bytes) = v6 ? (8, 16) : (12, 4);
        packet.AsSpan(at, bytes).CopyTo(back.AsSpan(at + bytes));
        packet.AsSpan(at + bytes, bytes).CopyTo(back.AsSpan(at));
        if (Transport(packet) is not var (protocol, offset) || offset > packet.Length)
            return back;
        if (protocol is 6 or 17 or 132 && packet.Length - offset >= 4)
        {
            packet.AsSpan(offset, 2).CopyTo(back.AsSpan(offset + 2));
            packet.AsSpan(offset + 2, 2).CopyTo(back.AsSpan(offset));
        }
        else if (protocol is 1 or 58 && packet.Length - offset >= 8)
        {
            back[offset] = (protocol, packet[offset]) switch
            {
                (1, 8) => 0,
                (1, 0) => 8,
                (58, 128) => 129,
                (58, 129) => 128,
                _ => packet[offset],
            };
        }
        return back;
    }

    private static byte[] Ipv4(Random random)
    {
        byte[]? options = random.Next(8) == 0 ? new byte[4 * random.Next(1, 11)] : null;
        ushort fragment = random.Next(6) == 0 ? (ushort)random.Next(0x10000) : (ushort)(random.Next(2) * 0x4000);
        byte protocol = Protocols[random.Next(Protocols.Length)];
        return Build.Ipv4(Address4(random), Address4(random), protocol, Body(random, protocol), flagsAndOffset: fragment, options: options);
    }

    private static byte[] Ipv6(Random random)
    {
        byte protocol = Protocols[random.Next(Protocols.Length)];
        byte[] body = Body(random, protocol);
        int headers = random.Next(4) == 0 ? random.Next(1, 11) : 0;
        for (int i = 0; i < headers; i++)
        {
            byte kind = Extensions[random.Next(Extensions.Length)];
            byte[] header = kind switch
            {
                44 => [protocol, 0, (byte)(random.Next(3) == 0 ? random.Next(256) : 0), (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(2)), 0, 0, 0, 9],
                51 => [protocol, 4, .. new byte[22]],
                _ => [protocol, (byte)(i % 3), .. new byte[6 + 8 * (i % 3)]],
            };
            body = [.. header, .. body];
            protocol = kind;
        }
        if (random.Next(10) == 0)
            body = body[..random.Next(body.Length + 1)];
        return Build.Ipv6(Address6(random), Address6(random), protocol, body);
    }

    private static byte[] Body(Random random, byte protocol)
    {
        var body = new byte[random.Next(12) == 0 ? random.Next(10) : random.Next(10, 60)];
        random.NextBytes(body);
        if (protocol == 1 && body.Length > 0 && random.Next(3) > 0)
            body[0] = (byte)(8 * random.Next(2));
        if (protocol == 58 && body.Length > 0 && random.Next(3) > 0)
            body[0] = (byte)(128 + random.Next(2));
        return body;
    }

    private static (byte Protocol, int Offset)? Transport(byte[] packet)
    {
        if (packet[0] >> 4 == 4)
            return ((packet[6] & 0x3F) | packet[7]) != 0 ? null : (packet[9], (packet[0] & 15) * 4);
        byte protocol = packet[6];
        int at = 40;
        for (int i = 0; i < 8 && at + 8 <= packet.Length; i++)
        {
            if (protocol == 44 && (packet[at + 2] != 0 || (packet[at + 3] & 0xF9) != 0))
                return null;
            int bytes = protocol switch
            {
                0 or 43 or 60 or 135 or 139 or 140 => 8 * (packet[at + 1] + 1),
                51 => 4 * (packet[at + 1] + 2),
                44 => 8,
                _ => 0,
            };
            if (bytes == 0)
                break;
            protocol = packet[at];
            at += bytes;
        }
        return (protocol, at);
    }

    private static string Address4(Random random) => $"{random.Next(1, 224)}.{random.Next(256)}.{random.Next(256)}.{random.Next(256)}";

    private static string Address6(Random random) => $"2001:db8:{random.Next(65536):x}::{random.Next(65536):x}:{random.Next(65536):x}";
}

using System.Buffers.Binary;

namespace Dataplane.Bgp.Tests.Wire.Tshark;

/// <summary>Writes BGP messages as one TCP stream to port 179 into a capture, a message a packet (link type 101, raw IP; checksums zero).</summary>
internal static class PcapFile
{
    private const int IpAndTcp = 40;

    public static void Write(string path, IEnumerable<byte[]> messages)
    {
        using FileStream file = File.Create(path);
        var head = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(head, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(6), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(16), 0x40000);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(20), 101);
        file.Write(head);
        var sequence = 1u;
        foreach (byte[] message in messages)
        {
            file.Write(Packet(message, sequence));
            sequence += (uint)message.Length;
        }
    }

    private static byte[] Packet(byte[] message, uint sequence)
    {
        var record = new byte[16 + IpAndTcp + message.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), IpAndTcp + message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(12), IpAndTcp + message.Length);
        Span<byte> ip = record.AsSpan(16);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(IpAndTcp + message.Length));
        ip[8] = 64;
        ip[9] = 6;
        new byte[] { 192, 0, 2, 1, 192, 0, 2, 2 }.CopyTo(ip[12..]);
        Span<byte> tcp = ip[20..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, 50000);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], 179);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        tcp[12] = 0x50;
        tcp[13] = 0x18;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 0xFFFF);
        message.CopyTo(tcp[20..]);
        return record;
    }
}

using System.Buffers.Binary;

namespace Dataplane.Dpdk.Tests;

/// <summary>Classic pcap files, microseconds, Ethernet.</summary>
internal static class Captures
{
    private const int FileHeader = 24;
    private const int RecordHeader = 16;

    internal static void Write(string path, params (ulong Microseconds, byte[] Frame)[] packets)
    {
        using FileStream file = File.Create(path);
        Span<byte> header = stackalloc byte[FileHeader];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 65535);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);
        file.Write(header);
        foreach ((ulong time, byte[] frame) in packets)
        {
            Span<byte> record = header[..RecordHeader];
            BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(time / 1000000));
            BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)(time % 1000000));
            BinaryPrimitives.WriteUInt32LittleEndian(record[8..], (uint)frame.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(record[12..], (uint)frame.Length);
            file.Write(record);
            file.Write(frame);
        }
    }

    internal static List<byte[]> Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        List<byte[]> frames = [];
        for (int at = FileHeader; at < bytes.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 8));
            frames.Add(bytes.AsSpan(at + RecordHeader, length).ToArray());
            at += RecordHeader + length;
        }
        return frames;
    }

    /// <summary>A frame of a recognisable pattern.</summary>
    internal static byte[] Frame(int length, byte seed)
    {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++)
            frame[i] = (byte)(seed + i * 7);
        return frame;
    }
}

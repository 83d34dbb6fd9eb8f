using System.Buffers.Binary;

namespace Dataplane.Host.Tests.Replay;

/// <summary>A frame of a capture.</summary>
internal sealed record TimedFrame(ulong Microseconds, byte[] Octets);

/// <summary>Captures as octets, written independently of the code under test.</summary>
internal static class TestCapture
{
    private const int FileHeader = 24;
    private const int RecordHeader = 16;

    public static byte[] Write(IEnumerable<TimedFrame> frames, bool bigEndian = false, bool nanoseconds = false, uint link = 1)
    {
        using var file = new MemoryStream();
        Number(nanoseconds ? 0xA1B23C4D : 0xA1B2C3D4);
        file.Write(bigEndian ? [0, 2, 0, 4] : [2, 0, 4, 0]);
        foreach (uint number in new[] { 0u, 0u, 262144u, link })
            Number(number);
        foreach (TimedFrame frame in frames)
        {
            Number((uint)(frame.Microseconds / 1_000_000));
            Number((uint)(frame.Microseconds % 1_000_000) * (nanoseconds ? 1000u : 1));
            Number((uint)frame.Octets.Length);
            Number((uint)frame.Octets.Length);
            file.Write(frame.Octets);
        }
        return file.ToArray();

        void Number(uint number)
        {
            Span<byte> octets = stackalloc byte[4];
            if (bigEndian)
                BinaryPrimitives.WriteUInt32BigEndian(octets, number);
            else
                BinaryPrimitives.WriteUInt32LittleEndian(octets, number);
            file.Write(octets);
        }
    }

    public static List<TimedFrame> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal([0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0, 0, 0], file[..FileHeader]);
        var frames = new List<TimedFrame>();
        for (int at = FileHeader; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            ulong time = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)) * 1_000_000UL + BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 4));
            frames.Add(new TimedFrame(time, file[(at + RecordHeader)..(at + RecordHeader + length)]));
            at += RecordHeader + length;
        }
        return frames;
    }
}

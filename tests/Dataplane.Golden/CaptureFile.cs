using System.Buffers.Binary;

namespace Dataplane.Golden;

/// <summary>One captured frame; the time in nanoseconds since 1970.</summary>
internal sealed record CapturedFrame(long Nanoseconds, byte[] Octets);

/// <summary>Reads classic pcap files (either byte order, micro- or nanoseconds) of Ethernet frames.</summary>
internal static class CaptureFile
{
    private const int FileHeader = 24;
    private const int RecordHeader = 16;

    public static IReadOnlyList<CapturedFrame> Read(string path)
    {
        var octets = File.ReadAllBytes(path);
        Assert.True(octets.Length >= FileHeader, $"{path}: shorter than a pcap file header");
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(octets);
        var (little, unit) = magic switch
        {
            0xA1B2C3D4 => (true, 1000L),
            0xA1B23C4D => (true, 1L),
            0xD4C3B2A1 => (false, 1000L),
            0x4D3CB2A1 => (false, 1L),
            _ => throw new InvalidDataException($"{path}: {magic:x8} is no pcap magic number"),
        };
        uint Read32(int offset) => little
            ? BinaryPrimitives.ReadUInt32LittleEndian(octets.AsSpan(offset))
            : BinaryPrimitives.ReadUInt32BigEndian(octets.AsSpan(offset));
        Assert.Equal(1u, Read32(20) & 0x0FFFFFFF);
        var frames = new List<CapturedFrame>();
        for (var at = FileHeader; at < octets.Length;)
        {
            var captured = (int)Read32(at + 8);
            Assert.Equal(Read32(at + 12), (uint)captured);
            var time = (Read32(at) * 1_000_000_000L) + (Read32(at + 4) * unit);
            frames.Add(new CapturedFrame(time, octets[(at + RecordHeader)..(at + RecordHeader + captured)]));
            at += RecordHeader + captured;
        }
        return frames;
    }
}

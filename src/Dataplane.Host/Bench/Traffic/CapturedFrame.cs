using System.Buffers.Binary;
using Dataplane.Host.Replay;

namespace Dataplane.Host.Bench.Traffic;

/// <summary>A frame of a capture in memory.</summary>
/// <param name="Nanoseconds">Capture time since 1970.</param>
/// <param name="Port">Row of the port that it is for.</param>
/// <param name="Source">The file, and the number in it from 1 on, for messages.</param>
/// <param name="Data">The frame, without FCS.</param>
internal sealed record CapturedFrame(long Nanoseconds, int Port, string Source, byte[] Data)
{
    private const long LargestCapture = 1L << 30;

    /// <summary>Reads captures and merges them by time; the order inside each stays.</summary>
    /// <param name="captures">Opened, and with that checked, captures with the row of their port.</param>
    /// <exception cref="CaptureException">One is empty or too large to be held in memory.</exception>
    public static IReadOnlyList<CapturedFrame> ReadAll(IEnumerable<(int Port, CaptureFile File)> captures)
    {
        var frames = new List<CapturedFrame>();
        long bytes = 0;
        foreach ((int port, CaptureFile file) in captures)
        {
            bytes += new FileInfo(file.DevicePath).ResolveLinkTarget(true) is { } target ? new FileInfo(target.FullName).Length : 0;
            if (bytes > LargestCapture)
                throw new CaptureException(file.Path, "the capture is held in memory and may have 1 GiB; cut it first: editcap -r IN OUT 1-1000000");
            if (file.Packets == 0)
                throw new CaptureException(file.Path, "the capture has no packets");
            Read(frames, port, file);
        }
        return [.. frames.OrderBy(static frame => frame.Nanoseconds)];
    }

    private static void Read(List<CapturedFrame> frames, int port, CaptureFile file)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(file.DevicePath);
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        bool little = magic is 0xA1B2C3D4 or 0xA1B23C4D;
        long unit = magic is 0xA1B23C4D or 0x4D3CB2A1 ? 1 : 1000;
        long latest = 0;
        int number = 0;
        for (int at = 24; at < bytes.Length;)
        {
            long time = Read32(bytes[at..], little) * 1_000_000_000L + Read32(bytes[(at + 4)..], little) * unit;
            int length = (int)Read32(bytes[(at + 8)..], little);
            // Times that go back inside a capture must not change its order.
            latest = Math.Max(latest, time);
            number++;
            frames.Add(new CapturedFrame(latest, port, $"{file.Path}: packet {number}", bytes.Slice(at + 16, length).ToArray()));
            at += 16 + length;
        }
    }

    private static uint Read32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}

using System.Buffers.Binary;

namespace Dataplane.Host.Replay;

/// <summary>
/// An input capture, held open and read once from end to end before anything is started: DPDK's net_pcap neither looks at
/// the link type nor tells a truncated file from a finished one. Classic pcap, both byte orders, micro- and nanoseconds.
/// </summary>
internal sealed class CaptureFile : IDisposable
{
    private const int FileHeaderBytes = 24;
    private const int RecordHeaderBytes = 16;
    private const int LongestFrame = 65535;
    private const uint EthernetLink = 1;
    private const int BufferBytes = 1 << 20;
    private readonly FileStream _stream;

    private CaptureFile(string path, FileStream stream)
    {
        Path = path;
        _stream = stream;
    }

    /// <summary>The file as it was named.</summary>
    public string Path { get; }

    /// <summary>A path without commas and spaces, which drivers' arguments cannot hold; valid until disposal.</summary>
    public string DevicePath => $"/proc/self/fd/{_stream.SafeFileHandle.DangerousGetHandle()}";

    /// <summary>Packets in it.</summary>
    public long Packets { get; private set; }

    /// <summary>Longest packet in bytes.</summary>
    public int LongestPacket { get; private set; }

    /// <summary>Packets of which the capture holds only the beginning.</summary>
    public long CutPackets { get; private set; }

    /// <summary>Opens and reads a capture.</summary>
    /// <exception cref="CaptureException">It is missing, not a pcap file of Ethernet frames, or damaged.</exception>
    public static CaptureFile Open(string path)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CaptureException(path, problem is FileNotFoundException or DirectoryNotFoundException
                ? "there is no such capture" : $"the capture cannot be read: {problem.Message}");
        }
        var capture = new CaptureFile(path, stream);
        try
        {
            if (!stream.CanSeek)
                throw new CaptureException(path, "the capture must be a file, not a pipe; save it first");
            capture.Scan();
            return capture;
        }
        catch
        {
            capture.Dispose();
            throw;
        }
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => _stream.Dispose();

    private void Scan()
    {
        bool bigEndian = ReadFileHeader();
        long length = _stream.Length;
        Span<byte> header = stackalloc byte[RecordHeaderBytes];
        for (long at = FileHeaderBytes; at < length;)
        {
            long number = Packets + 1;
            if (length - at < RecordHeaderBytes)
                throw Truncated(number, at, RecordHeaderBytes, length);
            _stream.Position = at;
            _stream.ReadExactly(header);
            uint captured = Read32(header[8..], bigEndian);
            uint original = Read32(header[12..], bigEndian);
            if (captured > LongestFrame)
            {
                throw new CaptureException(
                    Path, $"packet {number} at byte {at} claims {captured} bytes, more than any Ethernet frame has; the capture is damaged");
            }
            at += RecordHeaderBytes;
            if (length - at < captured)
                throw Truncated(number, at, captured, length);
            at += captured;
            Packets++;
            CutPackets += captured < original ? 1 : 0;
            LongestPacket = Math.Max(LongestPacket, (int)captured);
        }
    }

    /// <summary>Returns whether numbers are in big-endian order.</summary>
    private bool ReadFileHeader()
    {
        Span<byte> header = stackalloc byte[FileHeaderBytes];
        int read = _stream.ReadAtLeast(header, FileHeaderBytes, throwOnEndOfStream: false);
        uint magic = read < 4 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(header);
        bool? bigEndian = magic switch
        {
            0xA1B2C3D4 or 0xA1B23C4D => true,
            0xD4C3B2A1 or 0x4D3CB2A1 => false,
            0x0A0D0D0A => throw new CaptureException(Path, "this is a pcapng file; convert it first: editcap -F pcap IN OUT"),
            _ => null,
        };
        if (bigEndian is not { } order)
            throw new CaptureException(Path, read == 0 ? "the capture is empty, it has not even a header" : "this is not a pcap file");
        if (read < FileHeaderBytes)
            throw new CaptureException(Path, "the capture is truncated within its file header");
        uint link = Read32(header[20..], order) & 0xFFFF;
        if (link != EthernetLink)
            throw new CaptureException(Path, $"the capture has link type {link} and only Ethernet (1) can be replayed");
        return order;
    }

    private CaptureException Truncated(long number, long at, long needed, long length) => new(
        Path, $"the capture is truncated: packet {number} needs {needed} bytes at byte {at} and {length - at} are left");

    private static uint Read32(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}

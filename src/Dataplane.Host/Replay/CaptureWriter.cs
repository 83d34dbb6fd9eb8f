using System.Buffers.Binary;

namespace Dataplane.Host.Replay;

/// <summary>
/// Writes a classic pcap file of Ethernet frames: little-endian, microseconds, nothing of the machine or the hour in it.
/// The file has its name only once it is complete.
/// </summary>
internal sealed class CaptureWriter : IDisposable
{
    private const uint SnapLength = 65535;
    private const int BufferBytes = 1 << 20;
    private const ulong MicrosecondsPerSecond = 1_000_000;
    private readonly string _path;
    private readonly FileStream _stream;
    private bool _completed;

    /// <summary>Starts a capture.</summary>
    /// <param name="path">Its name; replaced when it is there.</param>
    public CaptureWriter(string path)
    {
        _path = path;
        _stream = new FileStream(PartialPath, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
        Span<byte> header = stackalloc byte[24];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], SnapLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);
        _stream.Write(header);
    }

    private string PartialPath => _path + ".part";

    /// <summary>Appends a frame.</summary>
    /// <param name="microseconds">Time since 1970-01-01 UTC.</param>
    /// <param name="frame">The frame, without FCS.</param>
    public void Write(ulong microseconds, ReadOnlySpan<byte> frame)
    {
        Span<byte> header = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)(microseconds / MicrosecondsPerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(microseconds % MicrosecondsPerSecond));
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], frame.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], frame.Length);
        _stream.Write(header);
        _stream.Write(frame);
    }

    /// <summary>Ends the capture and gives the file its name.</summary>
    public void Complete()
    {
        _stream.Dispose();
        File.Move(PartialPath, _path, overwrite: true);
        _completed = true;
    }

    /// <summary>Removes the file again unless it was completed.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        if (!_completed)
            File.Delete(PartialPath);
    }
}

using System.Buffers.Binary;

namespace Dataplane.Host.Bench.Traffic;

/// <summary>
/// The mark of a test frame: the last <see cref="Bytes"/> octets of its IP packet, where it survives encapsulation and
/// decapsulation. Little-endian: magic and trial (2 + 2), sequence number (4), time stamp counter (6, wraps after a day).
/// </summary>
internal static class Stamp
{
    /// <summary>Octets of payload that it takes.</summary>
    public const int Bytes = 14;

    private const uint Magic = 0xD9A5_0000;
    private const ulong ClockMask = (1UL << 48) - 1;

    /// <summary>First word of the frames of a trial.</summary>
    public static uint TagOf(int trial) => Magic | (ushort)trial;

    /// <summary>Marks a frame and sets its transport checksum right.</summary>
    /// <param name="frame">The frame, a copy of the template's.</param>
    /// <param name="template">Where the mark goes.</param>
    /// <param name="tag">See <see cref="TagOf"/>.</param>
    /// <param name="sequence">Number of the frame in the trial.</param>
    /// <param name="clock">Time stamp counter.</param>
    public static void Write(Span<byte> frame, in FrameTemplate template, uint tag, uint sequence, ulong clock)
    {
        Span<byte> mark = frame.Slice(template.StampAt, Bytes);
        clock &= ClockMask;
        BinaryPrimitives.WriteUInt64LittleEndian(mark, tag | ((ulong)sequence << 32));
        BinaryPrimitives.WriteUInt32LittleEndian(mark[8..], (uint)clock);
        BinaryPrimitives.WriteUInt16LittleEndian(mark[12..], (ushort)(clock >> 32));
        if (template.ChecksumAt < 0)
            return;
        uint sum = (ushort)tag + (tag >> 16) + (ushort)sequence + (sequence >> 16)
            + (ushort)clock + (ushort)(clock >> 16) + (uint)(clock >> 32);
        sum = Fold(sum);
        if (template.StampIsOdd)
            sum = BinaryPrimitives.ReverseEndianness((ushort)sum);
        ushort checksum = (ushort)~Fold(sum + template.ChecksumBase);
        // Zero would say that there is none (RFC 768).
        BinaryPrimitives.WriteUInt16LittleEndian(frame[template.ChecksumAt..], template.IsUdp && checksum == 0 ? (ushort)0xFFFF : checksum);
    }

    /// <summary>Reads the mark at the end of a frame, or, behind Ethernet padding, at the end of its IP packet.</summary>
    /// <param name="frame">A frame received.</param>
    /// <param name="tag">The trial's.</param>
    /// <param name="sequence">Number of the frame in the trial.</param>
    /// <param name="clock">Time stamp counter when it was sent, its lower 48 bits.</param>
    /// <returns>False for frames without a mark, or of another trial.</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, uint tag, out uint sequence, out ulong clock)
    {
        if (frame.Length >= Bytes && TryReadAt(frame[^Bytes..], tag, out sequence, out clock))
            return true;
        sequence = 0;
        clock = 0;
        return frame.Length <= FrameSize.Shortest && FrameLayout.TryParse(frame) is { } layout && layout.End >= Bytes
            && TryReadAt(frame[(layout.End - Bytes)..], tag, out sequence, out clock);
    }

    /// <summary>Ticks from a mark's clock to now.</summary>
    public static ulong Elapsed(ulong clock, ulong now) => (now - clock) & ClockMask;

    /// <summary>One's complement sum of the octets of a mark's place, in the order in which checksums are kept here.</summary>
    public static uint SumOf(ReadOnlySpan<byte> mark, bool odd)
    {
        uint sum = 0;
        for (int i = 0; i < Bytes; i += 2)
            sum += BinaryPrimitives.ReadUInt16LittleEndian(mark[i..]);
        sum = Fold(sum);
        return odd ? BinaryPrimitives.ReverseEndianness((ushort)sum) : sum;
    }

    /// <summary>Folds a sum to 16 bits.</summary>
    public static uint Fold(uint sum)
    {
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (sum & 0xFFFF) + (sum >> 16);
    }

    private static bool TryReadAt(ReadOnlySpan<byte> mark, uint tag, out uint sequence, out ulong clock)
    {
        ulong head = BinaryPrimitives.ReadUInt64LittleEndian(mark);
        sequence = (uint)(head >> 32);
        clock = BinaryPrimitives.ReadUInt32LittleEndian(mark[8..]) | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(mark[12..]) << 32);
        return (uint)head == tag;
    }
}
